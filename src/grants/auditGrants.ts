/**
 * The grant audit of a ledger's database: what there should be and what there is, every forbidden act tried, what each role is for tried too,
 * and weaknesses planted to see that they are noticed; all of it in one transaction that is rolled back. Changes nothing, whatever it finds.
 */
import { stat } from "node:fs/promises";
import { type Trial, withTrial } from "../database/postgresTrial.js";
import { canonicalText } from "../events/canonical.js";
import { type GrantAuditReport, verdictOfGrantAudit } from "../events/grantAudit.js";
import { type Store, StoreError } from "../ledger/Store.js";
import { rootHex } from "../tlog/tree.js";
import { findDifferences } from "./findDifferences.js";
import { plantWeaknesses } from "./plantWeaknesses.js";
import { readGrants } from "./readGrants.js";
import { type Logins, type Plays, tryActs } from "./tryActs.js";

export interface AuditOptions {
  /** The auditor's clock: RFC 3339 in UTC with milliseconds. */
  readonly now: () => string;
  /** Who must own the schema. Default: whoever does; everything in it must have one owner. */
  readonly owner?: string;
  /** Logins to try the acts as, on connections of their own. */
  readonly logins?: Logins;
}

/**
 * Audits the Postgres database of a URL. The login is best a superuser; as any other one, what it cannot try is NOT_RUN. Throws
 * `StoreError` where there is no ledger, `SqlError` where the database does not answer.
 */
export function auditGrants(url: string, { now, owner, logins = {} }: AuditOptions): Promise<GrantAuditReport> {
  return withTrial(url, async (trial) => {
    const ledger = await ledgerIn(trial);
    const read = await readGrants(trial);
    const plays: Plays = read.login.superuser === 1 ? "logins made for it" : "SET ROLE";
    const probes = await tryActs(trial, plays, logins);
    const controls = await plantWeaknesses(trial, plays, read.owner);
    const given = Object.keys(logins);
    const { members, ...rest } = { members: membersOf(read), ...findDifferences(read, owner ?? null) };
    const report = {
      schema: 1 as const,
      kind: "grant audit" as const,
      ...ledger,
      at: now(),
      engine: "postgres" as const,
      server: read.server,
      login: {
        name: read.login.name,
        superuser: read.login.superuser === 1,
        plays: given.length === 0 ? plays : `${plays}; connections for ${given.join(", ")}`,
      },
      owner: read.owner,
      members,
      matrix: [...rest.matrix],
      differences: [...rest.differences],
      probes,
      controls,
      // Nobody else's changes are hidden from this transaction: had somebody granted something meanwhile, it would show.
      moved: canonicalText(await readGrants(trial)) !== canonicalText(read),
      notes: [...rest.notes],
    };
    return { ...report, verdict: verdictOfGrantAudit(report) };
  });
}

/** The report of a ledger in a SQLite file: there are no grants in it. `path`: the file, to say who may write it. */
export async function auditFile(store: Store, ledger: string, path: string, now: string): Promise<GrantAuditReport> {
  const { mode } = await stat(path);
  const others = [
    ...(mode & 0o040 || mode & 0o004 ? ["read"] : []),
    ...(mode & 0o020 || mode & 0o002 ? ["write"] : []),
  ];
  const report = {
    schema: 1 as const,
    kind: "grant audit" as const,
    ledger,
    head: await store.head(),
    at: now,
    engine: "sqlite" as const,
    server: null,
    login: null,
    owner: null,
    members: [],
    matrix: [],
    differences: [],
    probes: [],
    controls: [],
    moved: false,
    notes: [
      "A SQLite file has no roles and no grants, so there is nothing to audit.",
      "Whoever may write the file can change anything in it: its triggers stop slips, not intent. Replay, and a head kept elsewhere, notice.",
      `The operating system decides: mode ${(mode & 0o777).toString(8)}${others.length === 0 ? ", for its owner only" : `, which others than its owner may ${others.join(" and ")}`}.`,
      "A policy with grantAuditHoursMax lets no run be cut on this ledger; leave it at none.",
    ],
  };
  return { ...report, verdict: verdictOfGrantAudit(report) };
}

/** Which ledger this database holds, and how far it is. */
async function ledgerIn(trial: Trial): Promise<Pick<GrantAuditReport, "ledger" | "head">> {
  const [there] = await trial.query<{ found: number }>(
    "SELECT count(*)::int4 AS found FROM pg_catalog.pg_class WHERE relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'iu') AND relname IN ('event', 'head')",
  );
  if (there?.found !== 2) {
    throw new StoreError("NOT_A_LEDGER", "there is no ledger in this database", {
      next: "Check the database's name in the URL.",
    });
  }
  const [head] = await trial.query<{ size: number; peaks: Uint8Array | null }>(
    `SELECT size, (SELECT string_agg(peak, ''::bytea ORDER BY n) FROM unnest(peaks) WITH ORDINALITY AS p (peak, n)) AS peaks
      FROM (SELECT size, peaks FROM iu.head ORDER BY parts DESC LIMIT 1) AS h`,
  );
  const [first] = await trial.query<{ ledger: string | null }>(
    "SELECT convert_from(bytes, 'UTF8')::json -> 'data' ->> 'ledger' AS ledger FROM iu.event WHERE position = 0",
  );
  if (head === undefined || first?.ledger == null) {
    throw new StoreError("NOT_A_LEDGER", "the ledger in this database has no first event", {
      next: "Finish its init first: iu-ledger init",
    });
  }
  const bytes = head.peaks ?? new Uint8Array();
  const peaks = Array.from({ length: bytes.length / 32 }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
  return { ledger: first.ledger, head: { size: head.size, root: rootHex({ size: head.size, peaks }) } };
}

function membersOf({ memberships }: Awaited<ReturnType<typeof readGrants>>): string[] {
  const byMember = new Map<string, Set<string>>();
  for (const { role, member } of memberships) {
    if (!role.startsWith("iu_")) continue;
    byMember.set(member, (byMember.get(member) ?? new Set()).add(role));
  }
  return [...byMember].map(([member, roles]) => `${member}: ${[...roles].sort().join(", ")}`).sort();
}
