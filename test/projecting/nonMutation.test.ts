// The proof that nothing was written: it must pass on nothing, fail on anything, give no verdict while others write, and its negative
// control must be one that can fail.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nonMutation, type Surfaces } from "../../src/events/facts.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { negativeControl } from "../../src/projecting/negativeControl.js";
import { proveNonMutation, proveUnchanged } from "../../src/projecting/nonMutation.js";
import { measureSurfaces } from "../../src/projecting/surfaces.js";
import type { SqliteStore } from "../../src/store/sqliteStore.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { enactText, openHistory, planUnits, writeDocument } from "./history.js";
import { fact, id, type Scribe, scribe } from "./scribe.js";
import { ids } from "./story.js";

const proofs = suite("proving that nothing was written");

async function withLedger(use: (store: SqliteStore, s: Scribe) => Promise<void>): Promise<void> {
  await withSqliteFile(async (file) => {
    const store = await file.open();
    const s = scribe(store);
    await openHistory(s);
    const text = await writeDocument(s, ids.charter, 0, "One\nTwo");
    const units = planUnits(ids.first, ids.charter, text, (line) => id(0xa00 + line));
    await enactText(s, { run: ids.first, document: ids.charter, revision: 0, text, units, repeals: [], base: null });
    await catchUp(store, store.sql);
    await use(store, s);
  });
}

proofs(
  "reading everything changes nothing: PASS, with a control that was noticed in every table and the schema",
  async () => {
    await withLedger(async (store) => {
      const { result, proof } = await proveNonMutation(
        store.sql,
        store,
        async () => (await store.read(0, 1000)).length,
      );
      assert.ok(result > 30);
      assert.is(proof.verdict, "PASS");
      assert.equal(proof.differs, []);
      assert.equal(proof.before, proof.after);
      assert.ok(proof.control.detected);
      const tables = Object.keys(proof.before.tables);
      for (const name of ["event", "content", "head", "command", "unit_version", "lifecycle", "bookmark"]) {
        assert.ok(tables.includes(name), name);
      }
      assert.equal(proof.control.differs, ["schema", ...tables.sort().map((name) => `tables.${name}`)]);
      nonMutation.parse(proof);
    });
  },
);

proofs("a publisher that moves its bookmark meanwhile has written nothing of the ledger", () =>
  withLedger(async (store) => {
    const { proof } = await proveNonMutation(store.sql, store, () =>
      store.sql.run("INSERT INTO publisher VALUES ('p', 'c', 't', 1, NULL)"),
    );
    assert.is(proof.verdict, "PASS");
  }),
);

const mutations: [string, string[], (store: SqliteStore) => Promise<unknown>][] = [
  [
    "a value in a projection",
    ["tables.unit_version"],
    ({ sql }) => sql.run("UPDATE unit_version SET open = 1 - open WHERE ordinal = 1"),
  ],
  ["a content put", ["tables.content"], (store) => scribe(store).put(new Uint8Array([65]))],
  ["an index", ["schema"], ({ sql }) => sql.exec("CREATE INDEX sneaky ON gate (kind)")],
  ["a trigger dropped", ["schema"], ({ sql }) => sql.exec("DROP TRIGGER event_update")],
  ["a new table", ["schema", "tables.sneaky"], ({ sql }) => sql.exec("CREATE TABLE sneaky (x TEXT)")],
  [
    "a byte of an event, counts and head as before",
    ["schema", "tables.event"],
    ({ sql }) =>
      sql.exec("DROP TRIGGER event_update; UPDATE event SET bytes = replace(bytes, 'ann', 'ANN') WHERE position = 0"),
  ],
];
for (const [what, differs, mutate] of mutations) {
  proofs(`${what}: FAIL, named`, async () => {
    await withLedger(async (store) => {
      const { proof } = await proveNonMutation(store.sql, store, () => mutate(store));
      assert.is(proof.verdict, "FAIL");
      assert.equal(proof.differs, differs);
    });
  });
}

proofs("the head moved meanwhile: INCONCLUSIVE", async () => {
  await withLedger(async (store, s) => {
    const { proof } = await proveNonMutation(store.sql, store, () =>
      s.say("ann", fact("principal-agent", "PrincipalRevoked", { principal: "agent", reason: "Now." })),
    );
    assert.is(proof.verdict, "INCONCLUSIVE");
    assert.equal(proof.differs, ["size", "root", "tables.command", "tables.event", "tables.head"]);
  });
});

proofs("a control that is not noticed: FAIL, though nothing differs", async () => {
  const still: Surfaces = { size: 0, root: "0".repeat(64), tables: {}, schema: "0".repeat(64) };
  const { proof } = await proveUnchanged(
    async () => still,
    async () => undefined,
    async () => ({ mutation: "none", detected: false, differs: [] }),
  );
  assert.is(proof.verdict, "FAIL");
});

proofs("the control leaves the database as it was", async () => {
  await withLedger(async (store) => {
    const before = await measureSurfaces(store.sql, store);
    const control = await negativeControl(store.sql, store);
    assert.ok(control.detected);
    assert.equal(await measureSurfaces(store.sql, store), before);
  });
});

proofs.run();
