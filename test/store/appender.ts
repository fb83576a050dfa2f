// A process of its own that appends to a ledger (a file, a postgres:// URL, or "esdb://… postgres://…"), for tests that run several or kill one:
// node appender.js LEDGER NAME COMMANDS.
// Each command adds to a stream everybody shares, guarded by what it saw there, and to streams of its own. It says "ack ID POSITION
// COUNT" for each command once it is durable, and never before.
import { writeSync } from "node:fs";
import { canonicalBytes } from "../../src/events/canonical.js";
import type { Append, Entry } from "../../src/ledger/Store.js";
import { openEventStore } from "../../src/store/eventstore/openEventStore.js";
import { openPostgresStore } from "../../src/store/openPostgresStore.js";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";

const [path, name, commands] = process.argv.slice(2) as [string, string, string];
const [ledger, postgres] = path.startsWith("esdb://") ? path.split(" ") : [path];
const store =
  ledger !== undefined && postgres !== undefined
    ? await openEventStore(ledger, { postgres, create: true })
    : path.startsWith("postgres://")
      ? await openPostgresStore(path)
      : await openSqliteStore(path, { lockWaitMs: 60_000 });
let own = 0;
for (let n = 0; n < Number(commands); ) {
  const seen = (await store.readStream("counter-shared", 0)).length - 1;
  const batch: Append[] = [];
  const bytes = (stream: string, revision: number) =>
    canonicalBytes({ stream, revision, seen, name, filler: "x".repeat(300) });
  for (let i = 0; i <= n % 3 && n + i < Number(commands); i++) {
    const id = `${name}-${n + i}`;
    const entries: Entry[] = Array.from({ length: 1 + ((n + i) % 4) }, (_, k) => {
      const stream = `own-${name}.${own++}.${k}`;
      return { stream, revision: 0, bytes: bytes(stream, 0) };
    });
    // The first of a batch races for the shared stream; the others go along.
    if (i === 0)
      entries.push({ stream: "counter-shared", revision: seen + 1, bytes: bytes("counter-shared", seen + 1) });
    const guards = i === 0 ? [{ stream: "counter-shared", revision: seen }] : [];
    batch.push({ command: { id, part: 0, last: true, envelope: canonicalBytes({ id }) }, entries, guards });
  }
  const outcomes = await store.append(batch);
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.kind === "committed") writeSync(1, `ack ${name}-${n + i} ${outcome.position} ${outcome.count}\n`);
  }
  // Whoever lost the race begins again with that command; those beside it are there, and will be duplicates.
  if (outcomes[0]?.kind !== "conflict") n += batch.length;
}
await store.close();
writeSync(1, "done\n");
