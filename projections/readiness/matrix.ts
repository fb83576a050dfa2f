/** The blocker matrix of a run: the preconditions of its next step as the decisions themselves check them, at the world's time. */
import { armedUntil } from "../../commands/execution.js";
import { grantAuditGoodUntil } from "../../commands/grantAudit.js";
import { backupGoodUntil, nextStep, type Precondition } from "../../commands/run/preconditions.js";
import { newestGate, type RunState, runCategory } from "../../commands/run/State.js";
import type { GateKind } from "../../src/events/fields.js";
import type { World } from "../../src/ledger/Decision.js";

export interface Blocker {
  readonly name: string;
  readonly status: Precondition["status"];
  /** The event that closes it. */
  readonly closedBy: string;
  /** Null where it is closed. */
  readonly code: string | null;
  readonly message: string | null;
  readonly next: string | null;
  /** Until when a closed one stays closed if nothing else happens; null: for good. */
  readonly holdsUntil: string | null;
}

export interface Matrix {
  readonly run: string;
  readonly document: string;
  readonly phase: RunState["phase"];
  readonly held: boolean;
  /** The command that takes the run on; null where nothing more is to come. */
  readonly step: string | null;
  readonly blockers: readonly Blocker[];
}

/** Works the matrix out. Asks the world for states and for nothing else. */
export function matrixOf(run: string, world: World): Matrix {
  const state = world.state(runCategory, run);
  const { command, preconditions } = nextStep(state, world);
  return {
    run,
    document: state.document,
    phase: state.phase,
    held: state.held !== null,
    step: command,
    blockers: preconditions.map((one) => ({
      name: one.name,
      status: one.status,
      closedBy: one.closedBy,
      code: one.refusal?.code ?? null,
      message: one.refusal?.message ?? null,
      next: one.refusal?.next ?? null,
      holdsUntil: one.status === "CLOSED" ? lapseOf(one, state, world) : null,
    })),
  };
}

/** Approvals, the armed switch, what a backup is good for and a clean audit end by themselves; everything else only by an event. */
function lapseOf({ closedBy, name }: Precondition, state: Readonly<RunState>, world: World): string | null {
  if (closedBy === "ExecutionArmed") return armedUntil(state.run, world);
  if (closedBy === "BackupRecorded") return backupGoodUntil(state, world);
  if (closedBy === "GrantAuditRecorded") return grantAuditGoodUntil(world);
  if (closedBy !== "GateRuled") return null;
  const kind = name.slice(0, name.indexOf(" ")) as GateKind;
  return newestGate(state, kind)?.ruling?.expires ?? null;
}
