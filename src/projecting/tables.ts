/**
 * The projections' tables in a database: made, replaced when the format changes, and the bookmark that says how far they have
 * followed the ledger. Must never touch a table that is not a projection's.
 */
import { projections, projectionsFormat } from "../../projections/projections.js";
import { hasTable } from "../database/migrate.js";
import { readPackageFile } from "../database/packageFile.js";
import type { Dialect, Sql, SqlSession } from "../database/Sql.js";
import { sha256Hex } from "../events/canonical.js";
import { StoreError } from "../ledger/Store.js";

const readModelTables: readonly string[] = projections.flatMap(({ tables }) => tables);

/** The projections' tables, the bookmark's with them. */
export const projectionTables: readonly string[] = ["bookmark", ...readModelTables];

const projectionViews: readonly string[] = projections.flatMap(({ views }) => views);

/** The names of all tables and views that are not the ledger's own. */
export const readModelObjects: readonly string[] = [...projectionTables, ...projectionViews];

export interface Bookmark {
  /** Events applied. */
  readonly size: number;
  /** Leaf hash of the last of them; null for none. */
  readonly leaf: string | null;
}

export interface StoredBookmark extends Bookmark {
  readonly format: number;
  readonly ddl: string;
  readonly objects: string;
}

/** The one row's name. */
export const bookmarkName = "projections";

/** Statements are written in SQLite's dialect; nothing else in them differs. Texts are ordered by their bytes in both. */
function inDialect(script: string, dialect: Dialect): string {
  if (dialect === "sqlite") return script;
  return script
    .replaceAll(") STRICT;", ");")
    .replaceAll(/\bINTEGER\b/g, "BIGINT")
    .replaceAll(/\bTEXT\b/g, 'TEXT COLLATE "C"')
    .replaceAll(/\bBLOB\b/g, "BYTEA");
}

const dialects: readonly Dialect[] = ["sqlite", "postgres"];
let scripts: { readonly all: Readonly<Record<Dialect, string>>; readonly ddl: string } | undefined;

/**
 * The statements that make all tables and views, and their digest: over those of every dialect, so that the same program writes the
 * same bookmark in any database.
 */
function ddlOf(): { readonly all: Readonly<Record<Dialect, string>>; readonly ddl: string } {
  if (scripts === undefined) {
    const [sqlite, postgres] = dialects.map((dialect) =>
      projections
        .flatMap(({ name, views }) => [
          inDialect(readPackageFile(`projections/${name}/table.sql`), dialect),
          ...(views.length > 0 ? [readPackageFile(`projections/${name}/views.${dialect}.sql`)] : []),
        ])
        .join("\n"),
    ) as [string, string];
    scripts = { all: { sqlite, postgres }, ddl: sha256Hex(`${sqlite}\n${postgres}`) };
  }
  return scripts;
}

/** The script that makes the read models' tables and views, and the bookmark's. */
export function projectionScripts(dialect: Dialect): string {
  return `${inDialect(readPackageFile("src/projecting/bookmark.sql"), dialect)}\n${ddlOf().all[dialect]}`;
}

/** The bookmark, or null where the database has no projections. */
export async function readBookmark(sql: Sql): Promise<StoredBookmark | null> {
  return (await hasTable(sql, "bookmark")) ? bookmarkIn(sql) : null;
}

/** {@link readBookmark} where the table is known to exist; a session reads inside its transaction. */
export async function bookmarkIn(sql: Pick<SqlSession, "query">): Promise<StoredBookmark | null> {
  const rows = await sql.query<StoredBookmark>(
    "SELECT size, leaf, format, ddl, objects FROM bookmark WHERE name = $1",
    [bookmarkName],
  );
  return rows[0] ?? null;
}

/** Whether tables were made by statements other than this program's. Throws `NEWER_LEDGER` where they are a newer program's. */
export function isOtherFormat(bookmark: StoredBookmark): boolean {
  if (bookmark.format > projectionsFormat) {
    throw new StoreError(
      "NEWER_LEDGER",
      `the projections have format ${bookmark.format}; this program knows up to ${projectionsFormat}`,
      { next: "Use the newer iu-ledger that wrote them." },
    );
  }
  return bookmark.format !== projectionsFormat || bookmark.ddl !== ddlOf().ddl;
}

/**
 * Makes sure the tables are there and of this program's format; those of an older one are dropped, to be filled again from
 * the ledger. Safe to run from several processes at once. Answers the bookmark.
 */
export async function ensureTables(sql: Sql): Promise<Bookmark> {
  const before = await readBookmark(sql);
  if (before !== null && !isOtherFormat(before)) return before;
  return sql.transaction(async (session) => {
    await makeBookmark(session);
    // Again, now that nobody else can write: a twin may have been faster.
    const now = await bookmarkIn(session);
    if (now !== null && !isOtherFormat(now)) return now;
    await makeTables(session, now);
    return { size: 0, leaf: null };
  });
}

/** Makes the bookmark's table where there is none. */
export async function makeBookmark(session: SqlSession): Promise<void> {
  await session.exec(inDialect(readPackageFile("src/projecting/bookmark.sql"), session.dialect));
}

/** Drops whatever projections there are and makes empty tables, with a bookmark at the beginning. */
export async function makeTables(session: SqlSession, old: StoredBookmark | null): Promise<void> {
  const known = droppable(old);
  for (const view of new Set([...known.views, ...projectionViews])) {
    await session.exec(`DROP VIEW IF EXISTS ${quote(view)}`);
  }
  for (const table of new Set([...known.tables, ...readModelTables])) {
    await session.exec(`DROP TABLE IF EXISTS ${quote(table)}`);
  }
  const { all, ddl } = ddlOf();
  await session.exec(all[session.dialect]);
  await session.run("DELETE FROM bookmark WHERE name = $1", [bookmarkName]);
  await session.run("INSERT INTO bookmark (name, size, leaf, format, ddl, objects) VALUES ($1, 0, NULL, $2, $3, $4)", [
    bookmarkName,
    projectionsFormat,
    ddl,
    JSON.stringify({ tables: readModelTables, views: projectionViews }),
  ]);
}

/** The ledger's own tables and view, which are not disposable. */
const ledgerTables: readonly string[] = [
  "head",
  "event",
  "command",
  "content",
  "migration",
  "turn",
  "history",
  "publisher",
  "checkpoint",
  "replica",
];

/** What an older program says it made. It stands in a row that anybody may have edited: the ledger's tables are never in it. */
function droppable(old: StoredBookmark | null): {
  readonly tables: readonly string[];
  readonly views: readonly string[];
} {
  let said: { tables?: unknown; views?: unknown } = {};
  try {
    said = (JSON.parse(old?.objects ?? "{}") as typeof said | null) ?? {};
  } catch {
    // Not what any program wrote: what this one makes is dropped all the same.
  }
  const names = (list: unknown) =>
    Array.isArray(list)
      ? list.filter((name) => typeof name === "string" && !ledgerTables.includes(name.toLowerCase()))
      : [];
  return { tables: names(said.tables), views: names(said.views) };
}

/** A name as SQL takes it, whatever is in it. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
