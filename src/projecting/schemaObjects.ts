/**
 * What a database is made of, and how two differ in it. A SQLite file: its tables, indexes, triggers and views, each by the statement
 * that made it, read as bytes: somebody may have written text there that is none. A Postgres schema: see `objects.postgres.sql`. Must never
 * change anything.
 */
import { readPackageFile } from "../database/packageFile.js";
import type { SqlSession } from "../database/Sql.js";

export interface SchemaObject {
  readonly type: string;
  readonly name: string;
  /** The table it belongs to; its own name for a table or a view. */
  readonly table: string;
  /** The statement that made it, as SQLite keeps it (empty for the index of a key); in Postgres, all that can be said of it. */
  readonly sql: string;
}

/** One object that is not as it should be: `is` null where it is missing, `should` null where it is too many. */
export interface ObjectDifference {
  readonly is: SchemaObject | null;
  readonly should: SchemaObject | null;
}

/** Every object by type and name, but for what ANALYZE keeps: it tells the planner how many rows there are, and nobody anything else. */
export async function schemaObjects(sql: Pick<SqlSession, "query" | "dialect">): Promise<SchemaObject[]> {
  if (sql.dialect === "postgres") {
    const made = await sql.query<Record<"type" | "name" | "tbl" | "made", string>>(
      readPackageFile("src/projecting/objects.postgres.sql"),
    );
    return made.map(({ type, name, tbl, made }) => ({ type, name, table: tbl, sql: made }));
  }
  const rows = await sql.query<Readonly<Record<"type" | "name" | "tbl" | "made", Uint8Array | null>>>(
    `SELECT CAST(type AS BLOB) AS type, CAST(name AS BLOB) AS name, CAST(tbl_name AS BLOB) AS tbl, CAST(sql AS BLOB) AS made
      FROM sqlite_schema ORDER BY type, name`,
  );
  const text = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString("utf8");
  return rows
    .map(({ type, name, tbl, made }) => ({ type: text(type), name: text(name), table: text(tbl), sql: text(made) }))
    .filter(({ type, name }) => !(type === "table" && /^sqlite_stat[14]$/.test(name)));
}

/** The objects that differ, are missing or are too many; in the order of the databases' own lists. */
export function differingObjects(live: readonly SchemaObject[], expected: readonly SchemaObject[]): ObjectDifference[] {
  const keyOf = ({ type, name, table }: SchemaObject) => JSON.stringify([type, name, table]);
  const standing = new Map(live.map((one) => [keyOf(one), one]));
  const wanted = new Set(expected.map(keyOf));
  const differing = expected.flatMap((should): ObjectDifference[] => {
    const is = standing.get(keyOf(should)) ?? null;
    return is?.sql === should.sql ? [] : [{ is, should }];
  });
  const extra = live.filter((one) => !wanted.has(keyOf(one)));
  return [...differing, ...extra.map((is) => ({ is, should: null }))];
}
