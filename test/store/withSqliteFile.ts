/** A bracket: a folder of its own for a ledger file; everything opened there is closed, and the folder removed, afterwards. */
import { join } from "node:path";
import Database from "libsql";
import { type OpenSqliteOptions, openSqliteStore } from "../../src/store/openSqliteStore.js";
import type { SqliteStore } from "../../src/store/sqliteStore.js";
import { withTempDir } from "../support/withTempDir.js";

export interface SqliteFile {
  readonly folder: string;
  readonly path: string;
  /** Opens the ledger (makes it, unless told otherwise). */
  open(options?: OpenSqliteOptions): Promise<SqliteStore>;
  /** What somebody does to the file with a tool of their own. */
  tamper<T>(work: (db: Database.Database) => T): T;
}

export async function withSqliteFile(use: (file: SqliteFile) => Promise<void>): Promise<void> {
  await withTempDir(async (folder) => {
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
        tamper(work) {
          const db = new Database(path, { timeout: 5_000 });
          try {
            return work(db);
          } finally {
            db.close();
          }
        },
      });
    } finally {
      for (const store of opened) await store.close();
    }
  });
}
