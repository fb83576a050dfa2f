/** Planning a run, as its orchestrator does it: cut the run's content, store the plan, then ask the ledger to take it. */

import type { CommandData } from "../../commands/Command.js";
import { runCategory } from "../../commands/run/State.js";
import { planOnce } from "../documents/once.js";
import type { PlanOptions, PlanOutcome } from "../documents/planCut.js";
import type { Signer } from "../keys/Signer.js";
import type { Category, Result } from "../ledger/Decision.js";
import type { Content } from "../ledger/Store.js";

/** What planning needs of an open ledger. */
export interface PlanningLedger {
  state<S>(category: Category<S>, key: string): Promise<Readonly<S>>;
  content(commitment: string): Promise<Content | undefined>;
  putContent(bytes: Uint8Array): Promise<string>;
  submit(type: "PlanCut", data: CommandData<"PlanCut">, signer: Signer): Promise<Result>;
}

export type PlannedRun =
  | { readonly kind: "submitted"; readonly plan: Extract<PlanOutcome, { ok: true }>; readonly result: Result }
  | { readonly kind: "uncuttable"; readonly plan: Extract<PlanOutcome, { ok: false }> }
  | { readonly kind: "no content" };

/** Plans the cut of a run's revision. The stored plan is content like any other: salted, erasable. */
export async function planRun(
  ledger: PlanningLedger,
  run: string,
  signer: Signer,
  options: PlanOptions = {},
): Promise<PlannedRun> {
  const state = await ledger.state(runCategory, run);
  const content = await ledger.content(state.content);
  if (content === undefined) return { kind: "no content" };
  const plan = planOnce(content.bytes, options);
  if (!plan.ok) return { kind: "uncuttable", plan };
  // The same plan again needs no second copy in the content store.
  const known = state.plan?.plan === plan.digest ? state.plan.planContent : undefined;
  const planContent = known ?? (await ledger.putContent(plan.bytes));
  return {
    kind: "submitted",
    plan,
    result: await ledger.submit("PlanCut", { run, plan: plan.digest, planContent }, signer),
  };
}
