/**
 * Numbered migrations: files like `001_ledger.sql`, each run once, in order. A migration claims its number before it works, in the
 * transaction of its work: a concurrent twin waits for the claim and then finds nothing left to do. A file that was ever released
 * is never changed; a change is a new file.
 */
import { listPackageFolder, readPackageFile } from "./packageFile.js";
import type { Sql } from "./Sql.js";

export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly script: string;
}

export type MigrateOutcome =
  | { readonly kind: "migrated"; readonly applied: readonly number[]; readonly newest: number }
  /** The database has been migrated by a newer program; nothing was touched. */
  | { readonly kind: "newer"; readonly database: number; readonly program: number };

/** The migrations in a folder of the package, in order. Throws on a gap or a twice-used number: a mistake of the package. */
export function readMigrations(folder: string): Migration[] {
  const migrations: Migration[] = [];
  for (const file of listPackageFolder(folder)) {
    const match = /^(\d{3})_([a-z0-9_]+)\.sql$/.exec(file);
    if (match === null) continue;
    const number = Number(match[1]);
    if (number !== migrations.length + 1)
      throw new Error(`${folder}/${file}: expected number ${migrations.length + 1}`);
    migrations.push({ number, name: match[2] as string, script: readPackageFile(`${folder}/${file}`) });
  }
  return migrations;
}

/** Brings a database up to date, or refuses one that is newer than this program. Safe to run from several processes at once. */
export async function migrate(sql: Sql, migrations: readonly Migration[]): Promise<MigrateOutcome> {
  const program = migrations.length;
  const before = await newestMigration(sql);
  if (before > program) return { kind: "newer", database: before, program };
  const applied: number[] = [];
  for (const migration of migrations.slice(before)) {
    const claimed = await sql.transaction(async (session) => {
      await session.exec("CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL)");
      const claims = await session.run("INSERT INTO migration (number, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
        migration.number,
        migration.name,
      ]);
      if (claims === 1) await session.exec(migration.script);
      return claims === 1;
    });
    if (claimed) applied.push(migration.number);
  }
  const newest = await newestMigration(sql);
  return newest > program ? { kind: "newer", database: newest, program } : { kind: "migrated", applied, newest };
}

/** The number of the newest migration applied; 0 on a database that never saw one. */
export async function newestMigration(sql: Sql): Promise<number> {
  if (!(await hasTable(sql, "migration"))) return 0;
  const [row] = await sql.query<{ newest: number | null }>("SELECT max(number) AS newest FROM migration");
  return row?.newest ?? 0;
}

/** Whether the database has a table of that name. */
export async function hasTable(sql: Sql, name: string): Promise<boolean> {
  const catalog =
    sql.dialect === "sqlite"
      ? "SELECT 1 AS found FROM sqlite_schema WHERE type = 'table' AND name = $1"
      : "SELECT 1 AS found FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = $1";
  return (await sql.query(catalog, [name])).length > 0;
}
