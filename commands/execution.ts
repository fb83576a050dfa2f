/**
 * The execution switch: off unless a sovereign human has armed it for one run, with a reason and an end, and it has not ended.
 * Absent, expired or disarmed are all off. Anyone with a role may disarm.
 */
import { z } from "zod";
import { asEvent } from "../src/events/decode.js";
import { instant, text, uuid } from "../src/events/fields.js";
import { streamName, switchKey } from "../src/events/streams.js";
import { accepted, type Category, type Decision, nothing, refused, type World } from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";
import { policyInForce } from "./policy.js";
import { principalCategory } from "./principal.js";
import { type Phase, runCategory } from "./run/State.js";

export const commands = {
  ArmExecution: z.strictObject({ run: uuid, until: instant, reason: text }),
  DisarmExecution: z.strictObject({ run: uuid.nullable(), reason: text }),
};

export interface ExecutionState {
  /** Run → armed until, and by whom, as last said; an instant in the past is off. */
  armed: Map<string, { until: string; by: string }>;
}

export const executionCategory: Category<ExecutionState> = {
  name: "execution",
  initial: () => ({ armed: new Map() }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    switch (event.type) {
      case "ExecutionArmed":
        // What has ended is forgotten here, so that the state stays as small as what is armed.
        for (const [run, { until }] of state.armed) if (until <= event.time) state.armed.delete(run);
        state.armed.set(event.data.run, { until: event.data.until, by: event.actor });
        break;
      case "ExecutionDisarmed":
        if (event.data.run === null) state.armed.clear();
        else state.armed.delete(event.data.run);
        break;
    }
  },
};

/** Phases in which a cut may still come. */
const armable: readonly Phase[] = ["opened", "assessed", "planned", "rehearsed", "cutting"];

/** Until when execution is armed for a run, or null: off. What a sovereign armed who has been revoked since is off. */
export function armedUntil(run: string, world: World): string | null {
  const arming = world.state(executionCategory, switchKey).armed.get(run);
  if (arming === undefined || arming.until <= world.now) return null;
  return world.state(principalCategory, arming.by).revoked ? null : arming.until;
}

export function decideExecution(command: CommandsOf<typeof commands>, world: World): Decision {
  const stream = streamName("execution", switchKey);
  const { armed } = world.state(executionCategory, switchKey);
  if (command.type === "DisarmExecution") {
    const { data } = command;
    if (data.run === null ? armed.size === 0 : !armed.has(data.run)) return nothing;
    return accepted([{ stream, type: "ExecutionDisarmed", data }]);
  }
  const { data } = command;
  const run = world.state(runCategory, data.run);
  if (run.phase === "none") {
    return refused("RUN_UNKNOWN", `There is no run ${data.run}.`, { run: data.run }, "iu-ledger run list");
  }
  if (run.mode !== "live") {
    return refused(
      "MODE_NOT_LIVE",
      "Execution can be armed for a live run only; this one is a rehearsal.",
      { run: data.run, mode: run.mode },
      `Open a live run: iu-ledger run open ${run.document}`,
    );
  }
  if (!armable.includes(run.phase)) {
    return refused(
      "NOTHING_TO_CUT",
      `The run is ${run.phase}; there is no cut of it left to arm for.`,
      { run: data.run, phase: run.phase },
      `iu-ledger readiness ${data.run}`,
    );
  }
  const hours = (Date.parse(data.until) - Date.parse(world.now)) / 3_600_000;
  const hoursMax = policyInForce(world).policy.armHoursMax;
  if (hours <= 0) {
    return refused(
      "EXPIRY_PAST",
      `${data.until} is not after now, ${world.now}.`,
      { until: data.until, now: world.now },
      "Give an end in the future.",
    );
  }
  if (hours > hoursMax) {
    return refused(
      "EXPIRY_TOO_FAR",
      `The policy lets execution stay armed for ${hoursMax} hours; ${data.until} is further off.`,
      { until: data.until, now: world.now, hoursMax },
      `Give an end within ${hoursMax} hours.`,
    );
  }
  if (armedUntil(data.run, world) === data.until) return nothing;
  return accepted([{ stream, type: "ExecutionArmed", data }]);
}
