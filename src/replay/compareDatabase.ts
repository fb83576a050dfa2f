/**
 * The means of the check of the database: makes the ledger's tables and the read models' in a scratch database in memory, and compares the
 * statements that made them with those of the real one. Only ever reads what is real.
 */
import { migrate, readMigrations } from "../database/migrate.js";
import type { Sql } from "../database/Sql.js";
import { openSqlite } from "../database/sqlite.js";
import { StoreError } from "../ledger/Store.js";
import { differingObjects, type SchemaObject, schemaObjects } from "../projecting/schemaObjects.js";
import { ensureTables, isOtherFormat, readBookmark, readModelObjects } from "../projecting/tables.js";
import type { CompareDatabase } from "./checkDatabase.js";

/** For `replay`: compares what `sql` is made of with what this program makes. Null on Postgres, which keeps statements in words of its own. */
export function compareDatabase(sql: Sql): CompareDatabase {
  return async () => {
    if (sql.dialect !== "sqlite") return null;
    const { ledger, readModels } = await madeHere();
    const live = await schemaObjects(sql);
    // Read models are disposable: there may be none, or those of another program's format, which are not compared either.
    const ofReadModels = new Set(readModelObjects);
    const standing = live.some(({ type, name }) => type === "table" && ofReadModels.has(name));
    if (!standing) return compared(live, ledger);
    if (!(await areOtherFormat(sql))) return compared(live, [...ledger, ...readModels]);
    const kept = live.filter(({ type, table }) => type === "trigger" || !ofReadModels.has(table));
    return compared(kept, ledger);
  };
}

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
