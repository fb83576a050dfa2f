/** Opening a ledger file, and saying clearly why it cannot be: missing, a folder, something else, too new, not writable, damaged. */
import { accessSync, closeSync, constants, fsyncSync, openSync, type Stats, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { migrate, newestMigration, readMigrations } from "../database/migrate.js";
import type { Sql, SqlSession } from "../database/Sql.js";
import { openSqlite } from "../database/sqlite.js";
import { StoreError } from "../ledger/Store.js";
import { type SqliteStore, sqliteStore } from "./sqliteStore.js";
import { storeErrorOf } from "./storeErrorOf.js";

export interface OpenSqliteOptions {
  /** Make a new ledger where there is none. Default: a missing file is `NOT_A_LEDGER`. */
  readonly create?: boolean;
  /** For reading only, as an auditor does: nothing is written, every append throws `READ_ONLY`. */
  readonly readOnly?: boolean;
  /** How long an append waits for another process's transaction before `LOCKED`. Default 10 s. */
  readonly lockWaitMs?: number;
}

/** The application id in the file's header (sqlite.org/fileformat.html section 1.3.14): "iu1a". */
const applicationId = 0x69753161;

/** Opens the ledger in a SQLite file. Throws {@link StoreError}. */
export async function openSqliteStore(path: string, options: OpenSqliteOptions = {}): Promise<SqliteStore> {
  const create = (options.create ?? false) && !(options.readOnly ?? false);
  const file = resolve(path);
  assertFile(file, create, options.readOnly ?? false);
  let sql: Sql | undefined;
  try {
    sql = await openSqlite(file, {
      readOnly: options.readOnly ?? false,
      stays: true,
      inspect: (session) => assertLedger(session, file, create),
      ...(options.lockWaitMs === undefined ? {} : { lockWaitMs: options.lockWaitMs }),
    });
    const migrations = readMigrations("src/database/migrations/sqlite");
    if (options.readOnly) {
      const newest = await newestMigration(sql);
      if (newest > migrations.length) throw newerLedger(file, newest, migrations.length);
    } else {
      const outcome = await migrate(sql, migrations);
      if (outcome.kind === "newer") throw newerLedger(file, outcome.database, outcome.program);
      if (outcome.applied.length > 0) syncFolder(dirname(file));
    }
    return sqliteStore(sql);
  } catch (error) {
    await sql?.close();
    throw storeErrorOf(error);
  }
}

function assertFile(file: string, create: boolean, readOnly: boolean): void {
  const stats = statOf(file);
  if (stats === undefined) {
    if (!create)
      throw notALedger(
        `there is no ledger at ${file}`,
        "Check the path, or create a ledger there with: iu-ledger init",
      );
    const folder = statOf(dirname(file));
    if (folder === undefined)
      throw notALedger(`the folder ${dirname(file)} does not exist`, `Make it first: mkdir -p ${dirname(file)}`);
    if (!folder.isDirectory()) throw notALedger(`${dirname(file)} is not a folder`, "Choose a path inside a folder.");
    assertAccess(dirname(file), constants.W_OK | constants.X_OK);
    return;
  }
  if (stats.isDirectory())
    throw notALedger(`${file} is a folder`, "Name the ledger's file, for example ledger.db inside that folder.");
  if (!stats.isFile()) throw notALedger(`${file} is not a file`, "A ledger is an ordinary file: check the path.");
  assertAccess(file, readOnly ? constants.R_OK : constants.R_OK | constants.W_OK);
  // SQLite keeps two files beside it while it is open.
  if (!readOnly) assertAccess(dirname(file), constants.W_OK | constants.X_OK);
}

function assertAccess(path: string, mode: number): void {
  try {
    accessSync(path, mode);
  } catch (cause) {
    throw new StoreError("READ_ONLY", `${path} cannot be ${mode & constants.W_OK ? "written" : "read"} by this user`, {
      next:
        mode & constants.W_OK
          ? "Give this user write access to the file and its folder, or open it for reading only."
          : "Give this user read access to it.",
      cause,
    });
  }
}

/** Whether the file is ours, or empty and to be made ours. Asked before any write: somebody else's database stays untouched. */
async function assertLedger(session: Pick<SqlSession, "query">, file: string, create: boolean): Promise<void> {
  const [header] = await session.query<{ application_id: number }>("PRAGMA application_id");
  if (header?.application_id === applicationId) return;
  const [tables] = await session.query<{ count: number }>("SELECT count(*) AS count FROM sqlite_schema");
  if (header?.application_id === 0 && tables?.count === 0) {
    if (create) return;
    throw notALedger(`${file} is empty: a ledger that was never finished being made`, "Create it with: iu-ledger init");
  }
  throw notALedger(
    `${file} is a SQLite database of something else`,
    "Check the path, or create a ledger under another name.",
  );
}

/** A new file is only there after a crash if its folder was synced too. Windows has no such thing, and needs none. */
function syncFolder(folder: string): void {
  let handle: number;
  try {
    handle = openSync(folder, "r");
  } catch {
    return;
  }
  try {
    fsyncSync(handle);
  } catch (error) {
    if (!folderCannotSync.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  } finally {
    closeSync(handle);
  }
}

const folderCannotSync = new Set(["EPERM", "EISDIR", "EINVAL", "ENOTSUP"]);

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw notALedger(`${path} cannot be looked at`, "Check the path and the rights of its folders.", cause);
  }
}

function notALedger(message: string, next: string, cause?: unknown): StoreError {
  return new StoreError("NOT_A_LEDGER", message, { next, ...(cause === undefined ? {} : { cause }) });
}

function newerLedger(file: string, database: number, program: number): StoreError {
  return new StoreError(
    "NEWER_LEDGER",
    `${file} has tables of format ${database}; this program knows up to ${program}`,
    {
      next: "Use the newer iu-ledger that wrote it.",
    },
  );
}
