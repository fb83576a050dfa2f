/**
 * The operations that must write nothing, worked out as the ledger would decide them, on what is stored now and with nothing appended: a plan,
 * a dry run, a Verify, the plan of a compensation. What they would put into the content store stays in memory.
 */
import { decideRun } from "../../commands/run/decide.js";
import { runCategory } from "../../commands/run/State.js";
import { planOnce } from "../documents/once.js";
import { commitContent } from "../events/commitment.js";
import type { NonMutation } from "../events/facts.js";
import type { ProvenOperation } from "../events/proof.js";
import { type Decision, type Refused, refused } from "../ledger/Decision.js";
import { type Content, type Store, StoreError } from "../ledger/Store.js";
import { foldedStates } from "../projecting/foldedStates.js";

/** In whose name it is worked out: a Verify must come from another human than the record it verifies. */
export interface Actor {
  readonly principal: string;
  readonly keyid: string;
}

type RunCommand = Parameters<typeof decideRun>[0];

/** What the operation comes to now, at `now` by the ledger's clock. Reads through `store`, which may only be read. */
export async function operate(
  operation: ProvenOperation,
  run: string,
  { store, now, actor }: { readonly store: Store; readonly now: string; readonly actor: Actor },
): Promise<Decision> {
  const overlay = overlayOf(store);
  const states = foldedStates(overlay, Number.POSITIVE_INFINITY);
  const data = await dataOf(operation, run, overlay, (question) => states.ask(now, question));
  if ("kind" in data) return data;
  const frame = { schema: 1 as const, id: run, ledger: "", actor: actor.principal, at: now, cause: null };
  const command = { ...frame, ...data } as RunCommand;
  const signed = { command, payload: new Uint8Array(), keyid: actor.keyid, signature: new Uint8Array() };
  return states.ask(now, (world) => decideRun(command, signed, world));
}

type Said = Pick<RunCommand, "type" | "data">;

async function dataOf(
  operation: ProvenOperation,
  run: string,
  overlay: Store,
  ask: ReturnType<typeof foldedStates>["ask"] extends (now: string, question: infer Q) => infer _
    ? (question: Q) => Promise<unknown>
    : never,
): Promise<Said | Refused> {
  switch (operation) {
    case "dry-run":
      return { type: "DryRun", data: { run, nonMutation: unmeasured } };
    case "verify":
      return { type: "RecordVerify", data: { run } };
    case "compensation-plan":
      return { type: "PlanCompensation", data: { run, reason: "Worked out to prove that nothing is written." } };
    case "plan": {
      const state = (await ask((world) => world.state(runCategory, run))) as { content: string; phase: string };
      const content = state.phase === "none" ? undefined : await overlay.content.get(state.content);
      // The decision says by itself that there is no such run, or no such text.
      if (content === undefined) return { type: "AssessTarget", data: { run } };
      const plan = planOnce(content.bytes);
      if (!plan.ok) return refused(plan.code, plan.message, { run, offset: plan.offset }, plan.next);
      const salt = new Uint8Array(32);
      const planContent = commitContent(salt, plan.bytes);
      await overlay.content.put(planContent, { salt, bytes: plan.bytes });
      return { type: "PlanCut", data: { run, plan: plan.digest, planContent } };
    }
  }
}

/** The store, with a content store whose additions stay in memory, and without a way to append or erase. */
function overlayOf(store: Store): Store {
  const added = new Map<string, Content>();
  const no = (what: string) => async () => {
    throw new StoreError("READ_ONLY", `an operation that is being proven to write nothing would ${what}`, {
      next: "Report this as a fault of the program.",
    });
  };
  return {
    ...store,
    append: no("append"),
    content: {
      put: async (commitment, content) => void added.set(commitment, content),
      get: async (commitment) => added.get(commitment) ?? (await store.content.get(commitment)),
      erase: no("erase a content"),
    },
  };
}

const nothingYet = { size: 0, root: "0".repeat(64), tables: {}, schema: "0".repeat(64) };

/** Stands in for a dry run's own proof: this one is about it. */
const unmeasured: NonMutation = {
  verdict: "INCONCLUSIVE",
  before: nothingYet,
  after: nothingYet,
  differs: [],
  control: { mutation: "not measured", detected: false, differs: [] },
};
