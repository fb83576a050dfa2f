/**
 * The means of the check of projections: fills them anew in a scratch database, as far as the real ones have followed the ledger, compares
 * table by table, and looks for the rows behind a difference. Only ever reads what is real.
 */
import type { Sql, SqlValue } from "../database/Sql.js";
import type { Store } from "../ledger/Store.js";
import { compareTables, fillShadow, type ShadowOptions } from "../projecting/shadow.js";
import { readPages, type TableShape, tableShapes } from "../projecting/tableShape.js";
import { isOtherFormat, projectionTables, readBookmark } from "../projecting/tables.js";
import { withScratch } from "../projecting/withScratch.js";
import type { ComparedTable, CompareProjections, NotComparable } from "./checkProjections.js";

/** Rows named for each table that differs. */
const rowsNamedMax = 20;

/** For `replay`: compares the projections in `sql` with what the ledger makes of them. */
export function compareProjections(store: Store, sql: Sql, options: ShadowOptions = {}): CompareProjections {
  return () =>
    withScratch(async (scratch) => {
      for (;;) {
        const bookmark = await readBookmark(sql);
        if (bookmark === null) return withoutBookmark(sql);
        if (isOtherFormat(bookmark)) return { wrong: false, why: otherFormat };
        await fillShadow(store, scratch, Math.min(bookmark.size, (await store.head()).size), options);
        const { tables, differences } = await compareTables(sql, scratch, bookmark.size);
        const compared: ComparedTable[] = [];
        for (const [table, { rows, digest }] of Object.entries(tables)) {
          const difference = differences.find((one) => one.table === table);
          const live = difference === undefined ? digest : (difference.live?.digest ?? null);
          const differs = difference?.live == null ? [] : await differingRows(sql, scratch, table);
          compared.push({ table, rows, live, rebuilt: digest, differs });
        }
        // What followed meanwhile has changed the tables under the comparison: look again.
        if ((await readBookmark(sql))?.size === bookmark.size) return compared;
      }
    });
}

const otherFormat =
  "the read models are not of this program's format, so they were not compared; make them anew: iu-ledger rebuild";

/** Nothing to compare where no read model was ever made; tables that stand there all the same were left so by no program. */
async function withoutBookmark(sql: Sql): Promise<NotComparable | null> {
  const standing = (await tableShapes(sql)).map(({ name }) => name).filter((name) => projectionTables.includes(name));
  if (standing.length === 0) return null;
  const why = `${standing.length} of the read models' tables stand without a bookmark, so nothing says which events they are made of; make them anew: iu-ledger rebuild`;
  return { wrong: true, why };
}

type Differing = ComparedTable["differs"][number];

/** The first rows that differ, both tables read in key order side by side. */
async function differingRows(sql: Sql, scratch: Sql, table: string): Promise<Differing[]> {
  const shape = await shapeOf(scratch, table);
  const live = await shapeOf(sql, table);
  if (shape === undefined || live === undefined || JSON.stringify(shape) !== JSON.stringify(live)) return [];
  const keyAt = shape.key.map((name) => shape.columns.findIndex((column) => column.name === name));
  const actual = rowsOf(sql, shape);
  const expected = rowsOf(scratch, shape);
  const differs: Differing[] = [];
  let is = await actual.next();
  let should = await expected.next();
  while (differs.length < rowsNamedMax && !(is.done === true && should.done === true)) {
    const order = is.done ? 1 : should.done ? -1 : compareKeys(keyAt, is.value, should.value);
    if (order < 0 && !is.done) {
      differs.push({ key: keyOf(shape, keyAt, is.value), column: null, message: "the row comes from no event" });
      is = await actual.next();
    } else if (order > 0 && !should.done) {
      differs.push({ key: keyOf(shape, keyAt, should.value), column: null, message: "the row is missing" });
      should = await expected.next();
    } else if (!is.done && !should.done) {
      differs.push(...differingColumns(shape, keyAt, is.value, should.value));
      is = await actual.next();
      should = await expected.next();
    }
  }
  return differs;
}

function differingColumns(
  shape: TableShape,
  keyAt: readonly number[],
  is: SqlValue[],
  should: SqlValue[],
): Differing[] {
  return shape.columns.flatMap(({ name }, i) => {
    const [one, other] = [is[i] ?? null, should[i] ?? null];
    if (compareValues(one, other) === 0) return [];
    return [{ key: keyOf(shape, keyAt, should), column: name, message: `${said(one)}; rebuilt ${said(other)}` }];
  });
}

async function shapeOf(sql: Sql, table: string): Promise<TableShape | undefined> {
  return (await tableShapes(sql)).find(({ name }) => name === table);
}

async function* rowsOf(sql: Sql, shape: TableShape): AsyncGenerator<SqlValue[], undefined, undefined> {
  for await (const page of readPages(sql, shape)) yield* page;
  return undefined;
}

function keyOf(shape: TableShape, keyAt: readonly number[], row: readonly SqlValue[]): string {
  return shape.key.map((name, i) => `${name} ${said(row[keyAt[i] as number] ?? null)}`).join(", ");
}

function compareKeys(keyAt: readonly number[], one: readonly SqlValue[], other: readonly SqlValue[]): number {
  for (const i of keyAt) {
    const order = compareValues(one[i] ?? null, other[i] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

/** The order SQLite sorts by (sqlite.org/datatype3.html section 4.1): nothing, numbers, then texts and blobs by their bytes. */
function compareValues(one: SqlValue, other: SqlValue): number {
  const rank = (value: SqlValue) => (value === null ? 0 : typeof value === "number" ? 1 : 2);
  if (rank(one) !== rank(other)) return rank(one) - rank(other);
  if (typeof one === "number" && typeof other === "number") return one - other;
  return one === null || other === null ? 0 : Buffer.compare(bytesOf(one), bytesOf(other));
}

function bytesOf(value: SqlValue): Uint8Array {
  return value instanceof Uint8Array ? value : Buffer.from(String(value));
}

function said(value: SqlValue): string {
  if (value === null) return "nothing";
  if (typeof value === "number") return String(value);
  const text = Buffer.from(bytesOf(value)).toString("utf8");
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 79)}…`);
}
