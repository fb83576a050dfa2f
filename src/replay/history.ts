/**
 * The ledger's states as they were just before an event: streams folded as far as replay has come and no further, kept while they are
 * asked for and read again when they are not there. This is the world in which commands are decided again.
 */
import type { Category } from "../ledger/Decision.js";
import type { Loader } from "../ledger/load.js";
import type { Store } from "../ledger/Store.js";
import { emptyFold, type Fold, foldEvent, stateCache } from "../ledger/stateCache.js";
import type { Contents } from "./contents.js";
import { type Leaf, leafOf, readingOf } from "./Leaf.js";
import { isCorrupt } from "./readLeaves.js";
import { recent } from "./recent.js";

/** A stream whose state cannot be told, since one of its events is not what an event must be. */
export class Unfoldable extends Error {
  readonly stream: string;
  constructor(stream: string, message: string) {
    super(message);
    this.name = "Unfoldable";
    this.stream = stream;
  }
}

export interface History {
  /** For the engine's `consider`: what it loads is as of now. Throws {@link Unfoldable}. */
  readonly loader: Loader;
  /** The state of `<category>-<key>` as of now: before the event that replay looks at. Throws {@link Unfoldable}. */
  state<S>(category: Category<S>, key: string): Promise<Readonly<S>>;
  /** The event has been looked at: it belongs to the past now. */
  note(leaf: Leaf): void;
}

/** Events folded in all the states that are kept, together; about a kilobyte each. */
const foldedMax = 40_000;
const pageSize = 1000;

export function history(store: Store, contents: Contents): History {
  const cache = stateCache(foldedMax);
  const broken = recent<string>(1000);
  let position = 0;

  function kept(stream: string, category: Category<unknown> | undefined): Fold | undefined {
    const fold = cache.get(stream);
    return category === undefined || fold?.category === category ? fold : undefined;
  }

  async function load(stream: string, category: Category<unknown> | undefined): Promise<Fold> {
    const known = kept(stream, category);
    if (known !== undefined) return known;
    const why = broken.get(stream);
    if (why !== undefined) throw new Unfoldable(stream, why);
    const fold = emptyFold(stream, category);
    try {
      await foldUpTo(fold);
    } catch (error) {
      if (error instanceof Unfoldable) broken.set(stream, error.message);
      throw error;
    }
    cache.put(fold);
    return fold;
  }

  async function foldUpTo(fold: Fold): Promise<void> {
    for (;;) {
      let rows: Leaf[];
      try {
        rows = (await store.readStream(fold.stream, fold.revision + 1, pageSize)).map(leafOf);
      } catch (error) {
        if (!isCorrupt(error)) throw error;
        throw new Unfoldable(fold.stream, error.message);
      }
      for (const leaf of rows) {
        if (leaf.position >= position) return;
        foldLeaf(fold, leaf);
      }
      if (rows.length < pageSize) return;
    }
  }

  return {
    loader: {
      kept,
      load,
      // What was loaded is as of now for as long as now lasts.
      catchUp: async () => undefined,
      isCurrent: async () => true,
      applied: () => undefined,
      content: (commitment) => contents.get(commitment),
    },
    async state<S>(category: Category<S>, key: string) {
      return (await load(`${category.name}-${key}`, category as Category<unknown>)).state as S;
    },
    note(leaf) {
      position = leaf.position + 1;
      const fold = cache.get(leaf.stream);
      if (fold === undefined) return;
      try {
        foldLeaf(fold, leaf);
        cache.put(fold);
      } catch (error) {
        if (!(error instanceof Unfoldable)) throw error;
        cache.forget(leaf.stream);
        broken.set(leaf.stream, error.message);
      }
    },
  };
}

/** Folds a leaf in, or says why nobody can. */
function foldLeaf(fold: Fold, leaf: Leaf): void {
  const { envelope, fault } = readingOf(leaf);
  const where = `position ${leaf.position}`;
  if (envelope === null || fault !== null)
    throw new Unfoldable(fold.stream, `${where}: ${fault?.field ?? "bytes"}: ${fault?.message}`);
  if (envelope.stream !== leaf.stream || envelope.revision !== leaf.revision) {
    throw new Unfoldable(fold.stream, `${where} is filed as ${leaf.stream} ${leaf.revision} and says something else`);
  }
  try {
    // A copy: the leaf's bytes may be a window on a whole page, and the fold keeps its last event for long.
    foldEvent(fold, envelope, new Uint8Array(leaf.bytes), leaf.position);
  } catch (error) {
    throw new Unfoldable(fold.stream, `${where}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
