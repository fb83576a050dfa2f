/**
 * Whether a statement agrees with itself: its verdict is what its parts come to, its counts add up, nothing passed that looked at nothing, and
 * what it asks of the run is what such a run must pass. It cannot tell whether the statement agrees with a ledger: whoever has
 * that derives it again.
 */
import { nextFrom } from "../../projections/readiness/nextFrom.js";
import { digestOf } from "../events/canonical.js";
import { attestationIds, mandatorySteps, stepIds } from "./parts.js";
import type { Predicate, Statement } from "./Statement.js";
import { verdictOf } from "./Watch.js";
import { wholeVerdict } from "./wholeVerdict.js";

/** Where a statement contradicts itself, and how. */
export interface Contradiction {
  readonly at: string;
  readonly what: string;
}

/** Everything in which it contradicts itself; nothing if it agrees. */
export function checkStatement({ subject, predicate }: Statement): Contradiction[] {
  const found: Contradiction[] = [];
  const expect = (holds: boolean, at: string, what: string) => {
    if (!holds) found.push({ at, what });
  };
  const { ledger, run } = predicate;
  expect(
    subject[0].name === `${ledger.origin}#${ledger.size}`,
    "subject.0.name",
    "is not the ledger's origin and size",
  );
  expect(subject[0].digest.rfc6962Sha256 === ledger.root, "subject.0.digest", "is not the root of the ledger");
  expect(subject[1].name === `run-${run.run}`, "subject.1.name", "is not the run");
  expect(predicate.asOf >= ledger.newest, "asOf", "is before the newest event");
  const whole = wholeVerdict(predicate);
  expect(predicate.verdict === whole, "verdict", `is ${predicate.verdict}; its parts come to ${whole}`);
  checkSteps(predicate, expect);
  checkAttestations(predicate, expect);
  checkProofs(predicate, expect);
  checkCounts(predicate, expect);
  checkPositions(predicate, "predicate", ledger.size, expect);
  const next =
    predicate.matrix === null
      ? "See what was changed: iu-ledger replay"
      : nextFrom({ step: predicate.matrix.step, blockers: predicate.matrix.blockers }, run.run);
  expect(predicate.next === next, "next", "is not what the blocker matrix says comes next");
  return found;
}

type Expect = (holds: boolean, at: string, what: string) => void;

function checkSteps(predicate: Predicate, expect: Expect): void {
  const { steps, cut, records, gates, run } = predicate;
  const ids = steps.map(({ id }) => id);
  expect(ids.join() === stepIds.join(), "steps", `are ${ids.join(", ")}; they must be ${stepIds.join(", ")}`);
  const must = mandatorySteps(predicate);
  for (const { id, verdict, seen, mandatory } of steps) {
    const at = `steps.${id}`;
    expect(mandatory || !must.has(id), at, "is asked of this run, and said not to be");
    expect(verdict !== "PASS" || seen.length > 0 || id === "not-held", at, "is PASS, and no event shows it");
    for (const { from, to, count } of seen)
      expect(from <= to && count <= to - from + 1, at, `cannot have ${count} events at ${from} to ${to}`);
  }
  const passed = (id: string) => steps.some((step) => step.id === id && step.verdict === "PASS");
  const good = (type: string) => records.some((one) => one.type === type && one.recordHolds && one.chainHolds);
  const verified = (type: string) =>
    good(type) && records.some((one) => one.type === type && one.verdict === "PASS" && (one.assertions ?? 0) > 0);
  const approved = (kind: string) => gates.some((one) => one.kind === kind && one.ruling?.outcome === "approved");
  for (const kind of ["SG_1", "SG_2", "SG_C"])
    expect(!passed(kind) || approved(kind), `steps.${kind}`, "is PASS, and no such gate is approved");
  expect(!passed("planned") || predicate.plan !== null, "steps.planned", "is PASS, and there is no plan");
  expect(
    !passed("dry-run") || predicate.dryRun?.verdict === "PASS",
    "steps.dry-run",
    "is PASS, and the dry run is not",
  );
  expect(
    !passed("cut") ||
      (cut !== null && cut.executed !== null && cut.draftRoot === cut.recomputed && cut.units === cut.planned),
    "steps.cut",
    "is PASS, and the cut is not as planned",
  );
  expect(!passed("leg-b") || good("LegBRecorded"), "steps.leg-b", "is PASS, and no record of it holds");
  expect(!passed("verify") || verified("VerifyRecorded"), "steps.verify", "is PASS, and no Verify passed");
  expect(
    !passed("compensation-verify") || verified("CompensationVerified"),
    "steps.compensation-verify",
    "is PASS, and no Verify passed",
  );
  expect(
    !passed("enacted") || predicate.versions.enacted !== null,
    "steps.enacted",
    "is PASS, and nothing was enacted",
  );
  const held = steps.some((step) => step.id === "not-held" && step.verdict === "HOLD");
  expect(held === (run.hold !== null), "steps.not-held", "does not agree with the run's HOLD");
}

function checkAttestations({ attestations }: Predicate, expect: Expect): void {
  const ids = attestations.map(({ id }) => id);
  expect(
    ids.join() === attestationIds.join(),
    "attestations",
    `are ${ids.join(", ")}; they must be ${attestationIds.join(", ")}`,
  );
  for (const { id, verdict, looked, violations, more, mandatory, scope } of attestations) {
    const at = `attestations.${id}`;
    const found = violations.length + more;
    const owed = verdictOf(looked, found);
    // A check that stands on several is NOT_RUN where one of them was not run.
    expect(
      verdict === owed || (verdict === "NOT_RUN" && owed === "PASS"),
      at,
      `is ${verdict}; looked at ${looked}, ${found} violations`,
    );
    expect(mandatory || looked === 0, at, "looked at something, and is said not to count");
    expect(
      mandatory || scope === "run" || id === "erased-by-ruling",
      at,
      "is asked of every ledger, and said not to be",
    );
  }
}

function checkProofs({ nonMutation }: Predicate, expect: Expect): void {
  for (const operation of ["plan", "dry-run", "verify", "compensation-plan"])
    expect(
      nonMutation.some((one) => one.operation === operation),
      `nonMutation.${operation}`,
      "is missing",
    );
  expect(
    nonMutation.some((one) => one.operation === "dry-run" && one.mandatory),
    "nonMutation.dry-run",
    "is asked of every run, and said not to be",
  );
  for (const { operation, verdict, before, after, differs, control, position, tables } of nonMutation) {
    const at = `nonMutation.${operation}`;
    expect(
      (verdict === "NOT_RUN") === (position === null),
      at,
      `is ${verdict}, with ${position === null ? "no" : "an"} event`,
    );
    if (verdict !== "PASS") continue;
    expect(
      before !== null && after !== null && digestOf(before) === digestOf(after),
      at,
      "is PASS, and before is not after",
    );
    expect(differs.length === 0, at, "is PASS, and something differs");
    expect(control === true, at, "is PASS, and its control was not noticed");
    expect(tables !== 0, at, "is PASS, and no table was compared");
  }
}

function checkCounts({ cut, plan, compensation, precheck }: Predicate, expect: Expect): void {
  const sum = (counts: Readonly<Record<string, number>>) =>
    Object.values(counts).reduce((total, one) => total + one, 0);
  if (cut !== null) {
    expect(sum(cut.kinds) === cut.units, "cut.kinds", `come to ${sum(cut.kinds)} of ${cut.units} units`);
    const rows = cut.units + cut.repeals;
    expect(sum(cut.classes) === rows, "cut.classes", `come to ${sum(cut.classes)} of ${rows} rows`);
    expect(cut.changed.length + cut.more <= rows, "cut.changed", "are more than there are rows");
    expect(cut.planned === plan?.units, "cut.planned", "is not what the plan says");
  }
  if (plan !== null) expect(plan.blocking.length <= plan.findings, "plan.blocking", "are more than there are findings");
  expect(compensation.units === (cut?.units ?? 0), "compensation.units", "are not the units cut");
  expect(compensation.reverted <= compensation.units, "compensation.reverted", "are more than there are units");
  const { digest, policy } = precheck.policy;
  expect(digest === null || digest === digestOf(policy), "precheck.policy", "is not what its digest says");
}

/** The members that hold a position of the ledger. */
const places: ReadonlySet<string> = new Set([
  "position",
  "from",
  "to",
  "started",
  "executed",
  "enacted",
  "reverted",
  "used",
  "erased",
]);
/** Where such a name means something else. */
const elsewhere = new Set(["predicate.compensation.reverted"]);

function checkPositions(value: unknown, at: string, size: number, expect: Expect): void {
  if (typeof value !== "object" || value === null) return;
  for (const [name, member] of Object.entries(value)) {
    const here = `${at}.${name}`;
    if (
      typeof member === "number" &&
      places.has(name) &&
      !elsewhere.has(here) &&
      !at.endsWith(".numbers") &&
      !isCounts(at)
    )
      expect(member < size, here, `is position ${member}; the ledger ends before ${size}`);
    else checkPositions(member, here, size, expect);
  }
}

/** Counts by lifecycle: one of them is named reverted. */
function isCounts(at: string): boolean {
  return at.endsWith(".planned.before") || at.endsWith(".planned.after");
}
