/** The owner's hands on a Postgres database: a superuser's session that switches the triggers off, and on again. */
import pg from "pg";
import type { PostgresCluster } from "../support/postgresCluster.js";
import { type Hands, peaksOf, type Statement } from "./Hands.js";

/** Tables whose trigger raises, each by the name `<table>_kept`. */
const guarded = ["event", "command", "head", "content", "checkpoint"];

export function postgresHands(cluster: PostgresCluster, database: string): Hands {
  let copies = 0;
  async function withSession<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = new pg.Client(cluster.url(database));
    client.on("error", () => undefined);
    await client.connect();
    try {
      await client.query("SET search_path = iu");
      return await work(client);
    } finally {
      await client.end();
    }
  }
  const asked = (client: pg.Client, [sql, ...values]: Statement) => {
    let place = 0;
    return client.query(
      sql.replace(/\?/g, () => `$${++place}`),
      values.map((value) => (value instanceof Uint8Array ? Buffer.from(value) : value)),
    );
  };
  return {
    asText: "?",
    run: (...statements) =>
      withSession(async (client) => {
        await client.query("BEGIN");
        for (const table of guarded) await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
        for (const statement of statements) await asked(client, statement);
        for (const table of guarded) await client.query(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_kept`);
        await client.query("COMMIT");
      }),
    script: async (sql) => {
      await withSession((client) => client.query(sql));
    },
    query: <T>(...statement: Statement) => withSession(async (client) => (await asked(client, statement)).rows as T[]),
    events: () =>
      withSession(async (client) => {
        const { rows } = await client.query("SELECT position, stream, revision, bytes FROM event ORDER BY position");
        return rows.map((row) => ({
          position: Number(row.position),
          stream: row.stream as string,
          revision: Number(row.revision),
          bytes: Uint8Array.from(row.bytes as Buffer),
        }));
      }),
    headStatements: (events) =>
      withSession(async (client) => {
        const { rows } = await client.query("SELECT parts, size FROM head ORDER BY parts");
        const kept = rows.filter(({ size }) => Number(size) <= events.length);
        const last = kept.at(-1);
        // Events that were added bring their head with them, as a commit does.
        if (Number(last?.size) < events.length) kept.push({ parts: Number(last?.parts) + 1, size: events.length });
        return [
          ["DELETE FROM head WHERE size > ?", events.length],
          ...kept.map(
            ({ parts, size }): Statement => [
              "INSERT INTO head (parts, size, peaks) VALUES (?, ?, ?) ON CONFLICT (parts) DO UPDATE SET peaks = excluded.peaks",
              Number(parts),
              Number(size),
              peaksOf(events, Number(size)).map((peak) => Buffer.from(peak)),
            ],
          ),
        ];
      }),
    async copy() {
      const copy = `${database}_copy${++copies}`;
      await cluster.admin("postgres", `CREATE DATABASE ${copy} TEMPLATE ${database}`);
      return copy;
    },
    async putBack(copy) {
      await cluster.admin("postgres", `DROP DATABASE ${database}`);
      await cluster.admin("postgres", `CREATE DATABASE ${database} TEMPLATE ${copy}`);
    },
  };
}
