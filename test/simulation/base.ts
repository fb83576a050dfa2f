/**
 * What lasts in a simulation: the durable store and the database of the projections. In memory for most; for some one SQLite file as the
 * product keeps it, that every process opens for itself, and that after a power cut is opened again from a copy of what stood on the disk.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Sql } from "../../src/database/Sql.js";
import { openSqlite } from "../../src/database/sqlite.js";
import type { Store } from "../../src/ledger/Store.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";
import type { SqliteStore } from "../../src/store/sqliteStore.js";

export interface Handle {
  readonly store: Store;
  /** The database of the projections. */
  sql(): Promise<Sql>;
}

export interface Base {
  readonly name: "memory" | "sqlite";
  /** A handle as a process opens it. One whose process dies is just left. */
  open(): Promise<Handle>;
  /** Everybody has died at once: what is on the disk at this moment is all there is. */
  powerCut(): void;
}

export async function withMemory<T>(use: (base: Base) => Promise<T>): Promise<T> {
  const store = memoryStore();
  // Made when it is first asked for: most histories have nobody who follows.
  let sql: Promise<Sql> | undefined;
  const open = async (): Promise<Handle> => ({ store, sql: () => (sql ??= openSqlite(":memory:")) });
  try {
    return await use({ name: "memory", open, powerCut: () => undefined });
  } finally {
    await (await sql)?.close();
  }
}

export async function withFile<T>(use: (base: Base) => Promise<T>): Promise<T> {
  // Nothing here is about the disk itself: where there is one in memory, it is taken.
  const root = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "iu-ledger-simulation-"));
  const opened: SqliteStore[] = [];
  let generation = 0;
  const path = () => join(root, `ledger-${generation}.sqlite`);
  try {
    return await use({
      name: "sqlite",
      async open() {
        const store = await openSqliteStore(path(), { create: true });
        opened.push(store);
        return { store, sql: async () => store.sql };
      },
      powerCut() {
        const before = path();
        generation++;
        // The index of the log (-shm) is memory, not disk: SQLite makes it anew from the log.
        for (const beside of ["", "-wal"])
          if (existsSync(before + beside)) copyFileSync(before + beside, path() + beside);
      },
    });
  } finally {
    for (const store of opened) await store.close();
    rmSync(root, { recursive: true, force: true });
  }
}
