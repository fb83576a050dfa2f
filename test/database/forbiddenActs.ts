/** What is tried as each role: acts in SQL, by who may not do them. Anything that could change, add, hide or lock what is stored. */
import { content } from "../store/samples.js";

export const roles = ["reader", "verifier", "orchestrator", "operator"] as const;
export type Role = (typeof roles)[number];

/** The content that {@link callErase} erases. */
export const article = content("Article 1");

export const tables = ["event", "command", "head", "turn", "content", "migration", "checkpoint", "replica"];
export const appendSignature =
  "iu.append(text[],text[],int[],int[],int[],bytea[],int[],int[],int[],bigint[],int[],bigint[],bytea[])";
export const callAppend = `SELECT iu.append('{c}', '{run-7}', '{1}', '{0}', '{1}', '{x}', '{0}', '{1}', '{}', '{}', '{1}', '{0}', '{x}')`;
export const callPut = `SELECT iu.content_put('${article.commitment}', '\\x00', '\\x00')`;
export const callErase = `SELECT iu.content_erase('${article.commitment}')`;

export const forbiddenToAll: readonly string[] = [
  ...tables.flatMap((table) => [
    `INSERT INTO iu.${table} SELECT * FROM iu.${table}`,
    `INSERT INTO iu.${table} DEFAULT VALUES`,
    `UPDATE iu.${table} SET ${columnOf(table)} = NULL`,
    `DELETE FROM iu.${table}`,
    `TRUNCATE iu.${table}`,
    `TRUNCATE iu.event, iu.${table} CASCADE`,
    `MERGE INTO iu.${table} t USING (VALUES (1)) v ON true WHEN MATCHED THEN DELETE`,
    `SELECT FROM iu.${table} FOR UPDATE`,
    `SELECT FROM iu.${table} FOR KEY SHARE`,
    `LOCK TABLE iu.${table} IN ROW EXCLUSIVE MODE`,
    `LOCK TABLE iu.${table} IN ACCESS EXCLUSIVE MODE`,
    `ALTER TABLE iu.${table} ADD COLUMN more integer`,
    `ALTER TABLE iu.${table} DISABLE TRIGGER ALL`,
    `ALTER TABLE iu.${table} DISABLE TRIGGER USER`,
    `ALTER TABLE iu.${table} RENAME TO other`,
    `ALTER TABLE iu.${table} OWNER TO CURRENT_USER`,
    `ALTER TABLE iu.${table} SET SCHEMA public`,
    `ALTER TABLE iu.${table} ENABLE ROW LEVEL SECURITY`,
    `DROP TABLE iu.${table} CASCADE`,
    `DROP TRIGGER ${table}_kept ON iu.${table}`,
    `CREATE TRIGGER mine BEFORE INSERT ON iu.${table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    `CREATE RULE mine AS ON INSERT TO iu.${table} DO INSTEAD NOTHING`,
    `CREATE INDEX mine ON iu.${table} (${columnOf(table)})`,
    `CREATE POLICY mine ON iu.${table}`,
    `COPY iu.${table} FROM '/dev/null'`,
    `COPY iu.${table} TO '/tmp/stolen'`,
    `COPY iu.${table} TO PROGRAM 'true'`,
    `COMMENT ON TABLE iu.${table} IS 'mine'`,
    `REINDEX TABLE iu.${table}`,
  ]),
  "ALTER FUNCTION iu.refuse() RENAME TO allow",
  "CREATE OR REPLACE FUNCTION iu.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
  `ALTER FUNCTION ${appendSignature} SECURITY INVOKER`,
  `ALTER FUNCTION ${appendSignature} RESET search_path`,
  `DROP FUNCTION ${appendSignature}`,
  "DROP FUNCTION iu.refuse() CASCADE",
  "SELECT iu.durably()",
  "CREATE TABLE iu.mine (id integer)",
  "CREATE VIEW iu.mine AS SELECT 1",
  "CREATE OR REPLACE VIEW iu.history AS SELECT 1",
  "CREATE FUNCTION iu.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
  "CREATE SEQUENCE iu.mine",
  "CREATE TYPE iu.mine AS (a integer)",
  "CREATE SCHEMA mine",
  "ALTER SCHEMA iu RENAME TO mine",
  "DROP SCHEMA iu CASCADE",
  // A grant of what one may not grant says nothing, and gives nothing.
  "GRANT ALL ON SCHEMA iu TO CURRENT_USER; CREATE TABLE iu.mine ()",
  "GRANT ALL ON iu.event TO CURRENT_USER; INSERT INTO iu.event DEFAULT VALUES",
  "GRANT iu_reader TO CURRENT_USER WITH ADMIN OPTION",
  "TRUNCATE iu.projected",
  "DROP TABLE iu.projected",
  "ALTER TABLE iu.projected ADD COLUMN more integer",
  "SET session_replication_role = replica",
  "SELECT set_config('session_replication_role', 'replica', false)",
  "SET ROLE admin",
  "SET ROLE pg_write_all_data",
  "SET SESSION AUTHORIZATION admin",
  "CREATE ROLE mine",
  "ALTER ROLE CURRENT_USER SUPERUSER",
  "ALTER ROLE CURRENT_USER CREATEROLE",
  "ALTER ROLE admin PASSWORD 'mine'",
  "GRANT admin TO CURRENT_USER",
  "GRANT pg_write_all_data TO CURRENT_USER",
  "GRANT iu_operator TO CURRENT_USER",
  "ALTER DATABASE postgres SET search_path = mine",
  "ALTER DEFAULT PRIVILEGES FOR ROLE admin GRANT ALL ON TABLES TO PUBLIC",
  "REASSIGN OWNED BY admin TO CURRENT_USER",
  "DROP OWNED BY admin",
  "CREATE EXTENSION adminpack",
  "CREATE FUNCTION pg_temp.mine() RETURNS void LANGUAGE internal AS 'pg_read_file'",
  "CREATE FUNCTION pg_temp.mine() RETURNS void LANGUAGE c AS 'libc.so.6', 'abort'",
  "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION iu.refuse()",
  "CREATE PUBLICATION mine FOR ALL TABLES",
  "SELECT pg_read_file('/etc/passwd')",
  "SELECT pg_ls_dir('.')",
  "SELECT lo_import('/etc/passwd')",
  "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'admin'",
  "SELECT pg_reload_conf()",
  "SELECT pg_switch_wal()",
  "SELECT pg_promote()",
  "UPDATE pg_catalog.pg_trigger SET tgenabled = 'D'",
  "DELETE FROM pg_catalog.pg_class",
];

/** Forbidden to all too; they refuse to be one of several statements. */
export const forbiddenAlone = [
  "ALTER SYSTEM SET fsync = off",
  "CREATE SUBSCRIPTION mine CONNECTION 'host=x' PUBLICATION y",
  "CREATE DATABASE mine",
  "DROP DATABASE postgres",
];

export function columnOf(table: string): string {
  return {
    event: "bytes",
    command: "envelope",
    head: "peaks",
    turn: "id",
    content: "bytes",
    migration: "name",
    checkpoint: "note",
    replica: "stream",
  }[table] as string;
}

export const projectionWrites = [
  "INSERT INTO iu.projected VALUES (2)",
  "UPDATE iu.projected SET id = 3",
  "DELETE FROM iu.projected",
];

export const forbiddenTo: Readonly<Record<Role, readonly string[]>> = {
  reader: [callAppend, callPut, callErase, ...projectionWrites],
  verifier: [callPut, callErase, ...projectionWrites],
  orchestrator: [callErase, ...projectionWrites],
  operator: [],
};
