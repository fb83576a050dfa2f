/**
 * message-db as a peer, where the URL of a database with it is given. It is a set of functions in the schema message_store: an append of one
 * event is a call of write_message, one of many is a transaction of as many calls, sent without waiting for each.
 */
import pg from "pg";
import type { Append } from "../src/ledger/Store.js";
import { type Missing, type Peer, pageSize } from "./Peer.js";

const write = {
  name: "write",
  text: "SELECT message_store.write_message($1, $2, $3, $4::jsonb, NULL, $5::bigint)",
};
const page = `SELECT global_position, stream_name, position, type, data FROM message_store.messages
  WHERE global_position > $1 ORDER BY global_position LIMIT $2`;

/** `connections` are held at most. Its database must hold no messages: the bench writes the same ones each time. */
export async function messageDb(url: string | undefined, connections: number): Promise<Peer | Missing> {
  const name = "message-db";
  if (url === undefined)
    return { name, reason: "no URL was given (--message-db postgres://…, a fresh database with its functions)" };
  // Its functions and tables are found by the path, as its own clients set it.
  const options = "-c search_path=message_store,public";
  const pool = new pg.Pool({ connectionString: url, max: connections, options, pipeline: true } as pg.PoolConfig);
  try {
    const { rows } = await pool.query(
      "SELECT message_store.message_store_version() AS version, EXISTS (SELECT FROM message_store.messages)::text AS used",
    );
    const { version, used } = rows[0] as { version: string; used: string };
    if (used === "true") throw new Error("its database holds messages already: give a fresh one");
    return {
      name: `${name} ${version}`,
      prepared: (append) => {
        const values = valuesOf(append);
        return () => (values.length === 1 ? pool.query({ ...write, values: values[0] ?? [] }) : together(pool, values));
      },
      async read() {
        let count = 0;
        for (let after = "0"; ; ) {
          const { rows: messages } = await pool.query({ name: "page", text: page, values: [after, pageSize] });
          const last = messages.at(-1) as { global_position: string } | undefined;
          if (last === undefined) return count;
          count += messages.length;
          after = last.global_position;
        }
      },
      close: () => pool.end(),
    };
  } catch (error) {
    await pool.end();
    return { name, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Arguments of write_message: id, stream, type, data, expected version. */
function valuesOf({ entries }: Append): string[][] {
  return entries.map(({ stream, revision, bytes }) => {
    const data = Buffer.from(bytes).toString("utf8");
    const { id, type } = JSON.parse(data) as { id: string; type: string };
    return [id, stream, type, data, String(revision - 1)];
  });
}

async function together(pool: pg.Pool, values: readonly string[][]): Promise<void> {
  const client = await pool.connect();
  try {
    await Promise.all([
      client.query("BEGIN"),
      ...values.map((one) => client.query({ ...write, values: one })),
      client.query("COMMIT"),
    ]);
  } finally {
    client.release();
  }
}
