/** From where a run stands to its end: each phase has its scene, and the phase is read from the ledger each time. So a journey may stop anywhere. */
import type { Phase, RunState } from "../../../commands/run/State.js";
import { refusedStop, type Stop } from "../output/Problem.js";
import { shortId, visible } from "../output/text.js";
import { type Journey, runState, signingLine } from "./act.js";
import { compensateScene, compensationBScene, compensationPlanScene, verifyCompensationScene } from "./compensating.js";
import { cutScene, enactScene, legBScene, reviewScene, verifyScene } from "./cutting.js";
import { checkInterrupt } from "./interrupt.js";
import { assessScene, dryRunScene, planScene } from "./planning.js";

type Scene = (journey: Journey) => Promise<void>;

const scenes: Readonly<Record<Phase, Scene | null>> = {
  none: null,
  opened: assessScene,
  assessed: planScene,
  planned: dryRunScene,
  rehearsed: cutScene,
  cutting: cutScene,
  cut: legBScene,
  recorded: verifyScene,
  verified: reviewScene,
  reviewed: enactScene,
  enacted: null,
  compensating: compensateScene,
  compensated: compensationBScene,
  "compensation-recorded": verifyCompensationScene,
  reverted: null,
  abandoned: null,
};

/** Plays scene after scene until there is none, and answers the phase that is reached. */
export async function goOn(journey: Journey): Promise<Phase> {
  for (;;) {
    checkInterrupt(journey.signal);
    const state = await runState(journey);
    if (state.held !== null) throw held(journey, state);
    const scene = sceneOf(journey, state);
    if (scene === null) return state.phase;
    const { phase, compensation } = state;
    const planned = compensation !== null;
    await scene(journey);
    const after = await runState(journey);
    const moved = after.phase !== phase || after.held !== null || (after.compensation !== null) !== planned;
    if (!moved) throw new Error(`run ${journey.run} is still ${phase} after the scene that should have taken it on`);
  }
}

/** A compensation somebody has planned comes before what the run would have done next, as the ledger sees it too. */
function sceneOf({ compensate }: Journey, { phase, compensation, mode }: Readonly<RunState>): Scene | null {
  const back: readonly Phase[] = ["cutting", "cut", "recorded", "verified", "reviewed", "enacted"];
  if (compensation !== null && compensation.from === phase && back.includes(phase)) return compensateScene;
  if (phase === "enacted" && compensate) return compensationPlanScene;
  if (phase === "rehearsed" && mode === "rehearsal") return null;
  return scenes[phase];
}

function held(journey: Journey, { run, held: hold }: Readonly<RunState>): Stop {
  const { screen } = journey;
  screen.gap();
  screen.say("This run is on HOLD.", screen.style.bad);
  screen.facts([
    ["check", hold?.check ?? ""],
    ["reason", visible(hold?.reason ?? "")],
    ["expected", visible(hold?.expected ?? "")],
    ["actual", visible(hold?.actual ?? "")],
    ["caused by", hold?.causedBy ?? ""],
  ]);
  return refusedStop(
    "RUN_HELD",
    `Run ${run} is on HOLD: ${hold?.reason}`,
    `Another human than ${hold?.causedBy} looks into it and releases it: ${signingLine(journey, "run", "release", shortId(run), "--reason", "why")}`,
    { run },
  );
}
