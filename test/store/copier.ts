// A process of its own that copies a ledger file to another, for tests that kill it: node copier.js FROM TO. It says "at N" after each append.
import { writeSync } from "node:fs";
import { copyLedger } from "../../src/store/copyLedger.js";
import { openStore } from "../../src/store/openStore.js";

const [source, target] = process.argv.slice(2) as [string, string];
const from = await openStore(source, { readOnly: true });
const to = await openStore(target, { create: true });
const outcome = await copyLedger(from, to, {
  onProgress({ phase, done }) {
    if (phase === "copying") writeSync(1, `at ${done}\n`);
  },
});
writeSync(1, `${outcome.kind}\n`);
await to.close();
await from.close();
