/** The facts of the log itself, stream `log-ledger`: the key that checkpoints are signed with, and the checkpoints the ledger does not lead on from. */
import { z } from "zod";
import { count, digest, text } from "./fields.js";

const head = z.strictObject({ size: count, root: digest });

export const logFacts = {
  /** A verifier key (C2SP signed-note), in force for checkpoints of every size above this event's position. */
  LogKeyAdopted: z.strictObject({ vkey: z.string(), replaces: z.string().nullable() }),
  IncarnationStarted: z.strictObject({
    /** Counted from 1: the ledger as it was opened is none. */
    incarnation: z.int().min(1),
    /** The signed checkpoint, byte for byte, and its SHA-256. */
    checkpoint: z.string(),
    digest,
    /** What that checkpoint says, and what the ledger was when a human decided to go on. */
    lost: head,
    here: head,
    reason: text,
  }),
};
