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
  const { columns } = shape;
  const selected = columns.map((column, i) => `${readAs(column)} AS c${i}`).join(", ");
  for await (const page of pages<Record<string, SqlValue>>(sql, shape, selected)) {
    yield page.map((row) => columns.map((_, i) => row[`c${i}`] ?? null));
  }
}

/** As {@link readPages}, each row as one string of bytes: see {@link frame}. Quicker by far where there are many columns. */
export async function* readFramed(sql: Reading, shape: TableShape): AsyncGenerator<Uint8Array[], void, undefined> {
  const selected = `${frame(shape.columns.map(({ name }) => name))} AS framed`;
  for await (const page of pages<{ framed: Uint8Array }>(sql, shape, selected)) yield page.map((row) => row.framed);
}

/**
 * The values of columns as one string of bytes, the same for no two different rows: each with the first letter of its storage class
 * (integer, text, blob, real, null), its length in bytes and its bytes, like `i2:42;t3:abc;n;`.
 */
export function frame(columns: readonly string[]): string {
  const values = columns.map((name) => {
    const column = quote(name);
    return `substr(typeof(${column}), 1, 1) || coalesce(length(CAST(${column} AS BLOB)) || ':' || ${column}, '') || ';'`;
  });
  return `CAST(${values.join(" || ")} AS BLOB)`;
}

/** Pages by the key of the last row seen, not by counting rows: as quick at the end of a table as at its beginning. */
async function* pages<R>(
  sql: Reading,
  { name, columns, key }: TableShape,
  selected: string,
): AsyncGenerator<R[], void, undefined> {
  const limit = columns.some(({ type }) => type === "BLOB") ? blobRowsPerPage : rowsPerPage;
  const keyColumns = key.map((column) => columns.find((one) => one.name === column) ?? { name: column, type: "" });
  const order = key.map(quote).join(", ");
  const bound = keyColumns.map(({ type }, i) => writeAs(type, i + 1)).join(", ");
  const first = `FROM ${quote(name)} ORDER BY ${order}`;
  const next = `FROM ${quote(name)} WHERE (${order}) > (${bound}) ORDER BY ${order}`;
  const lastKey = keyColumns.map((column, i) => `${readAs(column)} AS k${i}`).join(", ");
  let after: SqlValue[] = [];
  for (;;) {
    const from = after.length === 0 ? first : next;
    const page = await sql.query<R>(`SELECT ${selected} ${from} LIMIT ${limit}`, after);
    if (page.length > 0) yield page;
    if (page.length < limit) return;
    const [last] = await sql.query<Record<string, SqlValue>>(
      `SELECT ${lastKey} ${from} LIMIT 1 OFFSET ${limit - 1}`,
      after,
    );
    if (last === undefined) return;
    after = key.map((_, i) => last[`k${i}`] ?? null);
  }
}

/** How a value that {@link readPages} gave is bound as parameter `$index` to be what it was. */
export function writeAs(type: string, index: number): string {
  return type === "TEXT" ? `CAST($${index} AS TEXT)` : `$${index}`;
}

function readAs({ name, type }: { readonly name: string; readonly type: string }): string {
  return type === "INTEGER" ? quote(name) : `CAST(${quote(name)} AS BLOB)`;
}
