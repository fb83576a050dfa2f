/**
 * The Postgres ledger beside pgbench on the same server, in one run: the limit is a bare insert of the same bytes into a table with one
 * index, prepared once and sent by a C program; the ledger judges, guards, hashes, chains and indexes what it inserts.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appendQueue } from "../src/ledger/appendQueue.js";
import type { Append } from "../src/ledger/Store.js";
import { replay } from "../src/replay/replay.js";
import { openPostgresStore } from "../src/store/openPostgresStore.js";
import type { PostgresStore } from "../src/store/postgresStore.js";
import { type PostgresCluster, postgresCluster } from "../test/support/postgresCluster.js";
import { generatedAppend, generatedSingle, generateLedger, runLength } from "./generate.js";
import { type Measured, measuredTable, median, rateOf } from "./measure.js";

export interface PostgresBenchOptions {
  /** Rounds of which the medians are taken. */
  readonly rounds: number;
  /** Events that are read and replayed. */
  readonly readSize?: number;
  readonly print: (line: string) => void;
}

/** How long pgbench runs in a round. */
const roundMs = 2_000;

export async function postgres({ rounds, readSize = 30_000, print }: PostgresBenchOptions): Promise<void> {
  const cluster = await postgresCluster();
  const database = await cluster.createDatabase();
  const { rows } = await cluster.admin(database, "SELECT current_setting('server_version') AS version");
  print(`postgres    ${rows[0]?.version as string}, fsync=on, defaults but for shared_buffers=64MB`);
  const store = await openPostgresStore(cluster.url(database), { create: true });
  try {
    print("");
    for (const line of measuredTable("appended, events", "pgbench", await appends(store, cluster, database, rounds)))
      print(line);
  } finally {
    await store.close();
  }
  await reads(cluster, rounds, readSize, print);
}

/** Rates of pgbench running one prepared statement. */
async function pgbench(cluster: PostgresCluster, database: string, sql: string, clients: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "iu-bench-"));
  try {
    await cluster.own(folder);
    const script = join(folder, "script.sql");
    writeFileSync(script, `${sql};\n`);
    await cluster.own(folder);
    const said = await cluster.run("pgbench", [
      ...["-n", "-M", "prepared", "-h", "127.0.0.1", "-p", String(cluster.port), "-U", "admin"],
      ...["-c", String(clients), "-j", "1", "-T", String(roundMs / 1000), "-f", script, database],
    ]);
    return Number(/tps = ([\d.]+) \(without/.exec(said)?.[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function literal({ entries }: Append): string {
  return entries
    .map(({ stream, revision, bytes }) => `('${stream}', ${revision}, '\\x${Buffer.from(bytes).toString("hex")}')`)
    .join(", ");
}

async function appends(
  store: PostgresStore,
  cluster: PostgresCluster,
  database: string,
  rounds: number,
): Promise<Measured[]> {
  await cluster.admin(
    database,
    "CREATE TABLE public.raw (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text, revision bigint, bytes bytea)",
  );
  const insert = "INSERT INTO public.raw (stream, revision, bytes) VALUES ";
  let single = 0;
  let run = 0;
  const queue = appendQueue(store);
  const measured: Measured[] = [];
  const row = async (
    work: string,
    limit: () => Promise<number>,
    make: () => readonly Append[],
    ours: (given: readonly Append[]) => Promise<unknown>,
    target: number,
  ) => {
    const rates: { limit: number[]; ours: number[] } = { limit: [], ours: [] };
    for (let round = 0; round <= rounds; round++) {
      // Made before the clock starts: the events are the caller's work.
      const given = make();
      const one = await limit();
      const other = await rateOf(async () => {
        await ours(given);
        return given.reduce((sum, { entries }) => sum + entries.length, 0);
      });
      if (round === 0) continue;
      rates.limit.push(one);
      rates.ours.push(other);
    }
    measured.push({ work, limit: median(rates.limit), ours: median(rates.ours), target });
  };
  const inOrder = async (given: readonly Append[]) => {
    for (const one of given) await store.append([one]);
  };
  const one = literal(generatedSingle(1_000_000));
  await row(
    "one at a time, one after another",
    () => pgbench(cluster, database, insert + one, 1),
    () => Array.from({ length: 2_000 }, () => generatedSingle(single++)),
    inOrder,
    0.7,
  );
  await row(
    "one at a time, 32 callers at once",
    () => pgbench(cluster, database, insert + one, 32),
    () => Array.from({ length: 16_000 }, () => generatedSingle(single++)),
    async (given) => {
      const waiting = [...given];
      const caller = async () => {
        for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await queue.append(next);
      };
      await Promise.all(Array.from({ length: 32 }, caller));
    },
    1.5,
  );
  const many = literal(generatedAppend(1_000_000));
  await row(
    `${runLength} at a time (a cut of 60 units)`,
    async () => runLength * (await pgbench(cluster, database, insert + many, 1)),
    () => Array.from({ length: 300 }, () => generatedAppend(run++)),
    inOrder,
    0.7,
  );
  return measured;
}

/** Reading in order, and replay of what does not ask who was allowed what. */
async function reads(
  cluster: PostgresCluster,
  rounds: number,
  readSize: number,
  print: (line: string) => void,
): Promise<void> {
  const store = await openPostgresStore(cluster.url(await cluster.createDatabase()), { create: true });
  try {
    const size = await generateLedger(store, readSize);
    const reading = async () => {
      for (let from = 0; from < size; from += 2_000) await store.read(from, 2_000);
      return size;
    };
    const replaying = async () =>
      (await replay(store, { checks: ["canonical-bytes", "positions", "chain", "root"] })).size;
    const rates: { read: number[]; replayed: number[] } = { read: [], replayed: [] };
    for (let round = 0; round <= rounds; round++) {
      const [read, replayed] = [await rateOf(reading), await rateOf(replaying)];
      if (round === 0) continue;
      rates.read.push(read);
      rates.replayed.push(replayed);
    }
    const measured = [
      {
        work: "replay: bytes, order, chain, root",
        limit: median(rates.read),
        ours: median(rates.replayed),
        target: 0.5,
      },
    ];
    print("");
    for (const line of measuredTable(`of ${size} events`, "read in pages", measured)) print(line);
  } finally {
    await store.close();
  }
}
