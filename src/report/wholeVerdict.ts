/** What the parts of a report come to: one rule, for who derives a report and for who checks one. */
import type { Predicate, Verdict } from "./Statement.js";

/** The parts a verdict hangs on. */
export type Parts = Pick<Predicate, "steps" | "attestations" | "nonMutation" | "precheck">;

/**
 * FAIL where anything failed, mandatory or not. Then, of what is mandatory: HOLD, INCONCLUSIVE, NOT_RUN, whichever is there, in this order.
 * PASS only if every mandatory part is PASS, and there is one.
 */
export function wholeVerdict({ steps, attestations, nonMutation, precheck }: Parts): Verdict {
  const parts: readonly { readonly mandatory: boolean; readonly verdict: Verdict }[] = [
    ...steps,
    ...attestations,
    ...nonMutation,
  ];
  if (parts.some(({ verdict }) => verdict === "FAIL") || precheck.checkpoint?.verdict === "FAIL") return "FAIL";
  const mandatory = parts.filter((part) => part.mandatory);
  for (const verdict of ["HOLD", "INCONCLUSIVE", "NOT_RUN"] as const)
    if (mandatory.some((part) => part.verdict === verdict)) return verdict;
  return mandatory.length === 0 ? "NOT_RUN" : "PASS";
}
