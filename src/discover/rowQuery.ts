/**
 * The statements that read documents from rows. What a person wrote stands in a FROM, in brackets, so that it can be nothing but a SELECT. Text is
 * asked for as bytes (`textsend`): a driver that decodes it would put U+FFFD where a byte is no UTF-8, and nobody would know.
 */
import { SourceError } from "./SourceError.js";

/** bytea in pg_type.dat. */
const byteaOid = 17;

/** How much of an id or a title is sent at most, in bytes of the server's encoding: four for each character that could be kept. */
export const wordsBytesMax = 8_000;

/** Bodies that are sent in one page of rows, in bytes, beside the row in hand. */
export const pageBytesMax = 8 * 1024 * 1024;

/** Rows in a page, the most and the fewer; one row alone is always taken. */
export const pageRows = { many: 64, few: 8 } as const;

/** A row as it comes; sizes are in bytes of the server's encoding, null where the value is. */
export interface Row {
  readonly id: Uint8Array | null;
  readonly id_size: number | null;
  readonly title: Uint8Array | null;
  readonly title_size: number | null;
  readonly body: Uint8Array | null;
  readonly body_size: number | null;
  /** Bytes of the bodies that the next few, and the next many, rows will send. */
  readonly ahead_few: number;
  readonly ahead_many: number;
}

/** Names as they are, whatever stands in them: `acme.statute`, without quotes. The first dot ends the schema. */
export function tableQuery(
  table: string,
  columns: { readonly id: string; readonly title: string; readonly body: string },
): string {
  const dot = table.indexOf(".");
  const name = dot < 0 ? quotedName(table) : `${quotedName(table.slice(0, dot))}.${quotedName(table.slice(dot + 1))}`;
  const { id, title, body } = columns;
  return `SELECT ${quotedName(id)} AS id, ${quotedName(title)} AS title, ${quotedName(body)} AS body FROM ${name}`;
}

function quotedName(name: string): string {
  if (name === "" || name.includes("\0") || !name.isWellFormed())
    throw new SourceError(
      "malformed",
      "NAME_MALFORMED",
      `"${name}" is no name of a table or column.`,
      "Name it as the database does, without quotes: acme.statute",
    );
  return `"${name.replaceAll('"', '""')}"`;
}

const inBrackets = (query: string) => `(\n${query}\n)`;

/** Gives no row, only the columns. */
export function columnsStatement(query: string): string {
  return `SELECT * FROM ${inBrackets(query)} AS q LIMIT 0`;
}

/** Whether the body is bytes rather than text. Throws {@link SourceError}, malformed, unless there is exactly one id, title and body. */
export function bodyIsBytes(columns: readonly { readonly name: string; readonly type: number }[]): boolean {
  const wrong = ["id", "title", "body"].filter((name) => columns.filter((one) => one.name === name).length !== 1);
  if (wrong.length > 0) {
    const names = columns.map(({ name }) => name).join(", ");
    throw new SourceError(
      "malformed",
      "COLUMNS_WRONG",
      `The query must give id, title and body, once each; it gives ${names === "" ? "no column" : names}.`,
      "Name its columns, like: SELECT no AS id, name AS title, text AS body FROM law",
      { numbers: { wrong: wrong.join(", ") } },
    );
  }
  return columns.some(({ name, type }) => name === "body" && type === byteaOid);
}

/** Ids that stand in several rows, with how many. Byte by byte, whatever the collation takes for the same. */
export function repeatedIdsStatement(query: string, limit: number): string {
  return `SELECT pg_catalog.textsend(r.id) AS id, r.count FROM (
    SELECT q.id::text COLLATE "C" AS id, pg_catalog.count(*) AS count FROM ${inBrackets(query)} AS q
    WHERE q.id IS NOT NULL GROUP BY 1 HAVING pg_catalog.count(*) > 1 LIMIT ${limit}
  ) AS r WHERE pg_catalog.octet_length(r.id) <= ${wordsBytesMax} ORDER BY r.id`;
}

/** The name of the cursor. */
export const cursor = "iu_discovered";

/** Declares a cursor over {@link Row}s. A body over `sizeMax` bytes is measured, not sent. */
export function cursorStatement(query: string, asBytes: boolean, sizeMax: number): string {
  const body = asBytes ? "body" : "pg_catalog.textsend(body)";
  const words = (name: string) =>
    `CASE WHEN pg_catalog.octet_length(${name}) <= ${wordsBytesMax} THEN pg_catalog.textsend(${name}) END AS ${name}, pg_catalog.octet_length(${name}) AS ${name}_size`;
  const ahead = (rows: number) =>
    `coalesce(pg_catalog.sum(CASE WHEN body_size <= ${sizeMax} THEN body_size END) OVER (ROWS BETWEEN 1 FOLLOWING AND ${rows} FOLLOWING), 0)`;
  return `DECLARE ${cursor} NO SCROLL CURSOR FOR
    SELECT ${words("id")}, ${words("title")}, CASE WHEN body_size <= ${sizeMax} THEN ${body} END AS body, body_size,
      ${ahead(pageRows.few)} AS ahead_few, ${ahead(pageRows.many)} AS ahead_many
    FROM (SELECT id, title, body, pg_catalog.octet_length(body) AS body_size FROM (
      SELECT q.id::text AS id, q.title::text AS title, ${asBytes ? "q.body" : "q.body::text"} AS body FROM ${inBrackets(query)} AS q
    ) AS t) AS m`;
}

/** How many rows may be fetched next. Before the first row nothing is known. */
export function nextPage(last: Row | undefined): number {
  if (last === undefined) return 1;
  if (last.ahead_many <= pageBytesMax) return pageRows.many;
  return last.ahead_few <= pageBytesMax ? pageRows.few : 1;
}
