/**
 * The Postgres ledger beside pgbench on the same server, in one run: the limit is a bare insert of the same bytes into a table with one
 * index, prepared once and sent by a C program; the ledger judges, guards, hashes, chains and indexes what it inserts. And beside other event
 * stores on the same server, with the same events in appends of the same size. Each round has all of them in turn, so that they meet
 * the same machine.
 */
import { appendQueue } from "../src/ledger/appendQueue.js";
import type { Append } from "../src/ledger/Store.js";
import { replay } from "../src/replay/replay.js";
import { openPostgresStore } from "../src/store/openPostgresStore.js";
import { type PostgresCluster, postgresCluster } from "../test/support/postgresCluster.js";
import { emmett } from "./emmett.js";
import { generatedAppend, generatedSingle, generateLedger, runLength } from "./generate.js";
import { governed } from "./governed.js";
import { compare, type Measured, measuredOf, measuredTable, rateOf, ratesOf } from "./measure.js";
import { messageDb } from "./messageDb.js";
import { type Missing, type Peer, pageSize } from "./Peer.js";
import { rawPostgres } from "./rawPostgres.js";

export interface PostgresBenchOptions {
  /** Rounds of which the medians are taken. */
  readonly rounds: number;
  /** Events that are read and replayed. */
  readonly readSize?: number;
  readonly print: (line: string) => void;
  /** A database with message-db. It may be on another server: then its figures are that server's. */
  readonly messageDbUrl?: string | undefined;
  /** Why the peers' packages are not there. */
  readonly withoutPeers?: string | undefined;
}

/** How long pgbench runs in a round. */
const roundMs = 2_000;
const callersMax = 32;

export async function postgres(options: PostgresBenchOptions): Promise<void> {
  const { rounds, print } = options;
  const cluster = await postgresCluster();
  const { rows } = await cluster.admin("postgres", "SELECT current_setting('server_version') AS version");
  print(`postgres    ${rows[0]?.version as string}, fsync=on, defaults but for shared_buffers=64MB`);

  const { peers, missing } = await peersOf(cluster, options);
  try {
    // First, while they hold nothing else to be read.
    await reads(cluster, peers, options);
    await appends(cluster, peers, options);
  } finally {
    for (const peer of peers) await peer.close();
  }
  const whole = await openPostgresStore(cluster.url(await cluster.createDatabase()), { create: true });
  try {
    await governed(whole, { rounds, print });
  } finally {
    await whole.close();
  }
  if (missing.length > 0) print("");
  for (const { name, reason } of missing) print(`${name}: not measured: ${reason}`);
}

async function peersOf(
  cluster: PostgresCluster,
  { messageDbUrl, withoutPeers }: PostgresBenchOptions,
): Promise<{ peers: Peer[]; missing: Missing[] }> {
  const found: (Peer | Missing)[] = [
    withoutPeers === undefined
      ? await emmett(cluster.url(await cluster.createDatabase()))
      : { name: "emmett-postgresql", reason: withoutPeers },
    await messageDb(messageDbUrl, callersMax),
  ];
  return {
    peers: found.filter((one): one is Peer => !("reason" in one)),
    missing: found.filter((one): one is Missing => "reason" in one),
  };
}

type Works = readonly (() => Promise<unknown>)[];

async function inOrder(works: Works): Promise<void> {
  for (const work of works) await work();
}

/** With so many callers at once, each of which waits for its own. */
async function atOnce(works: Works): Promise<void> {
  const waiting = [...works];
  const caller = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) await next();
  };
  await Promise.all(Array.from({ length: callersMax }, caller));
}

interface AppendWork {
  readonly name: string;
  readonly make: (index: number) => Append;
  /** Appends in a round. */
  readonly count: number;
  /** Of pgbench. */
  readonly clients: number;
  readonly target: number;
  readonly ours: (append: Append) => Promise<unknown>;
  readonly all: (works: Works) => Promise<void>;
}

async function appends(
  cluster: PostgresCluster,
  peers: readonly Peer[],
  { rounds, print }: PostgresBenchOptions,
): Promise<void> {
  const database = await cluster.createDatabase();
  const raw = await rawPostgres(cluster, database);
  const store = await openPostgresStore(cluster.url(database), { create: true });
  const queue = appendQueue(store);
  const works: readonly AppendWork[] = [
    {
      name: "one at a time, one after another",
      make: generatedSingle,
      count: 1_000,
      clients: 1,
      target: 0.7,
      ours: (append) => store.append([append]),
      all: inOrder,
    },
    {
      name: `one at a time, ${callersMax} callers at once`,
      make: generatedSingle,
      count: 8_000,
      clients: callersMax,
      target: 1.5,
      ours: (append) => queue.append(append),
      all: atOnce,
    },
    {
      name: `${runLength} at a time (a cut of 60 units)`,
      make: generatedAppend,
      count: 200,
      clients: 1,
      target: 0.7,
      ours: (append) => store.append([append]),
      all: inOrder,
    },
  ];
  let serial = 0;
  const measured: Measured[] = [];
  for (const { name, make, count, clients, target, ours, all } of works) {
    const sample = make(10 ** 9);
    const length = sample.entries.length;
    const rates = await ratesOf(rounds, () => {
      const given = Array.from({ length: count }, () => make(serial++));
      const timed = (prepared: Works) => () =>
        rateOf(async () => {
          await all(prepared);
          return count * length;
        });
      return {
        limit: async () => length * (await raw.insert(sample, clients, roundMs)),
        ours: timed(given.map((append) => () => ours(append))),
        ...Object.fromEntries(peers.map((peer) => [peer.name, timed(given.map(peer.prepared))])),
      };
    });
    measured.push(measuredOf(name, rates, target));
  }
  await raw.close();
  await store.close();
  print("");
  for (const line of measuredTable("appended, events", "pgbench", measured)) print(line);
}

/** Reading in order, and replay of what does not ask who was allowed what. */
async function reads(
  cluster: PostgresCluster,
  peers: readonly Peer[],
  { rounds, readSize = 30_000, print }: PostgresBenchOptions,
): Promise<void> {
  const database = await cluster.createDatabase();
  const store = await openPostgresStore(cluster.url(database), { create: true });
  const raw = await rawPostgres(cluster, database);
  try {
    const size = await generateLedger(store, readSize);
    await raw.fill(store, size);
    for (const peer of peers) {
      for (let run = 0; run * runLength < size; run++) await peer.prepared(generatedAppend(10 ** 8 + run))();
    }
    const reading = async () => {
      for (let from = 0; from < size; from += pageSize) await store.read(from, pageSize);
      return size;
    };
    const replaying = async () =>
      (await replay(store, { checks: ["canonical-bytes", "positions", "chain", "root"] })).size;
    const read = await ratesOf(rounds, () => ({
      limit: () => rateOf(raw.read),
      ours: () => rateOf(reading),
      ...Object.fromEntries(peers.map((peer) => [peer.name, () => rateOf(peer.read)])),
    }));
    const replayed = await compare("replay: bytes, order, chain, root", raw.readHashParse, replaying, {
      rounds,
      target: 0.5,
    });
    print("");
    for (const line of measuredTable(`of ${size} events`, "raw pages", [measuredOf("read in order", read)]))
      print(line);
    print("");
    for (const line of measuredTable(`of ${size} events`, "read, SHA-256, parse", [replayed])) print(line);
  } finally {
    await raw.close();
    await store.close();
  }
}
