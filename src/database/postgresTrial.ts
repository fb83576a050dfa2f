/**
 * One transaction on one Postgres connection that is rolled back whatever happens: for trying what a role may do, and what a weakness would
 * look like, without doing either. It must never commit. What cannot be rolled back (ALTER SYSTEM, CREATE DATABASE) has no place in one;
 * Postgres refuses it there itself.
 */
import pg from "pg";
import { sqlErrorOf, sqlStateOf } from "./postgresErrors.js";
import { bind, types } from "./postgresValues.js";
import type { SqlRow, SqlValue } from "./Sql.js";

/** How an act ended: the SQLSTATE it failed with, or null, and then it worked. It is undone either way. */
export interface Attempt {
  readonly state: string | null;
  readonly message: string | null;
}

export interface Trial {
  /** Rows of a statement. Throws `SqlError`; the trial is over then, unless it was inside `undone`. */
  query<R = SqlRow>(sql: string, params?: readonly SqlValue[]): Promise<R[]>;
  /** Runs a script after another (which must work: playing a role), and undoes both. */
  attempt(script: string, before?: string): Promise<Attempt>;
  /** Lets `work` go on from here, and undoes what it did, whatever came of it. */
  undone<T>(work: () => Promise<T>): Promise<T>;
}

export interface TrialOptions {
  /** How long an act may wait for a lock, in milliseconds: who writes to the ledger must not wait long for a trial. Default 2 s. */
  readonly lockMsMax?: number;
  /** How long one act may take, in milliseconds. Default 30 s. */
  readonly answerMsMax?: number;
}

/** Opens a connection, tries, rolls back, closes. Throws `SqlError` where there is no connection. */
export async function withTrial<T>(
  url: string,
  work: (trial: Trial) => Promise<T>,
  { lockMsMax = 2_000, answerMsMax = 30_000 }: TrialOptions = {},
): Promise<T> {
  const client = clientOf(url);
  client.on("error", () => undefined);
  try {
    await asked(() => client.connect(), "connect");
    await asked(() => client.query("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"), "begin a trial");
    await asked(
      () =>
        client.query(
          `SET LOCAL search_path TO iu, pg_temp; SET LOCAL lock_timeout = ${lockMsMax}; SET LOCAL statement_timeout = ${answerMsMax}; SET LOCAL client_min_messages = error`,
        ),
      "begin a trial",
    );
    return await work(trialOn(client));
  } finally {
    // A connection that ends without a commit has committed nothing.
    await client.query("ROLLBACK").catch(() => undefined);
    await client.end().catch(() => undefined);
  }
}

function clientOf(url: string): pg.Client {
  return new pg.Client({
    connectionString: url,
    types,
    keepAlive: true,
    application_name: "iu-ledger trial",
    connectionTimeoutMillis: 10_000,
  });
}

async function asked<T>(work: () => Promise<T>, doing: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sqlErrorOf(error, doing);
  }
}

function trialOn(client: pg.Client): Trial {
  let depth = 0;

  async function undone<T>(work: () => Promise<T>): Promise<T> {
    depth++;
    const name = `trial_${depth}`;
    try {
      await asked(() => client.query(`SAVEPOINT ${name}`), "begin a trial");
      try {
        return await work();
      } finally {
        await asked(() => client.query(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`), "undo a trial");
      }
    } finally {
      depth--;
    }
  }

  return {
    undone,
    query: async <R>(sql: string, params: readonly SqlValue[] = []) =>
      (await asked(() => client.query(sql, bind(params)), "read")).rows as R[],
    attempt: (script, before) =>
      undone(async () => {
        if (before !== undefined) await asked(() => client.query(before), "play a role");
        try {
          await client.query(script);
          return { state: null, message: null };
        } catch (error) {
          const thrown = sqlErrorOf(error, "try");
          const state = sqlStateOf(thrown);
          // Without an answer of the server nothing was tried.
          if (state === undefined) throw thrown;
          return { state, message: error instanceof Error ? error.message : String(error) };
        }
      }),
  };
}
