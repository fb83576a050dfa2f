/**
 * Compensation: the soft revert. The plan is the inverse of the cut, unit by unit from the last to the first; carrying it out appends
 * a `UnitReverted` for each. Nothing is deleted, and there is no option for it.
 */
import { digestOf } from "../../src/events/canonical.js";
import type { FactData } from "../../src/events/facts.js";
import { streamName } from "../../src/events/streams.js";
import { accepted, type Decision, type NewFact, nothing, refused, type World } from "../../src/ledger/Decision.js";
import type { CommandsOf } from "../CommandFrame.js";
import { documentCategory } from "../document.js";
import type { commands } from "./commands.js";
import { chunk } from "./cut.js";
import { openGate } from "./gates.js";
import { firstOpen, needsGateC } from "./preconditions.js";
import { type Phase, type RunState, runCategory, type Unit } from "./State.js";
import { wrongPhase } from "./wrongPhase.js";

const compensable: readonly Phase[] = ["cutting", "cut", "recorded", "verified", "reviewed", "enacted"];

/** The digest of the inverse actions: known before the cut, bound by SG_1, and the same afterwards. */
export function compensationPlanOf(run: string, units: readonly Pick<Unit, "address" | "index">[]): string {
  return digestOf({ schema: 1, run, actions: units.map(({ address, index }) => ({ address, index })).reverse() });
}

/** What a unit's text counts as in a phase. */
export function lifecycleIn(phase: Phase): FactData<"UnitReverted">["from"] {
  return phase === "enacted" ? "enacted" : phase === "reviewed" ? "reviewed" : "draft";
}

export function decidePlanCompensation(
  { data }: CommandsOf<typeof commands, "PlanCompensation">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  if (!compensable.includes(state.phase)) return wrongPhase(state, "compensated", compensable);
  const plan = compensationPlanOf(state.run, state.units);
  if (state.compensation?.plan === plan && state.compensation.from === state.phase) return nothing;
  const inForce = world.state(documentCategory, state.document).enacted;
  const at = inForce.indexOf(state.run);
  const restores = at > 0 ? (inForce[at - 1] ?? null) : null;
  const restored = restores === null ? 0 : world.state(runCategory, restores).units.length;
  const units = state.units.length;
  const dependents = at < 0 ? [] : inForce.slice(at + 1);
  const from = lifecycleIn(state.phase);
  // Units that a later version has put out of force are superseded, whatever the run's own phase says.
  const counts = { superseded: 0, reverted: 0 };
  return accepted([
    {
      stream: streamName("run", state.run),
      type: "CompensationPlanned",
      data: {
        run: state.run,
        plan,
        actions: units,
        reason: data.reason,
        restores,
        dependents,
        before:
          dependents.length > 0
            ? { ...counts, superseded: units + restored }
            : { ...counts, [from]: units, superseded: restored },
        after:
          dependents.length > 0
            ? { ...counts, superseded: restored, reverted: units }
            : { ...counts, [from]: state.phase === "enacted" ? restored : 0, reverted: units },
      },
    },
  ]);
}

export function decideCompensate(
  _command: CommandsOf<typeof commands, "Compensate">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  const { compensation, run } = state;
  if (!compensable.includes(state.phase) && state.phase !== "compensating")
    return wrongPhase(state, "compensated", compensable);
  // A cut that went on after the plan was made has more units than the plan takes back.
  const fits =
    state.phase === "compensating" ||
    (compensation?.from === state.phase && compensation.plan === compensationPlanOf(run, state.units));
  if (compensation === null || !fits) {
    return refused(
      "COMPENSATION_NOT_PLANNED",
      "There is no compensation plan for the run as it stands.",
      { run, phase: state.phase },
      `iu-ledger run compensate ${run} --reason TEXT`,
    );
  }
  const refusal = firstOpen("Compensate", state, world);
  if (refusal !== null) return refusal;
  const stream = streamName("run", run);
  const first: NewFact[] = [];
  if (needsGateC(state)) {
    const gate = openGate("SG_C", state, world, state.phase === "compensating");
    if (!gate.ok) return gate.refused;
    if (!gate.gate.used)
      first.push({ stream, type: "CompensationStarted", data: { run, plan: compensation.plan, gate: gate.gate.gate } });
  } else if (state.phase !== "compensating") {
    first.push({ stream, type: "CompensationStarted", data: { run, plan: compensation.plan, gate: null } });
  }
  const from = lifecycleIn(compensation.from);
  const rest: NewFact[] = state.units
    .slice(0, state.units.length - compensation.reverted)
    .reverse()
    .map(({ index, unit, address }) => ({ stream, type: "UnitReverted", data: { run, index, unit, address, from } }));
  const restores = compensation.restores;
  const end: NewFact[] = [
    { stream, type: "CompensationExecuted", data: { run, reverted: state.units.length, restores } },
  ];
  if (compensation.from === "enacted") {
    end.push({
      stream: streamName("document", state.document),
      type: "VersionReverted",
      data: { document: state.document, run, restores },
    });
  }
  return chunk(first, rest, end);
}
