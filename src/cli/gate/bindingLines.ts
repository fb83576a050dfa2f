/** What a gate binds to, in words: what a sovereign reads before signing. Every member of what is signed is shown, known or not. */
import type { GateRow } from "../../../projections/gate/queries.js";
import type { Finding } from "../../documents/Plan.js";
import { parsePlan } from "../../documents/Plan.js";
import type { Store } from "../../ledger/Store.js";
import type { Pair } from "../output/pairs.js";
import { counted, visible } from "../output/text.js";

const names: Readonly<Record<string, string>> = {
  content: "content",
  plan: "plan",
  policy: "policy",
  base: "replaces run",
  transition: "transition",
  draftRoot: "units' root",
  compensationPlan: "way back",
  legB: "leg B",
  verify: "Verify",
  restores: "restores run",
};

/** The pairs of a binding. `title`: the document's. */
export function bindingPairs({ binds, subject }: Pick<GateRow, "binds" | "subject">, title: string): Pair[] {
  return [
    ["document", visible(title)],
    ...Object.entries(binds).map(([name, value]): Pair => {
      if (value === null) return [names[name] ?? name, name === "base" || name === "restores" ? "nothing" : null];
      if (Array.isArray(value)) return [names[name] ?? name, value.length === 0 ? "none" : counted(value.length, "finding")];
      return [name === "document" ? "document id" : (names[name] ?? name), visible(String(value))];
    }),
    ["subject", subject],
  ];
}

/** The findings that a gate's approval must acknowledge, with their messages where the plan is still stored. */
export async function findingsOf({ binds }: Pick<GateRow, "binds">, store: Store, planContent: string | null): Promise<Finding[]> {
  const ids = Array.isArray(binds["findings"]) ? binds["findings"] : [];
  if (ids.length === 0) return [];
  const stored = planContent === null ? undefined : await store.content.get(planContent);
  const known = stored === undefined ? [] : parsePlan(stored.bytes).findings;
  return ids.map(
    (id) => known.find((finding) => finding.id === id) ?? { id, rule: "", address: null, message: "the plan that says what it is about is not stored", blocking: true },
  );
}
