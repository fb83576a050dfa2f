/**
 * The negative control of a non-mutation proof: a scratch copy in memory (every table, some rows of each), measured; then one change in
 * every table and one in the schema; measured again. The comparison must name every one of them. The real database is only read.
 */
import type { Sql, SqlSession, SqlValue } from "../database/Sql.js";
import { openSqlite } from "../database/sqlite.js";
import type { NonMutation, Surfaces } from "../events/facts.js";
import type { Store } from "../ledger/Store.js";
import { differingSurfaces, notMeasured } from "./surfaces.js";
import { schemaDigest, tableDigests } from "./tableDigests.js";
import { readPages, type TableShape, tableShapes, writeAs } from "./tableShape.js";
import { quote } from "./tables.js";

/** Copies, changes the copy, and says whether every change was noticed. */
export async function negativeControl(sql: Sql, store: Store): Promise<NonMutation["control"]> {
  const scratch = await openSqlite(":memory:");
  try {
    const { size, root } = await store.head();
    const shapes = (await tableShapes(sql)).filter(
      ({ name }) => !name.startsWith("sqlite_") && !notMeasured.includes(name),
    );
    for (const shape of shapes) await copySome(sql, scratch, shape);
    const measure = async (): Promise<Surfaces> => ({
      size,
      root,
      tables: await tableDigests(scratch),
      schema: await schemaDigest(scratch),
    });
    const before = await measure();
    await scratch.transaction(async (session) => {
      for (const shape of shapes) await changeOne(session, shape);
    });
    const [first] = shapes;
    if (first !== undefined)
      await scratch.exec(`CREATE INDEX control_index ON ${quote(first.name)} (${quote(first.key[0] ?? "")})`);
    const differs = differingSurfaces(before, await measure());
    const expected = ["schema", ...shapes.map(({ name }) => `tables.${name}`)];
    return {
      mutation: `in a scratch copy: one value changed in, or one row added to, each of ${shapes.length} tables, and one index added`,
      detected: shapes.length > 0 && expected.every((name) => differs.includes(name)),
      differs,
    };
  } finally {
    await scratch.close();
  }
}

/** Columns and keys as they are, without the rules that would refuse the change; one page of rows. */
export async function copySome(sql: Sql, scratch: Sql, { name, columns, key }: TableShape): Promise<void> {
  const list = columns.map((column) => `${quote(column.name)} ${column.type}`).join(", ");
  await scratch.exec(`CREATE TABLE ${quote(name)} (${list}, PRIMARY KEY (${key.map(quote).join(", ")}))`);
  const values = columns.map(({ type }, i) => writeAs(type, i + 1)).join(", ");
  for await (const page of readPages(sql, { name, columns, key })) {
    await scratch.transaction((session) => session.runEach(`INSERT INTO ${quote(name)} VALUES (${values})`, page));
    break;
  }
}

/** The smallest change there is: one value of one row. A table without rows gets one. */
export async function changeOne(session: SqlSession, { name, columns, key }: TableShape): Promise<void> {
  const column = columns.find((one) => !key.includes(one.name)) ?? columns.at(-1);
  if (column === undefined) return;
  const at = quote(column.name);
  const other =
    column.type === "INTEGER"
      ? `coalesce(${at}, 0) + 1`
      : `CAST(coalesce(${at}, '') || 'x' AS ${column.type || "BLOB"})`;
  const changed = await session.run(
    `UPDATE ${quote(name)} SET ${at} = ${other} WHERE rowid = (SELECT max(rowid) FROM ${quote(name)})`,
  );
  if (changed > 0) return;
  const row = columns.map(({ type }): SqlValue => (type === "INTEGER" ? 1 : new Uint8Array([120])));
  await session.run(
    `INSERT INTO ${quote(name)} VALUES (${columns.map(({ type }, i) => writeAs(type, i + 1)).join(", ")})`,
    row,
  );
}
