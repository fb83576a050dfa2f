// Tampering with what a Postgres schema is made of, seen by a login that may only read: each trigger, function, view, column or table that is
// gone, switched off, added or replaced is named. The read models are disposable, and a rebuild makes their objects as they should be.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { catchUp } from "../../src/projecting/catchUp.js";
import { rebuild } from "../../src/projecting/rebuild.js";
import type { CheckReport } from "../../src/replay/Check.js";
import type { CompareDatabase } from "../../src/replay/checkDatabase.js";
import { compareDatabase } from "../../src/replay/compareDatabase.js";
import { replay } from "../../src/replay/replay.js";
import type { PostgresStore } from "../../src/store/postgresStore.js";
import { type PostgresLedger, withPostgresLedger } from "../store/withPostgresLedger.js";
import { governedRun } from "../support/governedRun.js";

const database = suite("compareDatabase on Postgres");

interface Room extends PostgresLedger {
  readonly owner: PostgresStore;
  /** The check, by a login that may only read. */
  check(): Promise<CheckReport>;
  readonly compare: CompareDatabase;
}

async function withRoom(use: (room: Room) => Promise<void>): Promise<void> {
  await withPostgresLedger(async (ledger) => {
    const { cluster, database: name, open } = ledger;
    const owner = await open();
    await governedRun({ store: owner, until: "opened" });
    await catchUp(owner, owner.sql);
    await cluster.admin(name, `CREATE ROLE auditor_${name} LOGIN IN ROLE iu_reader`);
    const reader = await open({ readOnly: true, url: cluster.url(name, `auditor_${name}`) });
    const check = async () => {
      const { checks } = await replay(reader, { checks: ["database"], database: compareDatabase(reader.sql) });
      return checks.find(({ name: one }) => one === "database") as CheckReport;
    };
    await use({ ...ledger, owner, check, compare: compareDatabase(reader.sql) });
  });
}

const named = ({ findings }: CheckReport) => findings.map(({ field }) => field);

const lies: readonly (readonly [string, string, readonly string[]])[] = [
  ["a trigger dropped", "DROP TRIGGER event_kept ON iu.event", ["trigger event_kept"]],
  ["a trigger switched off", "ALTER TABLE iu.head DISABLE TRIGGER head_kept", ["trigger head_kept"]],
  ["a trigger that a replica skips", "ALTER TABLE iu.turn ENABLE TRIGGER turn_kept", ["trigger turn_kept"]],
  ["a trigger added", "CREATE TRIGGER evil AFTER INSERT ON iu.command EXECUTE FUNCTION iu.refuse()", ["trigger evil"]],
  [
    "a function's body replaced",
    "CREATE OR REPLACE FUNCTION iu.refuse() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'",
    ["function refuse()"],
  ],
  [
    "a function's path",
    "ALTER FUNCTION iu.content_erase(text) RESET search_path",
    ["function content_erase(commitment text)"],
  ],
  ["a function's rights", "ALTER FUNCTION iu.durably() SECURITY DEFINER", ["function durably()"]],
  [
    "a function added",
    "CREATE FUNCTION iu.append(a integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    ["function append(a integer)"],
  ],
  ["a view added", "CREATE VIEW iu.mine AS SELECT 1 AS one", ["view mine"]],
  [
    "the view of the text replaced",
    "CREATE OR REPLACE VIEW iu.unit_text AS SELECT run, ordinal, unit, document, revision, address, kind, label, title, lifecycle, 'x'::text COLLATE \"C\" AS text FROM iu.unit_version",
    ["view unit_text"],
  ],
  ["an index added", "CREATE INDEX my_index ON iu.event (stream)", ["index my_index"]],
  ["an index dropped", "DROP INDEX iu.command_position", ["index command_position"]],
  [
    "a key dropped",
    "ALTER TABLE iu.event DROP CONSTRAINT event_stream_revision_key",
    ["constraint event_stream_revision_key", "index event_stream_revision_key"],
  ],
  ["a table dropped", "DROP TABLE iu.turn", ["table turn"]],
  ["a table added", "CREATE TABLE iu.own (a integer PRIMARY KEY)", ["table own"]],
  [
    "a table that the events of another show in",
    "CREATE TABLE iu.more () INHERITS (iu.event)",
    ["child table iu.more", "table more"],
  ],
  ["a child in another schema", "CREATE TABLE public.more () INHERITS (iu.event)", ["child table public.more"]],
  ["a table no crash keeps", "ALTER TABLE iu.content SET UNLOGGED", ["index content_pkey", "table content"]],
  [
    "rows hidden",
    "ALTER TABLE iu.event ENABLE ROW LEVEL SECURITY; CREATE POLICY mine ON iu.event USING (position < 5)",
    ["table event", "policy mine"],
  ],
  ["a rule", "CREATE RULE mine AS ON INSERT TO iu.event DO INSTEAD NOTHING", ["rule mine"]],
  ["a default", "ALTER TABLE iu.event ALTER COLUMN bytes SET DEFAULT 'x'", ["column event.bytes"]],
  ["a column of a read model", "ALTER TABLE iu.gate ADD COLUMN x text", ["column gate.x"]],
  ["a sequence", "CREATE SEQUENCE iu.counter", ["sequence counter"]],
  ["a type", "CREATE DOMAIN iu.my_type AS text", ["type my_type"]],
  [
    "an operator",
    "CREATE OPERATOR iu.|| (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = byteacat)",
    ["other operator iu.||(bytea,bytea)"],
  ],
];

database("what nobody touched passes, before its read models were made and after", () =>
  withPostgresLedger(async ({ open }) => {
    const store = await open();
    await governedRun({ store, until: "opened" });
    const checked = async () => {
      const { checks } = await replay(store, { checks: ["database"], database: compareDatabase(store.sql) });
      return checks.find(({ name }) => name === "database") as CheckReport;
    };
    const before = await checked();
    await catchUp(store, store.sql);
    const made = await checked();
    assert.equal([before.verdict, made.verdict, before.findings], ["PASS", "PASS", []]);
    assert.ok(before.assertions > 40 && made.assertions > before.assertions + 100);
    assert.is(made.note, null);
  }),
);

database("every object that is gone, switched off, added or replaced is named, to a login that may only read", () =>
  withRoom(async ({ cluster, database: name, check, compare }) => {
    assert.equal(named(await check()), []);
    let before: readonly string[] = [];
    for (const [what, script, expected] of lies) {
      await cluster.admin(name, script);
      const now = (await compare()).differs.map(({ is, should }) => `${(should ?? is)?.type} ${(should ?? is)?.name}`);
      assert.equal(now.filter((one) => !before.includes(one)).sort(), [...expected].sort(), what);
      before = now;
    }
    const report = await check();
    assert.is(report.verdict, "FAIL");
    assert.equal(named(report), before);
    assert.ok(report.findings.every(({ rule, message }) => rule === "made by this program" && message !== ""));
  }),
);

database("an owner other than the schema's is named", () =>
  withRoom(async ({ cluster, database: name, check }) => {
    await cluster.admin(name, `CREATE ROLE mallory_${name}; ALTER TABLE iu.gate OWNER TO mallory_${name}`);
    await cluster.admin(name, `ALTER FUNCTION iu.content_erase(text) OWNER TO mallory_${name}`);
    const report = await check();
    assert.equal(named(report).sort(), ["function content_erase(commitment text)", "index gate_pkey", "table gate"]);
    assert.match(report.findings.find(({ field }) => field === "table gate")?.message ?? "", `OWNER mallory_${name}`);
  }),
);

database("a schema that an older program left is not compared, and that is no pass", () =>
  withRoom(async ({ cluster, database: name, check }) => {
    await cluster.admin(
      name,
      "ALTER TABLE iu.migration DISABLE TRIGGER ALL; DELETE FROM iu.migration WHERE number > 1; ALTER TABLE iu.migration ENABLE ALWAYS TRIGGER migration_kept",
    );
    const { verdict, note } = await check();
    assert.is(verdict, "NOT_RUN");
    assert.match(note ?? "", /format 1.*format \d/);
  }),
);

database("a rebuild makes what is the read models' own as it should be, and leaves the ledger's alone", () =>
  withRoom(async ({ cluster, database: name, check, owner }) => {
    await cluster.admin(
      name,
      `ALTER TABLE iu.bookmark ADD COLUMN x text; CREATE OR REPLACE VIEW iu.unit_text AS SELECT run, ordinal, unit, document, revision,
        address, kind, label, title, lifecycle, 'x'::text COLLATE "C" AS text FROM iu.unit_version;
       CREATE TRIGGER t AFTER INSERT ON iu.gate EXECUTE FUNCTION iu.refuse(); DROP TRIGGER event_kept ON iu.event`,
    );
    const { swapped, objects } = await rebuild(owner, owner.sql);
    assert.is(swapped, true);
    assert.equal(objects, ["column bookmark.x", "trigger t", "view unit_text"]);
    assert.equal(named(await check()), ["trigger event_kept"]);
    const again = await rebuild(owner, owner.sql);
    assert.equal([again.swapped, again.objects], [false, []]);
  }),
);

database.run();
