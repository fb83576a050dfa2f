/**
 * The report of a grant audit: its shape, and the verdict that follows from what it says. Whoever makes one and whoever takes one (the
 * decision, replay) work the verdict out here, so that no report can say PASS over findings. Stored as canonical JSON, as content.
 *
 * Later fields are added as optional members under a new `schema` number; a report never loses one.
 */
import { z } from "zod";
import { count, digest, instant } from "./fields.js";

/** A role of the database, `PUBLIC`, or the owner, and what it may do with one object. */
const cell = z.strictObject({
  role: z.string(),
  /** database, schema, table, view, column, sequence, function. */
  kind: z.string(),
  object: z.string(),
  /** Privileges by their names in Postgres, sorted. */
  expected: z.array(z.string()),
  effective: z.array(z.string()),
});
export type GrantCell = z.infer<typeof cell>;

/** Something that is not as it should be: a stable code, where, what should be and what is, and the statement that puts it right. */
const difference = z.strictObject({
  code: z.string().regex(/^[A-Z][A-Z_]+$/),
  where: z.string(),
  expected: z.string(),
  actual: z.string(),
  next: z.string(),
});
export type GrantDifference = z.infer<typeof difference>;

/**
 * One act tried as one role. `forbidden`: it must be denied for want of a privilege; `needed`: it must work. NOT_RUN and INCONCLUSIVE are
 * never a pass. `state`: the SQLSTATE of the answer, null where there was none.
 */
const probe = z.strictObject({
  role: z.string(),
  act: z.string(),
  kind: z.enum(["forbidden", "needed"]),
  outcome: z.enum(["PASS", "FAIL", "NOT_RUN", "INCONCLUSIVE"]),
  state: z.string().nullable(),
  why: z.string().nullable(),
});
export type GrantProbe = z.infer<typeof probe>;

/** A weakness planted on purpose, in a transaction that was rolled back: the same audit must name it. */
const control = z.strictObject({
  weakness: z.string(),
  outcome: z.enum(["NOTICED", "MISSED", "NOT_RUN"]),
  why: z.string().nullable(),
});
export type GrantControl = z.infer<typeof control>;

export const grantAuditVerdict = z.enum(["PASS", "FAIL", "NOT_RUN", "INCONCLUSIVE"]);
export type GrantAuditVerdict = z.infer<typeof grantAuditVerdict>;

export const grantAuditReport = z.strictObject({
  schema: z.literal(1),
  kind: z.literal("grant audit"),
  /** The ledger's id, as its first event in that very database says. */
  ledger: z.string(),
  head: z.strictObject({ size: count, root: digest }),
  at: instant,
  engine: z.enum(["postgres", "sqlite"]),
  /** Null where there is no server. `system`: the cluster's identifier, null where it may not be read. */
  server: z
    .strictObject({ version: count, name: z.string(), database: z.string(), system: z.string().nullable() })
    .nullable(),
  /** Who looked, and how other roles were played: by SET SESSION AUTHORIZATION, SET ROLE, or a connection of that role's own. */
  login: z.strictObject({ name: z.string(), superuser: z.boolean(), plays: z.string() }).nullable(),
  owner: z.string().nullable(),
  /** Logins that are members of a role of the ledger, as `login: role, role`. */
  members: z.array(z.string()),
  matrix: z.array(cell),
  differences: z.array(difference),
  probes: z.array(probe),
  controls: z.array(control),
  /** Whether roles or grants changed while they were looked at. */
  moved: z.boolean(),
  /** What is worth knowing and no difference. */
  notes: z.array(z.string()),
  verdict: grantAuditVerdict,
});
export type GrantAuditReport = z.infer<typeof grantAuditReport>;

/** What of a report is counted on the ledger. */
export const grantAuditCounts = z.strictObject({
  compared: count,
  differences: count,
  probes: count,
  probesFailed: count,
  probesNotRun: count,
  controls: count,
});
export type GrantAuditCounts = z.infer<typeof grantAuditCounts>;

type Evidence = Omit<GrantAuditReport, "verdict">;

/**
 * FAIL: a difference, an act that was allowed and must not be (or the other way round), or a planted weakness that was missed. INCONCLUSIVE: no
 * fault, but the grants moved, or an act could not be told. NOT_RUN: no fault, but something was not tried, or there was nothing to
 * audit. PASS needs all of it.
 */
export function verdictOfGrantAudit(report: Evidence): GrantAuditVerdict {
  const { engine, matrix, differences, probes, controls, moved } = report;
  const wrong =
    differences.length > 0 ||
    matrix.some(({ expected, effective }) => expected.join() !== effective.join()) ||
    probes.some(({ outcome }) => outcome === "FAIL") ||
    controls.some(({ outcome }) => outcome === "MISSED");
  if (wrong) return "FAIL";
  if (engine !== "postgres") return "NOT_RUN";
  if (moved || probes.some(({ outcome }) => outcome === "INCONCLUSIVE")) return "INCONCLUSIVE";
  const tried = (kind: GrantProbe["kind"]) => probes.some((one) => one.kind === kind);
  const whole = matrix.length > 0 && tried("forbidden") && tried("needed") && controls.length > 0;
  const left = [...probes, ...controls].some(({ outcome }) => outcome === "NOT_RUN");
  return whole && !left ? "PASS" : "NOT_RUN";
}

export function countsOfGrantAudit({ matrix, differences, probes, controls }: Evidence): GrantAuditCounts {
  const matching = (outcome: GrantProbe["outcome"]) => probes.filter((one) => one.outcome === outcome).length;
  return {
    compared: matrix.length,
    differences: differences.length,
    probes: probes.length,
    probesFailed: matching("FAIL"),
    probesNotRun: matching("NOT_RUN") + matching("INCONCLUSIVE"),
    controls: controls.length,
  };
}
