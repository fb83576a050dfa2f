/** A process that signs a checkpoint and is killed (SIGKILL) at the step named: arguments are file, folder outside, origin, step. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkpointLog } from "../../src/checkpoints/checkpointLog.js";
import { type Outside, outsideOf } from "../../src/checkpoints/outside.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";
import { signerOf } from "../tlog/keys.js";

const [path = "", folder = "", origin = "", when = ""] = process.argv.slice(2);
const store = await openSqliteStore(path);
const real = outsideOf(folder, origin);

async function die(): Promise<never> {
  process.kill(process.pid, "SIGKILL");
  return new Promise(() => undefined);
}

const outside: Outside = {
  ...real,
  async add(number, note) {
    if (when === "before-outside") await die();
    if (when === "draft-written") {
      mkdirSync(real.folder, { recursive: true });
      writeFileSync(join(real.folder, `.${number}.draft`), note.subarray(0, 40));
      await die();
    }
    await real.add(number, note);
    return die();
  },
};
await checkpointLog({
  store,
  sql: store.sql,
  origin,
  outside,
  signer: signerOf(origin),
  catchUp: () => catchUp(store, store.sql),
  vouch: async () => null,
});
