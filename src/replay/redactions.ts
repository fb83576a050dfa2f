/**
 * Which contents the ledger itself says were erased. A text that is gone under such an event is redacted with authority (that the redaction
 * was allowed is decided again like everything else); one that is gone without is missing.
 */
import { type Command, parseCommand } from "../../commands/Command.js";
import { asEvent } from "../events/decode.js";
import { streamName } from "../events/streams.js";
import { readCommand } from "../ledger/readCommand.js";
import type { Store } from "../ledger/Store.js";
import { leafOf, readingOf } from "./Leaf.js";
import { isCorrupt } from "./readLeaves.js";

export interface Redactions {
  /** Position of the event that says this content was erased, wherever on the ledger; null where there is none. */
  find(commitment: string): Promise<number | null>;
}

/**
 * Looked up in the store when asked for, and remembered. Counted is only an event that a `RedactContent` of that redaction wrote, as its stored
 * envelope says: such a command is decided again without any text, so that one which was not allowed is found whatever else was erased.
 */
export function redactions(store: Pick<Store, "readStream" | "command">): Redactions {
  const known = new Map<string, Promise<number | null>>();
  async function look(commitment: string): Promise<number | null> {
    try {
      const [stored] = await store.readStream(streamName("content", commitment), 0, 1);
      if (stored === undefined) return null;
      const { envelope, fault } = readingOf(leafOf(stored));
      if (envelope === null || fault !== null) return null;
      const event = asEvent(envelope);
      if (event.type !== "ContentRedacted" || event.data.content !== commitment) return null;
      const command = await store.command(event.command.id);
      const at = (position: number, count: number) => stored.position >= position && stored.position < position + count;
      if (command === undefined || !command.parts.some(({ position, count }) => at(position, count))) return null;
      const read = readCommand(command.envelope, parseCommand);
      if ("kind" in read || read.digest !== event.command.digest) return null;
      const { type, data } = read.signed.command as Command;
      return type === "RedactContent" && data.redaction === event.data.redaction ? stored.position : null;
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
