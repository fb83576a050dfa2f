/**
 * What a table holds, as a count and a digest: SHA-256 over its rows in key order, every value framed by its kind and length. The same
 * rows give the same digest in any database and in whatever order they were written.
 */
import { createHash } from "node:crypto";
import type { SqlSession } from "../database/Sql.js";
import { frame, readFramed, type TableShape, tableShapes } from "./tableShape.js";
import { quote } from "./tables.js";

export interface TableDigest {
  readonly rows: number;
  /** SHA-256, hex. */
  readonly digest: string;
}

export type TableDigests = Readonly<Record<string, TableDigest>>;

/** The digests of all tables of a SQLite database, or of those named (a table that is not there is left out). */
export async function tableDigests(
  sql: Pick<SqlSession, "query">,
  only?: readonly string[],
): Promise<Record<string, TableDigest>> {
  const digests: Record<string, TableDigest> = {};
  for (const shape of await tableShapes(sql)) {
    if (only === undefined || only.includes(shape.name)) digests[shape.name] = await tableDigest(sql, shape);
  }
  return digests;
}

/** SHA-256 of the schema: every table, index, trigger and view as the database keeps it. */
export async function schemaDigest(sql: Pick<SqlSession, "query">): Promise<string> {
  const framed = frame(["type", "name", "tbl_name", "sql"]);
  const rows = await sql.query<{ row: Uint8Array }>(`SELECT ${framed} AS row FROM sqlite_schema ORDER BY type, name`);
  const hash = createHash("sha256");
  for (const { row } of rows) hash.update(row);
  return hash.digest("hex");
}

async function tableDigest(sql: Pick<SqlSession, "query">, shape: TableShape): Promise<TableDigest> {
  const hash = createHash("sha256");
  hash.update(`${shape.columns.map(({ name, type }) => `${name} ${type}`).join(", ")}\n`);
  let rows = 0;
  for await (const page of readFramed(sql, shape)) {
    rows += page.length;
    for (const row of page) hash.update(row);
  }
  // Whatever key order does not reach (a NULL in a key) still counts.
  const [counted] = await sql.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${quote(shape.name)}`);
  const all = counted?.rows ?? 0;
  if (all !== rows) hash.update(`${all} rows\n`);
  return { rows: all, digest: hash.digest("hex") };
}
