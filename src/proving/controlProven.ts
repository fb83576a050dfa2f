/**
 * The negative control of a proof: a scratch copy (some rows of every table), measured by the same code; then something changed in every
 * surface there is, in place where counts must not tell; measured again. The comparison must name every one. On Postgres the copy is
 * temporary objects in a transaction that is rolled back; of a SQLite file, a database in memory.
 */
import type { Sql, SqlSession } from "../database/Sql.js";
import { openSqlite } from "../database/sqlite.js";
import { differingProven, type ProofReport } from "../events/proof.js";
import type { Head } from "../ledger/Store.js";
import { changeOne, copySome } from "../projecting/negativeControl.js";
import { type TableShape, tableShapes } from "../projecting/tableShape.js";
import { quote } from "../projecting/tables.js";
import { measureAt } from "./measureProven.js";

/** Whose rows are counted by name: one row more in each must show in the counts. */
const counted: Readonly<Record<string, string>> = {
  unit: "units",
  unit_version: "unitVersions",
  lifecycle: "lifecycleEntries",
};

/** `sql`: the ledger's database, as a login that may make temporary tables. Nothing of it is changed. */
export function controlProven(sql: Sql, head: Head): Promise<ProofReport["control"]> {
  return sql.dialect === "postgres" ? controlPostgres(sql, head) : controlSqlite(sql, head);
}

async function controlSqlite(sql: Sql, head: Head): Promise<ProofReport["control"]> {
  const scratch = await openSqlite(":memory:");
  try {
    const shapes = (await tableShapes(sql)).filter(({ name }) => !name.startsWith("sqlite_"));
    for (const shape of shapes) await copySome(sql, scratch, shape);
    const before = await measureAt(scratch, head);
    await scratch.transaction(async (session) => {
      for (const shape of shapes) await changeOne(session, shape);
      // Rows that were there go, so that the counts differ too; a table without any has got one above.
      for (const { name } of shapes)
        if (name in counted && (before.tables[name]?.rows ?? 0) > 0) await session.exec(`DELETE FROM ${quote(name)}`);
    });
    const [first] = shapes;
    if (first !== undefined)
      await scratch.exec(`CREATE INDEX control_index ON ${quote(first.name)} (${quote(first.key[0] ?? "")})`);
    const expected = ["schema", ...namesOf(shapes)];
    const differs = differingProven(before, await measureAt(scratch, head));
    const mutation = `in a scratch copy: one value changed in, or one row added to or taken from, each of ${shapes.length} tables, and one index added`;
    return {
      mutation,
      expected,
      differs,
      detected: shapes.length > 0 && expected.every((name) => differs.includes(name)),
    };
  } finally {
    await scratch.close();
  }
}

/** The surfaces of tables that must be named. */
function namesOf(shapes: readonly TableShape[]): string[] {
  return shapes.flatMap(({ name }) => [
    `tables.${name}`,
    ...(counted[name] === undefined ? [] : [`counts.${counted[name]}`]),
  ]);
}

/** Thrown through a transaction to end it without a commit. */
const undone = new Error("rolled back");

async function controlPostgres(sql: Sql, head: Head): Promise<ProofReport["control"]> {
  const shapes = await tableShapes(sql);
  let control: ProofReport["control"] | undefined;
  try {
    await sql.transaction(async (session) => {
      control = await onTemporaryTables(session, shapes, head);
      throw undone;
    });
  } catch (error) {
    if (error !== undone) throw error;
  }
  if (control === undefined) throw new Error("the control ended without an answer");
  return control;
}

async function onTemporaryTables(
  session: SqlSession,
  shapes: readonly TableShape[],
  head: Head,
): Promise<ProofReport["control"]> {
  await session.exec(
    `${shapes.map(({ name }) => `CREATE TEMPORARY TABLE ${quote(name)} AS SELECT * FROM iu.${quote(name)} LIMIT 2`).join(";\n")};
     CREATE TEMPORARY SEQUENCE control_sequence; SELECT nextval('pg_temp.control_sequence'); SET LOCAL search_path TO pg_temp`,
  );
  const before = await measureAt(session, head);
  for (const shape of shapes) await changeInPlace(session, shape);
  for (const { name } of shapes) if (name in counted) await session.exec(`INSERT INTO ${quote(name)} DEFAULT VALUES`);
  const table = quote(shapes[0]?.name ?? "");
  const column = quote(shapes[0]?.columns[0]?.name ?? "");
  await session.exec(
    `CREATE INDEX control_index ON ${table} (${column}); GRANT SELECT ON ${table} TO PUBLIC; SELECT nextval('control_sequence');
     SELECT pg_catalog.pg_advisory_xact_lock(26997, 2)`,
  );
  const expected = ["schema", "grants", "locks", ...namesOf(shapes), "sequences.control_sequence"];
  const differs = differingProven(before, await measureAt(session, head));
  const mutation = `in temporary copies, rolled back: one value changed in or one row added to each of ${shapes.length} tables, an index, a grant and an advisory lock added, a sequence moved on`;
  return {
    mutation,
    expected,
    differs,
    detected: shapes.length > 0 && expected.every((name) => differs.includes(name)),
  };
}

/** One value of one row, so that the count stays; a table without rows gets one. */
async function changeInPlace(session: SqlSession, { name, columns }: TableShape): Promise<void> {
  const column =
    columns.find(({ type }) => type === "INTEGER") ?? columns.find(({ type }) => type === "BLOB") ?? columns[0];
  if (column === undefined) return;
  const at = quote(column.name);
  const other =
    column.type === "INTEGER"
      ? `coalesce(${at}, 0) + 1`
      : column.type === "BLOB"
        ? `coalesce(${at}, ''::bytea) || '\\x78'::bytea`
        : `coalesce(${at}, '') || 'x'`;
  const changed = await session.run(
    `UPDATE ${quote(name)} SET ${at} = ${other} WHERE ctid = (SELECT ctid FROM ${quote(name)} LIMIT 1)`,
  );
  if (changed === 0) await session.exec(`INSERT INTO ${quote(name)} DEFAULT VALUES`);
}
