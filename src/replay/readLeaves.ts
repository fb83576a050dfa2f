/**
 * Reads a ledger in pages and goes on where a page cannot be read: a hole or a damaged row costs its own position and nothing else.
 * Only a store that cannot be read at all (locked, gone) is thrown on.
 */
import { type Store, type StoredEvent, StoreError } from "../ledger/Store.js";
import { type Leaf, leafOf } from "./Leaf.js";

/** A position whose row cannot be read, and why. */
export interface Lost {
  readonly position: number;
  /** Where the store says the trouble is: beyond `position` if it will not give this one for what stands behind it. */
  readonly where: number;
  readonly message: string;
}

/** Whether an error says that what is stored is damaged, rather than that it cannot be reached now. */
export function isCorrupt(error: unknown): error is StoreError {
  return error instanceof StoreError && error.code === "CORRUPT";
}

/** The events at [from, to), each either as a leaf or as lost, in order. */
export async function readLeaves(store: Store, from: number, to: number): Promise<(Leaf | Lost)[]> {
  if (from >= to) return [];
  let stored: StoredEvent[];
  try {
    stored = await store.read(from, to - from);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    if (to - from === 1) return [{ position: from, where: error.position ?? from, message: error.message }];
    const middle = from + Math.floor((to - from) / 2);
    return [...(await readLeaves(store, from, middle)), ...(await readLeaves(store, middle, to))];
  }
  const leaves: (Leaf | Lost)[] = stored.map(leafOf);
  for (let position = from + leaves.length; position < to; position++) {
    leaves.push({ position, where: position, message: `the store gives no event at position ${position}` });
  }
  return leaves;
}

export function isLost(one: Leaf | Lost): one is Lost {
  return !("bytes" in one);
}

/** Gives the events at [from, to). */
export type ReadAhead = (from: number, to: number) => Promise<readonly (Leaf | Lost)[]>;
