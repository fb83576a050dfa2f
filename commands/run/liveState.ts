/** From a run's state to what its writers are given. Nothing is counted here that is not in the state; no number is a constant. */
import type { LiveState } from "../../src/writers/LiveState.js";
import type { RunState } from "./State.js";

/** The live state of a run that has a plan. Throws where it has none: no writer may run before one. */
export function liveStateOf(state: Readonly<RunState>): LiveState {
  const { plan, compensation } = state;
  if (plan === null) throw new Error(`run ${state.run} has no plan, so no live state for a writer`);
  return {
    schema: 1,
    run: state.run,
    document: state.document,
    revision: state.revision,
    content: state.content,
    plan: {
      digest: plan.plan,
      cutter: plan.cutter,
      grammar: plan.grammar,
      profile: plan.profile,
      units: plan.units,
      base: plan.base,
    },
    gates: state.gates
      .filter((gate) => gate.ruling?.outcome === "approved")
      .map((gate) => ({
        gate: gate.gate,
        kind: gate.kind,
        subject: gate.subject,
        ruledBy: gate.ruling?.ruledBy ?? "",
      })),
    units: state.units.map((unit) => ({
      index: unit.index,
      unit: unit.unit,
      address: unit.address,
      kind: unit.kind,
      label: unit.label,
      parent: unit.parent,
      start: unit.span.start,
      end: unit.span.end,
      raw: unit.raw,
      norm: unit.norm,
      transition: unit.transition.class,
    })),
    repeals: state.repeals.map(({ unit, address }) => ({ unit, address })),
    draftRoot: state.draftRoot,
    records: {
      legB: state.legB?.recordDigest ?? null,
      verify: state.verify?.recordDigest ?? null,
      compensationB: compensation?.recordB?.recordDigest ?? null,
    },
    compensation:
      compensation === null
        ? null
        : {
            plan: compensation.plan,
            restores: compensation.restores,
            from: compensation.from,
            reverted: compensation.reverted,
          },
  };
}
