/** Executing the cut, chunk by chunk: each chunk is decided anew, so that a switch thrown between two chunks stops the second. */
import { streamName } from "../../src/events/streams.js";
import { accepted, type Decision, type NewFact, refused, type World } from "../../src/ledger/Decision.js";
import type { CommandsOf } from "../CommandFrame.js";
import { armedUntil } from "../execution.js";
import { leafSizeOf } from "../leafSize.js";
import type { commands } from "./commands.js";
import { cutOf } from "./cutFacts.js";
import { openGate } from "./gates.js";
import { firstOpen } from "./preconditions.js";
import type { RunState } from "./State.js";
import { wrongPhase } from "./wrongPhase.js";

/** A chunk is one atomic append: at most so many events, at most so many bytes. */
export const chunkEventsMax = 500;
export const chunkSizeMax = 512 * 1024;

export function decideExecute(
  _command: CommandsOf<typeof commands, "ExecuteCut">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  if (state.phase !== "rehearsed" && state.phase !== "cutting")
    return wrongPhase(state, "cut", ["rehearsed", "cutting"]);
  const refusal = firstOpen("ExecuteCut", state, world);
  if (refusal !== null) return refusal;
  const gate = openGate("SG_1", state, world, state.phase === "cutting");
  const { plan } = state;
  const until = armedUntil(state.run, world);
  if (!gate.ok || plan === null || until === null)
    throw new Error(`run ${state.run}: a precondition of the cut was not checked`);
  const outcome = cutOf(state, plan.planContent, plan.base, world);
  if (!outcome.ok) return outcome.refused;
  const { cut } = outcome;
  const approved = state.dryRun?.draftRoot;
  if (approved !== cut.draftRoot) {
    return refused(
      "DRAFT_ROOT_DIFFERS",
      `This program would cut to the draft root ${cut.draftRoot.slice(0, 12)}…; ${gate.gate.gate} approved ${approved?.slice(0, 12)}….`,
      { run: state.run, gate: gate.gate.gate, here: cut.draftRoot, approved: approved ?? null },
      `Another program made the dry run, or this one was changed: find out which, then rehearse again: iu-ledger run dry-run ${state.run}`,
    );
  }
  const stream = streamName("run", state.run);
  const start = {
    stream,
    type: "CutStarted",
    data: { run: state.run, gate: gate.gate.gate, plan: plan.plan, armedUntil: until },
  };
  const executed = {
    stream,
    type: "CutExecuted",
    data: {
      run: state.run,
      units: cut.units.length,
      repeals: cut.repeals.length,
      open: cut.rows.filter((row) => row.open).length,
      draftRoot: cut.draftRoot,
    },
  };
  const rest: NewFact[] = [
    ...cut.units.slice(state.units.length).map((data) => ({ stream, type: "UnitCut", data })),
    ...cut.repeals.slice(state.repeals.length).map((data) => ({ stream, type: "RepealProposed", data })),
  ];
  return chunk(gate.gate.used ? [] : [start], rest, [executed]);
}

/**
 * The first facts that fit one append, and whether more are to come. `end`, the facts that say it is done, come together: a run that is done
 * decides nothing more, and what was left over would never be said.
 */
export function chunk(first: readonly NewFact[], rest: readonly NewFact[], end: readonly NewFact[]): Decision {
  const facts = [...first];
  let size = 0;
  for (const together of [...rest.map((fact) => [fact]), end]) {
    for (const fact of together) size += leafSizeOf(fact);
    const over = facts.length + together.length > chunkEventsMax || size > chunkSizeMax;
    if (over && facts.length > first.length) return accepted(facts, { more: true });
    facts.push(...together);
  }
  return accepted(facts);
}
