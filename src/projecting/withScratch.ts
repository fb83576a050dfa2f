/** A bracket: a database of its own in a temporary file, removed afterwards whatever happened. */
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
      return await use(scratch);
    } finally {
      await scratch.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
