/** What a history has left behind to be checked: what was asked and answered, and one process that is up in a world without faults. */
import type { Result } from "../../src/ledger/Decision.js";
import { StoreError } from "../../src/ledger/Store.js";
import type { Base } from "./base.js";
import type { Life } from "./SimulatedProcess.js";

/** One time somebody sent a command, and what came of it. */
export interface Attempt {
  /** An answer; an error of the store that is said to have written nothing; or nothing: the process died. */
  outcome: Result | StoreError | "died" | "waiting";
}

/** A command somebody signed, and every time it was sent. */
export interface Asked {
  readonly id: string;
  readonly type: string;
  readonly envelope: Uint8Array;
  readonly attempts: Attempt[];
}

export interface History {
  readonly seed: number;
  readonly base: Base;
  readonly asked: readonly Asked[];
  /** The processes are gone; this one is new, and nothing fails any more. */
  readonly survivor: Life;
  /** Whether the product's own chunks were used. */
  readonly long: boolean;
  /** Whether projections were kept. */
  readonly follows: boolean;
  /** The simulated time, in milliseconds since 1970. */
  readonly nowMs: () => number;
  /** When each position was written, by the same time. */
  readonly writtenAtMs: ReadonlyMap<number, number>;
  /** Sends a command once more. */
  ask(asked: Asked): Promise<Result>;
  /** Lets the simulated world go on until something is done. */
  during<T>(work: Promise<T>): Promise<T>;
}

/** Whether somebody was told what became of it. */
export function isAnswer(outcome: Attempt["outcome"]): outcome is Result {
  if (typeof outcome === "string" || outcome instanceof StoreError) return false;
  return outcome.kind !== "unknown" && outcome.kind !== "conflict";
}
