/** Every surface of a ledger's database that a mutation could show in, measured at one moment. Only reads, and needs no more than the right to. */
import { readPackageFile } from "../database/packageFile.js";
import { type Dialect, SqlError, type SqlSession } from "../database/Sql.js";
import { digestOf, sha256Hex } from "../events/canonical.js";
import type { ProvenSurfaces } from "../events/proof.js";
import { type Head, type Store, StoreError } from "../ledger/Store.js";
import { schemaObjects } from "../projecting/schemaObjects.js";
import { schemaDigest, type TableDigests, tableDigests } from "../projecting/tableDigests.js";

type Reading = Pick<SqlSession, "query" | "dialect">;

/** How often measuring begins again because the ledger grew under it. */
const triesMax = 5;

/** Measures all of it. Begins again where the ledger grew meanwhile; throws `LOCKED` where it never stands still. */
export async function measureProven(sql: Reading, store: Pick<Store, "head">): Promise<ProvenSurfaces> {
  for (let tries = 1; ; tries++) {
    const before = await store.head();
    const surfaces = await measureAt(sql, before);
    const after = await store.head();
    if (before.size === after.size && before.root === after.root) return surfaces;
    if (tries < triesMax) continue;
    throw new StoreError(
      "LOCKED",
      `the ledger grew under each of ${tries} measurements; it is at ${after.size} events`,
      {
        next: "Try again when less is being written.",
      },
    );
  }
}

/** As {@link measureProven}, where the head is known: of the schema at the head of the path, on Postgres. */
export async function measureAt(sql: Reading, head: Head): Promise<ProvenSurfaces> {
  const tables = await tableDigests(sql);
  const postgres = sql.dialect === "postgres";
  return {
    ...head,
    tables,
    counts: countsOf(tables),
    schema: postgres ? digestOf((await schemaObjects(sql)).map((object) => ({ ...object }))) : await schemaDigest(sql),
    grants: postgres ? await grantsDigest(sql) : noGrants,
    sequences: postgres ? await sequences(sql) : {},
    locks: postgres ? await advisoryLocks(sql) : [],
  };
}

/** SQLite has no roles: the digest of nothing. */
const noGrants = sha256Hex("");

function countsOf(tables: TableDigests): ProvenSurfaces["counts"] {
  const rows = (table: string) => tables[table]?.rows ?? null;
  return { units: rows("unit"), unitVersions: rows("unit_version"), lifecycleEntries: rows("lifecycle") };
}

async function grantsDigest(sql: Reading): Promise<string> {
  const rows = await sql.query<{ line: string }>(readPackageFile("src/proving/grants.postgres.sql"));
  return sha256Hex(rows.map(({ line }) => `${line}\n`).join(""));
}

/** Where each sequence stands. One that may not be read would be a blind spot: that is said, not passed over. */
async function sequences(sql: Reading): Promise<Record<string, string>> {
  const rows = await sql.query<{ name: string; readable: number; last: string | null }>(
    `SELECT s.sequencename::text AS name, has_sequence_privilege(format('%I.%I', s.schemaname, s.sequencename), 'SELECT') AS readable,
      s.last_value::text AS last FROM pg_catalog.pg_sequences s WHERE s.schemaname = current_schema() ORDER BY s.sequencename COLLATE "C"`,
  );
  const blind = rows.find(({ readable }) => readable === 0);
  if (blind !== undefined) {
    throw new SqlError("READ_ONLY", `where the sequence iu.${blind.name} stands cannot be read`, {
      next: `It is none of this program's: drop it, or GRANT SELECT ON SEQUENCE iu.${blind.name} TO iu_reader.`,
    });
  }
  return Object.fromEntries(rows.map(({ name, last }) => [name, last ?? "never asked"]));
}

/** Advisory locks in this database, by whichever session: key and mode. Sorted, so that the same locks are the same list. */
async function advisoryLocks(sql: Reading): Promise<string[]> {
  const rows = await sql.query<{ lock: string }>(
    `SELECT concat_ws(' ', l.classid, l.objid, l.objsubid, l.mode) COLLATE "C" AS lock FROM pg_catalog.pg_locks l
      WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) ORDER BY 1`,
  );
  return rows.map(({ lock }) => lock);
}

/** Which surfaces this kind of database has, beside its tables and its log. */
export function surfacesOf(dialect: Dialect): string {
  return dialect === "postgres"
    ? "tables, row counts, schema, grants, sequences, advisory locks"
    : "tables, row counts, schema (a SQLite file has no grants, sequences or advisory locks)";
}
