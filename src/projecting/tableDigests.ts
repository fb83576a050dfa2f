/**
 * What a table holds, as a count and a digest: SHA-256 over its rows in key order, every value framed by its kind and length. The same
 * rows give the same digest in any database and in whatever order they were written.
 */
import { createHash } from "node:crypto";
import { readPackageFile } from "../database/packageFile.js";
import type { SqlSession } from "../database/Sql.js";
import { frame, readFramed, type TableShape, tableShapes } from "./tableShape.js";
import { quote } from "./tables.js";

const postgresCatalogue = "src/projecting/catalogue.postgres.sql";

export interface TableDigest {
  readonly rows: number;
  /** SHA-256, hex. */
  readonly digest: string;
}

export type TableDigests = Readonly<Record<string, TableDigest>>;

/** The digests of all tables of a database, or of those named (a table that is not there is left out). */
export async function tableDigests(
  sql: Pick<SqlSession, "query" | "dialect">,
  only?: readonly string[],
): Promise<Record<string, TableDigest>> {
  const digests: Record<string, TableDigest> = {};
  for (const shape of await tableShapes(sql)) {
    if (only === undefined || only.includes(shape.name)) digests[shape.name] = await tableDigest(sql, shape);
  }
  return digests;
}

/** SHA-256 of the schema: every table, index, trigger, view, function and right as the database keeps it. */
export async function schemaDigest(sql: Pick<SqlSession, "query" | "dialect">): Promise<string> {
  const columns = ["type", "name", "tbl_name", "sql"].map((name) => ({ name, type: "TEXT" }));
  const catalogue = sql.dialect === "sqlite" ? "sqlite_schema" : `(${readPackageFile(postgresCatalogue)}) AS catalogue`;
  const rows = await sql.query<{ row: Uint8Array }>(
    `SELECT ${frame(columns, sql.dialect)} AS row FROM ${catalogue} ORDER BY type, name, tbl_name`,
  );
  const hash = createHash("sha256");
  for (const { row } of rows) hash.update(row);
  return hash.digest("hex");
}

async function tableDigest(sql: Pick<SqlSession, "query" | "dialect">, shape: TableShape): Promise<TableDigest> {
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
