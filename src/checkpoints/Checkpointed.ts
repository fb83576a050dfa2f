/** What comes of asking for a checkpoint: signed, nothing new, or a "no" with its numbers and the next step. */
import type { Checkpoint } from "../tlog/checkpoint.js";

/** A checkpoint that was signed before, and where it was found. Its signature holds. */
export interface Earlier {
  readonly from: "outside" | "database";
  readonly checkpoint: Checkpoint;
  readonly note: Uint8Array;
}

export interface CheckpointRefused {
  readonly kind: "refused";
  readonly code: string;
  readonly message: string;
  readonly numbers: Readonly<Record<string, string | number>>;
  readonly next: string;
}

export type Checkpointed =
  | {
      /** `unchanged`: the newest checkpoint is of this size already; it was only stored where it was missing. */
      readonly kind: "signed" | "unchanged";
      readonly checkpoint: Checkpoint;
      readonly note: Uint8Array;
      /** The size of the last one; 0 for the first. */
      readonly since: number;
      /** Leaves hashed again. */
      readonly hashed: number;
      /** The number of the incarnation that was gone on from, where a checkpoint it links to was the newest; else null. */
      readonly incarnation: number | null;
    }
  | CheckpointRefused;

export function refused(
  code: string,
  message: string,
  numbers: CheckpointRefused["numbers"],
  next: string,
): CheckpointRefused {
  return { kind: "refused", code, message, numbers, next };
}

/** What a person types to go on from a checkpoint that is lost, after a sentence that says what to try first. */
export const incarnationNext = "iu-ledger log incarnation --reason TEXT";
