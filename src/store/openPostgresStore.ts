/** Opening a ledger in a Postgres database, and saying clearly why it cannot be: no ledger there, something else, too new, not allowed. */
import { hasTable, migrate, newestMigration, readMigrations } from "../database/migrate.js";
import { openPostgres, type PostgresOptions, type PostgresSql } from "../database/postgres.js";
import type { Sql } from "../database/Sql.js";
import { StoreError } from "../ledger/Store.js";
import { type PostgresStore, postgresStore } from "./postgresStore.js";
import { storeErrorOf } from "./storeErrorOf.js";

export interface OpenPostgresOptions extends PostgresOptions {
  /** Make a new ledger where there is none. Default: a database without one is `NOT_A_LEDGER`. */
  readonly create?: boolean;
  /** The stream of a cluster that the database is the copy of. Without it a copy is opened for reading only, with it nothing but that copy. */
  readonly replicaOf?: string;
}

/** bit_count() and what else the migrations use is in Postgres since 14. */
const serverVersionMin = 140_000;

/**
 * Opens the ledger in the schema `iu` of a Postgres database (postgres://user@host:port/database). Throws {@link StoreError}. Making or
 * migrating one needs a login that owns the schema; all else is allowed to the roles that the migrations grant.
 */
export async function openPostgresStore(url: string, options: OpenPostgresOptions = {}): Promise<PostgresStore> {
  const readOnly = options.readOnly ?? false;
  let sql: PostgresSql | undefined;
  try {
    sql = await openPostgres(url, options);
    await assertLedger(sql, { writing: !readOnly, create: (options.create ?? false) && !readOnly });
    const migrations = readMigrations("src/database/migrations/postgres");
    const newest = readOnly ? await newestMigration(sql) : await migrated(sql, migrations);
    if (newest > migrations.length) {
      throw new StoreError(
        "NEWER_LEDGER",
        `the database has tables of format ${newest}; this program knows up to ${migrations.length}`,
        { next: "Use the newer iu-ledger that wrote it." },
      );
    }
    await assertOwner(sql, options);
    return postgresStore(sql);
  } catch (error) {
    await sql?.close();
    throw storeErrorOf(error);
  }
}

async function migrated(sql: PostgresSql, migrations: Parameters<typeof migrate>[1]): Promise<number> {
  const outcome = await migrate(sql, migrations);
  return outcome.kind === "newer" ? outcome.database : outcome.newest;
}

/** Whether the database is what it is opened as: a ledger of its own, or the copy of one on a cluster. An empty one can be made a copy. */
async function assertOwner(sql: Sql, { replicaOf, readOnly = false }: OpenPostgresOptions): Promise<void> {
  const origin = await replicaOrigin(sql);
  if (origin !== undefined && replicaOf === undefined && !readOnly)
    throw new StoreError("READ_ONLY", `the database is the copy of ${origin}, a ledger on an EventStoreDB cluster`, {
      next: "Open the ledger itself: --ledger esdb://… --postgres with the URL of this database. The copy can be read and replayed as it is.",
    });
  if (replicaOf === undefined || origin === replicaOf) return;
  if (origin !== undefined)
    throw notALedger(
      `the database is the copy of ${origin}, not of ${replicaOf}`,
      "Check the URLs of both: each ledger on a cluster has a database of its own.",
    );
  if (readOnly) throw notALedger("the database is no copy of a ledger yet", "Open it for writing once.");
  await sql.transaction(async (session) => {
    // Nobody appends to it as to a ledger of its own between the look and the mark.
    await session.exec("LOCK TABLE event IN SHARE ROW EXCLUSIVE MODE");
    const [row] = await session.query<{ events: number }>("SELECT count(*) AS events FROM event");
    if (row?.events !== 0)
      throw notALedger(
        `the database holds a ledger of its own, of ${row?.events} events`,
        "Give the copy a database of its own with --postgres.",
      );
    await session.run("INSERT INTO replica (id, stream) VALUES (0, $1) ON CONFLICT DO NOTHING", [replicaOf]);
  });
  await assertOwner(sql, { replicaOf });
}

/** The stream that a database is the copy of; undefined for one that is a ledger of its own. */
async function replicaOrigin(sql: Sql): Promise<string | undefined> {
  // A database of an older format, opened for reading, has no such table.
  if (!(await hasTable(sql, "replica"))) return undefined;
  const [row] = await sql.query<{ stream: string }>("SELECT stream FROM replica");
  return row?.stream;
}

interface Found {
  readonly version: number;
  readonly encoding: string;
  readonly fsync: string;
  readonly schema: number;
  readonly ledger: number;
  readonly objects: number;
}

// By the catalogue's tables: to_regclass would be refused to a login that may not use the schema, and then we could not say so.
const look = `SELECT current_setting('server_version_num')::int4 AS version, current_setting('server_encoding') AS encoding,
  current_setting('fsync') AS fsync,
  EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'iu') AS schema,
  count(*) FILTER (WHERE c.relname IN ('migration', 'event', 'head')) = 3 AS ledger, count(c.oid) AS objects
  FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid WHERE n.nspname = 'iu'`;

/** Whether there is a ledger of ours, or room to make one. Asked before any write: somebody else's schema stays untouched. */
async function assertLedger(sql: PostgresSql, options: { writing: boolean; create: boolean }): Promise<void> {
  const [found] = await sql.read<Found>(look);
  if (found === undefined) throw new Error("an aggregate without a row");
  const { version, encoding, fsync, schema, ledger, objects } = found;
  if (version < serverVersionMin)
    throw notALedger(`the server is Postgres ${Math.floor(version / 10_000)}`, "Use Postgres 14 or newer.");
  if (encoding !== "UTF8")
    throw notALedger(
      `the database holds text as ${encoding}`,
      "Make a database with: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0",
    );
  // iu.append refuses it too, should the server be set so later.
  if (options.writing && fsync === "off")
    throw new StoreError("READ_ONLY", "the server runs with fsync = off: what it calls committed may be lost", {
      next: "Set fsync = on in postgresql.conf and reload it; until then the ledger can be opened for reading only.",
    });
  if (ledger === 1) return;
  if (objects > 0)
    throw notALedger(
      "the schema iu of this database is something else's",
      "Check the database's name, or use another database.",
    );
  if (!options.create) throw notALedger("there is no ledger in this database", "Create one there with: iu-ledger init");
  // Not IF NOT EXISTS alone: that needs the right to make schemas even where an administrator has made it.
  if (schema === 0) await sql.exec("CREATE SCHEMA IF NOT EXISTS iu");
}

function notALedger(message: string, next: string): StoreError {
  return new StoreError("NOT_A_LEDGER", message, { next });
}
