/**
 * The {@link Sql} port over SQLite (libsql). One file, two connections: a writer, whose transactions take turns, and a reader that
 * sees the newest committed state and can write nothing. The API of libsql is synchronous; a statement blocks the process for
 * as long as it runs, waiting for another process does not.
 *
 * A text that is not UTF-8 ends the process when libsql reads it, instead of throwing: bytes of unknown origin are selected as
 * `CAST(column AS BLOB)`. It must never answer a transaction before its commit is on the disk, in the file at the path.
 */
import { statSync } from "node:fs";
import Database from "libsql";
import { guardedSession } from "./guardedSession.js";
import { mutex } from "./mutex.js";
import { type Sql, SqlError, type SqlSession, type SqlValue } from "./Sql.js";
import { attempt } from "./sqliteErrors.js";
import { sqliteSession } from "./sqliteSession.js";

export interface SqliteOptions {
  /** How long to wait for another process's transaction before `LOCKED`, in milliseconds. */
  readonly lockWaitMs?: number;
  /**
   * Opens for reading only: nothing can be written. Where the files that SQLite keeps beside an open database cannot be made (no right to,
   * no room), a file that was closed well is read without them.
   */
  readonly readOnly?: boolean;
  /** No transaction commits once the path does not name the file that was opened. Not for a file that is removed on purpose while open. */
  readonly stays?: boolean;
  /** Called before anything in the file is changed; what it throws is thrown, and the file stays as it was. */
  readonly inspect?: (session: Pick<SqlSession, "query">) => Promise<void>;
}

/** After holding the write lock for so long without a break, a process steps back for a moment, so that others come in. */
const heldMsMax = 100;
const breathMs = 2;
/** A process that waits for the lock asks again after at most so long: short, so that it meets the gaps of a busy holder. */
const pollMsMax = 4;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** For both connections: nothing in a schema runs that we did not write; damage is noticed; memory is bounded (32 MiB of pages). */
const settings =
  "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;";

/**
 * Opens a SQLite file (created if it is missing, unless `readOnly`) in WAL mode with `synchronous=FULL`: a commit is on the disk
 * when it is answered. `":memory:"` gives a database of its own, for tests. Throws {@link SqlError}.
 */
export async function openSqlite(path: string, options: SqliteOptions = {}): Promise<Sql> {
  if (options.readOnly !== true) return openAs(path, options, "write");
  try {
    return await openAs(path, options, "read");
  } catch (error) {
    const nothingBeside =
      error instanceof SqlError && ["CANNOT_OPEN", "READ_ONLY", "DISK_FULL"].includes(error.code) && isFolded(path);
    if (!nothingBeside) throw error;
    return openAs(path, options, "still");
  }
}

/** `still`: a file that nobody has open, read without the files that those who have it open share. */
type Access = "write" | "read" | "still";

/** Whether all that was committed is in the file itself, since whoever had it open last closed it well. */
function isFolded(path: string): boolean {
  return ["-wal", "-journal"].every((beside) => (statSync(path + beside, { throwIfNoEntry: false })?.size ?? 0) === 0);
}

/** For `still`, where no lock keeps writers away: throws if the file is not what it was when it was opened. */
function stillness(path: string): () => void {
  const now = () => {
    const { ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  };
  const then = now();
  return () => {
    if (now() === then) return;
    throw new SqlError("LOCKED", `${path} was written while it was read without a lock`, { next: "Try again." });
  };
}

async function openAs(path: string, options: SqliteOptions, access: Access): Promise<Sql> {
  const lockWaitMs = options.lockWaitMs ?? 10_000;
  const readOnly = access !== "write";
  const assertStill = access === "still" ? stillness(path) : () => undefined;
  const schema = { generation: 0 };
  const writer = connect(path, access, 0);
  let reader = writer;
  const writing = sqliteSession(writer, schema);
  try {
    // Before anything else reads: a crash may have left a log that the first one to come recovers, under a lock.
    await whenUnlocked(lockWaitMs, () => attempt("open", () => writer.exec("SELECT count(*) FROM sqlite_schema")));
    await options.inspect?.(writing);
    if (!readOnly)
      await whenUnlocked(lockWaitMs, () => attempt("open", () => writer.exec("PRAGMA journal_mode = WAL")));
    attempt("open", () =>
      writer.exec(`PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; ${settings}`),
    );
    if (path !== ":memory:") {
      // The reader may meet the short exclusive locks of recovery and of a closing process: SQLite waits those out itself.
      reader = connect(path, access, 5_000);
      attempt("open", () => reader.exec(`PRAGMA query_only = ON; ${settings}`));
    }
  } catch (error) {
    writer.close();
    if (reader !== writer) reader.close();
    throw error;
  }
  const assertInPlace = options.stays === true ? inPlace(path) : () => undefined;
  const reading = reader === writer ? writing : sqliteSession(reader, schema);

  const inTurn = mutex();
  let closed = false;
  let heldMs = 0;
  let releasedAt = 0;

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
    if (closed) throw closedError();
    await begin();
    const begun = performance.now();
    const guarded = guardedSession(writing);
    try {
      const result = await work(guarded.session);
      guarded.end();
      assertInPlace();
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
      if (closed) throw closedError();
      // One connection in memory: a read waits its turn, so as not to see the inside of a transaction.
      if (reader === writer) return inTurn(() => reading.query<R>(sql, params));
      if (access !== "still") return reading.query<R>(sql, params);
      try {
        return await reading.query<R>(sql, params);
      } finally {
        assertStill();
      }
    },
    run: (sql, params) => transaction((s) => s.run(sql, params)),
    exec: (script) => transaction((s) => s.exec(script)),
    close: () =>
      inTurn(() => {
        // The writer last: it is the one that may fold the write-ahead log back into the file.
        if (!closed && reader !== writer) reader.close();
        if (!closed) writer.close();
        closed = true;
        return Promise.resolve();
      }),
  };
}

/**
 * Gives the check that the path still names the file that is open now. SQLite goes on writing to one that was removed or replaced, and all of
 * that would be gone with the last process that holds it.
 */
function inPlace(path: string): () => void {
  const opened = identityOf(path);
  return () => {
    if (identityOf(path) === opened) return;
    throw new SqlError(
      "CANNOT_OPEN",
      `the file at ${path} is not the one that was opened: it was removed or replaced`,
      {
        next: "Nothing was written. Put the file back, or close every process that uses it and open the one that is there now.",
      },
    );
  };
}

/** The device and the number of a file; undefined where there is none. */
function identityOf(path: string): string | undefined {
  try {
    const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stats === undefined ? undefined : `${stats.dev}:${stats.ino}`;
  } catch {
    return undefined;
  }
}

function closedError(): SqlError {
  return new SqlError("CLOSED", "the database is closed");
}

function connect(path: string, access: Access, timeoutMs: number): Database.Database {
  const file = `file:${encodeURI(path).replaceAll("?", "%3f").replaceAll("#", "%23")}`;
  const target = access === "write" ? path : `${file}?mode=ro${access === "still" ? "&immutable=1" : ""}`;
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
      if (waitedMs >= waitMs)
        throw new SqlError("LOCKED", `another process has been writing for ${waitedMs} ms`, { cause: error.cause });
    }
    await sleep(1 + Math.random() * Math.min(tries, pollMsMax - 1));
  }
}
