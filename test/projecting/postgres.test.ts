// Projections on Postgres: the same events give the same rows, digest for digest, as on SQLite; and everything that looks at tables
// (rebuild, the proof that nothing was written, queries, replay) says the same there.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listDocuments, showDocument } from "../../projections/document/queries.js";
import { listSwitch } from "../../projections/execution_switch/queries.js";
import { listGates } from "../../projections/gate/queries.js";
import { lifecycleCounts, lifecycleOfUnit, lifecycleOfVersion } from "../../projections/lifecycle/queries.js";
import { listPolicies } from "../../projections/policy/queries.js";
import { listPrincipals } from "../../projections/principal/queries.js";
import { listReadiness } from "../../projections/readiness/queries.js";
import { listRefusals } from "../../projections/refusal/queries.js";
import { listRevertActions, listRevertPlans } from "../../projections/revert_plan/queries.js";
import { listRuns, showRun } from "../../projections/run_live_state/queries.js";
import { listIdentities, showUnit } from "../../projections/unit/queries.js";
import { listRepeals, listUnits, listUnitTexts, unitHistory } from "../../projections/unit_version/queries.js";
import { listWriters } from "../../projections/writer/queries.js";
import { type Sql, SqlError } from "../../src/database/Sql.js";
import { openSqlite } from "../../src/database/sqlite.js";
import type { Store } from "../../src/ledger/Store.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { catchUpOrWait } from "../../src/projecting/catchUpOrWait.js";
import { proveNonMutation } from "../../src/projecting/nonMutation.js";
import { rebuild } from "../../src/projecting/rebuild.js";
import { tableDigests } from "../../src/projecting/tableDigests.js";
import { projectionTables, readBookmark } from "../../src/projecting/tables.js";
import { compareDatabase } from "../../src/replay/compareDatabase.js";
import { compareProjections } from "../../src/replay/compareProjections.js";
import { replay } from "../../src/replay/replay.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { withPostgresLedger } from "../store/withPostgresLedger.js";
import { governedRun } from "../support/governedRun.js";
import { openHistory } from "./history.js";
import { scribe } from "./scribe.js";
import { ids, tellStory } from "./story.js";

const test = suite("projections on postgres");

async function withMemory<T>(use: (store: Store, sql: Sql) => Promise<T>): Promise<T> {
  const sql = await openSqlite(":memory:");
  try {
    return await use(memoryStore(), sql);
  } finally {
    await sql.close();
  }
}

/** Everything a reader can ask. */
async function answers(sql: Sql, store: Store, now: string): Promise<Record<string, unknown>> {
  const content = (commitment: string) => store.content.get(commitment);
  const runs = await listRuns(sql);
  const plans = (await Promise.all(runs.map(({ run }) => listRevertPlans(sql, run)))).flat();
  const identities = await listIdentities(sql);
  return {
    documents: await listDocuments(sql),
    document: await showDocument(sql, ids.charter.slice(0, -1)),
    ambiguous: await showDocument(sql, ids.charter.slice(0, 20)),
    switches: await listSwitch(sql, now),
    gates: await listGates(sql, now),
    policies: await listPolicies(sql),
    principals: await listPrincipals(sql),
    readiness: await listReadiness(sql, now),
    refusals: await listRefusals(sql),
    plans,
    actions: await Promise.all(
      plans.map(({ run, plan: _, ...plan }) => listRevertActions(sql, run, (plan as { position: number }).position)),
    ),
    runs,
    run: await showRun(sql, ids.first),
    identities,
    units: await Promise.all(identities.map(({ unit }) => showUnit(sql, content, unit))),
    versions: await listUnits(sql),
    texts: await listUnitTexts(sql, content),
    histories: await Promise.all(identities.map(({ unit }) => unitHistory(sql, content, unit))),
    lifecycles: await Promise.all(identities.map(({ unit }) => lifecycleOfUnit(sql, unit))),
    lifecycle: await lifecycleOfVersion(sql, ids.first, 1),
    counts: await Promise.all(runs.map(({ run }) => lifecycleCounts(sql, run))),
    repeals: await Promise.all(runs.map(({ run }) => listRepeals(sql, run))),
    writers: await listWriters(sql),
  };
}

test("a told story gives the same rows and the same answers as on SQLite, at several sizes", () =>
  withPostgresLedger(({ open }) =>
    withMemory(async (memory, sqlite) => {
      const store = await open();
      const s = scribe(store);
      await tellStory(s);
      await tellStory(scribe(memory));
      assert.equal(await store.head(), await memory.head());
      for (let until = 0; until <= s.size; until += 19) {
        for (const [from, sql] of [
          [store, store.sql],
          [memory, sqlite],
        ] as const)
          await catchUp(from, sql, { until, batchSize: 7 });
        const digests = await tableDigests(store.sql, projectionTables);
        assert.is(Object.keys(digests).length, projectionTables.length);
        assert.equal(digests, await tableDigests(sqlite, projectionTables), `after ${until} events`);
      }
      for (const [from, sql] of [
        [store, store.sql],
        [memory, sqlite],
      ] as const)
        await catchUp(from, sql);
      const expected = await answers(sqlite, memory, s.now());
      const given = await answers(store.sql, store, s.now());
      for (const [question, answer] of Object.entries(expected)) assert.equal(given[question], answer, question);
      const texts = "SELECT address, lifecycle, text FROM unit_text WHERE run = $1 ORDER BY ordinal";
      assert.equal(
        (await store.sql.query<{ text: string }>(texts, [ids.first])).map(({ text }) => text.split("\n")[0]),
        ["Điều 1. One 😀", "Điều 1. One 😀", "Two", "Three"],
      );
    }),
  ));

test("rebuilding finds what nobody touched equal, and puts right what somebody did", () =>
  withPostgresLedger(async ({ open, cluster, database }) => {
    const store = await open();
    await tellStory(scribe(store));
    assert.is((await rebuild(store, store.sql)).swapped, false);
    const before = await tableDigests(store.sql);
    const tampered: readonly (readonly [string, string])[] = [
      ["unit_version", "UPDATE iu.unit_version SET title = 'mine' WHERE ordinal = 1"],
      ["lifecycle", "DELETE FROM iu.lifecycle WHERE ordinal = 0"],
      [
        "gate",
        'INSERT INTO iu.gate SELECT * FROM (SELECT (jsonb_populate_record(g, \'{"gate": "x"}\')).* FROM iu.gate g LIMIT 1) AS g',
      ],
    ];
    for (const [, sql] of tampered) await cluster.admin(database, sql);
    const rebuilt = await rebuild(store, store.sql);
    assert.is(rebuilt.swapped, true);
    assert.equal(rebuilt.differences.map(({ table }) => table).sort(), tampered.map(([table]) => table).sort());
    assert.equal(await tableDigests(store.sql), before);
    await cluster.admin(database, "DROP TABLE iu.gate CASCADE");
    await rebuild(store, store.sql);
    assert.equal(await tableDigests(store.sql), before);
  }));

test("the proof that nothing was written passes on nothing and names whatever was, rights and triggers too", () =>
  withPostgresLedger(async ({ open, cluster, database }) => {
    const store = await open();
    await tellStory(scribe(store));
    await catchUp(store, store.sql);
    const proven = async (sql: string) => {
      const { proof } = await proveNonMutation(store.sql, store, () => cluster.admin(database, sql));
      assert.ok(proof.control.detected);
      return [proof.verdict, ...proof.differs];
    };
    assert.equal(await proven("SELECT * FROM iu.event"), ["PASS"]);
    assert.equal(await proven("UPDATE iu.gate SET kind = 'SG_9' WHERE kind = 'SG_1'"), ["FAIL", "tables.gate"]);
    assert.equal(await proven("DELETE FROM iu.content WHERE commitment = (SELECT min(commitment) FROM iu.content)"), [
      "FAIL",
      "tables.content",
    ]);
    for (const sql of [
      "GRANT INSERT ON iu.event TO iu_reader",
      "ALTER TABLE iu.event DISABLE TRIGGER event_kept",
      "ALTER FUNCTION iu.content_erase(text) SECURITY INVOKER",
      "CREATE SEQUENCE iu.counter",
      "SELECT nextval('iu.counter')",
    ])
      assert.equal(await proven(sql), ["FAIL", "schema"], sql);
  }));

test("the operator keeps the projections; the orchestrator, who may not write them, waits for the operator", () =>
  withPostgresLedger(async ({ open, cluster, database }) => {
    const owner = await open();
    const s = scribe(owner);
    await openHistory(s);
    const login = async (role: string) => {
      await cluster.admin(database, `CREATE ROLE ${role}_${database} LOGIN IN ROLE iu_${role}`);
      return open({ url: cluster.url(database, `${role}_${database}`) });
    };
    const [operator, orchestrator] = [await login("operator"), await login("orchestrator")];
    const bookmark = async () => (await readBookmark(orchestrator.sql))?.size;
    const error = await catchUpOrWait(orchestrator, orchestrator.sql).catch((thrown: unknown) => thrown);
    assert.is(error instanceof SqlError && error.code, "READ_ONLY", "nobody has made them");
    await catchUp(owner, owner.sql, { until: 3 });
    await catchUpOrWait(orchestrator, orchestrator.sql, 20);
    assert.is(await bookmark(), 3);
    const waiting = catchUpOrWait(orchestrator, orchestrator.sql, 20_000);
    await catchUp(operator, operator.sql);
    await waiting;
    assert.is(await bookmark(), s.size);
    assert.is((await rebuild(operator, operator.sql)).swapped, false);
  }));

test("a governed run, from its registration to its compensation: the same root, the same rows, and replay passes", () =>
  withPostgresLedger(({ open }) =>
    withMemory(async (memory, sqlite) => {
      const store = await open();
      const until = "reverted";
      await governedRun({ store, until });
      await governedRun({ store: memory, until });
      assert.equal(await store.head(), await memory.head());
      await catchUp(store, store.sql);
      await catchUp(memory, sqlite);
      assert.equal(await tableDigests(store.sql, projectionTables), await tableDigests(sqlite, projectionTables));
      const auditor = await open({ readOnly: true });
      const report = await replay(auditor, {
        projections: compareProjections(auditor, auditor.sql),
        database: compareDatabase(auditor.sql),
      });
      assert.equal(
        report.checks.filter(({ name, verdict }) => verdict !== "PASS" && name !== "checkpoints"),
        [],
      );
      assert.is(report.verdict, "PASS");
      assert.is(report.root, (await memory.head()).root);
    }),
  ));

test.run();
