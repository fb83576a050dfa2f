/**
 * Folds kept in memory, so that a decision costs no read: the least recently asked go first once the events folded in them all
 * exceed a bound. It holds what may be behind the ledger; that is harmless, since every append is guarded by the revision it saw.
 */
import type { Envelope } from "../events/envelope.js";
import type { Category } from "./Decision.js";

/** A stream folded as far as `revision`. */
export interface Fold {
  readonly stream: string;
  /** Undefined where only the stream's end is of interest: `state` is then undefined. */
  readonly category: Category<unknown> | undefined;
  readonly state: unknown;
  /** Newest revision folded, -1 for none. */
  revision: number;
  /** The bytes of the event at `revision`, for the next one's `prev`. */
  last: Uint8Array | undefined;
  /** The time of the event at `revision`; empty for none. */
  time: string;
}

/** An empty fold of the stream `<category>-<key>`, or of the bare stream. */
export function emptyFold(stream: string, category: Category<unknown> | undefined): Fold {
  const state = category?.initial(stream.slice(category.name.length + 1));
  return { stream, category, state, revision: -1, last: undefined, time: "" };
}

/** Folds the event at a position in, if it is the next; one that was folded before is passed over. Throws `RangeError` on a gap. */
export function foldEvent(fold: Fold, event: Envelope, bytes: Uint8Array, position: number): void {
  if (event.revision <= fold.revision) return;
  if (event.revision !== fold.revision + 1) {
    throw new RangeError(`${fold.stream}: revision ${event.revision} cannot be folded onto ${fold.revision}`);
  }
  fold.category?.evolve(fold.state, event, position);
  fold.revision = event.revision;
  fold.last = bytes;
  fold.time = event.time;
}

export interface StateCache {
  /** The fold of a stream, which becomes the most recently asked. */
  get(stream: string): Fold | undefined;
  /** Keeps a fold, or weighs it again after it has grown. */
  put(fold: Fold): void;
  forget(stream: string): void;
}

/** `eventsMax` counts the events folded in all kept folds, and one for each fold. The newest fold is kept whatever it weighs. */
export function stateCache(eventsMax: number): StateCache {
  // A map keeps the order of insertion: the first is the least recently asked.
  const kept = new Map<string, { readonly fold: Fold; readonly weight: number }>();
  let total = 0;
  function forget(stream: string): void {
    total -= kept.get(stream)?.weight ?? 0;
    kept.delete(stream);
  }
  return {
    get(stream) {
      const found = kept.get(stream);
      if (found === undefined) return undefined;
      kept.delete(stream);
      kept.set(stream, found);
      return found.fold;
    },
    put(fold) {
      forget(fold.stream);
      const weight = fold.revision + 2;
      kept.set(fold.stream, { fold, weight });
      total += weight;
      for (const stream of kept.keys()) {
        if (total <= eventsMax || stream === fold.stream) break;
        forget(stream);
      }
    },
    forget,
  };
}
