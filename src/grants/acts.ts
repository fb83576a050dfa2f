/**
 * What is tried as each role of a ledger's database: acts that must be denied for want of a privilege, and acts that must work. Every one can be
 * rolled back, or does nothing where it is allowed: this may be run on a ledger in use. What no transaction takes back (ALTER SYSTEM,
 * CREATE DATABASE) is for superusers and owners of databases; those attributes are compared instead. Nor is anything tried that Postgres locks a
 * table for before it asks for the right (CREATE RULE, CREATE and DROP TRIGGER): appenders would wait. For those the privileges and owners
 * are compared.
 */
import { expectedPrivileges, type LedgerRole } from "./expectedGrants.js";

export interface Act {
  readonly act: string;
  readonly kind: "forbidden" | "needed";
  /** An act that a function refuses by itself once it may be called: that SQLSTATE is then the proof that it may. */
  readonly state?: string;
  /** Only what the session was begun as counts for it, so playing a role tells nothing. */
  readonly session?: true;
}

/** The tables there are, and the columns of each. */
export interface Relations {
  readonly owner: string;
  readonly tables: ReadonlyMap<string, readonly string[]>;
  readonly views: readonly string[];
}

const noArrays = Array.from({ length: 13 }, () => "'{}'").join(", ");
/** An append of nothing: takes its turn, finds nothing to do, and answers. */
const append = `SELECT iu.append(${noArrays})`;
const put = "SELECT iu.content_put('none', '\\x00', '\\x00')";
const erase = "SELECT iu.content_erase('none')";
/** A checkpoint that cannot be the next: answered with no. */
const checkpoint = "SELECT iu.checkpoint_add(-1, 1, '\\x00')";
const appendSignature =
  "iu.append(text[], text[], integer[], integer[], integer[], bytea[], integer[], integer[], integer[], bigint[], integer[], bigint[], bytea[])";

/** Everything that is tried as a role. */
export function actsOf(role: LedgerRole, relations: Relations): Act[] {
  return [
    ...forbidden(role, relations).map((act): Act => (typeof act === "string" ? { act, kind: "forbidden" } : act)),
    ...needed(role, relations),
  ];
}

function forbidden(role: LedgerRole, { owner, tables, views }: Relations): (string | Act)[] {
  const quotedOwner = `"${owner.replaceAll('"', '""')}"`;
  return [
    ...[...tables].flatMap(([table, columns]) => {
      const may = expectedPrivileges(role, { kind: "table", name: table });
      return [...structure(table), ...rows(table, columns, may), ...(may.join() === "SELECT" ? locks(table) : [])];
    }),
    ...views.flatMap((view) => [
      `CREATE OR REPLACE VIEW iu.${view} AS SELECT 1 AS one`,
      `DROP VIEW iu.${view} CASCADE`,
      `ALTER VIEW iu.${view} RENAME TO other`,
    ]),
    ...(role === "iu_reader" ? [append] : []),
    ...(role === "iu_reader" || role === "iu_verifier" ? [put] : []),
    ...(role === "iu_operator" ? [] : [erase, checkpoint]),
    ...functions,
    ...schemaActs(role),
    ...powers(quotedOwner),
  ];
}

/** What changes rows, but for what the role may. */
function rows(table: string, columns: readonly string[], may: readonly string[]): string[] {
  const unless = (privilege: string, acts: readonly string[]) => (may.includes(privilege) ? [] : acts);
  return [
    ...unless("INSERT", [
      `INSERT INTO iu.${table} DEFAULT VALUES`,
      `INSERT INTO iu.${table} SELECT * FROM iu.${table} LIMIT 0`,
      ...columns.map((column) => `INSERT INTO iu.${table} ("${column}") SELECT NULL WHERE false`),
    ]),
    ...unless("UPDATE", [
      `SELECT FROM iu.${table} WHERE false FOR UPDATE`,
      ...columns.map((column) => `UPDATE iu.${table} SET "${column}" = NULL WHERE false`),
    ]),
    ...unless("DELETE", [`DELETE FROM iu.${table} WHERE false`]),
    `TRUNCATE iu.${table}`,
  ];
}

function structure(table: string): string[] {
  return [
    `TRUNCATE iu.${table} CASCADE`,
    `ALTER TABLE iu.${table} ADD COLUMN more integer`,
    `ALTER TABLE iu.${table} DISABLE TRIGGER ALL`,
    `ALTER TABLE iu.${table} OWNER TO CURRENT_USER`,
    `ALTER TABLE iu.${table} SET SCHEMA public`,
    `ALTER TABLE iu.${table} ENABLE ROW LEVEL SECURITY`,
    `DROP TABLE iu.${table} CASCADE`,
    `CREATE POLICY mine ON iu.${table}`,
    `GRANT ALL ON iu.${table} TO CURRENT_USER; TRUNCATE iu.${table}`,
  ];
}

function locks(table: string): string[] {
  return [
    `SELECT FROM iu.${table} WHERE false FOR KEY SHARE`,
    `LOCK TABLE iu.${table} IN ROW EXCLUSIVE MODE NOWAIT`,
    `LOCK TABLE iu.${table} IN ACCESS EXCLUSIVE MODE NOWAIT`,
    `COPY iu.${table} FROM '/dev/null'`,
    `ALTER TABLE iu.${table} DISABLE TRIGGER ${table}_kept`,
  ];
}

const functions = [
  "SELECT iu.durably()",
  "ALTER FUNCTION iu.refuse() RENAME TO allow",
  "CREATE OR REPLACE FUNCTION iu.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
  "DROP FUNCTION iu.refuse() CASCADE",
  `ALTER FUNCTION ${appendSignature} SECURITY INVOKER`,
  `ALTER FUNCTION ${appendSignature} RESET search_path`,
  `DROP FUNCTION ${appendSignature}`,
];

function schemaActs(role: LedgerRole): string[] {
  const others = (["iu_reader", "iu_verifier", "iu_orchestrator", "iu_operator"] as const).filter(
    (one) => one !== role,
  );
  return [
    "CREATE TABLE iu.mine (id integer)",
    "CREATE VIEW iu.mine AS SELECT 1 AS one",
    "CREATE FUNCTION iu.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE SEQUENCE iu.mine",
    "CREATE TYPE iu.mine AS (a integer)",
    "CREATE TABLE public.mine (id integer)",
    "CREATE SCHEMA mine",
    "ALTER SCHEMA iu RENAME TO mine",
    "DROP SCHEMA iu CASCADE",
    "GRANT ALL ON SCHEMA iu TO CURRENT_USER; CREATE TABLE iu.mine ()",
    ...others.map((other) => `GRANT ${other} TO CURRENT_USER`),
  ];
}

/** Ways around: being somebody else, the server's files and programs, the settings that triggers hang on. */
function powers(owner: string): (string | Act)[] {
  return [
    { act: `SET ROLE ${owner}`, kind: "forbidden", session: true },
    { act: "SET ROLE pg_write_all_data", kind: "forbidden", session: true },
    "SET session_replication_role = replica",
    "SELECT set_config('session_replication_role', 'replica', true)",
    "CREATE ROLE iu_mine",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE CURRENT_USER CREATEROLE",
    "ALTER ROLE CURRENT_USER SET session_replication_role = replica",
    `GRANT ${owner} TO CURRENT_USER`,
    "GRANT pg_write_all_data TO CURRENT_USER",
    `REASSIGN OWNED BY ${owner} TO CURRENT_USER`,
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT ALL ON TABLES TO PUBLIC`,
    "CREATE FUNCTION pg_temp.mine() RETURNS void LANGUAGE internal AS 'pg_read_file'",
    "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION iu.refuse()",
    "CREATE PUBLICATION mine FOR ALL TABLES",
    "COPY (SELECT 1) TO '/dev/null'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "SELECT pg_read_file('PG_VERSION')",
    "SELECT pg_ls_dir('.')",
    "SELECT lo_import('/dev/null')",
    "UPDATE pg_catalog.pg_trigger SET tgenabled = 'D' WHERE false",
    "DELETE FROM pg_catalog.pg_class WHERE false",
  ];
}

function needed(role: LedgerRole, { tables, views }: Relations): Act[] {
  const act = (text: string, state?: string): Act => ({
    act: text,
    kind: "needed",
    ...(state === undefined ? {} : { state }),
  });
  const written = [...tables].flatMap(([table, [column = ""]]) => {
    const may = expectedPrivileges(role, { kind: "table", name: table });
    return [
      ...(may.includes("INSERT") ? [act(`INSERT INTO iu.${table} SELECT * FROM iu.${table} LIMIT 0`)] : []),
      ...(may.includes("UPDATE") ? [act(`UPDATE iu.${table} SET "${column}" = "${column}" WHERE false`)] : []),
      ...(may.includes("DELETE") ? [act(`DELETE FROM iu.${table} WHERE false`)] : []),
    ];
  });
  return [
    ...[...tables.keys(), ...views].map((name) => act(`SELECT FROM iu.${name} LIMIT 1`)),
    act("LISTEN iu_event"),
    ...(role === "iu_reader" ? [] : [act(append)]),
    ...(role === "iu_orchestrator" || role === "iu_operator" ? [act(put, "IU002")] : []),
    ...(role === "iu_operator" ? [act(erase), act(checkpoint)] : []),
    ...written,
  ];
}
