/** Which steps and attestations every report has, in order, and which a run must have passed. A report with one left out is none. */
import type { Predicate } from "./Statement.js";

export const stepIds: readonly string[] = [
  "opened",
  "assessed",
  "planned",
  "dry-run",
  "SG_1",
  "armed",
  "backup",
  "grant-audit",
  "cut",
  "leg-b",
  "verify",
  "reviewed",
  "SG_2",
  "enacted",
  "compensation-plan",
  "SG_C",
  "compensated",
  "compensation-b",
  "compensation-verify",
  "not-held",
];

export const attestationIds: readonly string[] = [
  "ruled-by-humans",
  "own-request",
  "cut-under-approval",
  "enacted-under-approval",
  "compensated-under-plan",
  "cut-while-armed",
  "cut-with-backup",
  "cut-with-clean-audit",
  "stopped-while-held",
  "ratified-writers",
  "erased-by-ruling",
  "independent-verify",
  "foldable",
  "nothing-changed",
  "nothing-deleted",
  "signed-in-force",
];

/** The steps that such a run must pass, as far as the statement itself shows what it is. */
export function mandatorySteps({
  run,
  compensation,
  versions,
  steps,
}: Pick<Predicate, "run" | "compensation" | "versions" | "steps">): ReadonlySet<string> {
  const must = new Set(["opened", "assessed", "planned", "dry-run", "not-held"]);
  if (run.mode === "live") {
    must.add("SG_1").add("armed");
    const begun = compensation.started !== null;
    for (const id of ["cut", "leg-b", "verify", "reviewed", "SG_2", "enacted"]) {
      const done = steps.some((step) => step.id === id && step.verdict !== "NOT_RUN");
      // A run that is taken back need not have gone further than it had come.
      if (!begun || versions.enacted !== null || done) must.add(id);
    }
  }
  if (compensation.started !== null) {
    for (const id of ["compensation-plan", "compensated", "compensation-b", "compensation-verify"]) must.add(id);
    if (versions.enacted !== null) must.add("SG_C");
  }
  return must;
}
