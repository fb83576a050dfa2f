/** What SQLite's result codes mean. Only codes are looked at, never the text of a message: that is for people. */
import { SqlError, type SqlErrorCode } from "./Sql.js";

/**
 * Does something with SQLite; what SQLite throws comes out as {@link SqlError}. `committing`: it is the commit, which may have happened
 * although it failed. A `TypeError`, a bug of the caller, comes out as it is.
 */
export function attempt<T>(doing: string, work: () => T, committing = false): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof SqlError) throw cause;
    throw sqlErrorOf(cause, doing, committing);
  }
}

const diskFull = 13;

/** SQLite's primary result codes (sqlite.org/rescode.html) by what they mean to us. */
const meanings: Readonly<Record<number, { code: SqlErrorCode; message: string }>> = {
  5: { code: "LOCKED", message: "another process is writing" },
  6: { code: "LOCKED", message: "a table is in use" },
  8: { code: "READ_ONLY", message: "the database cannot be written" },
  10: { code: "IO", message: "the disk failed to read or write" },
  11: { code: "CORRUPT", message: "the database file is damaged" },
  [diskFull]: { code: "DISK_FULL", message: "the disk or the database is full" },
  14: { code: "CANNOT_OPEN", message: "the database file cannot be opened" },
  19: { code: "CONSTRAINT", message: "a constraint does not hold" },
  26: { code: "NOT_A_DATABASE", message: "the file is not a SQLite database" },
};

/** SQLITE_IOERR_SHMSIZE: there was no room for the file beside the database that those who have it open share. */
const noRoomToOpen = 4874;

/** SQLITE_CONSTRAINT_TRIGGER: a trigger of ours raised. */
const raisedByTrigger = 1811;

function sqlErrorOf(cause: unknown, doing: string, committing = false): SqlError {
  const rawCode = (cause as { rawCode?: unknown }).rawCode;
  const said = cause instanceof Error ? cause.message : String(cause);
  if (typeof rawCode !== "number") return new SqlError("STATEMENT", `cannot ${doing}: ${said}`, { cause });
  if (rawCode === raisedByTrigger) return new SqlError("RAISED", `cannot ${doing}: ${said}`, { cause });
  const meaning = meanings[rawCode === noRoomToOpen ? diskFull : rawCode & 0xff];
  if (meaning === undefined) return new SqlError("STATEMENT", `cannot ${doing}: ${said}`, { cause });
  // A commit whose sync failed may yet be found after a crash; a full disk or a lock stops it before its last frame is written.
  const ambiguous = committing && meaning.code !== "DISK_FULL" && meaning.code !== "LOCKED";
  return new SqlError(meaning.code, `cannot ${doing}: ${meaning.message} (${said})`, { ambiguous, cause });
}
