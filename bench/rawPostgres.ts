/**
 * The limit on Postgres: bare inserts sent by pgbench, a C program, and bare pages read by the same driver as the ledger's. One plain table
 * with its key; nothing hashed but where it says so, nothing guarded, nothing checked.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { types } from "../src/database/postgresValues.js";
import type { Append, Store } from "../src/ledger/Store.js";
import type { PostgresCluster } from "../test/support/postgresCluster.js";
import { pageSize } from "./Peer.js";

export interface RawPostgres {
  /**
   * Transactions a second of clients that insert the events of one append over and over, in one statement, for `ms` milliseconds. The
   * events are literals of a statement that is prepared once: their bytes do not even travel.
   */
  readonly insert: (append: Append, clients: number, ms: number) => Promise<number>;
  /** Copies the events of a store, to be read. */
  readonly fill: (store: Store, size: number) => Promise<void>;
  /** What was filled in order, in pages, as bytes. Answers how many. */
  readonly read: () => Promise<number>;
  /** The same, each event hashed (SHA-256) and parsed. */
  readonly readHashParse: () => Promise<number>;
  readonly close: () => Promise<void>;
}

export async function rawPostgres(cluster: PostgresCluster, database: string): Promise<RawPostgres> {
  // With the ledger's own parsers, which are quicker than the driver's.
  const client = new pg.Client({ connectionString: cluster.url(database), types });
  await client.connect();
  const columns = "stream text, revision bigint, bytes bytea";
  await client.query(
    `CREATE TABLE public.raw (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${columns});
     CREATE TABLE public.filled (id bigint PRIMARY KEY, ${columns})`,
  );
  const each = async (use: (bytes: Buffer) => void): Promise<number> => {
    let count = 0;
    for (;;) {
      const { rows } = await client.query({
        name: "page",
        text: "SELECT id, stream, revision, bytes FROM public.filled WHERE id >= $1 AND id < $2 ORDER BY id",
        values: [count, count + pageSize],
      });
      for (const { bytes } of rows as { bytes: Buffer }[]) use(bytes);
      count += rows.length;
      if (rows.length < pageSize) return count;
    }
  };
  return {
    insert: (append, clients, ms) =>
      pgbench(
        cluster,
        database,
        `INSERT INTO public.raw (stream, revision, bytes) VALUES ${literals(append)}`,
        clients,
        ms,
      ),
    async fill(store, size) {
      for (let from = 0; from < size; from += pageSize) {
        const events = await store.read(from, pageSize);
        await client.query(
          `INSERT INTO public.filled SELECT $1::int8 + n - 1, streams[n], revisions[n], events[n]
            FROM (SELECT $2::text[] AS streams, $3::int8[] AS revisions, $4::bytea[] AS events) AS a, generate_series(1, cardinality(events)) AS n`,
          [
            from,
            events.map(({ stream }) => stream),
            events.map(({ revision }) => revision),
            events.map(({ bytes }) => Buffer.from(bytes)),
          ],
        );
      }
    },
    read: () => each(() => undefined),
    readHashParse: () =>
      each((bytes) => {
        createHash("sha256").update(bytes).digest("hex");
        JSON.parse(bytes.toString("utf8"));
      }),
    close: () => client.end(),
  };
}

function literals({ entries }: Append): string {
  return entries
    .map(({ stream, revision, bytes }) => `('${stream}', ${revision}, '\\x${Buffer.from(bytes).toString("hex")}')`)
    .join(", ");
}

async function pgbench(
  cluster: PostgresCluster,
  database: string,
  sql: string,
  clients: number,
  ms: number,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "iu-bench-"));
  try {
    const script = join(folder, "script.sql");
    writeFileSync(script, `${sql};\n`);
    await cluster.own(folder);
    const said = await cluster.run("pgbench", [
      ...["-n", "-M", "prepared", "-h", "127.0.0.1", "-p", String(cluster.port), "-U", "admin"],
      ...["-c", String(clients), "-j", "1", "-T", String(ms / 1000), "-f", script, database],
    ]);
    return Number(/tps = ([\d.]+) \(without/.exec(said)?.[1]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
