// Tampering with what a SQLite file is made of: each trigger, view, index or table that is gone, added or replaced is named. What is
// disposable may be missing, and what belongs to another program's format is not taken for somebody's work.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { catchUp } from "../../src/projecting/catchUp.js";
import { rebuild } from "../../src/projecting/rebuild.js";
import type { CheckReport } from "../../src/replay/Check.js";
import { compareDatabase } from "../../src/replay/compareDatabase.js";
import { compareProjections } from "../../src/replay/compareProjections.js";
import { replay } from "../../src/replay/replay.js";
import type { SqliteStore } from "../../src/store/sqliteStore.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { governedRun } from "../support/governedRun.js";

const database = suite("compareDatabase");

async function checked(store: SqliteStore): Promise<CheckReport> {
  const { checks } = await replay(store, { checks: ["database"], database: compareDatabase(store.sql) });
  return checks.find(({ name }) => name === "database") as CheckReport;
}

/** A governed ledger with its read models, something done to it, and what the check says then. */
async function after(script: string, use?: (store: SqliteStore) => Promise<void>): Promise<CheckReport> {
  let check: CheckReport | undefined;
  await withSqliteFile(async (file) => {
    const store = await file.open();
    await governedRun({ store, until: "opened" });
    await catchUp(store, store.sql);
    await store.sql.exec(script);
    check = await checked(store);
    await use?.(store);
  });
  return check as CheckReport;
}

function named({ findings }: CheckReport): (string | null)[] {
  return findings.map(({ field }) => field);
}

database("a file nobody touched passes, before its read models were made and after, and so does the whole", () =>
  withSqliteFile(async (file) => {
    const store = await file.open();
    await governedRun({ store, until: "verified" });
    const before = await checked(store);
    await catchUp(store, store.sql);
    const made = await checked(store);
    assert.equal([before.verdict, made.verdict], ["PASS", "PASS"]);
    assert.ok(before.assertions > 15 && made.assertions > before.assertions);
    await store.sql.exec("ANALYZE");
    const means = { projections: compareProjections(store, store.sql), database: compareDatabase(store.sql) };
    assert.is((await replay(store, means)).verdict, "PASS");
  }),
);

const lies: readonly (readonly [string, string, readonly string[]])[] = [
  ["a view for people", "DROP VIEW history; CREATE VIEW history AS SELECT 1 AS position", ["view history"]],
  ["the view of the text", "DROP VIEW unit_text; CREATE VIEW unit_text AS SELECT 'x' AS text", ["view unit_text"]],
  ["a trigger dropped", "DROP TRIGGER event_update", ["trigger event_update"]],
  [
    "a trigger that writes content",
    "CREATE TRIGGER evil AFTER INSERT ON command BEGIN UPDATE content SET bytes = x'00'; END",
    ["trigger evil"],
  ],
  [
    "a trigger made harmless under its own name",
    "DROP TRIGGER event_delete; CREATE TRIGGER event_delete BEFORE DELETE ON event BEGIN SELECT 1; END",
    ["trigger event_delete"],
  ],
  ["a trigger on a read model", "CREATE TRIGGER t AFTER INSERT ON gate BEGIN DELETE FROM gate; END", ["trigger t"]],
  [
    "an index and a table",
    "DROP INDEX command_position; CREATE TABLE own (a)",
    ["index command_position", "table own"],
  ],
  ["a column", "ALTER TABLE gate ADD COLUMN x TEXT", ["table gate"]],
];

for (const [name, script, expected] of lies) {
  database(name, async () => {
    const check = await after(script);
    assert.is(check.verdict, "FAIL");
    assert.equal(named(check), expected);
    assert.ok(check.findings.every(({ rule, message }) => rule === "made by this program" && message !== ""));
  });
}

for (const table of ["head", "event", "command", "content", "migration"]) {
  database(`the ledger's own table ${table} dropped: still a report, that names it`, async () => {
    await after(`DROP TABLE ${table}`, async (store) => {
      const means = { projections: compareProjections(store, store.sql), database: compareDatabase(store.sql) };
      const { verdict, checks } = await replay(store, means);
      assert.is(verdict, "FAIL");
      const check = checks.find(({ name }) => name === "database") as CheckReport;
      assert.ok(named(check).includes(`table ${table}`));
    });
  });
}

database("what somebody wrote there reaches no terminal as it is", async () => {
  const { findings } = await after("CREATE VIEW \"a\u001b[31m\u202e\" AS SELECT '\u001b]0;x\u0007' AS a");
  assert.is(findings[0]?.field, "view a\\u001b[31m\\u202e");
  assert.ok(/^[ -~]*$/.test(findings[0]?.message as string));
});

database("read models of another format are left out, but for triggers on them", async () => {
  const old = "UPDATE bookmark SET format = 0, ddl = 'x'; DROP VIEW unit_text; ALTER TABLE gate ADD COLUMN x TEXT";
  assert.is((await after(old)).verdict, "PASS");
  const trap = "CREATE TRIGGER t AFTER INSERT ON gate BEGIN DELETE FROM gate; END";
  assert.equal(named(await after(`${old}; ${trap}`)), ["trigger t"]);
});

database("a rebuild makes what is the read models' own as it should be", async () => {
  const script = `DROP VIEW unit_text; CREATE VIEW unit_text AS SELECT 'x' AS text; ALTER TABLE bookmark ADD COLUMN x TEXT;
    CREATE TRIGGER t AFTER INSERT ON gate BEGIN DELETE FROM gate; END; DROP INDEX unit_document`;
  const check = await after(script, async (store) => {
    const { swapped, objects } = await rebuild(store, store.sql);
    assert.is(swapped, true);
    assert.equal(objects, ["index unit_document", "table bookmark", "trigger t", "view unit_text"]);
    assert.is((await checked(store)).verdict, "PASS");
    const again = await rebuild(store, store.sql);
    assert.equal([again.swapped, again.objects], [false, []]);
  });
  assert.is(check.verdict, "FAIL");
});

database.run();
