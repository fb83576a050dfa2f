/**
 * Positions and revisions: no position is missing, none after the last is missed by a stored command, each stream's revisions are dense from
 * 0, and the row says of stream and revision what the leaf itself says, so that an event cannot be filed elsewhere than it was written.
 */
import type { Store } from "../ledger/Store.js";
import { at, type Check, type Tally } from "./Check.js";
import type { Leaf } from "./Leaf.js";
import type { Parts } from "./parts.js";
import { isCorrupt } from "./readLeaves.js";
import type { StreamTails } from "./streamTails.js";

export function checkPositions(
  tally: Tally,
  { tails, parts, store, size }: { tails: StreamTails; parts: Parts; store: Store; size: number },
): Check {
  function compare(leaf: Leaf, newest: number): void {
    if (leaf.revision === newest + 1) return;
    const message = `revision ${leaf.revision} stands where ${newest + 1} must ${newest < 0 ? "be the first" : `follow ${newest}`}`;
    tally.find(at(leaf, "revision", "dense revisions", message));
  }

  return {
    name: "positions",
    lost({ where, message }) {
      tally.assert();
      tally.find({ position: where, stream: null, field: "position", rule: "dense positions", message });
    },
    event(leaf) {
      tally.assert(4);
      const { stream, revision } = leaf.inside;
      if (stream !== leaf.stream) {
        const message = `the row is filed under ${leaf.stream}; the event says ${stream ?? "nothing"}`;
        tally.find(at(leaf, "stream", "row and leaf agree", message));
      }
      if (revision !== leaf.revision) {
        const message = `the row says revision ${leaf.revision}; the event says ${revision ?? "nothing"}`;
        tally.find(at(leaf, "revision", "row and leaf agree", message));
      }
      const tail = tails.before(leaf);
      if (tail instanceof Promise) return tail.then(({ revision: newest }) => compare(leaf, newest));
      return compare(leaf, tail.revision);
    },
    async end() {
      const beyond = await parts.beyond(size);
      // Read after the commands, so that what was appended meanwhile is not taken for lost.
      const end = await sizeNow(store, size);
      for (const { spoken, position, count } of beyond) {
        if (count === 0) continue;
        tally.assert();
        if (position + count <= end) continue;
        const from = Math.max(position, end);
        const message = `command ${spoken.id} wrote positions ${position} to ${position + count - 1}; the ledger ends before position ${end}`;
        tally.find({
          position: from,
          stream: null,
          field: "position",
          rule: "nothing after the end is missing",
          message,
        });
      }
    },
  };
}

async function sizeNow(store: Store, size: number): Promise<number> {
  try {
    return (await store.head()).size;
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return size;
  }
}
