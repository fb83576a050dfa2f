/**
 * The embedded ledger beside raw SQLite, in one run on one machine: appends, reads, replay, rebuild. What is compared is the same bytes; the
 * limit does nothing else with them, the ledger hashes, chains, guards, checks and keeps its head.
 */
import { join } from "node:path";
import { appendQueue } from "../src/ledger/appendQueue.js";
import type { CheckName } from "../src/replay/Check.js";
import { replay } from "../src/replay/replay.js";
import { openSqliteStore } from "../src/store/openSqliteStore.js";
import type { SqliteStore } from "../src/store/sqliteStore.js";
import { generatedAppend, generatedSingle, generateLedger, runLength } from "./generate.js";
import { governed } from "./governed.js";
import { compare, type Measured, measuredTable } from "./measure.js";
import { type RawSqlite, rawSqlite } from "./rawSqlite.js";

export interface EmbeddedOptions {
  /** Rounds of which the medians are taken. */
  readonly rounds: number;
  /** Where the databases go. */
  readonly folder: string;
  readonly print: (line: string) => void;
}

const singles = 400;
const batches = 40;
const readSize = 30_000;

export async function embedded({ rounds, folder, print }: EmbeddedOptions): Promise<void> {
  const store = await openSqliteStore(join(folder, "ledger.db"), { create: true });
  const raw = rawSqlite(join(folder, "raw.db"));
  try {
    print("");
    for (const line of measuredTable("appended, events", "raw inserts", await appends(store, raw, rounds))) print(line);
  } finally {
    raw.close();
    await store.close();
  }
  await reads({ rounds, folder, print });
  const whole = await openSqliteStore(join(folder, "governed.db"), { create: true });
  try {
    await governed(whole, { rounds, print });
  } finally {
    await whole.close();
  }
}

async function appends(store: SqliteStore, raw: RawSqlite, rounds: number): Promise<Measured[]> {
  let single = 0;
  let run = 0;
  const someSingles = (count: number) => Array.from({ length: count }, () => generatedSingle(single++));
  const someRuns = (count: number) => Array.from({ length: count }, () => generatedAppend(run++));
  // Made before the clock starts: the events are the caller's work.
  const made = async <T>(make: () => T, use: (made: T) => Promise<number>) => {
    const given = Array.from({ length: rounds + 1 }, make);
    return () => use(given.pop() as T);
  };
  const queue = appendQueue(store);
  const entriesOf = (list: readonly { readonly entries: readonly Parameters<RawSqlite["insertAll"]>[0][number][] }[]) =>
    list.flatMap(({ entries }) => entries);
  const rawEach = await made(
    () => entriesOf(someSingles(singles)),
    async (entries) => raw.insertEach(entries),
  );
  return [
    await compare(
      "one at a time, one after another",
      rawEach,
      await made(
        () => someSingles(singles),
        async (list) => {
          for (const one of list) await store.append([one]);
          return list.length;
        },
      ),
      { rounds, target: 0.7 },
    ),
    await compare(
      "one at a time, 32 callers at once",
      await made(
        () => entriesOf(someSingles(singles)),
        async (entries) => raw.insertEach(entries),
      ),
      await made(
        () => someSingles(4 * singles),
        async (list) => {
          const waiting = [...list];
          const caller = async () => {
            for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await queue.append(one);
          };
          await Promise.all(Array.from({ length: 32 }, caller));
          return list.length;
        },
      ),
      { rounds, target: 1.5 },
    ),
    await compare(
      `${runLength} at a time (a cut of 60 units)`,
      await made(
        () => someRuns(batches),
        async (list) => list.reduce((sum, { entries }) => sum + raw.insertAll(entries), 0),
      ),
      await made(
        () => someRuns(batches),
        async (list) => {
          for (const one of list) await store.append([one]);
          return list.length * runLength;
        },
      ),
      { rounds, target: 0.7 },
    ),
  ];
}

/** Reading and replaying a generated ledger: what does not ask who was allowed what. */
async function reads({ rounds, folder, print }: EmbeddedOptions): Promise<void> {
  const store = await openSqliteStore(join(folder, "read.db"), { create: true });
  const raw = rawSqlite(join(folder, "raw-read.db"));
  try {
    const size = await generateLedger(store, readSize);
    for (let from = 0; from < size; from += 2_000) raw.insertAll(await store.read(from, 2_000));
    const replaying = (checks: readonly CheckName[]) => async () => (await replay(store, { checks })).size;
    const order: CheckName[] = ["canonical-bytes", "positions", "chain", "root"];
    const measured = [
      await compare(
        "read in order",
        async () => raw.read(),
        async () => {
          for (let from = 0; from < size; from += 2_000) await store.read(from, 2_000);
          return size;
        },
        { rounds },
      ),
    ];
    const replayed = [
      await compare("replay: bytes, order, chain, root", async () => raw.readHashParse(), replaying(order), {
        rounds,
        target: 0.5,
      }),
      await compare("replay: those and schema", async () => raw.readHashParse(), replaying([...order, "schema"]), {
        rounds,
      }),
    ];
    print("");
    for (const line of measuredTable(`of ${size} events`, "raw pages", measured)) print(line);
    print("");
    for (const line of measuredTable(`of ${size} events`, "read, SHA-256, parse", replayed)) print(line);
  } finally {
    raw.close();
    await store.close();
  }
}
