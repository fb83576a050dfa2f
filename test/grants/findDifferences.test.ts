// Weaknesses in roles and privileges, each planted in a transaction that is rolled back, each named by code and place; and a database as the
// migrations leave it has none.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Trial, withTrial } from "../../src/database/postgresTrial.js";
import { findDifferences } from "../../src/grants/findDifferences.js";
import { readGrants } from "../../src/grants/readGrants.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { type PostgresLedger, withPostgresLedger } from "../store/withPostgresLedger.js";
import { governedRun } from "../support/governedRun.js";

const test = suite("differences of grants");

/** A ledger with its read models, a group and two logins of its own. */
async function withMembers(use: (ledger: PostgresLedger) => Promise<void>): Promise<void> {
  await withPostgresLedger(async (ledger) => {
    const { cluster, database, open } = ledger;
    const store = await open();
    await governedRun({ store, until: "opened" });
    await catchUp(store, store.sql);
    await cluster.admin(
      database,
      "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'alice') THEN CREATE ROLE alice LOGIN IN ROLE iu_orchestrator; CREATE ROLE team; CREATE ROLE mallory LOGIN; END IF; END $$",
    );
    await use(ledger);
  });
}

async function found(trial: Trial, owner: string | null = null): Promise<string[]> {
  const { matrix, differences } = findDifferences(await readGrants(trial), owner);
  const off = matrix.filter(({ expected, effective }) => expected.join() !== effective.join());
  // Whatever is off in the matrix is said as a difference too.
  assert.ok(off.length === 0 || differences.length > 0, JSON.stringify(off));
  for (const { expected, actual, next } of differences) assert.ok(expected !== "" && actual !== "" && next !== "");
  return differences.map(({ code, where }) => `${code} ${where}`);
}

/** What is planted, and what must be named for it. All that is named is listed, so that nothing is named by chance. */
const weaknesses: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "a nested role",
    "GRANT iu_verifier TO iu_reader",
    ["ROLE_NESTED iu_reader", "PRIVILEGE_EXTRA iu_reader on function iu.append(…)"],
  ],
  ["a role of the ledger in one of Postgres's own", "GRANT pg_signal_backend TO iu_reader", ["ROLE_NESTED iu_reader"]],
  ["a member through a group", "GRANT iu_operator TO team; GRANT team TO alice", ["ROLE_NESTED alice"]],
  ["a member who may grant on", "GRANT iu_orchestrator TO alice WITH ADMIN OPTION", ["MEMBER_ADMIN alice"]],
  ["a superuser as a member", "ALTER ROLE alice SUPERUSER", ["MEMBER_SUPERUSER alice"]],
  ["a member who may replicate", "ALTER ROLE alice REPLICATION BYPASSRLS", ["MEMBER_ATTRIBUTE alice"]],
  ["a role that may log in", "ALTER ROLE iu_reader LOGIN CREATEDB", ["ROLE_ATTRIBUTE iu_reader"]],
  ["who may create roles", "ALTER ROLE mallory CREATEROLE", ["CREATEROLE mallory"]],
  ["a setting kept for a role", "ALTER ROLE alice SET session_replication_role = replica", ["SETTING ROLE alice"]],
  [
    "a setting kept for anybody else",
    "ALTER ROLE mallory SET session_replication_role = replica",
    ["SETTING ROLE mallory"],
  ],
  [
    "a parameter granted",
    "GRANT SET ON PARAMETER session_replication_role TO mallory",
    ["PARAMETER_GRANT mallory on parameter session_replication_role"],
  ],
  [
    "this session plays the replica",
    "SET LOCAL session_replication_role = replica",
    ["SESSION_REPLICATION this session"],
  ],
  ["who writes everything", "GRANT pg_write_all_data TO mallory", ["PREDEFINED_ROLE mallory"]],
  ["who reads everything", "GRANT pg_read_all_data TO mallory", ["PREDEFINED_ROLE mallory"]],
  ["who writes the server's files", "GRANT pg_write_server_files TO mallory", ["PREDEFINED_ROLE mallory"]],
  [
    "everybody may call a function",
    "GRANT EXECUTE ON FUNCTION iu.durably() TO PUBLIC",
    ["PUBLIC_PRIVILEGE PUBLIC on function iu.durably()"],
  ],
  ["everybody may look", "GRANT SELECT ON iu.event TO PUBLIC", ["PUBLIC_PRIVILEGE PUBLIC on table iu.event"]],
  [
    "everybody may make tables",
    "GRANT CREATE ON SCHEMA public TO PUBLIC",
    ["PUBLIC_PRIVILEGE PUBLIC on schema public"],
  ],
  ["everybody may use the schema", "GRANT USAGE ON SCHEMA iu TO PUBLIC", ["PUBLIC_PRIVILEGE PUBLIC on schema iu"]],
  ["a role may make tables", "GRANT CREATE ON SCHEMA iu TO iu_operator", ["PRIVILEGE_EXTRA iu_operator on schema iu"]],
  [
    "a role may write",
    "GRANT INSERT ON iu.event TO iu_orchestrator",
    ["PRIVILEGE_EXTRA iu_orchestrator on table iu.event"],
  ],
  [
    "a role may hang triggers on",
    "GRANT TRIGGER, REFERENCES ON iu.gate TO iu_reader",
    ["PRIVILEGE_EXTRA iu_reader on table iu.gate"],
  ],
  [
    "a column",
    "GRANT UPDATE (bytes) ON iu.event TO iu_reader",
    ["COLUMN_PRIVILEGE iu_reader on column iu.event.bytes"],
  ],
  [
    "a column, for somebody else",
    "GRANT SELECT (bytes) ON iu.content TO mallory",
    ["COLUMN_PRIVILEGE mallory on column iu.content.bytes", "GRANT_TO_OTHER mallory on iu.content.bytes"],
  ],
  [
    "a right that is missing",
    "REVOKE SELECT ON iu.history FROM iu_reader",
    ["PRIVILEGE_MISSING iu_reader on view iu.history"],
  ],
  [
    "a group that may write, and who is in it",
    "GRANT UPDATE ON iu.head TO team; GRANT team TO mallory",
    ["GRANT_TO_OTHER team on iu.head", "OTHER_MAY_WRITE mallory"],
  ],
  ["a grant by name", "GRANT SELECT ON iu.event TO mallory", ["GRANT_TO_OTHER mallory on iu.event"]],
  [
    "a grant that may be handed on",
    "GRANT SELECT ON iu.event TO iu_reader WITH GRANT OPTION",
    ["GRANT_OPTION iu_reader on iu.event"],
  ],
  [
    "default privileges",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA iu GRANT UPDATE ON TABLES TO iu_reader",
    ["DEFAULT_PRIVILEGE what admin makes later in schema iu"],
  ],
  [
    "default privileges everywhere",
    "ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO iu_reader",
    ["DEFAULT_PRIVILEGE what admin makes later", "DEFAULT_PRIVILEGE what admin makes later"],
  ],
  [
    "default privileges taken away",
    "ALTER DEFAULT PRIVILEGES IN SCHEMA iu REVOKE SELECT ON TABLES FROM iu_reader",
    ["DEFAULT_MISSING what admin makes later in schema iu"],
  ],
  [
    "a mutable search_path",
    "ALTER FUNCTION iu.content_put(text, bytea, bytea) RESET search_path",
    ["SEARCH_PATH iu.content_put(text, bytea, bytea)"],
  ],
  [
    "another search_path",
    "ALTER FUNCTION iu.content_erase(text) SET search_path = public",
    ["SEARCH_PATH iu.content_erase(text)"],
  ],
  [
    "a function that has no rights of its owner's any more",
    "ALTER FUNCTION iu.content_erase(text) SECURITY INVOKER",
    ["DEFINER_CHANGED iu.content_erase(text)"],
  ],
  [
    "a function with its owner's rights",
    "ALTER FUNCTION iu.durably() SECURITY DEFINER",
    ["DEFINER_CHANGED iu.durably()"],
  ],
  [
    "such a function elsewhere",
    "CREATE FUNCTION public.wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
    ["DEFINER_UNEXPECTED public.wipe()"],
  ],
  [
    "a disabled trigger",
    "ALTER TABLE iu.event DISABLE TRIGGER event_kept",
    ["TRIGGER_OFF trigger event_kept on iu.event"],
  ],
  [
    "a trigger that a replica passes",
    "ALTER TABLE iu.head ENABLE TRIGGER head_kept",
    ["TRIGGER_OFF trigger head_kept on iu.head"],
  ],
  ["a trigger dropped", "DROP TRIGGER turn_kept ON iu.turn", ["TRIGGER_MISSING trigger turn_kept on iu.turn"]],
  [
    "a trigger added",
    "CREATE TRIGGER mine AFTER INSERT ON iu.event EXECUTE FUNCTION iu.refuse()",
    ["TRIGGER_EXTRA trigger mine on iu.event"],
  ],
  ["rows hidden", "ALTER TABLE iu.event ENABLE ROW LEVEL SECURITY", ["RULE_EXTRA row level security on iu.event"]],
  [
    "a table's owner",
    "ALTER TABLE iu.gate OWNER TO mallory; GRANT SELECT ON iu.gate TO iu_reader, iu_verifier, iu_orchestrator, iu_operator",
    ["OWNER_OTHER table iu.gate"],
  ],
  [
    "who can act as the owner",
    "CREATE ROLE keeper; ALTER SCHEMA iu OWNER TO keeper; GRANT keeper TO mallory",
    ["OWNER_MEMBER mallory", "OWNER_CHANGED schema iu"],
  ],
];

test("a database as the migrations leave it has no difference, with members too", () =>
  withMembers(({ url }) => withTrial(url, async (trial) => assert.equal(await found(trial, "admin"), []))));

test("every weakness is named by its code and its place", () =>
  withMembers(({ url }) =>
    withTrial(url, async (trial) => {
      for (const [what, script, expected] of weaknesses) {
        await trial.undone(async () => {
          await trial.query(script);
          const names = (await found(trial, "admin")).map((one) => one.replace(/iu\.append\(.*\)/, "iu.append(…)"));
          if (what === "who can act as the owner") {
            for (const one of expected) assert.ok(names.includes(one), `${one}: ${names.join("; ")}`);
          } else assert.equal(names.sort(), [...expected].sort(), what);
        });
      }
      assert.equal(await found(trial), []);
    }),
  ));

test("what is worth knowing and no difference: superusers, tables of nobody's, members of several roles", () =>
  withMembers(({ url }) =>
    withTrial(url, async (trial) => {
      await trial.query("CREATE TABLE iu.own (a integer); GRANT iu_verifier TO alice");
      const { differences, notes } = findDifferences(await readGrants(trial), null);
      assert.equal(differences, []);
      for (const words of [
        /admin/,
        /iu\.own is no table/,
        /alice is a member of several roles: iu_orchestrator, iu_verifier/,
      ])
        assert.ok(
          notes.some((note) => words.test(note)),
          `${words} in ${notes.join("\n")}`,
        );
    }),
  ));

test.run();
