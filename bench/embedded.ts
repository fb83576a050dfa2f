/**
 * The embedded ledger beside raw SQLite, in one run on one machine: appends, reads, replay, rebuild. What is compared is the same bytes; the
 * limit does nothing else with them, the ledger hashes, chains, guards, checks and keeps its head.
 */
import { join } from "node:path";
import { publicKeyOf } from "../src/keys/Signer.js";
import { appendQueue } from "../src/ledger/appendQueue.js";
import { catchUp } from "../src/projecting/catchUp.js";
import { shadowDigests } from "../src/projecting/shadow.js";
import type { CheckName } from "../src/replay/Check.js";
import { replay } from "../src/replay/replay.js";
import { openSqliteStore } from "../src/store/openSqliteStore.js";
import type { SqliteStore } from "../src/store/sqliteStore.js";
import { governedLedger, signerOfName } from "../test/support/governedRun.js";
import { generatedAppend, generatedSingle, generateLedger, runLength } from "./generate.js";
import { compare, type Measured, measuredTable, median, perSecond, rateOf, table } from "./measure.js";
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
const governedRuns = 12;

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
  await governed({ rounds, folder, print });
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

/** Commands as they are signed and decided, their replay by groups of checks, and the rebuild. There is no limit to set beside these. */
async function governed({ rounds, folder, print }: EmbeddedOptions): Promise<void> {
  const store = await openSqliteStore(join(folder, "governed.db"), { create: true });
  try {
    const ledger = await governedLedger({ store });
    const rows: [string, string][] = [];
    const row = async (work: string, side: () => Promise<number>, times = rounds) => {
      const rates: number[] = [];
      for (let round = 0; round < times; round++) rates.push(await rateOf(side));
      rows.push([work, perSecond(median(rates))]);
    };
    let people = 0;
    const register = () => {
      const principal = `agent-${people++}`;
      const key = publicKeyOf(signerOfName(principal).privateKey);
      const data = {
        principal,
        kind: "agent" as const,
        name: principal,
        roles: ["editor" as const],
        responsible: "carl",
        key,
      };
      return ledger.sign("RegisterPrincipal", data, "ada");
    };
    const envelopes = (count: number) => Array.from({ length: (rounds + 1) * count }, register);
    const alone = envelopes(100);
    const together = envelopes(400);
    await row("commands submitted, one after another", async () => {
      for (let i = 0; i < 100; i++) await ledger.ledger.submit(alone.pop() as Uint8Array);
      return 100;
    });
    await row("commands submitted, 32 at once", async () => {
      const waiting = together.splice(0, 400);
      const caller = async () => {
        for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) await ledger.ledger.submit(one);
      };
      await Promise.all(Array.from({ length: 32 }, caller));
      return 400;
    });
    const bytes = statuteOf60();
    const before = (await store.head()).size;
    await row(
      "events of whole runs of 60 units, from document to enacted",
      async () => {
        const start = (await store.head()).size;
        for (let i = 0; i < governedRuns; i++) await ledger.run({ bytes });
        return (await store.head()).size - start;
      },
      1,
    );
    const { size } = await store.head();
    const replaying = (checks: readonly CheckName[]) => async () => (await replay(store, { checks })).size;
    await row("events replayed: signatures and roles", replaying(["signatures"]));
    await row("events replayed: every command decided again", replaying(["state-machine"]));
    await row("events replayed: writers re-run", replaying(["writers"]));
    await row("events replayed: content and lossless rules", replaying(["content"]));
    await row("events replayed: everything but projections", async () => (await replay(store)).size);
    await row(
      "events followed by the projections",
      async () => {
        await catchUp(store, store.sql);
        return size;
      },
      1,
    );
    await row("events rebuilt into projections, in shadow", async () => (await shadowDigests(store)).size);
    print("");
    for (const line of table(
      [`governed, ${size} events in ${size - before > 0 ? governedRuns : 0} runs`, "rate"],
      rows,
    ))
      print(line);
  } finally {
    await store.close();
  }
}

/** A statute of sixty articles. */
function statuteOf60(): Buffer {
  const articles = Array.from(
    { length: 60 },
    (_, i) => `Article ${i + 1}. What article ${i + 1} says is said in this sentence.\n`,
  );
  return Buffer.from(`A Statute\n\n${articles.join("\n")}`);
}
