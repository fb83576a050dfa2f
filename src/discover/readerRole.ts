/**
 * Read-only by role: a login that could write what is read, or more, is refused before anything is read, although the transaction is READ
 * ONLY. What READ ONLY does not stop (see `postgresSnapshot.ts`) is then stopped by the rights of a login that has none to spare.
 */
import type { PostgresSnapshot } from "../database/postgresSnapshot.js";
import { SourceError } from "./SourceError.js";

/**
 * Roles this login is, or may become by SET ROLE, that can do more than any reader: superusers; who makes roles (before Postgres 16 they may
 * make themselves members of nearly any); who writes files or runs programs on the server.
 */
const powers = `
SELECT r.rolname AS role,
  CASE WHEN r.rolsuper THEN 'is a superuser'
       WHEN r.rolcreaterole THEN 'may make roles'
       ELSE 'writes files or runs programs on the server' END AS power
FROM pg_catalog.pg_roles AS r
WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  AND (r.rolsuper OR r.rolcreaterole OR r.rolname IN ('pg_write_server_files', 'pg_execute_server_program'))
ORDER BY r.rolname::text <> session_user, r.rolsuper DESC, r.rolname
LIMIT 1`;

/**
 * The tables and views that this transaction has opened: whoever reads one holds a lock on it until the end. That finds what is behind a
 * view or in a function too, as far as it was planned or called.
 */
const opened = `
SELECT DISTINCT c.oid, pg_catalog.format('%I.%I', n.nspname, c.relname) AS name, c.relkind = 'f' AS foreign
FROM pg_catalog.pg_locks AS l
JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation'
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`;

const writable = `
SELECT o.name, r.rolname AS role, a.act
FROM (${opened}) AS o
CROSS JOIN pg_catalog.pg_roles AS r
CROSS JOIN (VALUES ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE')) AS a (act)
WHERE pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER')
  AND (pg_catalog.has_table_privilege(r.oid, o.oid, a.act)
    OR (a.act IN ('INSERT', 'UPDATE') AND pg_catalog.has_any_column_privilege(r.oid, o.oid, a.act)))
ORDER BY o.name, r.rolname::text <> session_user, r.rolname, a.act
LIMIT 1`;

/** Throws {@link SourceError}, refused, where this login has a power that no reader needs. */
export async function assertNoPower(snapshot: PostgresSnapshot): Promise<void> {
  const [found] = await snapshot.query<{ role: string; power: string }>(powers);
  if (found === undefined) return;
  const { role, power } = found;
  throw refusal(snapshot, `${who(snapshot, role)} ${power}.`, { role });
}

/** Throws {@link SourceError}, refused, where this login may write a table or view that was opened so far. */
export async function assertCannotWrite(snapshot: PostgresSnapshot): Promise<void> {
  const [found] = await snapshot.query<{ name: string; role: string; act: string }>(writable);
  if (found === undefined) return;
  const { name, role, act } = found;
  throw refusal(snapshot, `${who(snapshot, role)} may ${act} on ${name}, which this reads.`, { role, table: name });
}

/** The names of the tables and views opened so far, quoted where need be, in order. */
export async function tablesRead(snapshot: PostgresSnapshot): Promise<string[]> {
  const rows = await snapshot.query<{ name: string; foreign: number }>(opened);
  return rows.map(({ name, foreign }) => (foreign === 1 ? `${name} (on another server)` : name)).sort();
}

function who({ login }: PostgresSnapshot, role: string): string {
  return role === login ? `The login ${login}` : `The login ${login} belongs to ${role}, which`;
}

function refusal({ login }: PostgresSnapshot, message: string, numbers: Record<string, string>): SourceError {
  return new SourceError(
    "refused",
    "ROLE_CAN_WRITE",
    `${message} Documents are discovered by a login that can only read.`,
    "Make one, and grant it no more: CREATE ROLE discoverer LOGIN PASSWORD '…'; GRANT USAGE ON SCHEMA … TO discoverer; GRANT SELECT ON … TO discoverer",
    { numbers: { login, ...numbers } },
  );
}
