/**
 * The means of the check of the database: what the ledger's tables and the read models' are made of is compared with what this program
 * makes. Of a SQLite file that is made anew in a scratch database in memory; of a Postgres schema it is pinned. Only ever reads what is real,
 * and needs no more than the right to read.
 */
import { migrate, newestMigration, readMigrations } from "../database/migrate.js";
import type { Sql } from "../database/Sql.js";
import { openSqlite } from "../database/sqlite.js";
import { StoreError } from "../ledger/Store.js";
import { inAnyMajor, pinnedObjects, serverMajor } from "../projecting/pinnedObjects.js";
import { differingObjects, type SchemaObject, schemaObjects } from "../projecting/schemaObjects.js";
import { ensureTables, isOtherFormat, readBookmark, readModelObjects } from "../projecting/tables.js";
import type { CompareDatabase, ComparedDatabase } from "./checkDatabase.js";

/** For `replay`: compares what `sql` is made of with what this program makes. */
export function compareDatabase(sql: Sql): CompareDatabase {
  return async () => {
    if (sql.dialect === "postgres") return comparePostgres(sql);
    const { ledger, readModels } = await madeHere();
    const live = await schemaObjects(sql);
    return compareWith(sql, live, ledger, readModels);
  };
}

async function compareWith(
  sql: Sql,
  live: readonly SchemaObject[],
  ledger: readonly SchemaObject[],
  readModels: readonly SchemaObject[],
): Promise<ComparedDatabase> {
  // Read models are disposable: there may be none, or those of another program's format, which are not compared either.
  const ofReadModels = new Set(readModelObjects);
  const standing = live.some(({ type, name }) => type === "table" && ofReadModels.has(name));
  if (!standing) return compared(live, ledger);
  if (!(await areOtherFormat(sql))) return compared(live, [...ledger, ...readModels]);
  const kept = live.filter(({ type, table }) => type === "trigger" || !ofReadModels.has(table));
  return compared(kept, ledger);
}

/**
 * A Postgres schema. On a server of another major than the pins were written by, views, constraints, indexes and triggers are compared
 * without qualification, parentheses and white space, which is said.
 */
async function comparePostgres(sql: Sql): Promise<ComparedDatabase> {
  const pinned = pinnedObjects();
  const newest = await newestMigration(sql);
  if (newest > 0 && newest < pinned.migrations) {
    throw new StoreError(
      "NOT_A_LEDGER",
      `the ledger's tables are of format ${newest}; this program makes format ${pinned.migrations}`,
      { next: "Have the owner open the ledger with this program once: that brings its tables up to date." },
    );
  }
  const major = await serverMajor(sql);
  const same = major === pinned.major;
  const asComparable = (objects: readonly SchemaObject[]) => (same ? objects : objects.map(inAnyMajor));
  const outcome = await compareWith(
    sql,
    asComparable(await schemaObjects(sql)),
    asComparable(pinned.ledger),
    asComparable(pinned.readModels),
  );
  const remark = `the server is Postgres ${major}; the words of views, indexes, constraints and triggers are pinned for ${pinned.major}, and were compared without qualification, parentheses and white space`;
  return { ...outcome, differs: outermost(outcome.differs), ...(same ? {} : { remark }) };
}

/** A table that is gone, or that somebody added, without its columns, keys and triggers: those go with it. */
function outermost(differs: ComparedDatabase["differs"]): ComparedDatabase["differs"] {
  const whole = new Set(
    differs.flatMap(({ is, should }) => {
      const one = should ?? is;
      return (is === null || should === null) && one !== null && relations.has(one.type) ? [one.name] : [];
    }),
  );
  return differs.filter(({ is, should }) => {
    const one = should ?? is;
    return one === null || one.name === one.table || !whole.has(one.table);
  });
}

const relations: ReadonlySet<string> = new Set(["table", "view", "materialized view", "foreign table", "sequence"]);

function compared(live: readonly SchemaObject[], expected: readonly SchemaObject[]) {
  return { objects: Math.max(live.length, expected.length), differs: differingObjects(live, expected) };
}

async function areOtherFormat(sql: Sql): Promise<boolean> {
  try {
    const bookmark = await readBookmark(sql).catch(() => null);
    return bookmark !== null && isOtherFormat(bookmark);
  } catch (error) {
    if (error instanceof StoreError && error.code === "NEWER_LEDGER") return true;
    throw error;
  }
}

/** What this program makes: the ledger's objects, and those of the read models. */
async function madeHere(): Promise<{ ledger: readonly SchemaObject[]; readModels: readonly SchemaObject[] }> {
  const scratch = await openSqlite(":memory:");
  try {
    await migrate(scratch, readMigrations("src/database/migrations/sqlite"));
    const ledger = await schemaObjects(scratch);
    await ensureTables(scratch);
    const names = new Set(ledger.map(({ type, name }) => `${type} ${name}`));
    const readModels = (await schemaObjects(scratch)).filter(({ type, name }) => !names.has(`${type} ${name}`));
    return { ledger, readModels };
  } finally {
    await scratch.close();
  }
}
