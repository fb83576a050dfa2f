/**
 * The same content is planned and checked by one decision after another: assessing, planning, the dry run, and an auditor who decides
 * them all again. Both are pure, so the newest few results are kept. A key must hold the digest of every byte that goes in;
 * what comes out must never be changed. L6 cuts again for real: it is what shows that keeping is right.
 */
import { sha256Hex } from "../events/canonical.js";
import { checkLossless, type RuleCheck } from "./lossless.js";
import type { Plan } from "./Plan.js";
import { type PlanOptions, type PlanOutcome, planCut } from "./planCut.js";

/** Keeps the newest `max` results of a pure function. */
export function remember<V>(max: number): (key: string, make: () => V) => V {
  const kept = new Map<string, V>();
  return (key, make) => {
    const known = kept.get(key);
    const value = known ?? make();
    // Put in again: the order of the map is the order of use.
    kept.delete(key);
    kept.set(key, value);
    if (kept.size > max) kept.delete(kept.keys().next().value ?? "");
    return value;
  };
}

const plans = remember<PlanOutcome>(4);
const checks = remember<RuleCheck[]>(4);

/** `planCut`, remembered by the content's digest and the options. */
export function planOnce(content: Uint8Array, { grammar, profile }: PlanOptions = {}): PlanOutcome {
  const digest = sha256Hex(content);
  const outcome = plans(keyOf(digest, grammar, profile), () => planCut(content, { grammar, profile }));
  // Whoever asks next names the grammar and profile that were chosen here.
  if (outcome.ok) plans(keyOf(digest, outcome.plan.grammar, outcome.plan.profile), () => outcome);
  return outcome;
}

/** `checkLossless`, remembered by the digests of the content and of the plan's canonical bytes. */
export function checkOnce(content: Uint8Array, plan: Plan, planDigest: string): RuleCheck[] {
  return checks(`${sha256Hex(content)} ${planDigest}`, () => checkLossless(content, plan));
}

function keyOf(digest: string, grammar: string | undefined, profile: string | undefined): string {
  return `${digest} ${grammar ?? "?"} ${profile ?? "?"}`;
}
