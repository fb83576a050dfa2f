/**
 * A bracket: a database of its own in a temporary file, gone afterwards whatever happened. Its rows are titles and texts that were told
 * to nobody else: the file loses its name as soon as it is open, so that not even a process that is killed leaves it behind.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sql } from "../database/Sql.js";
import { openSqlite } from "../database/sqlite.js";

/** Calls `use` with an empty database and gives back what it gives. On disk, so that memory stays flat however much goes in. */
export async function withScratch<T>(use: (scratch: Sql) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "iu-ledger-scratch-"));
  try {
    const scratch = await openSqlite(join(folder, "scratch.sqlite"));
    try {
      await openEverything(scratch);
      // Windows keeps the names of files that are open: there they go at the end.
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
      return await use(scratch);
    } finally {
      await scratch.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** SQLite opens the files beside a database when they are first needed: for both connections, one write and one read. */
async function openEverything(scratch: Sql): Promise<void> {
  await scratch.exec("PRAGMA user_version = 1");
  await scratch.query("SELECT count(*) FROM sqlite_schema");
}
