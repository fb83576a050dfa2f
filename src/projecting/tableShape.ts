/**
 * Tables as they are in a database: columns, keys, and their rows page by page in key order, in flat memory. Texts are read as bytes:
 * exact, and safe from a database somebody has put broken text into. Must never know which tables there should be.
 */
import type { Dialect, SqlSession, SqlValue } from "../database/Sql.js";
import { quote } from "./tables.js";

export interface TableShape {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** Names of the columns that order the rows: the primary key, else all columns. */
  readonly key: readonly string[];
}

type Reading = Pick<SqlSession, "query" | "dialect">;

/** Every table of a database (of the schema, on Postgres), by name. Types are SQLite's: INTEGER, TEXT, BLOB, REAL. */
export async function tableShapes(sql: Reading): Promise<TableShape[]> {
  return sql.dialect === "sqlite" ? sqliteShapes(sql) : postgresShapes(sql);
}

async function sqliteShapes(sql: Reading): Promise<TableShape[]> {
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

/** Postgres's types by the names that SQLite has for the same values. Whatever is not here is read as the text Postgres writes. */
const typeNames: Readonly<Record<string, string>> = {
  int2: "INTEGER",
  int4: "INTEGER",
  int8: "INTEGER",
  bytea: "BLOB",
  float4: "REAL",
  float8: "REAL",
};

async function postgresShapes(sql: Reading): Promise<TableShape[]> {
  const rows = await sql.query<{ name: string; column: string; type: string; pk: number }>(
    `SELECT c.relname AS name, a.attname AS column, t.typname AS type, coalesce(array_position(k.conkey, a.attnum), 0) AS pk
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
      LEFT JOIN pg_catalog.pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
      WHERE c.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = current_schema()) AND c.relkind = 'r'
      ORDER BY c.relname COLLATE "C", a.attnum`,
  );
  const shapes = new Map<string, (typeof rows)[number][]>();
  for (const row of rows) shapes.set(row.name, [...(shapes.get(row.name) ?? []), row]);
  return [...shapes].map(([name, columns]) => {
    const primary = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    return {
      name,
      columns: columns.map(({ column, type }) => ({ name: column, type: typeNames[type] ?? "TEXT" })),
      key: (primary.length > 0 ? primary : columns).map(({ column }) => column),
    };
  });
}

const rowsPerPage = 1000;
/** Blobs may be whole documents. */
const blobRowsPerPage = 8;

/** The rows of a table in key order, in pages: values in the order of the columns, integers as numbers, texts and blobs as bytes. */
export async function* readPages(sql: Reading, shape: TableShape): AsyncGenerator<SqlValue[][], void, undefined> {
  const { columns } = shape;
  const selected = columns.map((column, i) => `${readAs(column, sql.dialect)} AS c${i}`).join(", ");
  for await (const page of pages<Record<string, SqlValue>>(sql, shape, selected)) {
    yield page.map((row) => columns.map((_, i) => row[`c${i}`] ?? null));
  }
}

/** As {@link readPages}, each row as one string of bytes: see {@link frame}. Quicker by far where there are many columns. */
export async function* readFramed(sql: Reading, shape: TableShape): AsyncGenerator<Uint8Array[], void, undefined> {
  const selected = `${frame(shape.columns, sql.dialect)} AS framed`;
  for await (const page of pages<{ framed: Uint8Array }>(sql, shape, selected)) yield page.map((row) => row.framed);
}

/**
 * The values of columns as one string of bytes, the same for no two different rows: each with the first letter of its storage class
 * (integer, text, blob, real, null), its length in bytes and its bytes, like `i2:42;t3:abc;n;`.
 */
export function frame(columns: TableShape["columns"], dialect: Dialect): string {
  if (dialect === "postgres") return framePostgres(columns);
  const values = columns.map(({ name }) => {
    const column = quote(name);
    return `substr(typeof(${column}), 1, 1) || coalesce(length(CAST(${column} AS BLOB)) || ':' || ${column}, '') || ';'`;
  });
  return `CAST(${values.join(" || ")} AS BLOB)`;
}

/** The same bytes on Postgres, where a column holds only what it is declared as. */
function framePostgres(columns: TableShape["columns"]): string {
  const values = columns.map(({ name, type }) => {
    const column = quote(name);
    const end = "'\\x3b'::bytea";
    if (type === "BLOB")
      return `coalesce(convert_to('b' || octet_length(${column}) || ':', 'UTF8') || ${column}, 'n'::bytea) || ${end}`;
    const text = type === "INTEGER" ? `${column}::int8::text` : `${column}::text`;
    const letter = { INTEGER: "i", REAL: "r" }[type] ?? "t";
    return `convert_to(coalesce('${letter}' || octet_length(${text}) || ':' || ${text}, 'n') || ';', 'UTF8')`;
  });
  return values.join(" || ");
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
  const lastKey = keyColumns.map((column, i) => `${readAs(column, sql.dialect)} AS k${i}`).join(", ");
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

function readAs({ name, type }: TableShape["columns"][number], dialect: Dialect): string {
  if (type === "INTEGER") return quote(name);
  if (dialect === "sqlite") return `CAST(${quote(name)} AS BLOB)`;
  return type === "BLOB" || type === "REAL" ? quote(name) : `convert_to(${quote(name)}::text, 'UTF8')`;
}
