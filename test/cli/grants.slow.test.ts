// `grants audit` on a Postgres ledger, told as a session: an operator audits as an administrator and records it; the policy asks for it, a cut
// waits for it, readiness is closed by it; a weakness fails it and names what puts it right.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isCanonical } from "../../src/events/canonical.js";
import { type GrantAuditReport, grantAuditReport } from "../../src/events/grantAudit.js";
import { type PostgresCluster, postgresCluster } from "../support/postgresCluster.js";
import { type Cli, withCli } from "./withCli.js";

const grants = suite("cli: grants audit");

interface Room extends Cli {
  /** As `iu`, on the ledger's database. */
  on(...words: string[]): ReturnType<Cli["iu"]>;
  readonly cluster: PostgresCluster;
  readonly database: string;
  readonly url: string;
}

async function withRoom(use: (room: Room) => Promise<void>): Promise<void> {
  const cluster = await postgresCluster();
  const database = await cluster.createDatabase();
  const url = cluster.url(database);
  await withCli(async (cli) => {
    const on = (...words: string[]) => cli.iu([...words, "--ledger", url]);
    assert.is((await on("init")).exit, 0);
    assert.is((await on("principal", "add", "otto", "--kind", "human", "--role", "operator")).exit, 0);
    await use({ ...cli, on, cluster, database, url });
  });
}

grants("a clean audit is recorded, and lets a run be cut that the policy held back", () =>
  withRoom(async ({ on, url }) => {
    const audit = await on("grants", "audit");
    assert.is(audit.exit, 0, audit.all);
    assert.match(audit.out, /^Grant audit: PASS {2}PostgreSQL .*owned by admin, looked at as admin \(superuser\)/);
    assert.match(audit.out, /iu\.event +r +r +r +r +·/);
    assert.match(audit.out, /iu\.append\(…\) +· +X +X +X +·/);
    assert.match(audit.out, /✓ roles, privileges and guards are as they should be/);
    assert.match(audit.out, /iu_reader +[\d,]+ of [\d,]+ denied +\d+ of \d+ work/);
    assert.match(audit.out, /✓ 7 of 7 weaknesses planted on purpose were noticed/);
    const { out } = await on("grants", "audit", "--json");
    assert.ok(isCanonical(out.trimEnd()));
    assert.is(grantAuditReport.parse(JSON.parse(out)).verdict, "PASS");

    await on("document", "add", "charter.md", "--title", "Charter");
    await on("run", "open", "Charter");
    const { run } = (JSON.parse((await on("run", "list", "--json")).out) as { runs: { run: string }[] }).runs[0] as {
      run: string;
    };
    for (const words of [["assess"], ["plan"], ["dry-run"]])
      assert.is((await on("run", ...words, run)).exit, 0, words.join());
    await on("policy", "adopt", "--set", "grantAuditHoursMax=12");
    const blocker = async () => {
      const { blockers } = JSON.parse((await on("readiness", run, "--json")).out) as {
        blockers: {
          closedBy: string;
          status: string;
          code: string | null;
          next: string | null;
          holdsUntil: string | null;
        }[];
      };
      return blockers.find(({ closedBy }) => closedBy === "GrantAuditRecorded");
    };
    assert.equal([(await blocker())?.status, (await blocker())?.code], ["OPEN", "GRANT_AUDIT_REQUIRED"]);
    const recorded = await on("grants", "audit", "--admin", url, "--record", "--json");
    assert.is(recorded.exit, 0, recorded.all);
    const answer = JSON.parse(recorded.out) as {
      verdict: string;
      signedBy: string;
      events: { type: string; data: { counts: { differences: number } } }[];
      audit: GrantAuditReport;
    };
    assert.equal(
      [answer.verdict, answer.signedBy, answer.events[0]?.type, answer.events[0]?.data.counts.differences],
      ["PASS", "otto", "GrantAuditRecorded", 0],
    );
    assert.is((await blocker())?.status, "CLOSED");
    assert.ok((await blocker())?.holdsUntil);
    const listed = await on("events", "--last", "1");
    assert.match(listed.out, /GrantAuditRecorded.*PASS at .*0 differences/s);
    const replayed = await on("replay");
    assert.is(replayed.exit, 0, replayed.all);
  }),
);

grants("a weakness fails it, is named with what puts it right, and what is recorded does not let a run be cut", () =>
  withRoom(async ({ on, cluster, database, url }) => {
    await cluster.admin(
      database,
      "GRANT UPDATE ON iu.event TO PUBLIC; ALTER FUNCTION iu.content_erase(text) RESET search_path",
    );
    const { exit, out } = await on("grants", "audit", "--record", "--admin", url);
    assert.is(exit, 1);
    for (const words of [
      /Grant audit recorded: FAIL/,
      /PUBLIC_PRIVILEGE {2}PUBLIC on table iu\.event/,
      /REVOKE UPDATE ON iu\.event FROM PUBLIC/,
      /SEARCH_PATH {2}iu\.content_erase\(text\)/,
      /iu\.event +rw! +rw! +rw! +rw! +w!/,
      /UPDATE iu\.event SET "bytes" = NULL WHERE false: no right was missing/,
    ])
      assert.match(out, words);
  }),
);

grants("first mistakes: no operator's key, a login that is none, a database without a ledger", () =>
  withRoom(async ({ iu, on, cluster }) => {
    const wrong = await on("grants", "audit", "--login", "reader=postgres://x");
    assert.equal([wrong.exit, /LOGIN_MALFORMED/.test(wrong.err)], [2, true]);
    const empty = cluster.url(await cluster.createDatabase());
    const none = await on("grants", "audit", "--admin", empty);
    assert.equal([none.exit, /there is no ledger in this database/i.test(none.err)], [3, true]);
    const away = await iu(["grants", "audit", "--admin", "postgres://admin@127.0.0.1:1/x"]);
    assert.is(away.exit, 3);
    // Somebody else's ledger is not this one.
    const other = await cluster.createDatabase();
    await iu(["init", "--ledger", cluster.url(other), "--keys", "other-keys"]);
    const elsewhere = await on("grants", "audit", "--record", "--admin", cluster.url(other));
    assert.equal([elsewhere.exit, /REPORT_ELSEWHERE/.test(elsewhere.err)], [1, true]);
  }),
);

grants.run();
