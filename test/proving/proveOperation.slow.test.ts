// Proofs on Postgres, read as iu_reader in READ ONLY transactions: a mutation planted in any surface while the operation runs is found, in tables, schema,
// grants, sequences and advisory locks.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { controlProven } from "../../src/proving/controlProven.js";
import { measureProven } from "../../src/proving/measureProven.js";
import { proveOperation } from "../../src/proving/proveOperation.js";
import { openStore } from "../../src/store/openStore.js";
import { withPostgresLedger } from "../store/withPostgresLedger.js";
import { governedLedger } from "../support/governedRun.js";
import { operationsPass, type Room, roomOf } from "./provingRoom.js";

const postgres = suite("proofs on Postgres");

/** The login that proves is the owner's: it may play iu_reader. `admin` runs statements on another connection. */
function withDatabase(
  use: (room: Room & { admin(sql: string): Promise<unknown>; reader: string }) => Promise<void>,
): Promise<void> {
  return withPostgresLedger(async ({ open, cluster, database, url }) => {
    const store = await open();
    const reader = `watcher_${database}`;
    await cluster.admin(database, `CREATE ROLE ${reader} LOGIN IN ROLE iu_reader`);
    const room = roomOf(await governedLedger({ store }), store, () => open({ url, readOnly: true, role: "iu_reader" }));
    await use({ ...room, admin: (sql) => cluster.admin(database, sql), reader: cluster.url(database, reader) });
  });
}

operationsPass(postgres, withDatabase);

const postgresPlants: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "a value in place, all counts as before",
    "UPDATE iu.unit_version SET open = 1 - open WHERE ordinal = 0",
    ["tables.unit_version"],
  ],
  ["a row less", "DELETE FROM iu.lifecycle WHERE ordinal = 0", ["tables.lifecycle", "counts.lifecycleEntries"]],
  [
    "a content erased",
    "DELETE FROM iu.content WHERE commitment = (SELECT min(commitment) FROM iu.content)",
    ["tables.content"],
  ],
  ["a table", "CREATE TABLE iu.sneaky (a integer)", ["schema", "grants", "tables.sneaky"]],
  ["an index", "CREATE INDEX sneaky_index ON iu.gate (kind)", ["schema", "grants"]],
  ["a trigger switched off", "ALTER TABLE iu.event DISABLE TRIGGER event_kept", ["schema"]],
  ["a function's path", "ALTER FUNCTION iu.content_put(text, bytea, bytea) RESET search_path", ["schema"]],
  ["a grant", "GRANT INSERT ON iu.event TO iu_reader", ["grants"]],
  ["a grant on a column", "GRANT UPDATE (bytes) ON iu.event TO iu_reader", ["grants"]],
  [
    "an owner",
    "CREATE ROLE thief; ALTER TABLE iu.gate OWNER TO thief; GRANT SELECT ON iu.gate TO iu_reader, admin",
    ["schema", "grants"],
  ],
  [
    "a sequence",
    "CREATE SEQUENCE iu.counter; GRANT SELECT ON SEQUENCE iu.counter TO iu_reader",
    ["schema", "grants", "sequences.counter"],
  ],
  ["a sequence moved on", "SELECT nextval('iu.counter')", ["sequences.counter"]],
];

postgres(
  "a mutation in any surface is found while the operation runs, read as iu_reader in READ ONLY transactions",
  () =>
    withDatabase(async ({ runUntil, prove, admin }) => {
      const run = await runUntil("recorded");
      for (const [what, script, expected] of postgresPlants) {
        const { verdict, differs, session } = await prove(run, "verify", () => admin(script));
        assert.equal([verdict, ...differs], ["FAIL", ...expected], what);
        assert.equal([session.role, session.readOnly], ["iu_reader", true]);
      }
    }),
);

postgres("an advisory lock that is left held is found", () =>
  withDatabase(async ({ runUntil, prove, store }) => {
    const run = await runUntil("recorded");
    let release: () => void = () => undefined;
    let holding: Promise<unknown> = Promise.resolve();
    const { verdict, differs } = await prove(run, "verify", async () => {
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await new Promise<void>((locked) => {
        holding = store.sql.transaction(async (session) => {
          await session.query("SELECT pg_catalog.pg_advisory_xact_lock_shared(7, 7)");
          locked();
          await held;
        });
      });
      // The control waits for this transaction of the same process: it ends by itself.
      setTimeout(release, 2_000);
    });
    await holding;
    assert.equal([verdict, ...differs], ["FAIL", "locks"]);
  }),
);

postgres(
  "the control names every surface, grants, sequences and locks among them, and leaves the ledger as it was",
  () =>
    withDatabase(async ({ store, runUntil }) => {
      await runUntil("cut");
      const before = await measureProven(store.sql, store);
      const control = await controlProven(store.sql, await store.head());
      assert.ok(control.detected, JSON.stringify(control));
      for (const name of [
        "schema",
        "grants",
        "locks",
        "sequences.control_sequence",
        "tables.event",
        "tables.turn",
        "counts.units",
      ])
        assert.ok(control.expected.includes(name) && control.differs.includes(name), name);
      assert.equal(await measureProven(store.sql, store), before);
    }),
);

postgres("a login that only reads can read for a proof; a login that may not play iu_reader cannot, and is told", () =>
  withDatabase(async ({ governed, store, runUntil, reader, reading, admin }) => {
    const run = await runUntil("recorded");
    const own = await openStore(reader, { readOnly: true, role: "iu_reader" });
    const actor = { principal: "vera", keyid: governed.signers.vera.keyid };
    const proved = await proveOperation("verify", run, {
      ledger: governed.id,
      reading: own,
      scratch: store.sql,
      now: governed.now,
      actor,
    });
    await own.close();
    assert.is(proved.kind === "proven" && proved.report.verdict, "PASS");
    assert.ok(reading);
    await admin("CREATE ROLE outsider LOGIN");
    const outsider = new URL(reader);
    outsider.username = "outsider";
    const error = await openStore(outsider.href, { readOnly: true, role: "iu_reader" }).catch(
      (thrown: unknown) => thrown,
    );
    assert.is((error as { code?: string }).code, "READ_ONLY");
  }),
);

postgres.run();
