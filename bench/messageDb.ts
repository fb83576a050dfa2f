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

/** `connections` are held at most. What the database holds already is left alone and not read. */
export async function messageDb(url: string | undefined, connections: number): Promise<Peer | Missing> {
  const name = "message-db";
  if (url === undefined)
    return { name, reason: "no URL was given (--message-db postgres://…, a database with its functions)" };
  const pool = new pg.Pool({ connectionString: url, max: connections });
  try {
    // Its functions and tables are found by the path, as its own clients set it.
    pool.on("connect", (client) => client.query("SET search_path TO message_store, public"));
    const { rows } = await pool.query(
      "SELECT message_store.message_store_version() AS version, (SELECT coalesce(max(global_position), 0) FROM message_store.messages) AS newest",
    );
    const { version, newest } = rows[0] as { version: string; newest: string };
    return {
      name: `${name} ${version}`,
      prepared: (append) => {
        const values = valuesOf(append);
        return () => (values.length === 1 ? pool.query({ ...write, values: values[0] ?? [] }) : together(pool, values));
      },
      async read() {
        let count = 0;
        for (let after = newest; ; ) {
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
