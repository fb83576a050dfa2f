/** What the ledger holds of a message on a broker that was no command: its place, length and digest, and why; nothing of its bytes. */
import { z } from "zod";
import { count, digest } from "./fields.js";

/** A topic of a broker, as Kafka allows one to be named. */
const topicName = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/, "must be letters, digits, '.', '_' or '-'");

/** Why a message was set aside: a code in capitals, never words of the message. */
const deadLetterCode = z.string().regex(/^[A-Z][A-Z0-9_]{1,40}$/, "must be a code in capitals");

export const deadLetter = z.strictObject({
  topic: topicName,
  partition: count,
  offset: count,
  /** SHA-256 of the message's value; of no bytes where it had none. */
  digest,
  /** Bytes of the value. */
  size: count,
  code: deadLetterCode,
});
export type DeadLetter = z.infer<typeof deadLetter>;

/** Stream `deadletter-<uuid>`: one message, set aside once. */
export const deadLetterFacts = { DeadLetterRecorded: deadLetter };
