/**
 * The dry run: the whole cut, leg B, Verify and the way back, folded over a copy of the run's state. Nothing of it is kept but what it
 * found. That the database was not touched is measured outside and comes with the command; here it is judged.
 */

import { checkLossless } from "../../src/documents/lossless.js";
import type { FactData } from "../../src/events/facts.js";
import { streamName } from "../../src/events/streams.js";
import { accepted, type Decision, type World } from "../../src/ledger/Decision.js";
import { writerCode } from "../../src/writers/registry.js";
import type { CommandsOf } from "../CommandFrame.js";
import { writerInForce } from "../writer.js";
import type { commands } from "./commands.js";
import { compensationPlanOf } from "./compensation.js";
import { type Cut, cutOf } from "./cutFacts.js";
import { liveStateOf } from "./liveState.js";
import type { RunState } from "./State.js";
import { wrongPhase } from "./wrongPhase.js";

export function decideDryRun(
  { data }: CommandsOf<typeof commands, "DryRun">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  const { plan } = state;
  if ((state.phase !== "planned" && state.phase !== "rehearsed") || plan === null)
    return wrongPhase(state, "tried in a dry run", ["planned", "rehearsed"]);
  const outcome = cutOf(state, plan.planContent, plan.base, world);
  if (!outcome.ok) return outcome.refused;
  const content = world.content(state.content);
  const planBytes = world.content(plan.planContent);
  if (content === undefined || planBytes === undefined)
    throw new Error("the cut was worked out from content that is not there");
  const overlay = overlayOf(state, outcome.cut);
  for (const name of ["legB", "verify"]) {
    const writer = writerInForce(name, world);
    if (!writer.ok) return writer.refused;
  }
  const live = liveStateOf(overlay);
  const verifier = writerInForce("verify", world);
  if (!verifier.ok) return verifier.refused;
  const verified = writerCode("verify", verifier.writer.version)(live, {
    salt: content.salt,
    content: content.bytes,
    plan: planBytes.bytes,
  });
  const rules = [
    ...checkLossless(content.bytes, outcome.cut.plan).map((check) => ({
      rule: check.rule,
      assertions: check.assertions,
      failures: check.failures.length,
    })),
    { rule: "Verify", assertions: verified["assertions"] as number, failures: verified["verdict"] === "PASS" ? 0 : 1 },
  ];
  const { verdict: untouched, control } = data.nonMutation;
  const sound = rules.every((rule) => rule.failures === 0) && control.detected;
  const verdict: FactData<"DryRunRecorded">["verdict"] =
    untouched === "PASS" && sound ? "PASS" : untouched === "INCONCLUSIVE" && sound ? "INCONCLUSIVE" : "FAIL";
  return accepted([
    {
      stream: streamName("run", state.run),
      type: "DryRunRecorded",
      data: {
        run: state.run,
        verdict,
        units: outcome.cut.units.length,
        draftRoot: outcome.cut.draftRoot,
        rules,
        compensationPlan: compensationPlanOf(state.run, outcome.cut.units),
        nonMutation: data.nonMutation,
      },
    },
  ]);
}

/** The run as the cut would leave it. A copy: the state itself is not touched. */
function overlayOf(state: Readonly<RunState>, cut: Cut): RunState {
  return {
    ...structuredClone(state as RunState),
    phase: "cut",
    units: cut.units.map(({ run: _, document: __, ...unit }) => unit),
    repeals: cut.repeals.map(({ run: _, ...repeal }) => repeal),
    draftRoot: cut.draftRoot,
  };
}
