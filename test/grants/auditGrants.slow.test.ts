// The whole audit: a clean database passes, with every forbidden act denied and every needed one working; weaknesses fail it, and what could not
// be tried is never a pass. It leaves everything as it was.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalText } from "../../src/events/canonical.js";
import { type GrantAuditReport, grantAuditReport, verdictOfGrantAudit } from "../../src/events/grantAudit.js";
import { auditGrants } from "../../src/grants/auditGrants.js";
import { ledgerRoles } from "../../src/grants/expectedGrants.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { schemaDigest, tableDigests } from "../../src/projecting/tableDigests.js";
import type { PostgresStore } from "../../src/store/postgresStore.js";
import { type PostgresLedger, withPostgresLedger } from "../store/withPostgresLedger.js";
import { governedRun } from "../support/governedRun.js";

const test = suite("grant audit");
const now = () => "2026-01-05T09:30:00.000Z";

async function withAudited(
  use: (room: PostgresLedger & { store: PostgresStore; id: string }) => Promise<void>,
): Promise<void> {
  await withPostgresLedger(async (ledger) => {
    const store = await ledger.open();
    const { id } = await governedRun({ store, until: "opened" });
    await catchUp(store, store.sql);
    await use({ ...ledger, store, id });
  });
}

const outcomes = ({ probes }: GrantAuditReport, role: string, kind: string) => [
  ...new Set(probes.filter((one) => one.role === role && one.kind === kind).map(({ outcome }) => outcome)),
];

test("a clean database passes, and is left as it was", () =>
  withAudited(async ({ url, store, id, cluster, database }) => {
    const roles = "SELECT string_agg(rolname || ' ' || oid, ', ' ORDER BY oid) AS all FROM pg_roles";
    const measured = async () => [
      await store.head(),
      await tableDigests(store.sql),
      await schemaDigest(store.sql),
      (await cluster.admin(database, roles)).rows,
    ];
    const before = await measured();
    const report = await auditGrants(url, { now, owner: "admin" });
    assert.equal(await measured(), before);
    grantAuditReport.parse(report);
    canonicalText(report);
    assert.equal(report.differences, []);
    assert.equal(
      report.probes.filter(({ outcome }) => outcome !== "PASS"),
      [],
    );
    assert.is(report.verdict, "PASS");
    assert.is(report.ledger, id);
    assert.equal(report.head, await store.head());
    assert.match(report.server?.system ?? "", /^\d+$/);
    assert.ok(report.controls.length >= 7 && report.controls.every(({ outcome }) => outcome === "NOTICED"));
    for (const role of ledgerRoles) {
      assert.equal(outcomes(report, role, "forbidden"), ["PASS"]);
      assert.equal(outcomes(report, role, "needed"), ["PASS"]);
      assert.ok(report.probes.filter((one) => one.role === role).length > 400, role);
    }
    const cell = (role: string, object: string) =>
      report.matrix.find((one) => one.role === role && one.object === object)?.effective.join(" ");
    assert.is(cell("iu_reader", "iu.event"), "SELECT");
    assert.is(cell("iu_operator", "iu.gate"), "DELETE INSERT SELECT UPDATE");
    assert.is(cell("iu_verifier", "iu.content_put(text, bytea, bytea)"), "");
    assert.is(cell("PUBLIC", "iu"), "");
  }));

test("what is granted too much fails it three times: in the matrix, as a difference, and by the act that was allowed", () =>
  withAudited(async ({ url, cluster, database }) => {
    await cluster.admin(
      database,
      "GRANT DELETE ON iu.content TO iu_reader; GRANT UPDATE (bytes) ON iu.event TO iu_verifier",
    );
    const { verdict, matrix, differences, probes } = await auditGrants(url, { now });
    assert.is(verdict, "FAIL");
    assert.equal(
      matrix
        .filter(({ expected, effective }) => expected.join() !== effective.join())
        .map(({ role, object }) => `${role} ${object}`),
      ["iu_reader iu.content", "iu_verifier iu.event.bytes"],
    );
    assert.equal(differences.map(({ code }) => code).sort(), ["COLUMN_PRIVILEGE", "PRIVILEGE_EXTRA"]);
    const failed = probes.filter(({ outcome }) => outcome === "FAIL");
    const tried = (act: string) => failed.find((one) => one.act === act);
    assert.is(tried("DELETE FROM iu.content WHERE false")?.role, "iu_reader");
    // The right is there; only the trigger said no.
    assert.is(tried('UPDATE iu.event SET "bytes" = NULL WHERE false')?.state, "IU001");
    assert.is(tried("SELECT FROM iu.event WHERE false FOR UPDATE")?.role, "iu_verifier");
  }));

test("as a login that is no superuser what cannot be tried is NOT_RUN, and so is the whole", () =>
  withAudited(async ({ cluster, database }) => {
    await cluster.admin(database, `CREATE ROLE keeper_${database} LOGIN IN ROLE iu_reader`);
    const report = await auditGrants(cluster.url(database, `keeper_${database}`), { now });
    assert.is(report.verdict, "NOT_RUN");
    assert.equal(report.differences, []);
    assert.equal(outcomes(report, "iu_operator", "forbidden"), ["NOT_RUN"]);
    assert.equal(outcomes(report, "iu_reader", "needed"), ["PASS"]);
    // Which role a session may become is a matter of who it began as.
    assert.equal(outcomes(report, "iu_reader", "forbidden").sort(), ["NOT_RUN", "PASS"]);
    assert.ok(report.controls.every(({ outcome }) => outcome === "NOT_RUN"));
    assert.ok(report.probes.every(({ outcome, why }) => (outcome === "NOT_RUN") === (why !== null)));
  }));

test("on a connection of a real member every act is tried; a login that is none is said", () =>
  withAudited(async ({ url, cluster, database }) => {
    await cluster.admin(
      database,
      `CREATE ROLE olga_${database} LOGIN IN ROLE iu_orchestrator; CREATE ROLE stranger_${database} LOGIN`,
    );
    const logins = {
      iu_orchestrator: cluster.url(database, `olga_${database}`),
      iu_verifier: cluster.url(database, `stranger_${database}`),
      iu_operator: cluster.url(database, "nobody"),
    };
    const report = await auditGrants(url, { now, logins });
    assert.equal(outcomes(report, "iu_orchestrator", "forbidden"), ["PASS"]);
    assert.equal(outcomes(report, "iu_verifier", "needed"), ["NOT_RUN"]);
    assert.equal(outcomes(report, "iu_operator", "needed"), ["NOT_RUN"]);
    assert.is(report.verdict, "NOT_RUN");
    assert.ok(report.members.includes(`olga_${database}: iu_orchestrator`));
    assert.match(report.login?.plays ?? "", /connections for iu_orchestrator/);
  }));

test("grants that change while they are looked at make it inconclusive", () =>
  withAudited(async ({ url, cluster, database }) => {
    let changed = false;
    const report = await auditGrants(url, {
      // The clock is asked once, after the acts were tried and before the grants are read again.
      now: () => {
        changed = true;
        return now();
      },
    });
    assert.ok(changed);
    assert.is(report.moved, false);
    assert.is(verdictOfGrantAudit({ ...report, moved: true }), "INCONCLUSIVE");
    const auditing = auditGrants(url, { now });
    await new Promise((resolve) => setTimeout(resolve, 300));
    await cluster.admin(database, `CREATE ROLE late_${database} LOGIN IN ROLE iu_reader`);
    const { moved, verdict } = await auditing;
    assert.ok(moved ? verdict === "INCONCLUSIVE" : verdict === "PASS");
  }));

test.run();
