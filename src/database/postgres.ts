/**
 * The {@link Sql} port over Postgres (pg). Tables live in the schema `iu`. Nothing that is kept in a session is relied on: no setting
 * and no lock outlives its transaction, and a prepared statement that is gone is done without; so a pooler in transaction mode may stand
 * between. What belongs together is sent together: a read of the port is one round trip although it is a transaction of three statements.
 *
 * It must never answer a transaction before its commit is on the server's disk, nor call one undone of which it does not know.
 */
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { guardedSession } from "./guardedSession.js";
import { mutex } from "./mutex.js";
import { isCollision, isPreparedElsewhere, lostConnection, sqlErrorOf, sqlStateOf } from "./postgresErrors.js";
import { postgresSession } from "./postgresSession.js";
import { bind, types } from "./postgresValues.js";
import { type Sql, SqlError, type SqlSession, type SqlValue } from "./Sql.js";

export interface PostgresOptions {
  /** Connections this process holds at most. Default 6. */
  readonly connectionsMax?: number;
  /** For reading only: every transaction is READ ONLY. */
  readonly readOnly?: boolean;
  /** Every transaction plays this role (SET LOCAL ROLE), and a single statement is a transaction too: for reading only, with `readOnly`. */
  readonly role?: string;
  /** How long the server may take to give a connection, in milliseconds. Default 10 s. */
  readonly connectMsMax?: number;
  /** How long it may take to answer one statement before the connection counts as lost. Default 2 min. */
  readonly answerMsMax?: number;
}

/** The port, and what only Postgres has. */
export interface PostgresSql extends Sql {
  /**
   * One statement that is a transaction of its own, in one round trip, with every name qualified: no schema is on the path. A read
   * that loses its connection is asked again on another one.
   */
  readonly read: <R>(sql: string, params?: readonly unknown[]) => Promise<R[]>;
  /**
   * As `read`, for one that writes: asked again only after a collision, which has written nothing. Throws ambiguous if it may have. A
   * statement that is often asked may be given a name, and is prepared under it where sessions last.
   */
  readonly write: <R>(sql: string, params?: readonly unknown[], name?: string) => Promise<R[]>;
  /** Calls `heard` at each notification on a channel, and whenever some may have been missed, until the signal aborts. Never rejects. */
  readonly listen: (channel: string, heard: () => void, signal: AbortSignal) => Promise<void>;
}

/** Writers of the port (migrations, projections) take turns by this advisory lock; appends do not need it. "iu" and a number. */
const turnLock = "pg_catalog.pg_advisory_xact_lock(26997, 1)";
const path = "SET LOCAL search_path TO iu, pg_temp";
const beginRead = `BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; ${path}`;
const beginWrite = `BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ${path}; SELECT ${turnLock}; SELECT CASE WHEN pg_catalog.current_setting('synchronous_commit') = 'off' THEN pg_catalog.set_config('synchronous_commit', 'on', true) END`;

const readTriesMax = 4;
const collisionsMax = 10;

/** Connects to a database given by URL (postgres://user@host:port/database). Throws {@link SqlError}. */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<PostgresSql> {
  const readOnly = options.readOnly ?? false;
  const playing = options.role === undefined ? "" : `; SET LOCAL ROLE "${options.role.replaceAll('"', '""')}"`;
  const config: pg.ClientConfig = {
    connectionString: url,
    types,
    pipeline: true,
    keepAlive: true,
    application_name: "iu-ledger",
    connectionTimeoutMillis: options.connectMsMax ?? 10_000,
    query_timeout: options.answerMsMax ?? 120_000,
  };
  const pool = poolOf(config, options.connectionsMax ?? 6);
  // Of connections that wait in the pool and are lost: the pool has dropped them, and the next one is new.
  pool.on("error", () => undefined);
  // And of those being thrown away: a server that ends a session while it is let go must not end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const inTurn = mutex();
  /** Until a prepared statement is not found where it was prepared. */
  let sessionsLast = true;
  const running = new Set<Promise<unknown>>();
  const closing = new AbortController();
  let closed = false;
  let closure: Promise<void> | undefined;

  /** Lets `use` have a connection, and gives it back to the pool unless it is lost. */
  function withClient<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    return kept(useClient(use));
  }

  /** What the end has to wait for: a pool that is ended forgets whoever still waits for a connection. */
  function kept<T>(work: Promise<T>): Promise<T> {
    const over = work
      .catch(() => undefined)
      .finally(() => {
        running.delete(over);
      });
    running.add(over);
    return work;
  }

  async function useClient<T>(use: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    if (closed) throw closedError();
    let client: pg.PoolClient;
    try {
      client = await pool.connect();
    } catch (error) {
      throw sqlErrorOf(error, "connect");
    }
    let broken = false;
    const onError = () => {
      broken = true;
    };
    client.on("error", onError);
    try {
      return await use(client);
    } catch (error) {
      broken ||= lostConnection(error instanceof SqlError ? error.cause : error);
      throw error;
    } finally {
      client.off("error", onError);
      client.release(broken);
    }
  }

  async function askedAgain<T>(read: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await read();
      } catch (error) {
        const passing = error instanceof SqlError && error.code === "CONNECTION" && sqlStateOf(error) !== "57P03";
        if (!passing || tries === readTriesMax) throw error;
      }
    }
  }

  function directRead<R>(text: string, params: readonly unknown[] = []): Promise<R[]> {
    if (playing !== "") return query(text, params as readonly SqlValue[]);
    return askedAgain(() =>
      withClient(async (client) => {
        try {
          return (await client.query(text, [...params])).rows as R[];
        } catch (error) {
          throw sqlErrorOf(error, "read");
        }
      }),
    );
  }

  async function directWrite<R>(text: string, params: readonly unknown[] = [], name?: string): Promise<R[]> {
    if (readOnly) throw readOnlyError();
    for (let collisions = 1; ; collisions++) {
      const prepared = sessionsLast && name !== undefined;
      try {
        return await withClient(async (client) => {
          try {
            return (await client.query({ text, values: [...params], ...(prepared ? { name } : {}) })).rows as R[];
          } catch (error) {
            throw sqlErrorOf(error, "write", await mayHaveHappened(client, error));
          }
        });
      } catch (error) {
        if (prepared && isPreparedElsewhere(error)) {
          sessionsLast = false;
          continue;
        }
        if (!isCollision(error) || collisions === collisionsMax) throw error;
        await pause(Math.random() * 2 ** collisions);
      }
    }
  }

  function query<R>(text: string, params: readonly SqlValue[] = []): Promise<R[]> {
    return askedAgain(() =>
      withClient(async (client) => {
        const bound = bind(params);
        const [begun, answer, ended] = await Promise.allSettled([
          client.query(`${beginRead}${playing}`),
          client.query(text, bound),
          client.query("COMMIT"),
        ]);
        for (const one of [begun, answer, ended]) if (one.status === "rejected") throw sqlErrorOf(one.reason, "read");
        return (answer as PromiseFulfilledResult<pg.QueryResult>).value.rows as R[];
      }),
    );
  }

  function transact<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    return withClient(async (client) => {
      const guarded = guardedSession(postgresSession(client));
      // Sent ahead of the first statement; if it fails that statement fails too, for a lesser reason.
      const begun = client.query(`${readOnly ? beginRead : beginWrite}${playing}`).then(
        () => undefined,
        (error: unknown) => sqlErrorOf(error, "begin a transaction"),
      );
      let result: T;
      try {
        result = await work(guarded.session);
        const failure = await begun;
        if (failure !== undefined) throw failure;
        guarded.end();
      } catch (error) {
        guarded.end(true);
        await client.query("ROLLBACK").catch((lost: unknown) => client.emit("error", lost as Error));
        throw (await begun) ?? error;
      }
      try {
        await client.query("COMMIT");
      } catch (error) {
        throw sqlErrorOf(error, "commit", await mayHaveHappened(client, error));
      }
      return result;
    });
  }

  async function end(): Promise<void> {
    closed = true;
    closing.abort();
    await Promise.all(running);
    await pool.end();
  }

  const transaction: Sql["transaction"] = (work) => inTurn(() => transact(work));
  return {
    dialect: "postgres",
    query,
    transaction,
    run: (text, params) => transaction((session) => session.run(text, params)),
    exec: (script) => transaction((session) => session.exec(script)),
    read: directRead,
    write: directWrite,
    listen: (channel, heard, signal) => kept(listen(config, channel, heard, AbortSignal.any([signal, closing.signal]))),
    close() {
      closure ??= inTurn(end);
      return closure;
    },
  };
}

function poolOf(config: pg.ClientConfig, max: number): pg.Pool {
  try {
    // The pool would read the URL only when it is asked for a connection.
    new pg.Client(config);
    return new pg.Pool({ ...config, max, idleTimeoutMillis: 30_000, allowExitOnIdle: true });
  } catch (cause) {
    throw new SqlError("CANNOT_OPEN", "the URL of the database cannot be read", {
      cause,
      next: "It looks like postgres://user:password@host:5432/database; special characters of the password are percent-encoded.",
    });
  }
}

/**
 * Whether a write that failed may have been committed. A session that still answers has rolled back. One that does not may have ended
 * after its commit and before it could say so.
 */
async function mayHaveHappened(client: pg.ClientBase, error: unknown): Promise<boolean> {
  if (error instanceof TypeError) return false;
  if (lostConnection(error)) return true;
  try {
    await client.query("SELECT 1");
    return false;
  } catch {
    return true;
  }
}

const listenPauseMsMax = 5_000;

async function listen(config: pg.ClientConfig, channel: string, heard: () => void, signal: AbortSignal): Promise<void> {
  for (let pauseMs = 100; !signal.aborted; pauseMs = Math.min(pauseMs * 2, listenPauseMsMax)) {
    const client = new pg.Client(config);
    const over = new Promise<void>((resolve) => {
      client.on("error", () => resolve());
      client.on("end", () => resolve());
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    client.on("notification", heard);
    try {
      await client.connect();
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
      pauseMs = 100;
      heard();
      await over;
    } catch {
      // Whoever follows polls as well: a listener that cannot be had costs them a moment each time, nothing else.
    }
    await client.end().catch(() => undefined);
    heard();
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function closedError(): SqlError {
  return new SqlError("CLOSED", "the database is closed");
}

function readOnlyError(): SqlError {
  return new SqlError("READ_ONLY", "the database was opened for reading only", { next: "Open it for writing." });
}
