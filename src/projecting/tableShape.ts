/**
 * Tables as they are in a database: columns, keys, and their rows page by page in key order, in flat memory. Texts are read as bytes:
 * exact, and safe from a database somebody has put broken text into. Must never know which tables there should be.
 */
import type { SqlSession, SqlValue } from "../database/Sql.js";
import { quote } from "./tables.js";

export interface TableShape {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Names of the columns that order the rows: the primary key, else all columns. */
  readonly key: readonly string[];
}

type Reading = Pick<SqlSession, "query">;

/** Every table of a SQLite database, by name. */
export async function tableShapes(sql: Reading): Promise<TableShape[]> {
  const tables = await sql.query<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  const shapes: TableShape[] = [];
  for (const { name } of tables) {
    const columns = await sql.query<{ name: string; type: string; pk: number }>(
      "SELECT name, upper(type) AS type, pk FROM pragma_table_info($1) ORDER BY cid",
      [name],
    );
    const primary = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    const key = (primary.length > 0 ? primary : columns).map((column) => column.name);
    shapes.push({ name, columns: columns.map((column) => ({ name: column.name, type: column.type })), key });
  }
  return shapes;
}

const rowsPerPage = 1000;
/** Blobs may be whole documents. */
const blobRowsPerPage = 8;

/** The rows of a table in key order, in pages: values in the order of the columns, integers as numbers, texts and blobs as bytes. */
export async function* readPages(sql: Reading, shape: TableShape): AsyncGenerator<SqlValue[][], void, undefined> {
  const { name, columns, key } = shape;
  const limit = columns.some(({ type }) => type === "BLOB") ? blobRowsPerPage : rowsPerPage;
  const selected = columns.map((column, i) => `${readAs(column.name, column.type)} AS c${i}`).join(", ");
  const order = key.map(quote).join(", ");
  const keyAt = key.map((column) => columns.findIndex((one) => one.name === column));
  const bound = keyAt.map((at, i) => writeAs(columns[at]?.type ?? "", i + 1)).join(", ");
  const first = `SELECT ${selected} FROM ${quote(name)} ORDER BY ${order} LIMIT ${limit}`;
  const next = `SELECT ${selected} FROM ${quote(name)} WHERE (${order}) > (${bound}) ORDER BY ${order} LIMIT ${limit}`;
  let last: SqlValue[] | undefined;
  for (;;) {
    const after = last;
    const rows = await sql.query<Record<string, SqlValue>>(
      after === undefined ? first : next,
      after === undefined ? [] : keyAt.map((at) => after[at] ?? null),
    );
    const page = rows.map((row) => columns.map((_, i) => row[`c${i}`] ?? null));
    if (page.length > 0) yield page;
    if (page.length < limit) return;
    last = page.at(-1);
  }
}

/** How a value that {@link readPages} gave is bound as parameter `$index` to be what it was. */
export function writeAs(type: string, index: number): string {
  return type === "TEXT" ? `CAST($${index} AS TEXT)` : `$${index}`;
}

function readAs(name: string, type: string): string {
  return type === "INTEGER" ? quote(name) : `CAST(${quote(name)} AS BLOB)`;
}
