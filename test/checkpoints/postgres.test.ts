/** Checkpoints on Postgres: stored by the one function, by operators alone, never changed; the same refusals. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkpointLog } from "../../src/checkpoints/checkpointLog.js";
import { outsideOf } from "../../src/checkpoints/outside.js";
import { addStored, newestStored, readCheckpoints } from "../../src/checkpoints/stored.js";
import { openPostgres } from "../../src/database/postgres.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { formatVkey } from "../../src/tlog/noteKey.js";
import { withPostgresLedger } from "../store/withPostgresLedger.js";
import { governedLedger } from "../support/governedRun.js";
import { withTempDir } from "../support/withTempDir.js";
import { signerOf } from "../tlog/keys.js";

const test = suite("checkpoints on Postgres");

test("signed, stored and found again; roles may read, operators add, nobody changes", () =>
  withTempDir((folder) =>
    withPostgresLedger(async ({ open, cluster, database }) => {
      const store = await open();
      const ledger = await governedLedger({ store });
      const [first] = await store.read(0, 1);
      const { origin } = (JSON.parse(Buffer.from(first!.bytes).toString()) as { data: { origin: string } }).data;
      const signer = signerOf(origin);
      await ledger.done("AdoptLogKey", { vkey: formatVkey(signer) }, "ada");
      const means = {
        store,
        sql: store.sql,
        origin,
        signer,
        outside: outsideOf(join(folder, "outside"), origin),
        catchUp: () => catchUp(store, store.sql),
        vouch: async () => null,
      };
      const { size } = await store.head();
      assert.is((await checkpointLog(means)).kind, "signed");
      assert.is((await checkpointLog(means)).kind, "unchanged");
      await ledger.register(Buffer.from("# Charter\n"));
      assert.is((await checkpointLog(means)).kind, "signed");
      const stored = await readCheckpoints(store.sql);
      assert.equal(
        stored.map(({ number, size: of }) => [number, of]),
        [
          [0, size],
          [1, size + 1],
        ],
      );

      for (const script of [
        "UPDATE iu.checkpoint SET note = ''",
        "DELETE FROM iu.checkpoint",
        "TRUNCATE iu.checkpoint",
      ])
        await refused(() => store.sql.exec(script), /checkpoint: .* is refused/);
      const note = stored[0]!.note;
      assert.is(await addStored(store.sql, { number: 1, size, note }), false, "the number is taken");
      await refused(() => addStored(store.sql, { number: 2, size: size + 2, note }), /which the ledger does not have/);
      for (const role of ["reader", "verifier", "orchestrator", "operator"]) {
        await cluster.admin(database, `CREATE ROLE ${role}_${database} LOGIN IN ROLE iu_${role}`);
        const sql = await openPostgres(cluster.url(database, `${role}_${database}`));
        try {
          assert.is((await newestStored(sql))?.size, size + 1, role);
          await refused(() => sql.exec("INSERT INTO iu.checkpoint VALUES (2, 1, 'x')"), /permission denied/);
          const add = () => addStored(sql, { number: 2, size: size + 1, note });
          if (role === "operator") assert.ok(await add());
          else await refused(add, /permission denied/);
        } finally {
          await sql.close();
        }
      }
    }),
  ));

async function refused(act: () => Promise<unknown>, message: RegExp): Promise<void> {
  try {
    await act();
  } catch (error) {
    assert.match(String((error as Error).message) + String((error as Error).cause), message);
    return;
  }
  throw new Error(`it was done: ${act}`);
}

test.run();
