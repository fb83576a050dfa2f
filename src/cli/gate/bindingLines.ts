/** What a gate binds to, in words: what a sovereign reads before signing. Every member of what is signed is shown, known or not. */
import type { GateRow } from "../../../projections/gate/queries.js";
import type { Finding } from "../../documents/Plan.js";
import { parsePlan } from "../../documents/Plan.js";
import { sha256Hex } from "../../events/canonical.js";
import type { Store } from "../../ledger/Store.js";
import type { Pair } from "../output/pairs.js";
import { counted, visible } from "../output/text.js";

/** The known members in the order in which a person asks: what text, cut how, into what, under which rules. */
const names: ReadonlyMap<string, string> = new Map([
  ["run", "run"],
  ["document", "document id"],
  ["revision", "revision"],
  ["content", "content"],
  ["grammar", "grammar"],
  ["profile", "profile"],
  ["cutter", "cutter"],
  ["plan", "plan"],
  ["draftRoot", "units' root"],
  ["findings", "findings"],
  ["base", "replaces run"],
  ["transition", "transition"],
  ["legB", "leg B"],
  ["verify", "Verify"],
  ["restores", "restores run"],
  ["compensationPlan", "way back"],
  ["policy", "policy"],
]);

/** The pairs of a binding. `title`: the document's. */
export function bindingPairs({ binds, subject }: Pick<GateRow, "binds" | "subject">, title: string): Pair[] {
  const known = [...names.keys()].filter((name) => name in binds);
  const others = Object.keys(binds).filter((name) => !names.has(name));
  return [
    ["document", visible(title)],
    ...[...known, ...others].map(
      (name): Pair => [names.get(name) ?? visible(name), wordsOf(name, binds[name] ?? null)],
    ),
    ["subject", subject],
  ];
}

function wordsOf(name: string, value: GateRow["binds"][string]): string {
  if (value === null) return name === "base" || name === "restores" ? "nothing" : "none";
  if (Array.isArray(value)) return value.length === 0 ? "none" : counted(value.length, "finding");
  return visible(String(value));
}

/** The findings that a gate's approval must acknowledge, with their messages where the plan is still stored. */
export async function findingsOf(
  { binds }: Pick<GateRow, "binds">,
  store: Store,
  planContent: string | null,
): Promise<Finding[]> {
  const ids = Array.isArray(binds["findings"]) ? binds["findings"] : [];
  if (ids.length === 0) return [];
  const stored = planContent === null ? undefined : await store.content.get(planContent);
  // The approval binds to the plan's digest: no other bytes may speak for it.
  const genuine = stored !== undefined && sha256Hex(stored.bytes) === binds["plan"];
  const known = genuine ? parsePlan(stored.bytes).findings : [];
  return ids.map(
    (id) =>
      known.find((finding) => finding.id === id) ?? {
        id,
        rule: "",
        address: null,
        message: "the plan that says what it is about is not stored as it was",
        blocking: true,
      },
  );
}
