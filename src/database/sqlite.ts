/**
 * The {@link Sql} port over SQLite (libsql). One file, two connections: a writer, whose transactions take turns, and a reader that
 * sees the newest committed state and can write nothing. The API of libsql is synchronous; a statement blocks the process for
 * as long as it runs, waiting for another process does not.
 *
 * It must never let libsql see a value it cannot bind or a text it cannot read: that ends the process instead of throwing. So
 * parameters are checked here, and bytes of unknown origin are selected as `CAST(column AS BLOB)`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import Database from "libsql";
import { mutex } from "./mutex.js";
import { type Sql, SqlError, type SqlErrorCode, type SqlSession, type SqlValue } from "./Sql.js";

export interface SqliteOptions {
  /** How long to wait for another process's transaction before `LOCKED`, in milliseconds. */
  readonly lockWaitMs?: number;
  /** Opens for reading only: nothing can be written, no file is created. */
  readonly readOnly?: boolean;
  /** Called before anything in the file is changed; what it throws is thrown, and the file stays as it was. */
  readonly inspect?: (session: Pick<SqlSession, "query">) => Promise<void>;
}

interface Prepared {
  readonly statement: Database.Statement<unknown[]>;
  readonly columns: readonly string[];
}

/** How many prepared statements a connection keeps. */
const statementsMax = 500;
/** After holding the write lock for so long without a break, a process steps back for a moment, so that others come in. */
const heldMsMax = 100;
const breathMs = 2;
/** A process that waits for the lock asks again after at most so long: short, so that it meets the gaps of a busy holder. */
const pollMsMax = 4;

/** For both connections: nothing in a schema runs that we did not write; damage is noticed; memory is bounded (32 MiB of pages). */
const settings =
  "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;";

/**
 * Opens a SQLite file (created if it is missing, unless `readOnly`) in WAL mode with `synchronous=FULL`: a commit is on the disk
 * when it is answered. `":memory:"` gives a database of its own, for tests. Throws {@link SqlError}.
 */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Sql> {
  const lockWaitMs = options.lockWaitMs ?? 10_000;
  const readOnly = options.readOnly ?? false;
  const schema = { generation: 0 };
  const writer = connect(path, readOnly, 0);
  let reader = writer;
  const writing = session(writer, schema);
  try {
    // Before anything else reads: a crash may have left a log that the first one to come recovers, under a lock.
    await whenUnlocked(lockWaitMs, () => attempt("open", () => writer.exec("SELECT count(*) FROM sqlite_schema")));
    await options.inspect?.(writing);
    if (!readOnly) await whenUnlocked(lockWaitMs, () => attempt("open", () => writer.exec("PRAGMA journal_mode = WAL")));
    attempt("open", () => writer.exec(`PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; ${settings}`));
    if (path !== ":memory:") {
      // The reader may meet the short exclusive locks of recovery and of a closing process: SQLite waits those out itself.
      reader = connect(path, readOnly, 5_000);
      attempt("open", () => reader.exec(`PRAGMA query_only = ON; ${settings}`));
    }
  } catch (error) {
    writer.close();
    if (reader !== writer) reader.close();
    throw error;
  }
  const reading = reader === writer ? writing : session(reader, schema);

  const inTurn = mutex();
  let closed = false;
  let heldMs = 0;
  let releasedAt = 0;

  function assertOpen(): void {
    if (closed) throw new SqlError("CLOSED", "the database is closed");
  }

  async function begin(): Promise<void> {
    if (performance.now() - releasedAt >= 1) heldMs = 0;
    if (heldMs > heldMsMax) {
      heldMs = 0;
      await sleep(breathMs);
    }
    // By `exec`, since libsql leaves a prepared statement that met a lock unfinished, and no commit succeeds after that.
    await whenUnlocked(lockWaitMs, () => attempt("begin a transaction", () => writer.exec("BEGIN IMMEDIATE")));
  }

  async function transact<T>(work: (session: SqlSession) => Promise<T>): Promise<T> {
    assertOpen();
    await begin();
    const begun = performance.now();
    const guarded = guardedSession(writing);
    try {
      const result = await work(guarded.session);
      guarded.end();
      attempt("commit", () => writer.exec("COMMIT"), true);
      return result;
    } catch (error) {
      guarded.end(true);
      // On a full disk or a failing one SQLite has rolled back by itself.
      if (writer.inTransaction) attempt("roll back", () => writer.exec("ROLLBACK"));
      throw error;
    } finally {
      releasedAt = performance.now();
      heldMs += releasedAt - begun;
    }
  }

  const transaction: Sql["transaction"] = (work) => inTurn(() => transact(work));
  return {
    dialect: "sqlite",
    transaction,
    async query<R>(sql: string, params?: readonly SqlValue[]) {
      assertOpen();
      // One connection in memory: a read waits its turn, so as not to see the inside of a transaction.
      return reader === writer ? inTurn(() => reading.query<R>(sql, params)) : reading.query<R>(sql, params);
    },
    run: (sql, params) => transaction((s) => s.run(sql, params)),
    exec: (script) => transaction((s) => s.exec(script)),
    close: () =>
      inTurn(async () => {
        if (closed) return;
        closed = true;
        // The writer last: it is the one that may fold the write-ahead log back into the file.
        if (reader !== writer) reader.close();
        writer.close();
      }),
  };
}

function connect(path: string, readOnly: boolean, timeoutMs: number): Database.Database {
  const target = readOnly ? `file:${encodeURI(path).replaceAll("?", "%3f").replaceAll("#", "%23")}?mode=ro` : path;
  try {
    return new Database(target, { timeout: timeoutMs });
  } catch (cause) {
    // libsql gives no code here; whatever the reason, SQLite could not open the file (SQLITE_CANTOPEN).
    throw new SqlError("CANNOT_OPEN", `cannot open ${path}`, { cause });
  }
}

/**
 * Does something that may meet another process's lock, again and again until it succeeds or `waitMs` have passed (`LOCKED`).
 * In between this process goes on with other work. The pauses are short and random, so that nobody who waits starves.
 */
async function whenUnlocked(waitMs: number, work: () => void): Promise<void> {
  const since = performance.now();
  for (let tries = 0; ; tries++) {
    try {
      work();
      return;
    } catch (error) {
      if (!(error instanceof SqlError && error.code === "LOCKED")) throw error;
      const waitedMs = Math.round(performance.now() - since);
      if (waitedMs >= waitMs) throw new SqlError("LOCKED", `another process has been writing for ${waitedMs} ms`, { cause: error.cause });
    }
    await sleep(1 + Math.random() * Math.min(tries, pollMsMax - 1));
  }
}

/** Statements on one connection, prepared once each. `schema` is shared by the connections of a file: a script may change tables. */
function session(db: Database.Database, schema: { generation: number }): SqlSession {
  const prepared = new Map<string, Prepared>();
  let generation = schema.generation;
  function prepare(sql: string): Prepared {
    if (generation !== schema.generation) {
      prepared.clear();
      generation = schema.generation;
    }
    let found = prepared.get(sql);
    if (found === undefined) {
      const statement = db.prepare(sql.replace(/\$(\d+)/g, "?$1"));
      const columns = statement.columns().map((column) => column.name);
      // Rows as arrays: libsql gives blobs as `ArrayBuffer` in objects, and as `Buffer` in arrays.
      if (columns.length > 0) statement.raw(true);
      found = { statement, columns };
      if (prepared.size >= statementsMax) prepared.delete(prepared.keys().next().value as string);
      prepared.set(sql, found);
    }
    return found;
  }
  /** A statement that failed is dropped: libsql may have left it unfinished. */
  function using<T>(sql: string, use: (prepared: Prepared) => T): T {
    return attempt(
      "run a statement",
      () => use(prepare(sql)),
      false,
      () => prepared.delete(sql),
    );
  }
  return {
    async query<R>(sql: string, params: readonly SqlValue[] = []) {
      const bound = bind(params);
      return using(sql, ({ statement, columns }) => rowsOf<R>(statement.all(bound) as SqlValue[][], columns));
    },
    async run(sql, params = []) {
      const bound = bind(params);
      return using(sql, ({ statement }) => statement.run(bound).changes);
    },
    async runEach(sql, rows) {
      return using(sql, ({ statement }) => {
        let changes = 0;
        for (const row of rows) changes += statement.run(bind(row)).changes;
        return changes;
      });
    },
    async exec(script) {
      schema.generation++;
      attempt("run a script", () => db.exec(script));
    },
  };
}

function rowsOf<R>(arrays: readonly SqlValue[][], columns: readonly string[]): R[] {
  return arrays.map((values) => {
    const row: Record<string, SqlValue> = {};
    for (let i = 0; i < columns.length; i++) row[columns[i] as string] = values[i] as SqlValue;
    return row as R;
  });
}

/** A session that is dead once its transaction has ended or a statement in it has failed. */
function guardedSession(inner: SqlSession): { session: SqlSession; end: (quietly?: boolean) => void } {
  let failure: unknown;
  let ended = false;
  async function within<T>(work: () => Promise<T>): Promise<T> {
    if (ended) throw new SqlError("STATEMENT", "the transaction has ended; nothing more can be said in it");
    if (failure !== undefined) throw failure;
    try {
      return await work();
    } catch (error) {
      failure = error;
      throw error;
    }
  }
  return {
    session: {
      query: <R>(sql: string, params?: readonly SqlValue[]) => within(() => inner.query<R>(sql, params)),
      run: (sql, params) => within(() => inner.run(sql, params)),
      runEach: (sql, rows) => within(() => inner.runEach(sql, rows)),
      exec: (script) => within(() => inner.exec(script)),
    },
    end(quietly = false) {
      ended = true;
      if (failure !== undefined && !quietly) throw failure;
    },
  };
}

/** libsql binds every JavaScript number as a float and dies on a boolean: integers go in as BigInt, anything odd is a bug. */
function bind(params: readonly SqlValue[]): unknown[] {
  const bound = new Array<unknown>(params.length);
  for (let i = 0; i < params.length; i++) {
    const value = params[i];
    if (typeof value === "number") {
      if (Number.isSafeInteger(value)) bound[i] = BigInt(value);
      else if (Number.isFinite(value) && !Number.isInteger(value)) bound[i] = value;
      else throw new TypeError(`parameter $${i + 1}: ${value} is not a safe number`);
    } else if (typeof value === "string") {
      if (!value.isWellFormed()) throw new TypeError(`parameter $${i + 1}: a lone surrogate has no UTF-8`);
      bound[i] = value;
    } else if (value === null || value instanceof Uint8Array) {
      bound[i] = value;
    } else {
      throw new TypeError(`parameter $${i + 1}: a ${typeof value} cannot be bound; use text, integers, bytes or null`);
    }
  }
  return bound;
}

function attempt<T>(doing: string, work: () => T, committing = false, onFailure?: () => void): T {
  try {
    return work();
  } catch (cause) {
    onFailure?.();
    if (cause instanceof TypeError || cause instanceof SqlError) throw cause;
    throw sqlErrorOf(cause, doing, committing);
  }
}

/** SQLite's primary result codes (sqlite.org/rescode.html) by what they mean to us. */
const meanings: Readonly<Record<number, { code: SqlErrorCode; message: string }>> = {
  5: { code: "LOCKED", message: "another process is writing" },
  6: { code: "LOCKED", message: "a table is in use" },
  8: { code: "READ_ONLY", message: "the database cannot be written" },
  10: { code: "IO", message: "the disk failed to read or write" },
  11: { code: "CORRUPT", message: "the database file is damaged" },
  13: { code: "DISK_FULL", message: "the disk or the database is full" },
  14: { code: "CANNOT_OPEN", message: "the database file cannot be opened" },
  19: { code: "CONSTRAINT", message: "a constraint does not hold" },
  26: { code: "NOT_A_DATABASE", message: "the file is not a SQLite database" },
};

/** SQLITE_CONSTRAINT_TRIGGER: a trigger of ours raised. */
const raisedByTrigger = 1811;

function sqlErrorOf(cause: unknown, doing: string, committing = false): SqlError {
  const rawCode = (cause as { rawCode?: unknown }).rawCode;
  const said = cause instanceof Error ? cause.message : String(cause);
  if (typeof rawCode !== "number") return new SqlError("STATEMENT", `cannot ${doing}: ${said}`, { cause });
  if (rawCode === raisedByTrigger) return new SqlError("RAISED", `cannot ${doing}: ${said}`, { cause });
  const meaning = meanings[rawCode & 0xff];
  if (meaning === undefined) return new SqlError("STATEMENT", `cannot ${doing}: ${said}`, { cause });
  // A commit whose sync failed may yet be found after a crash; a full disk or a lock stops it before its last frame is written.
  const ambiguous = committing && meaning.code !== "DISK_FULL" && meaning.code !== "LOCKED";
  return new SqlError(meaning.code, `cannot ${doing}: ${meaning.message} (${said})`, { ambiguous, cause });
}
