/**
 * Rebuilding the projections: filled anew in a scratch database, compared, what differs reported, and only that replaced, in one
 * transaction with the bookmark. Where nothing differs nothing is written.
 */
import type { Sql, SqlSession } from "../database/Sql.js";
import { type Store, StoreError } from "../ledger/Store.js";
import { catchUp } from "./catchUp.js";
import { pinnedObjects, serverMajor } from "./pinnedObjects.js";
import { differingObjects, type SchemaObject, schemaObjects } from "./schemaObjects.js";
import { compareTables, fillShadow, type ShadowComparison, type ShadowOptions } from "./shadow.js";
import { readPages, tableShapes, writeAs } from "./tableShape.js";
import {
  bookmarkIn,
  bookmarkName,
  ensureTables,
  makeBookmark,
  makeTables,
  projectionTables,
  quote,
  readModelObjects,
  type StoredBookmark,
} from "./tables.js";
import { withScratch } from "./withScratch.js";

export interface RebuildOptions extends ShadowOptions {
  /** Told of what differs before anything is replaced; if it throws, nothing is. */
  readonly onDifferences?: (comparison: ShadowComparison) => void | Promise<void>;
}

export interface Rebuilt extends ShadowComparison {
  /** Whether tables were replaced. */
  readonly swapped: boolean;
  /** What was not made by this program's statements and is now, like `view unit_text`; read in a SQLite file only. */
  readonly objects: readonly string[];
}

/** Comparisons that may find the ledger has moved on, before writers are kept out for the next one. */
const triesMax = 3;

/** Rebuilds the projections of a ledger. Writers and readers go on meanwhile; they see the old rows, then the new. */
export async function rebuild(store: Store, sql: Sql, options: RebuildOptions = {}): Promise<Rebuilt> {
  await ensureTables(sql);
  await followQuietly(store, sql, options);
  return withScratch(async (scratch) => {
    for (let tries = 1; ; tries++) {
      const { size } = await store.head();
      const bookmark = await bookmarkIn(sql);
      const until = bookmark === null ? size : Math.min(bookmark.size, size);
      await fillShadow(store, scratch, until, options);
      const comparison = tries < triesMax ? await compareTables(sql, scratch, until) : undefined;
      const outcome = await sql.transaction((session) =>
        settle(session, scratch, until, bookmark, comparison, options),
      );
      if (outcome === null) continue;
      // Whatever stopped the tables from following is gone with them.
      if (outcome.swapped) await catchUp(store, sql);
      return outcome;
    }
  });
}

/** Up to date first, as far as they go: tables that somebody has changed may not take the next event. That is what a rebuild is for. */
async function followQuietly(store: Store, sql: Sql, { signal }: RebuildOptions): Promise<void> {
  try {
    await catchUp(store, sql, signal === undefined ? {} : { signal });
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "CORRUPT") throw error;
  }
}

/** Inside the transaction: nobody moves the bookmark now. Null where somebody did since the comparison. */
async function settle(
  session: SqlSession,
  scratch: Sql,
  size: number,
  seen: StoredBookmark | null,
  made: ShadowComparison | undefined,
  { onDifferences }: RebuildOptions,
): Promise<Rebuilt | null> {
  const now = await bookmarkIn(session);
  if (now?.size !== seen?.size || now?.leaf !== seen?.leaf) return null;
  const comparison = made ?? (await compareTables(session, scratch, size));
  const odd = await oddObjects(session, scratch);
  const objects = odd.map(({ type, name }) => `${type} ${name}`).sort();
  if (comparison.differences.length === 0 && odd.length === 0) return { ...comparison, swapped: false, objects };
  await onDifferences?.(comparison);
  for (const { type, name } of odd) {
    // On Postgres a trigger goes with its table, and every table is made anew.
    if (type === "trigger" && session.dialect === "sqlite") await session.exec(`DROP TRIGGER IF EXISTS ${quote(name)}`);
  }
  if (odd.some(({ table }) => table === "bookmark")) await session.exec("DROP TABLE IF EXISTS bookmark");
  if (odd.length > 0) await makeBookmark(session);
  if (now === null || odd.length > 0 || comparison.differences.some(({ live }) => live === null)) {
    await makeTables(session, now);
    for (const table of projectionTables) await copyTable(session, scratch, table);
  } else {
    for (const { table } of comparison.differences) await copyTable(session, scratch, table);
  }
  return { ...comparison, swapped: true, objects };
}

/** The read models' own tables, indexes and views that differ from the shadow's, and whatever somebody has added to them. */
async function oddObjects(session: SqlSession, scratch: Sql): Promise<readonly SchemaObject[]> {
  const live = (await schemaObjects(session)).filter(({ table }) => readModelObjects.includes(table));
  const expected = session.dialect === "sqlite" ? await schemaObjects(scratch) : await pinnedFor(session);
  return expected === null
    ? []
    : differingObjects(live, expected).map(({ is, should }) => (should ?? is) as SchemaObject);
}

/** The read models' objects as this server says them; null where they are pinned in the words of another one. */
async function pinnedFor(session: SqlSession): Promise<readonly SchemaObject[] | null> {
  const { major, readModels } = pinnedObjects();
  return major === (await serverMajor(session)) ? readModels : null;
}

/** Puts the shadow's rows in the place of a table's own. */
async function copyTable(session: SqlSession, scratch: Sql, table: string): Promise<void> {
  const shape = (await tableShapes(scratch)).find(({ name }) => name === table);
  if (shape === undefined) throw new Error(`the shadow has no table ${table}`);
  if (table === "bookmark") await session.run("DELETE FROM bookmark WHERE name = $1", [bookmarkName]);
  else await session.run(`DELETE FROM ${quote(table)}`);
  const names = shape.columns.map(({ name }) => quote(name)).join(", ");
  const values = shape.columns.map(({ type }, i) => writeAs(type, i + 1)).join(", ");
  for await (const page of readPages(scratch, shape)) {
    await session.runEach(`INSERT INTO ${quote(table)} (${names}) VALUES (${values})`, page);
  }
}
