/**
 * A look at somebody else's Postgres database: one connection, one transaction, REPEATABLE READ and READ ONLY, so that everything read is of
 * one moment and no table can be written. It must never be used for the ledger's own tables, and never commits: it is rolled back.
 *
 * What READ ONLY does not stop is a function with effects outside of this database's tables: notifying, ending another session, a large
 * object (before Postgres 16), another server by dblink. Who may call such functions is a matter of the login's rights.
 */
import pg from "pg";
import { lostConnection, sqlErrorOf } from "./postgresErrors.js";
import { types } from "./postgresValues.js";
import { SqlError } from "./Sql.js";

export interface PostgresSnapshot {
  /** The login, the database, and the encoding its text is kept in. */
  readonly login: string;
  readonly database: string;
  readonly encoding: string;
  /** Rows of one of our own statements. */
  query<R>(sql: string, params?: readonly unknown[]): Promise<R[]>;
  /** Rows of a statement that holds words of others. The server takes it as one statement, or not at all. */
  single<R>(sql: string): Promise<R[]>;
  /** Names and types (oids) of the columns that a statement gives, which is taken as `single` takes it. */
  columns(sql: string): Promise<{ readonly name: string; readonly type: number }[]>;
  close(): Promise<void>;
}

export interface SnapshotOptions {
  /** How long the server may take for one statement, in milliseconds. */
  readonly statementMsMax: number;
  /** How long it may take to give a connection, in milliseconds. Default 10 s. */
  readonly connectMsMax?: number;
}

/** A server that does not keep to statement_timeout (a query can set it) is waited for this much longer, then left. */
const graceMs = 5_000;

/** Between two statements the documents read are put on the ledger; a session that is left alone for longer is ended by the server. */
const idleMsMax = 600_000;

/** Connects and begins. Throws {@link SqlError}. */
export async function openSnapshot(url: string, options: SnapshotOptions): Promise<PostgresSnapshot> {
  const { statementMsMax } = options;
  const client = clientOf({
    connectionString: url,
    types,
    keepAlive: true,
    application_name: "iu-discover",
    connectionTimeoutMillis: options.connectMsMax ?? 10_000,
    query_timeout: statementMsMax + graceMs,
  });
  // A connection that is lost between two statements: the next statement says so.
  client.on("error", () => undefined);
  await client.connect().catch((error: unknown) => {
    throw sqlErrorOf(error, "connect");
  });
  const asked = async (config: pg.QueryConfig): Promise<pg.QueryResult> => {
    try {
      return await client.query(config);
    } catch (error) {
      throw sqlErrorOf(error, "read");
    }
  };
  // The extended protocol takes one statement at a time; the simple one would take several, and COMMIT among them.
  const single = (text: string) => asked({ text, values: [], queryMode: "extended" } as pg.QueryConfig);
  const close = async () => {
    await client.end().catch(() => undefined);
  };
  try {
    await asked({ text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" });
    const { rows } = await asked({
      text: `SELECT session_user AS login, pg_catalog.current_database() AS database,
          pg_catalog.current_setting('server_encoding') AS encoding,
          pg_catalog.current_setting('transaction_read_only') AS readonly,
          pg_catalog.current_setting('transaction_isolation') AS isolation,
          pg_catalog.set_config('statement_timeout', $1, true), pg_catalog.set_config('lock_timeout', $1, true),
          pg_catalog.set_config('idle_in_transaction_session_timeout', $2, true)`,
      values: [String(statementMsMax), String(idleMsMax)],
    });
    const { login, database, encoding, readonly, isolation } = rows[0] as Record<string, string>;
    if (readonly !== "on" || isolation !== "repeatable read")
      throw new SqlError("CANNOT_OPEN", "the server does not keep to a read-only snapshot", {
        next: "Connect to the server itself, or by a pooler in session or transaction mode.",
      });
    // Of such a database nobody knows how its text is encoded: its bytes are read as they are, and judged here.
    if (encoding === "SQL_ASCII") await asked({ text: "SET LOCAL client_encoding TO SQL_ASCII" });
    return {
      login: login ?? "",
      database: database ?? "",
      encoding: encoding ?? "",
      query: async <R>(text: string, params: readonly unknown[] = []) =>
        (await asked({ text, values: [...params] })).rows as R[],
      single: async <R>(text: string) => (await single(text)).rows as R[],
      columns: async (text) => (await single(text)).fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function clientOf(config: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client(config);
  } catch (cause) {
    throw new SqlError("CANNOT_OPEN", "the URL of the database cannot be read", {
      cause,
      next: "It looks like postgres://user@host:5432/database; special characters are percent-encoded.",
    });
  }
}

/** Whether a snapshot ended because its connection did. */
export function snapshotLost(error: unknown): boolean {
  return error instanceof SqlError && lostConnection(error.cause);
}
