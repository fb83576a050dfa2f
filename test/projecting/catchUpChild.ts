// A process of its own that catches the projections of a ledger file up, a few events at a time, again and again until its input
// ends, and then once more. Usage: node catchUpChild.js FILE.
import { setTimeout as sleep } from "node:timers/promises";
import { catchUp } from "../../src/projecting/catchUp.js";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";

const store = await openSqliteStore(process.argv[2] ?? "");
let ended = false;
process.stdin.on("end", () => {
  ended = true;
});
process.stdin.resume();
while (!ended) {
  await catchUp(store, store.sql, { batchSize: 3 });
  await sleep(1);
}
await catchUp(store, store.sql, { batchSize: 3 });
await store.close();
