/** The log's own history on the ledger: its keys, and which of them was in force at a size; the checkpoints that incarnations link to. */

import { decodeEvent } from "../events/decode.js";
import { parseEvent } from "../events/envelope.js";
import { logKey, streamName } from "../events/streams.js";
import type { Store } from "../ledger/Store.js";
import { type NoteKey, parseVkey } from "../tlog/noteKey.js";

export interface LogHistory {
  /** In order; in force for checkpoints of every size above the position, up to the next one's position. */
  readonly keys: readonly { readonly key: NoteKey; readonly vkey: string; readonly position: number }[];
  /** SHA-256 (hex) of the checkpoints that the ledger does not lead on from, with a sovereign's word for it. */
  readonly incarnations: ReadonlyMap<string, { readonly incarnation: number; readonly position: number }>;
}

/** Reads it from the ledger. Throws `StoreError`, and what `decodeEvent` throws of a damaged event. */
export async function readLogHistory(store: Store): Promise<LogHistory> {
  const keys: { key: NoteKey; vkey: string; position: number }[] = [];
  const incarnations = new Map<string, { incarnation: number; position: number }>();
  for (const { position, bytes } of await store.readStream(streamName("log", logKey), 0)) {
    const event = decodeEvent(parseEvent(bytes));
    if (event.type === "LogKeyAdopted") keys.push({ key: parseVkey(event.data.vkey), vkey: event.data.vkey, position });
    if (event.type === "IncarnationStarted")
      incarnations.set(event.data.digest, { incarnation: event.data.incarnation, position });
  }
  return { keys, incarnations };
}

/** The key that signs a checkpoint of that size, or null before one was adopted. */
export function keyInForce({ keys }: Pick<LogHistory, "keys">, size: number): LogHistory["keys"][number] | null {
  return keys.findLast(({ position }) => position < size) ?? null;
}
