/**
 * Trying every act as every role, and undoing it. A role is played by a login that is made for it inside the transaction and goes with it (where
 * the auditor is a superuser: what such a login may do is what a member may do), by SET ROLE (where the auditor is a member), or on a
 * connection of a real member (where one was given). What could not be tried is NOT_RUN, with the reason; it is never a pass.
 */
import { randomBytes } from "node:crypto";
import { type Attempt, type Trial, withTrial } from "../database/postgresTrial.js";
import { SqlError } from "../database/Sql.js";
import type { GrantProbe } from "../events/grantAudit.js";
import { type Act, actsOf, type Relations } from "./acts.js";
import { type LedgerRole, ledgerRoles } from "./expectedGrants.js";

/** URLs of real logins, each a member of that role: tried on connections of their own. */
export type Logins = Readonly<Partial<Record<LedgerRole, string>>>;

/** How the roles are played where no login is given. */
export type Plays = "logins made for it" | "SET ROLE";

export async function tryActs(trial: Trial, plays: Plays, logins: Logins): Promise<GrantProbe[]> {
  const relations = await relationsOf(trial);
  const probes: GrantProbe[] = [];
  for (const role of ledgerRoles) {
    const url = logins[role];
    probes.push(
      ...(url === undefined ? await played(trial, plays, role, relations) : await connected(url, role, relations)),
    );
  }
  return probes;
}

/** Lets `work` play a role: `before` is what makes the session that role; undefined and a reason where it cannot be. */
export async function playing<T>(
  trial: Trial,
  plays: Plays,
  role: LedgerRole,
  work: (before: string | undefined, why: string | null) => Promise<T>,
): Promise<T> {
  return trial.undone(async () => {
    if (plays === "SET ROLE") {
      const { state } = await trial.attempt(`SET LOCAL ROLE ${role}`);
      return state === null
        ? work(`SET LOCAL ROLE ${role}`, null)
        : work(undefined, `the auditing login is no member of ${role}, and no superuser`);
    }
    const login = `iu_trial_${randomBytes(8).toString("hex")}`;
    const made = await trial.attempt(`CREATE ROLE ${login} LOGIN IN ROLE ${role}`);
    if (made.state !== null) return work(undefined, `no login can be made for ${role}: ${made.message}`);
    await trial.query(`CREATE ROLE ${login} LOGIN IN ROLE ${role}`);
    return work(`SET LOCAL SESSION AUTHORIZATION ${login}`, null);
  });
}

async function played(trial: Trial, plays: Plays, role: LedgerRole, relations: Relations): Promise<GrantProbe[]> {
  return playing(trial, plays, role, async (before, why) => {
    const probes: GrantProbe[] = [];
    for (const act of actsOf(role, relations)) {
      const left =
        why ??
        (act.session === true && plays === "SET ROLE"
          ? "a matter of the login a session began as; give a login of that role"
          : null);
      probes.push(
        left !== null || before === undefined
          ? notRun(role, act, left ?? "")
          : judged(role, act, await trial.attempt(act.act, before)),
      );
    }
    return probes;
  });
}

async function connected(url: string, role: LedgerRole, relations: Relations): Promise<GrantProbe[]> {
  const acts = actsOf(role, relations);
  try {
    return await withTrial(url, async (trial) => {
      const [row] = await trial.query<{ member: number }>("SELECT pg_has_role(session_user, $1, 'MEMBER') AS member", [
        role,
      ]);
      if (row?.member !== 1)
        return acts.map((act) => notRun(role, act, `the login that was given is no member of ${role}`));
      const probes: GrantProbe[] = [];
      for (const act of acts) probes.push(judged(role, act, await trial.attempt(act.act)));
      return probes;
    });
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    return acts.map((act) => notRun(role, act, error.message));
  }
}

function notRun(role: LedgerRole, { act, kind }: Act, why: string): GrantProbe {
  return { role, act, kind, outcome: "NOT_RUN", state: null, why };
}

/** insufficient_privilege: the only answer that denies an act for want of a right. */
const denied = "42501";
/** Somebody else was in the way, or it took too long: nothing is known. By SQLSTATE or its class. */
const undecided = ["55P03", "57014", "40", "53", "25P02"];
/** What the act is about is not there, or this server does not know such an act. */
const meaningless = ["42P01", "42703", "42704", "42883", "42601", "3F000", "0A000"];

const among = (states: readonly string[], state: string) => states.some((one) => state.startsWith(one));

export function judged(role: string, { act, kind, state: proof }: Act, { state, message }: Attempt): GrantProbe {
  const say = (outcome: GrantProbe["outcome"], why: string | null): GrantProbe => ({
    role,
    act,
    kind,
    outcome,
    state,
    why,
  });
  if (state !== null && among(undecided, state)) return say("INCONCLUSIVE", message);
  if (state !== null && among(meaningless, state)) return say("NOT_RUN", message);
  if (kind === "needed") {
    if (state === (proof ?? null)) return say("PASS", null);
    return say("FAIL", state === null ? "it did what it should refuse to do" : message);
  }
  if (state === denied) return say("PASS", null);
  if (state === null) return say("FAIL", "it was allowed");
  return say("FAIL", `no right was missing; it ended otherwise: ${message}`);
}

async function relationsOf(trial: Trial): Promise<Relations> {
  const [schema] = await trial.query<{ owner: string }>(
    "SELECT pg_get_userbyid(nspowner)::text AS owner FROM pg_catalog.pg_namespace WHERE nspname = 'iu'",
  );
  const rows = await trial.query<{ kind: string; name: string; column: string }>(
    `SELECT c.relkind::text AS kind, c.relname::text AS name, a.attname::text AS column FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = 'iu'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname ~ '^[a-z_][a-z0-9_]*$' ORDER BY 2, a.attnum`,
  );
  const tables = new Map<string, string[]>();
  for (const { kind, name, column } of rows) if (kind === "r") tables.set(name, [...(tables.get(name) ?? []), column]);
  const views = [...new Set(rows.filter(({ kind }) => kind === "v").map(({ name }) => name))];
  return { owner: schema?.owner ?? "", tables, views };
}
