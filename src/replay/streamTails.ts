/**
 * Where each stream stood just before an event: its newest revision and that event's leaf hash. Bounded: a stream that was forgotten
 * is looked up in the store again, which also shows a revision that stands there twice.
 */
import type { Store } from "../ledger/Store.js";
import { type Leaf, leafOf } from "./Leaf.js";
import { isCorrupt } from "./readLeaves.js";
import { recent } from "./recent.js";

export interface Tail {
  readonly revision: number;
  /** Leaf hash (hex) of the event at that revision; null where there is none, or where it cannot be read. */
  readonly hash: string | null;
}

export interface StreamTails {
  /** The tail of a leaf's stream before it. Answers at once unless it must be looked up. */
  before(leaf: Leaf): Tail | Promise<Tail>;
  /** The leaf is the newest of its stream now. */
  note(leaf: Leaf): void;
}

export const noEvent: Tail = { revision: -1, hash: null };

/** Remembers at least the `size` streams used last. */
export function streamTails(store: Store, size = 20_000): StreamTails {
  const tails = recent<Tail>(size);
  return {
    before(leaf) {
      const known = tails.get(leaf.stream);
      if (known !== undefined) return known;
      return tails.forgets ? lookUp(store, leaf) : noEvent;
    },
    note(leaf) {
      tails.set(leaf.stream, { revision: leaf.revision, hash: leaf.hash });
    },
  };
}

/** What the store holds at the revision before the leaf's, and whether the leaf itself is what the store gives for its own. */
async function lookUp(store: Store, leaf: Leaf): Promise<Tail> {
  const from = Math.max(0, leaf.revision - 1);
  let rows: Leaf[];
  try {
    rows = (await store.readStream(leaf.stream, from, leaf.revision - from + 1)).map(leafOf);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return { revision: from - 1, hash: null };
  }
  const itself = rows.find((row) => row.revision === leaf.revision);
  // Somebody else stands at this revision: to the chain it is an event that comes again.
  if (itself !== undefined && itself.position < leaf.position) return { revision: itself.revision, hash: itself.hash };
  const before = rows.find((row) => row.revision === leaf.revision - 1 && row.position < leaf.position);
  return before === undefined ? noEvent : { revision: before.revision, hash: before.hash };
}
