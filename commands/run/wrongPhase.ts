/** The one refusal every run command shares: it does not fit where the run stands. */
import { type Decision, refused } from "../../src/ledger/Decision.js";
import type { Phase, RunState } from "./State.js";

/** The refusal for a command that does not fit where the run stands. */
export function wrongPhase(state: Readonly<RunState>, wanted: string, from: readonly Phase[]): Decision {
  return refused(
    "WRONG_PHASE",
    `The run is ${state.phase}; it can be ${wanted} only from ${from.join(" or ")}.`,
    { run: state.run, phase: state.phase },
    `See the next step: iu-ledger readiness ${state.run}`,
  );
}
