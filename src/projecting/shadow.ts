/**
 * The projections filled anew from the ledger, in a scratch database beside the real one, and compared with it table by table. Only
 * reads what is real: replay uses it on ledgers it must not touch.
 */
import type { Sql, SqlSession } from "../database/Sql.js";
import type { Store } from "../ledger/Store.js";
import { catchUp } from "./catchUp.js";
import { type TableDigest, tableDigests } from "./tableDigests.js";
import { bookmarkIn, isOtherFormat, projectionTables, readBookmark } from "./tables.js";
import { withScratch } from "./withScratch.js";

export interface ShadowOptions {
  /** Told how many of how many events have been applied. */
  readonly onProgress?: (size: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** A table of the projections that is not what the ledger makes of it. */
export interface TableDifference {
  readonly table: string;
  /** As it is; null: it is not there. */
  readonly live: TableDigest | null;
  /** As it should be. */
  readonly shadow: TableDigest;
}

export interface ShadowComparison {
  /** The events both have applied. */
  readonly size: number;
  /** As they should be, by table. */
  readonly tables: Readonly<Record<string, TableDigest>>;
  readonly differences: readonly TableDifference[];
}

/** What the projections of a ledger should be, at its end or after `until` events. */
export function shadowDigests(
  store: Store,
  options: ShadowOptions & { readonly until?: number } = {},
): Promise<{ readonly size: number; readonly tables: Readonly<Record<string, TableDigest>> }> {
  return withScratch(async (scratch) => {
    const size = options.until ?? (await store.head()).size;
    await fillShadow(store, scratch, size, options);
    return { size, tables: await tableDigests(scratch, projectionTables) };
  });
}

/**
 * Compares the projections as they are with what they should be, after as many events as they say they have followed. Null where the
 * database has none of this program's format to compare.
 */
export function compareWithShadow(
  store: Store,
  sql: Sql,
  options: ShadowOptions = {},
): Promise<ShadowComparison | null> {
  return withScratch(async (scratch) => {
    for (;;) {
      const bookmark = await readBookmark(sql);
      if (bookmark === null || isOtherFormat(bookmark)) return null;
      const { size } = await store.head();
      const until = Math.min(bookmark.size, size);
      await fillShadow(store, scratch, until, options);
      const comparison = await compareTables(sql, scratch, until);
      // What followed meanwhile has changed the tables under the comparison: look again.
      if ((await bookmarkIn(sql))?.size === bookmark.size) return comparison;
    }
  });
}

/** Brings a scratch database to exactly `until` events. It may have been brought part of the way before. */
export async function fillShadow(store: Store, scratch: Sql, until: number, options: ShadowOptions): Promise<void> {
  const { onProgress, signal } = options;
  await catchUp(store, scratch, {
    until,
    batchSize: 2000,
    ...(onProgress === undefined ? {} : { onProgress: (size: number) => onProgress(size, until) }),
    ...(signal === undefined ? {} : { signal }),
  });
  signal?.throwIfAborted();
}

/** The comparison of what is with what should be. */
export async function compareTables(
  live: Pick<SqlSession, "query" | "dialect">,
  scratch: Sql,
  size: number,
): Promise<ShadowComparison> {
  const tables = await tableDigests(scratch, projectionTables);
  const actual = await tableDigests(live, projectionTables);
  const differences = Object.entries(tables)
    .map(([table, shadow]) => ({ table, live: actual[table] ?? null, shadow }))
    .filter(({ live: is, shadow }) => is?.digest !== shadow.digest || is.rows !== shadow.rows);
  return { size, tables, differences };
}
