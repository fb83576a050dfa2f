// Proofs that plan, dry run, Verify and the plan of a compensation write nothing, on SQLite: they pass, and a mutation planted in any surface while
// the operation runs is found, one that leaves every count as it was too. A moved head decides nothing. Postgres: proveOperation.slow.test.ts.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { controlProven } from "../../src/proving/controlProven.js";
import { measureProven } from "../../src/proving/measureProven.js";
import { proveOperation } from "../../src/proving/proveOperation.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { governedLedger } from "../support/governedRun.js";
import { operationsPass, type Room, roomOf } from "./provingRoom.js";

const sqlite = suite("proofs on SQLite");

function withFile(use: (room: Room) => Promise<void>): Promise<void> {
  return withSqliteFile(async (file) => {
    const store = await file.open();
    await use(roomOf(await governedLedger({ store }), store, () => file.open({ readOnly: true })));
  });
}

operationsPass(sqlite, withFile);

const sqlitePlants: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "a value in place, all counts as before",
    "UPDATE unit_version SET open = 1 - open WHERE ordinal = 0",
    ["tables.unit_version"],
  ],
  ["a row less", "DELETE FROM lifecycle WHERE ordinal = 0", ["tables.lifecycle", "counts.lifecycleEntries"]],
  [
    "a row that takes another's place",
    "DELETE FROM unit_version WHERE ordinal = 0; INSERT INTO unit_version SELECT * FROM unit_version WHERE false",
    ["tables.unit_version", "counts.unitVersions"],
  ],
  [
    "a byte of an event, counts and head as before",
    "DROP TRIGGER event_update; UPDATE event SET bytes = replace(bytes, 'Ada', 'Eve') WHERE position = 1",
    ["schema", "tables.event"],
  ],
  ["an index", "CREATE INDEX sneaky ON gate (kind)", ["schema"]],
];

sqlite("a mutation in any surface is found while the operation runs", () =>
  withFile(async ({ runUntil, prove, store }) => {
    const run = await runUntil("recorded");
    for (const [what, script, expected] of sqlitePlants) {
      const { verdict, differs } = await prove(run, "verify", () => store.sql.exec(script));
      assert.equal([verdict, ...differs], ["FAIL", ...expected], what);
    }
  }),
);

sqlite("through a connection that may write it is no proof", () =>
  withFile(async ({ governed, store, runUntil }) => {
    const run = await runUntil("recorded");
    const actor = { principal: "vera", keyid: "0" };
    const proved = await proveOperation("verify", run, {
      ledger: governed.id,
      reading: store,
      scratch: store.sql,
      now: governed.now,
      actor,
    });
    assert.equal(proved.kind === "proven" && [proved.report.verdict, proved.report.session.by], [
      "INCONCLUSIVE",
      "nothing",
    ]);
  }),
);

sqlite("the control names every surface, and leaves the ledger as it was", () =>
  withFile(async ({ store, runUntil }) => {
    await runUntil("cut");
    const before = await measureProven(store.sql, store);
    const control = await controlProven(store.sql, await store.head());
    assert.ok(control.detected);
    for (const name of [
      "schema",
      "tables.event",
      "tables.content",
      "counts.units",
      "counts.unitVersions",
      "counts.lifecycleEntries",
    ])
      assert.ok(control.expected.includes(name) && control.differs.includes(name), name);
    assert.equal(await measureProven(store.sql, store), before);
  }),
);

sqlite.run();
