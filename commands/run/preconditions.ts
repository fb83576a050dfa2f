/**
 * What must hold before the next step of a run, each precondition with the refusal that its absence is. The decisions refuse by this
 * list and the readiness matrix shows it, so what a reader is told to close is what the ledger will ask for.
 */

import { type Refused, refused, type World } from "../../src/ledger/Decision.js";
import { backupsInForce, goodUntil } from "../backup.js";
import { documentCategory } from "../document.js";
import { armedUntil } from "../execution.js";
import { grantAuditRefusal, newestGrantAudit } from "../grantAudit.js";
import { policyInForce } from "../policy.js";
import { several } from "../several.js";
import { writerInForce } from "../writer.js";
import { openGate } from "./gates.js";
import { newestGate, type Phase, type RunState, runCategory } from "./State.js";

export interface Precondition {
  readonly name: string;
  /** PARTIAL: begun, not finished (a gate requested but not ruled). */
  readonly status: "CLOSED" | "PARTIAL" | "OPEN";
  /** The event that closes it. */
  readonly closedBy: string;
  readonly refusal: Refused | null;
}

export interface Step {
  /** The command that takes the run on; null where nothing more is to come. */
  readonly command: string | null;
  readonly preconditions: readonly Precondition[];
}

const steps: Readonly<Record<Phase, string | null>> = {
  none: "OpenRun",
  opened: "AssessTarget",
  assessed: "PlanCut",
  planned: "DryRun",
  rehearsed: "ExecuteCut",
  cutting: "ExecuteCut",
  cut: "RecordLegB",
  recorded: "RecordVerify",
  verified: "ReviewRun",
  reviewed: "EnactRun",
  enacted: null,
  compensating: "Compensate",
  compensated: "RecordCompensationB",
  "compensation-recorded": "VerifyCompensation",
  reverted: null,
  abandoned: null,
};

/** The next step of a run and what it needs. A planned compensation comes before what the run would have done next. */
export function nextStep(state: Readonly<RunState>, world: World): Step {
  const planned =
    state.compensation !== null && (state.phase === "compensating" || state.compensation.from === state.phase);
  const command = planned ? "Compensate" : steps[state.phase];
  return { command, preconditions: command === null ? [] : preconditionsOf(command, state, world) };
}

/** The preconditions of a step of this run. */
export function preconditionsOf(command: string, state: Readonly<RunState>, world: World): Precondition[] {
  const held = notHeld(state);
  switch (command) {
    case "PlanCut":
      return [
        held,
        precondition(
          "target not unsafe",
          "TargetAssessed",
          state.assessment === "unsafe"
            ? refused(
                "TARGET_UNSAFE",
                "The assessment found this document an unsafe target.",
                { run: state.run },
                `Mend what it names, then assess again: iu-ledger run assess ${state.run}`,
              )
            : null,
        ),
      ];
    case "ExecuteCut":
      return [
        held,
        liveMode(state),
        dryRunPassed(state),
        notStale(state, world),
        baseStands(state, world),
        gateOpen("SG_1", state, world, state.phase === "cutting"),
        armed(state, world),
        backupFresh(state, world),
        grantsAudited(state, world),
      ];
    case "RecordLegB":
      return [held, ratified("legB", world)];
    case "RecordVerify":
      return [held, ratified("verify", world)];
    case "ReviewRun":
      return [held, rowsResolved(state)];
    case "EnactRun":
      return [
        held,
        rowsResolved(state),
        notSuperseded(state, world),
        baseStands(state, world),
        gateOpen("SG_2", state, world),
      ];
    case "Compensate":
      return [
        held,
        noDependents(state, world),
        ...(needsGateC(state) ? [gateOpen("SG_C", state, world, state.phase === "compensating")] : []),
      ];
    case "RecordCompensationB":
      return [held, ratified("compensationB", world)];
    case "VerifyCompensation":
      return [held, ratified("verifyCompensation", world)];
    default:
      return [held];
  }
}

/** The first precondition that does not hold, as the refusal it is. */
export function firstOpen(command: string, state: Readonly<RunState>, world: World): Refused | null {
  return preconditionsOf(command, state, world).find((one) => one.refusal !== null)?.refusal ?? null;
}

/** A run whose units are, or were when the compensation began, in force. */
export function needsGateC(state: Readonly<RunState>): boolean {
  return state.phase === "enacted" || state.compensation?.from === "enacted";
}

function precondition(name: string, closedBy: string, refusal: Refused | null, partial = false): Precondition {
  return { name, closedBy, refusal, status: refusal === null ? "CLOSED" : partial ? "PARTIAL" : "OPEN" };
}

function notHeld({ run, held }: Readonly<RunState>): Precondition {
  return precondition(
    "not held",
    "HoldReleased",
    held === null
      ? null
      : refused(
          "RUN_HELD",
          `The run is on HOLD: ${held.reason}`,
          { run, check: held.check, expected: held.expected, actual: held.actual },
          `Another human than ${held.causedBy} may release it: iu-ledger run release ${run} --reason TEXT`,
        ),
  );
}

function liveMode({ run, mode }: Readonly<RunState>): Precondition {
  return precondition(
    "live mode",
    "RunOpened",
    mode === "live"
      ? null
      : refused(
          "MODE_NOT_LIVE",
          "This run is a rehearsal; it never cuts.",
          { run, mode },
          `Give it up and open a live run: iu-ledger run abandon ${run} --reason TEXT`,
        ),
  );
}

function dryRunPassed({ run, dryRun, plan }: Readonly<RunState>): Precondition {
  const passed = dryRun?.verdict === "PASS";
  return precondition(
    "dry run passed",
    "DryRunRecorded",
    passed
      ? null
      : refused(
          "DRY_RUN_REQUIRED",
          dryRun === null ? "The plan has had no dry run." : `The dry run ended ${dryRun.verdict}.`,
          { run, plan: plan?.plan ?? null },
          `iu-ledger run dry-run ${run}`,
        ),
    dryRun !== null,
  );
}

function notStale(state: Readonly<RunState>, world: World): Precondition {
  const document = world.state(documentCategory, state.document);
  const newest = document.revisions.length - 1;
  const base = document.enacted.at(-1) ?? null;
  const stale = state.revision !== newest || (state.plan !== null && state.plan.base !== base);
  return precondition(
    "plan not stale",
    "CutPlanned",
    stale
      ? refused(
          "PLAN_STALE",
          "The document or what is in force has changed since the plan was made.",
          { run: state.run, revision: state.revision, newest, base: state.plan?.base ?? null, inForce: base },
          state.units.length > 0
            ? `Take back what was cut: iu-ledger run compensate ${state.run} --reason TEXT`
            : state.revision === newest
              ? `iu-ledger run plan ${state.run}`
              : `Give this run up and open one on the newest revision: iu-ledger run abandon ${state.run} --reason TEXT`,
        )
      : null,
  );
}

function notSuperseded(state: Readonly<RunState>, world: World): Precondition {
  const base = world.state(documentCategory, state.document).enacted.at(-1) ?? null;
  return precondition(
    "base still in force",
    "CutPlanned",
    state.plan?.base === base
      ? null
      : refused(
          "BASE_CHANGED",
          "Another version is in force than the one this run's transition starts from.",
          { run: state.run, base: state.plan?.base ?? null, inForce: base },
          `Take this run back and cut the document again: iu-ledger run compensate ${state.run} --reason TEXT`,
        ),
  );
}

/** What is being taken back must not be built upon: its compensation would then wait for this run's, for ever perhaps. */
function baseStands(state: Readonly<RunState>, world: World): Precondition {
  const base = state.plan?.base ?? null;
  const phase = base === null ? null : world.state(runCategory, base).phase;
  return precondition(
    "base not being compensated",
    "VersionReverted",
    phase !== "compensating"
      ? null
      : refused(
          "BASE_COMPENSATING",
          `Run ${base}, which this one starts from, is being compensated.`,
          { run: state.run, base },
          `Finish that first ('iu-ledger run compensate ${base} --execute'), then plan again or compensate this run too.`,
        ),
    true,
  );
}

function gateOpen(
  kind: "SG_1" | "SG_2" | "SG_C",
  state: Readonly<RunState>,
  world: World,
  usedIsGood = false,
): Precondition {
  const outcome = openGate(kind, state, world, usedIsGood);
  return precondition(
    `${kind} approved`,
    "GateRuled",
    outcome.ok ? null : outcome.refused,
    newestGate(state, kind) !== undefined,
  );
}

function armed(state: Readonly<RunState>, world: World): Precondition {
  const until = armedUntil(state.run, world);
  return precondition(
    "execution armed",
    "ExecutionArmed",
    until !== null
      ? null
      : refused(
          "EXECUTION_DISARMED",
          state.units.length > 0
            ? `Execution is off for this run; the cut stopped after ${state.units.length} of ${state.plan?.units ?? 0} units.`
            : "Execution is off for this run; it is off until a sovereign arms it.",
          { run: state.run, now: world.now, unitsCut: state.units.length, units: state.plan?.units ?? null },
          `iu-ledger switch arm ${state.run} --reason TEXT`,
        ),
  );
}

/** A backup counts if it was recorded within the policy's hours and holds every event of this run before its cut. */
function backupFresh(state: Readonly<RunState>, world: World): Precondition {
  const hours = policyInForce(world).policy.backupHoursMax;
  const refusal = hours === null ? null : staleBackup(state, hours, world);
  return precondition("backup fresh", "BackupRecorded", refusal, backupsInForce(world).backups.length > 0);
}

/** Until when the backup that lets this run be cut is good; null where the policy asks for none. */
export function backupGoodUntil(state: Readonly<RunState>, world: World): string | null {
  const hours = policyInForce(world).policy.backupHoursMax;
  const good = backupsInForce(world).backups.findLast((one) => one.size > state.settledAt);
  return hours === null || good === undefined ? null : goodUntil(good.recordedAt, hours);
}

function staleBackup(state: Readonly<RunState>, hours: number, world: World): Refused | null {
  const { backups } = backupsInForce(world);
  const next = "iu-ledger backup create FILE";
  const numbers = { run: state.run, backupHoursMax: hours };
  const largest = backups[0];
  if (largest === undefined) {
    return refused(
      "BACKUP_REQUIRED",
      `The policy asks for a restored backup within ${hours} hours; none is recorded that the recipients in force can open.`,
      numbers,
      next,
    );
  }
  const holds = backups.findLast((one) => one.size > state.settledAt);
  if (holds === undefined) {
    return refused(
      "BACKUP_BEHIND",
      `No backup recorded holds more than ${several(largest.size, "event")}; this run's newest event before its cut is at position ${state.settledAt}.`,
      { ...numbers, size: largest.size, position: state.settledAt },
      next,
    );
  }
  if (goodUntil(holds.recordedAt, hours) > world.now) return null;
  return refused(
    "BACKUP_OLD",
    `The backup that holds this run was recorded at ${holds.recordedAt}; the policy lets one count for ${hours} hours, and it is ${world.now}.`,
    { ...numbers, recordedAt: holds.recordedAt, now: world.now },
    next,
  );
}

function grantsAudited(state: Readonly<RunState>, world: World): Precondition {
  const hours = policyInForce(world).policy.grantAuditHoursMax;
  return precondition(
    "grant audit clean",
    "GrantAuditRecorded",
    hours === null ? null : grantAuditRefusal(state.run, hours, world),
    newestGrantAudit(world) !== null,
  );
}

function ratified(name: string, world: World): Precondition {
  const outcome = writerInForce(name, world);
  return precondition(`writer ${name} ratified`, "WriterRatified", outcome.ok ? null : outcome.refused);
}

function rowsResolved({ run, open }: Readonly<RunState>): Precondition {
  return precondition(
    "no open transition rows",
    "TransitionResolved",
    open.size === 0
      ? null
      : refused(
          "TRANSITION_OPEN",
          `${several(open.size, "row")} of the transition ${open.size === 1 ? "is" : "are"} open: ${[...open].slice(0, 3).join(", ")}${open.size > 3 ? ", …" : ""}.`,
          { run, open: open.size },
          `A human resolves each: iu-ledger run resolve ${run}`,
        ),
  );
}

function noDependents(state: Readonly<RunState>, world: World): Precondition {
  const inForce = world.state(documentCategory, state.document).enacted;
  const later = inForce.slice(inForce.indexOf(state.run) + 1);
  const blocked = needsGateC(state) && inForce.includes(state.run) && later.length > 0;
  return precondition(
    "nothing depends on it",
    "VersionReverted",
    blocked
      ? refused(
          "DEPENDENT_VERSION",
          `${several(later.length, "later version")} ${later.length === 1 ? "was" : "were"} enacted on top: ${later.join(", ")}.`,
          { run: state.run, later: later.length },
          `Compensate the newest first: iu-ledger run compensate ${later.at(-1)} --reason TEXT`,
        )
      : null,
  );
}
