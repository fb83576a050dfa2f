/**
 * What the database says of roles and privileges, read in one go: by the catalogues and by Postgres's own `has_…_privilege`, which know of
 * membership, PUBLIC, ownership and predefined roles. Only looks. What should be is not known here.
 */
import type { Trial } from "../database/postgresTrial.js";
import { everybody, type Grantable, ledgerRoles, privilegesOf } from "./expectedGrants.js";

/** What one role may do with one object. */
export interface EffectiveCell extends Grantable {
  readonly role: string;
  /** As shown: `iu.event`, `iu.event.bytes`, `iu.append(text[], …)`. */
  readonly object: string;
  readonly privileges: readonly string[];
}

export interface RoleRow {
  readonly name: string;
  readonly superuser: number;
  readonly login: number;
  readonly createrole: number;
  readonly createdb: number;
  readonly replication: number;
  readonly bypassrls: number;
  readonly connections: number;
}

/** `member` has what `role` has; through which roles, outermost first. */
export interface MembershipRow {
  readonly role: string;
  readonly member: string;
  readonly via: string;
  readonly admin: number;
}

export interface ReadGrants {
  readonly server: {
    readonly version: number;
    readonly name: string;
    readonly database: string;
    readonly system: string | null;
  };
  readonly login: { readonly name: string; readonly superuser: number };
  readonly owner: string;
  readonly roles: readonly RoleRow[];
  /** Members of the ledger's roles, of its owner, of predefined roles; and what the ledger's roles are members of. */
  readonly memberships: readonly MembershipRow[];
  readonly cells: readonly EffectiveCell[];
  /** Objects of the schema that somebody else than its owner owns. */
  readonly owners: readonly { readonly kind: string; readonly object: string; readonly owner: string }[];
  /** Privileges given by name, to whomever, but for the owner's own. */
  readonly grants: readonly {
    readonly object: string;
    readonly grantee: string;
    readonly privilege: string;
    readonly grantable: number;
  }[];
  readonly defaults: readonly {
    readonly by: string;
    readonly schema: string;
    readonly kind: string;
    readonly grantee: string;
    readonly privilege: string;
  }[];
  readonly functions: readonly {
    readonly schema: string;
    readonly name: string;
    readonly object: string;
    readonly owner: string;
    readonly definer: number;
    readonly path: string | null;
  }[];
  readonly triggers: readonly { readonly name: string; readonly table: string; readonly enabled: string }[];
  readonly rules: readonly { readonly what: string; readonly table: string }[];
  /** Settings kept for a role or a database, that bear on what the ledger refuses. */
  readonly settings: readonly { readonly role: string; readonly database: string; readonly setting: string }[];
  readonly parameters: readonly { readonly parameter: string; readonly grantee: string; readonly privilege: string }[];
  /** `session_replication_role` of this session. */
  readonly replication: string;
  /** Who may write a table of the ledger although no role, no owner and no superuser: by whatever way. */
  readonly writers: readonly { readonly role: string; readonly object: string; readonly privilege: string }[];
}

/** PG_CATALOG is always on the path. Roles of Postgres's own, whose membership gives the ledger away. */
const predefined = [
  "pg_read_all_data",
  "pg_write_all_data",
  "pg_read_server_files",
  "pg_write_server_files",
  "pg_execute_server_program",
  "pg_maintain",
  "pg_create_subscription",
];

/** Settings that could make a session pass a trigger, or act as somebody else. */
const settingsLookedAt = [
  "session_replication_role",
  "role",
  "session_authorization",
  "session_preload_libraries",
  "local_preload_libraries",
  "row_security",
];

const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(", ");
const four = list(ledgerRoles);

const looked = {
  server: `SELECT current_setting('server_version_num')::int4 AS version, 'PostgreSQL ' || current_setting('server_version') AS name,
    current_database()::text AS database`,
  login: "SELECT rolname::text AS name, rolsuper AS superuser FROM pg_catalog.pg_roles WHERE rolname = session_user",
  owner: "SELECT pg_get_userbyid(nspowner)::text AS owner FROM pg_catalog.pg_namespace WHERE nspname = 'iu'",
  roles: `SELECT rolname::text AS name, rolsuper AS superuser, rolcanlogin AS login, rolcreaterole AS createrole, rolcreatedb AS createdb,
    rolreplication AS replication, rolbypassrls AS bypassrls, rolconnlimit AS connections FROM pg_catalog.pg_roles ORDER BY rolname COLLATE "C"`,
  memberships: `WITH RECURSIVE below (top, role, member, via, admin) AS (
      SELECT a.roleid, a.roleid, a.member, ''::text COLLATE "C", a.admin_option FROM pg_catalog.pg_auth_members a
      UNION
      SELECT b.top, a.roleid, a.member, ltrim(b.via || ', ' || pg_get_userbyid(b.member), ', ') COLLATE "C", a.admin_option
      FROM below b JOIN pg_catalog.pg_auth_members a ON a.roleid = b.member WHERE length(b.via) < 1000
    )
    SELECT pg_get_userbyid(top)::text AS role, pg_get_userbyid(member)::text AS member, via, bool_or(admin) AS admin FROM below
    WHERE pg_get_userbyid(top) IN (${four}, ${list(predefined)}, $1) OR pg_get_userbyid(member) IN (${four})
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
  objects: `SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'S' THEN 'sequence' ELSE 'table' END AS kind, c.relname::text AS name,
      'iu.' || c.relname AS object, c.oid::int8 AS oid, pg_get_userbyid(c.relowner)::text AS owner
    FROM pg_catalog.pg_class c WHERE c.relnamespace = 'iu'::regnamespace AND c.relkind IN ('r', 'p', 'f', 'm', 'v', 'S')
    UNION ALL
    SELECT 'function', p.proname, 'iu.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')', p.oid::int8, pg_get_userbyid(p.proowner)
    FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'iu'::regnamespace
    UNION ALL
    SELECT 'schema', n.nspname, n.nspname, n.oid::int8, pg_get_userbyid(n.nspowner) FROM pg_catalog.pg_namespace n WHERE n.nspname IN ('iu', 'public')
    UNION ALL
    SELECT 'database', d.datname, d.datname, d.oid::int8, pg_get_userbyid(d.datdba) FROM pg_catalog.pg_database d WHERE d.datname = current_database()
    ORDER BY 1, 3`,
  columns: `SELECT c.relname || '.' || a.attname AS name, 'iu.' || c.relname || '.' || a.attname AS object,
      CASE x.grantee WHEN 0 THEN '${everybody}' ELSE pg_get_userbyid(x.grantee) END AS grantee, x.privilege_type AS privilege, x.is_grantable AS grantable
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped,
      aclexplode(a.attacl) x WHERE c.relnamespace = 'iu'::regnamespace AND x.grantee <> c.relowner ORDER BY 1, 3, 4`,
  grants: `WITH o (object, acl, owner) AS (
      SELECT 'iu.' || relname, relacl, relowner FROM pg_catalog.pg_class WHERE relnamespace = 'iu'::regnamespace
      UNION ALL SELECT 'iu.' || proname || '(' || oidvectortypes(proargtypes) || ')', coalesce(proacl, acldefault('f', proowner)), proowner
        FROM pg_catalog.pg_proc WHERE pronamespace = 'iu'::regnamespace
      UNION ALL SELECT nspname, nspacl, nspowner FROM pg_catalog.pg_namespace WHERE nspname = 'iu')
    SELECT o.object::text, CASE x.grantee WHEN 0 THEN '${everybody}' ELSE pg_get_userbyid(x.grantee) END::text AS grantee,
      x.privilege_type AS privilege, x.is_grantable AS grantable
    FROM o, aclexplode(o.acl) x WHERE x.grantee <> o.owner ORDER BY 1, 2, 3`,
  defaults: `SELECT pg_get_userbyid(d.defaclrole)::text AS by, coalesce(n.nspname, '')::text AS schema, d.defaclobjtype::text AS kind,
      CASE x.grantee WHEN 0 THEN '${everybody}' ELSE pg_get_userbyid(x.grantee) END::text AS grantee, x.privilege_type AS privilege
    FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) x
    WHERE (n.nspname = 'iu' OR (d.defaclnamespace = 0 AND pg_get_userbyid(d.defaclrole) = $1)) AND x.grantee <> d.defaclrole ORDER BY 1, 2, 3, 4, 5`,
  // SECURITY DEFINER functions elsewhere count where they act with the rights of the ledger's owner or of a superuser.
  functions: `SELECT n.nspname::text AS schema, p.proname::text AS name, n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' AS object,
      pg_get_userbyid(p.proowner)::text AS owner, p.prosecdef AS definer,
      (SELECT substr(s, 13) FROM unnest(p.proconfig) s WHERE s LIKE 'search\\_path=%') AS path
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname = 'iu' OR (p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND (pg_get_userbyid(p.proowner) = $1 OR EXISTS (SELECT FROM pg_catalog.pg_roles r WHERE r.oid = p.proowner AND r.rolsuper))
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'))
    ORDER BY 3`,
  triggers: `SELECT t.tgname::text AS name, c.relname::text AS table, t.tgenabled::text AS enabled FROM pg_catalog.pg_trigger t
    JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'iu'::regnamespace AND NOT t.tgisinternal ORDER BY 2, 1`,
  rules: `SELECT 'rule ' || r.rulename AS what, c.relname::text AS table FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
    WHERE c.relnamespace = 'iu'::regnamespace AND r.rulename <> '_RETURN'
    UNION ALL SELECT 'row level security', relname FROM pg_catalog.pg_class WHERE relnamespace = 'iu'::regnamespace AND relrowsecurity
    UNION ALL SELECT 'policy ' || p.polname, c.relname FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
    WHERE c.relnamespace = 'iu'::regnamespace ORDER BY 2, 1`,
  settings: `SELECT CASE s.setrole WHEN 0 THEN '' ELSE pg_get_userbyid(s.setrole) END::text AS role,
      CASE s.setdatabase WHEN 0 THEN '' ELSE (SELECT datname FROM pg_catalog.pg_database d WHERE d.oid = s.setdatabase) END::text AS database, c AS setting
    FROM pg_catalog.pg_db_role_setting s, unnest(s.setconfig) c
    WHERE split_part(c, '=', 1) IN (${list(settingsLookedAt)}) AND s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()))
    ORDER BY 1, 2, 3`,
  parameters: `SELECT a.parname AS parameter, CASE x.grantee WHEN 0 THEN '${everybody}' ELSE pg_get_userbyid(x.grantee) END::text AS grantee, x.privilege_type AS privilege
    FROM pg_catalog.pg_parameter_acl a, aclexplode(a.paracl) x WHERE x.grantee <> 10 ORDER BY 1, 2, 3`,
  replication: "SELECT current_setting('session_replication_role') AS setting",
  writers: `SELECT r.rolname::text AS role, 'iu.' || c.relname AS object, p.privilege FROM pg_catalog.pg_roles r, pg_catalog.pg_class c,
      unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS p (privilege)
    WHERE c.relnamespace = 'iu'::regnamespace AND c.relname IN ('event', 'command', 'head', 'turn', 'content', 'migration')
      AND NOT r.rolsuper AND r.rolname NOT IN (${four}, $1) AND r.rolname !~ '^pg_' AND has_table_privilege(r.oid, c.oid, p.privilege) ORDER BY 1, 2, 3`,
} as const;

interface ObjectRow extends Grantable {
  readonly object: string;
  readonly oid: number;
  readonly owner: string;
}

/** Reads it all. Throws `SqlError`. */
export async function readGrants(trial: Trial): Promise<ReadGrants> {
  const [server] = await trial.query<Omit<ReadGrants["server"], "system">>(looked.server);
  const [login] = await trial.query<ReadGrants["login"]>(looked.login);
  const [schema] = await trial.query<{ owner: string }>(looked.owner);
  if (server === undefined || login === undefined || schema === undefined) throw new Error("a catalogue without a row");
  const { owner } = schema;
  const roles = await trial.query<RoleRow>(looked.roles);
  const objects = await trial.query<ObjectRow>(looked.objects);
  const columns = await trial.query<{
    name: string;
    object: string;
    grantee: string;
    privilege: string;
    grantable: number;
  }>(looked.columns);
  return {
    server: { ...server, system: await systemOf(trial) },
    login,
    owner,
    roles,
    memberships: await trial.query(looked.memberships, [owner]),
    cells: [...(await cellsOf(trial, objects, roles)), ...columnCells(columns)],
    owners: objects
      .filter((one) => one.owner !== owner && one.kind !== "database" && one.name !== "public")
      .map(({ kind, object, owner: by }) => ({ kind, object, owner: by })),
    grants: [
      ...(await trial.query<ReadGrants["grants"][number]>(looked.grants)),
      ...columns.map(({ object, grantee, privilege, grantable }) => ({ object, grantee, privilege, grantable })),
    ],
    defaults: await trial.query(looked.defaults, [owner]),
    functions: await trial.query(looked.functions, [owner]),
    triggers: await trial.query(looked.triggers),
    rules: await trial.query(looked.rules),
    settings: await trial.query(looked.settings),
    parameters: server.version >= 150_000 ? await trial.query(looked.parameters) : [],
    replication: (await trial.query<{ setting: string }>(looked.replication))[0]?.setting ?? "",
    writers: await trial.query(looked.writers, [owner]),
  };
}

/** The cluster's own number: a copy of the ledger elsewhere has another. Null where the login may not ask. */
async function systemOf(trial: Trial): Promise<string | null> {
  const text = "SELECT system_identifier::text AS system FROM pg_catalog.pg_control_system()";
  const { state } = await trial.attempt(text);
  return state === null ? ((await trial.query<{ system: string }>(text))[0]?.system ?? null) : null;
}

async function cellsOf(
  trial: Trial,
  objects: readonly ObjectRow[],
  roles: readonly RoleRow[],
): Promise<EffectiveCell[]> {
  const names = new Set(roles.map(({ name }) => name));
  const subjects = [...ledgerRoles.filter((role) => names.has(role)), everybody];
  const cells: EffectiveCell[] = [];
  for (const { kind, name, object, oid } of objects) {
    // The schema public is looked at for one thing: who may put objects there.
    const asked = kind === "schema" && name === "public" ? ["CREATE"] : privilegesOf[kind];
    const held = asked
      .map(
        (privilege) =>
          `has_${kind === "view" ? "table" : kind}_privilege(s.subject, $1::oid, '${privilege}')::int4::text`,
      )
      .join(" || ',' || ");
    const rows = await trial.query<{ subject: string; held: string }>(
      `SELECT s.subject, ${held} AS held FROM unnest(ARRAY[${list(subjects.map((one) => (one === everybody ? "public" : one)))}]::name[]) WITH ORDINALITY AS s (subject, n) ORDER BY n`,
      [oid],
    );
    for (const [i, { held: bits }] of rows.entries()) {
      const privileges = asked.filter((_, at) => bits.split(",")[at] === "1");
      cells.push({ role: subjects[i] as string, kind, name, object, privileges });
    }
  }
  return cells;
}

/** Columns with privileges of their own: none should have. */
function columnCells(
  columns: readonly { name: string; object: string; grantee: string; privilege: string }[],
): EffectiveCell[] {
  const byCell = new Map<string, EffectiveCell & { privileges: string[] }>();
  for (const { name, object, grantee, privilege } of columns) {
    const key = JSON.stringify([object, grantee]);
    const cell = byCell.get(key) ?? { role: grantee, kind: "column" as const, name, object, privileges: [] };
    cell.privileges.push(privilege);
    byCell.set(key, cell);
  }
  return [...byCell.values()].map((cell) => ({ ...cell, privileges: cell.privileges.sort() }));
}
