// Tampering with a read model: the row, the column and what the events say are named. The ledger itself is fine, and said to be.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SqlError } from "../../src/database/Sql.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import type { Finding, Verdict } from "../../src/replay/Check.js";
import { compareProjections } from "../../src/replay/compareProjections.js";
import { replay } from "../../src/replay/replay.js";
import type { SqliteStore } from "../../src/store/sqliteStore.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { governedRun } from "../support/governedRun.js";
import { change, edited, openedUpSqlite, parsed } from "./openedUp.js";

const comparing = suite("compareProjections");

const sameDatabase = async () => ({ objects: 1, differs: [] });

type Governed = Awaited<ReturnType<typeof governedRun>>;
type Projections = {
  verdict: Verdict;
  whole: Verdict;
  findings: readonly Finding[];
  note: string | null;
  other: readonly Finding[];
};

/** A governed ledger with its projections up to date, something done to it, and what the check says then. */
async function after(act: (store: SqliteStore, governed: Governed) => Promise<unknown>): Promise<Projections> {
  let answer: Projections | undefined;
  await withSqliteFile(async (file) => {
    const store = await file.open();
    const governed = await governedRun({ store, until: "verified" });
    await catchUp(store, store.sql);
    await act(store, governed);
    const report = await replay(store, { projections: compareProjections(store, store.sql), database: sameDatabase });
    const check = report.checks.find(({ name }) => name === "projections");
    if (check === undefined) return;
    const other = report.checks.filter((one) => one !== check).flatMap(({ findings }) => findings);
    answer = { verdict: check.verdict, whole: report.verdict, findings: check.findings, note: check.note, other };
  });
  return answer as Projections;
}

comparing("projections that follow the ledger pass, and with them the whole", async () => {
  const untouched = await after(async () => undefined);
  assert.equal(untouched, { verdict: "PASS", whole: "PASS", findings: [], note: null, other: [] });
});

comparing("a projection that is behind is compared as far as it has followed", async () => {
  const behind = await after((_, { done, runId }) => done("ReviewRun", { run: runId, note: "ok" }, "rhea"));
  assert.is(behind.whole, "PASS");
});

comparing("a changed row", async () => {
  const { verdict, whole, findings } = await after(({ sql }) =>
    sql.run("UPDATE unit_version SET kind = 'paragraph' WHERE address = 'chp_I'"),
  );
  assert.equal([verdict, whole], ["FAIL", "FAIL"]);
  assert.equal(
    findings.map(({ position, field, rule }) => ({ position, field, rule })),
    [{ position: null, field: "unit_version.kind", rule: "rebuilt" }],
  );
  assert.match(findings[0]?.message as string, /"paragraph"; rebuilt "chapter"$/);
});

comparing("a row taken away and a row put in", async () => {
  const { findings } = await after(async ({ sql }) => {
    await sql.exec("PRAGMA defer_foreign_keys = ON; DELETE FROM gate; UPDATE document SET title = 'Another'");
  });
  const gone = findings.filter(({ field }) => field === "gate");
  assert.ok(gone.length > 0 && gone.every(({ message }) => message.endsWith("the row is missing")));
  assert.ok(findings.some(({ field }) => field === "document.title"));
});

comparing("a table that was never there is nothing to compare", async () => {
  await withSqliteFile(async (file) => {
    const store = await file.open();
    await governedRun({ store, until: "opened" });
    const report = await replay(store, { projections: compareProjections(store, store.sql), database: sameDatabase });
    const check = report.checks.find(({ name }) => name === "projections");
    assert.is(check?.verdict, "NOT_RUN");
    assert.is(report.verdict, "PASS");
  });
});

for (const [name, lie] of [
  ["whose bookmark names other statements", "UPDATE bookmark SET ddl = 'x'"],
  ["of an older format", "UPDATE bookmark SET format = 0"],
  ["of a newer format", "UPDATE bookmark SET format = 99"],
] as const) {
  comparing(`read models ${name} are not compared, and the whole is no pass`, async () => {
    const lied = await after(({ sql }) => sql.exec(`UPDATE unit_version SET kind = 'paragraph'; ${lie}`));
    assert.equal([lied.verdict, lied.whole], ["NOT_RUN", "NOT_RUN"]);
    assert.match(lied.note as string, /rebuild|newer iu-ledger/);
  });
}

comparing("read models without a bookmark are left so by no program", async () => {
  for (const lie of ["DELETE FROM bookmark", "DROP TABLE bookmark"]) {
    const { verdict, findings } = await after(({ sql }) => sql.exec(lie));
    assert.is(verdict, "FAIL");
    assert.is(findings[0]?.field, "bookmark");
    assert.match(findings[0]?.message as string, /iu-ledger rebuild$/);
  }
});

for (const [name, type, field] of [
  ["a newer schema", "RunOpened", "schema"],
  ["an unknown type", "GateRuled", "type"],
] as const) {
  comparing(`an event of ${name} cannot be projected: a report that says so, not an error`, async () => {
    const { verdict, whole, findings, other } = await after(async (store) => {
      const ledger = await openedUpSqlite(store);
      const position = (await ledger.events()).findIndex((event) => parsed(event).type === type);
      await change(ledger, position, (event) =>
        edited(event, (inside) => Object.assign(inside, field === "schema" ? { schema: 2 } : { type: "Unheard" })),
      );
    });
    assert.equal([verdict, whole], ["FAIL", "FAIL"]);
    assert.ok(findings[0]?.position !== null && findings[0]?.message.startsWith("the tables cannot be rebuilt: "));
    assert.ok(other.some((finding) => finding.field === field));
  });
}

comparing("what only this machine lacks is no finding: the check is not run", async () => {
  const governed = await governedRun({ until: "opened" });
  const report = await replay(governed.store, {
    projections: () => Promise.reject(new SqlError("DISK_FULL", "the disk is full")),
  });
  const check = report.checks.find(({ name }) => name === "projections");
  assert.equal([check?.verdict, report.verdict], ["NOT_RUN", "NOT_RUN"]);
  assert.is(check?.note, "the tables cannot be rebuilt: the disk is full.");
});

comparing("where the ledger cannot be read the tables cannot be rebuilt, and that is a finding", async () => {
  const { verdict, findings } = await after(async (store) => {
    const ledger = await openedUpSqlite(store);
    await ledger.setEvents((await ledger.events()).filter(({ position }) => position !== 7));
  });
  assert.is(verdict, "FAIL");
  assert.is(findings[0]?.position, 7);
});

comparing.run();
