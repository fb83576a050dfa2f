/** What a run's commands decide: one line each where it is short, a module each where it is not. */

import { aPrincipal } from "../../src/events/fields.js";
import { streamName } from "../../src/events/streams.js";
import {
  accepted,
  type Decision,
  nothing,
  type Refused,
  refused,
  type SignedCommand,
  type World,
} from "../../src/ledger/Decision.js";
import type { CommandsOf } from "../CommandFrame.js";
import { documentCategory, documentUnknown } from "../document.js";
import { principalCategory } from "../principal.js";
import { several } from "../several.js";
import type { commands } from "./commands.js";
import { decideCompensate, decidePlanCompensation } from "./compensation.js";
import { decideExecute } from "./cut.js";
import { decideDryRun } from "./dryRun.js";
import { decideRequestGate, decideRuleGate, openGate } from "./gates.js";
import { decideAssess, decidePlan } from "./plan.js";
import { firstOpen } from "./preconditions.js";
import { decideRecord } from "./records.js";
import { type Phase, type RunState, runCategory } from "./State.js";
import { decideResolve } from "./transition.js";
import { wrongPhase } from "./wrongPhase.js";

type RunCommand = CommandsOf<typeof commands>;

/** What may still be said to a run on HOLD. */
const whileHeld: readonly string[] = ["ReleaseHold", "AbandonRun", "HoldRun"];
const closed: readonly Phase[] = ["reverted", "abandoned"];

export function decideRun(command: RunCommand, signed: SignedCommand, world: World): Decision {
  const state = world.state(runCategory, command.data.run);
  if (command.type === "OpenRun") return open(command, state, world);
  if (state.phase === "none")
    return refused(
      "RUN_UNKNOWN",
      `There is no run ${command.data.run}.`,
      { run: command.data.run },
      "iu-ledger run list",
    );
  if (!whileHeld.includes(command.type)) {
    const held = firstOpen("", state, world);
    if (held !== null) return held;
  }
  switch (command.type) {
    case "AssessTarget":
      return decideAssess(command, state, world);
    case "PlanCut":
      return decidePlan(command, state, world);
    case "DryRun":
      return decideDryRun(command, state, world);
    case "RequestGate":
      return decideRequestGate(command, state, world);
    case "RuleGate":
      return decideRuleGate(command, state, world);
    case "ExecuteCut":
      return decideExecute(command, state, world);
    case "ResolveTransition":
      return decideResolve(command, state, world);
    case "RecordLegB":
    case "RecordVerify":
    case "RecordCompensationB":
    case "VerifyCompensation":
      return decideRecord(command.type, signed, state, world);
    case "ReviewRun":
      return review(command, state, world);
    case "EnactRun":
      return enact(command, state, world);
    case "PlanCompensation":
      return decidePlanCompensation(command, state, world);
    case "Compensate":
      return decideCompensate(command, state, world);
    case "HoldRun":
      return hold(command, state, world);
    case "ReleaseHold":
      return release(command, state, world);
    case "AbandonRun":
      return abandon(command, state, world);
  }
}

function open({ data }: CommandsOf<typeof commands, "OpenRun">, state: Readonly<RunState>, world: World): Decision {
  const document = world.state(documentCategory, data.document);
  const newest = document.revisions.at(-1);
  if (newest === undefined) return documentUnknown(data.document);
  if (state.phase !== "none")
    return refused("RUN_EXISTS", `Run ${data.run} exists already.`, { run: data.run }, "Give a new run id.");
  if (document.openRun !== null) {
    return refused(
      "RUN_OPEN",
      `Run ${document.openRun} is open on this document; there is one at a time.`,
      { document: data.document, run: document.openRun },
      `Finish it ('iu-ledger readiness ${document.openRun}'), or give it up: iu-ledger run abandon ${document.openRun} --reason TEXT`,
    );
  }
  const revision = document.revisions.length - 1;
  return accepted([
    {
      stream: streamName("run", data.run),
      type: "RunOpened",
      data: { run: data.run, document: data.document, revision, content: newest.content, mode: data.mode },
    },
    {
      stream: streamName("document", data.document),
      type: "DocumentClaimed",
      data: { document: data.document, run: data.run, revision },
    },
  ]);
}

function review({ data }: CommandsOf<typeof commands, "ReviewRun">, state: Readonly<RunState>, world: World): Decision {
  if (state.phase !== "verified") return wrongPhase(state, "reviewed", ["verified"]);
  const refusal = firstOpen("ReviewRun", state, world);
  return refusal ?? accepted([{ stream: streamName("run", state.run), type: "RunReviewed", data }]);
}

function enact(_command: CommandsOf<typeof commands, "EnactRun">, state: Readonly<RunState>, world: World): Decision {
  if (state.phase !== "reviewed") return wrongPhase(state, "enacted", ["reviewed"]);
  const refusal = firstOpen("EnactRun", state, world);
  if (refusal !== null) return refusal;
  const gate = openGate("SG_2", state, world);
  if (!gate.ok) return gate.refused;
  const { run, document, revision } = state;
  const stream = streamName("document", document);
  return accepted([
    {
      stream: streamName("run", run),
      type: "RunEnacted",
      data: { run, gate: gate.gate.gate, units: state.units.length },
    },
    { stream, type: "VersionEnacted", data: { document, run, revision, supersedes: state.plan?.base ?? null } },
    { stream, type: "DocumentReleased", data: { document, run, outcome: "enacted" } },
  ]);
}

function hold(
  { actor, data }: CommandsOf<typeof commands, "HoldRun">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  if (closed.includes(state.phase)) return wrongPhase(state, "held", ["any open phase" as Phase]);
  if (state.held !== null) return nothing;
  const causedBy = world.state(principalCategory, actor).responsible;
  return accepted([
    {
      stream: streamName("run", state.run),
      type: "RunHeld",
      data: {
        run: state.run,
        check: "held by hand",
        reason: data.reason,
        expected: "the run goes on",
        actual: `stopped while ${state.phase}`,
        causedBy,
      },
    },
  ]);
}

function release(
  { actor, data }: CommandsOf<typeof commands, "ReleaseHold">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  if (state.held === null) return nothing;
  return (
    holdRefusal(actor, state, world) ?? accepted([{ stream: streamName("run", state.run), type: "HoldReleased", data }])
  );
}

/** Why the actor may not take a run out of its HOLD, or null: it takes another human than the one who caused it. */
function holdRefusal(actor: string, { run, held }: Readonly<RunState>, world: World): Refused | null {
  if (held === null) return null;
  const { kind } = world.state(principalCategory, actor);
  if (kind !== "human")
    return refused(
      "HUMAN_REQUIRED",
      `A HOLD is ended by a human; ${actor} is ${aPrincipal(kind)}.`,
      { run, actor, kind },
      "Ask a human.",
    );
  if (actor === held.causedBy) {
    return refused(
      "HOLD_OWN",
      `${held.causedBy} caused this HOLD; another human must end it.`,
      { run, causedBy: held.causedBy },
      "Ask another human with a role.",
    );
  }
  return null;
}

/** A held run is abandoned only by who may release it: else a HOLD would stop nothing but that one run. */
function abandon(
  { actor, data }: CommandsOf<typeof commands, "AbandonRun">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  if (state.phase === "abandoned") return nothing;
  const held = holdRefusal(actor, state, world);
  if (held !== null) return held;
  if (state.units.length > 0 || state.phase === "reverted") {
    return refused(
      "COMPENSATE_FIRST",
      state.phase === "reverted"
        ? "The run has been reverted; there is nothing left to abandon."
        : `The run has cut ${several(state.units.length, "unit")}, which ${state.units.length === 1 ? "is" : "are"} taken back by compensation, not by walking away.`,
      { run: state.run, phase: state.phase, units: state.units.length },
      state.phase === "reverted"
        ? `iu-ledger run show ${state.run}`
        : `iu-ledger run compensate ${state.run} --reason TEXT`,
    );
  }
  return accepted([
    { stream: streamName("run", state.run), type: "RunAbandoned", data },
    {
      stream: streamName("document", state.document),
      type: "DocumentReleased",
      data: { document: state.document, run: state.run, outcome: "abandoned" },
    },
  ]);
}
