/**
 * From stored bytes to events, for followers: quick, since what is on the ledger was checked when it was written and replay
 * checks it again. What does not fit its place, or is newer than this program, stops the follower with its position.
 */
import type { Positioned } from "../../projections/Projection.js";
import { asEvent, decodeEvent, isFactType, schemaOf } from "../events/decode.js";
import type { Envelope } from "../events/envelope.js";
import { type StoredEvent, StoreError } from "../ledger/Store.js";

const replayNext = "Stop writing and run replay: it names everything that is wrong.";

/** The event at a position. Throws `StoreError` `CORRUPT` or `NEWER_LEDGER`. */
export function readStored(stored: StoredEvent): Positioned {
  const { position, stream, revision, bytes } = stored;
  let envelope: Envelope;
  try {
    envelope = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8")) as Envelope;
  } catch (cause) {
    throw corrupt(position, `position ${position} does not hold JSON`, cause);
  }
  if (envelope?.stream !== stream || envelope.revision !== revision) {
    throw corrupt(
      position,
      `position ${position} is filed as ${stream} ${revision}, and says it is ${envelope?.stream} ${envelope?.revision}`,
    );
  }
  if (!isFactType(envelope.type) || envelope.schema > schemaOf(envelope.type)) {
    throw new StoreError(
      "NEWER_LEDGER",
      `position ${position} holds ${envelope.type} schema ${envelope.schema}, which this program does not know`,
      { next: "Use the newer iu-ledger that wrote it.", position },
    );
  }
  return { position, event: asEvent(envelope), bytes };
}

/** The error for a batch that could not be projected: the first event whose data is not of its shape, or else what went wrong. */
export function blame(batch: readonly Positioned[], error: unknown): unknown {
  if (error instanceof StoreError) return error;
  for (const { position, event } of batch) {
    try {
      decodeEvent(event as unknown as Envelope);
    } catch (cause) {
      return corrupt(
        position,
        `position ${position}: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      );
    }
  }
  return error;
}

function corrupt(position: number, message: string, cause?: unknown): StoreError {
  return new StoreError("CORRUPT", message, { next: replayNext, position, ...(cause === undefined ? {} : { cause }) });
}
