/** A bracket: a folder of its own with a ledger file in it, everything opened there closed and the folder removed afterwards. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OpenSqliteOptions, openSqliteStore } from "../../src/store/openSqliteStore.js";
import type { SqliteStore } from "../../src/store/sqliteStore.js";

export interface SqliteFile {
  readonly folder: string;
  readonly path: string;
  /** Opens the ledger (makes it, unless told otherwise). */
  open(options?: OpenSqliteOptions): Promise<SqliteStore>;
}

export async function withSqliteFile(use: (file: SqliteFile) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "iu-ledger-"));
  const path = join(folder, "ledger.db");
  const opened: SqliteStore[] = [];
  try {
    await use({
      folder,
      path,
      async open(options = { create: true }) {
        const store = await openSqliteStore(path, options);
        opened.push(store);
        return store;
      },
    });
  } finally {
    for (const store of opened) await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}
