/**
 * Which contents the ledger itself says were erased. A text that is gone under such an event is redacted with authority (that the redaction
 * was allowed is decided again like everything else); one that is gone without is missing.
 */
import { asEvent } from "../events/decode.js";
import { streamName } from "../events/streams.js";
import type { Store } from "../ledger/Store.js";
import { type Leaf, leafOf, readingOf } from "./Leaf.js";
import { isCorrupt } from "./readLeaves.js";

export interface Redactions {
  /** Position of the event that says this content was erased, wherever on the ledger; null where there is none. */
  find(commitment: string): Promise<number | null>;
}

/** Looked up in the store when asked for, and remembered. */
export function redactions(store: Pick<Store, "readStream">): Redactions {
  const known = new Map<string, Promise<number | null>>();
  async function look(commitment: string): Promise<number | null> {
    try {
      const [stored] = await store.readStream(streamName("content", commitment), 0, 1);
      return stored !== undefined && redactedBy(leafOf(stored)) === commitment ? stored.position : null;
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      return null;
    }
  }
  return {
    find(commitment) {
      let found = known.get(commitment);
      if (found === undefined) {
        if (known.size >= 10_000) known.clear();
        found = look(commitment);
        known.set(commitment, found);
      }
      return found;
    },
  };
}

/** The content an event says was erased, or null. */
function redactedBy(leaf: Leaf): string | null {
  const { envelope, fault } = readingOf(leaf);
  if (envelope === null || fault !== null) return null;
  const event = asEvent(envelope);
  return event.type === "ContentRedacted" ? event.data.content : null;
}
