/** Loading: streams from the store into folds, whole at first and then only what is new; content, checked against its commitment. */
import { commitContent } from "../events/commitment.js";
import type { Envelope } from "../events/envelope.js";
import type { Category } from "./Decision.js";
import { type Content, type Store, type StoredEvent, StoreError } from "./Store.js";
import { emptyFold, type Fold, foldEvent, type StateCache } from "./stateCache.js";

export type ParseEvent = (bytes: Uint8Array) => Envelope;

/** An event that this process has just appended. */
export interface AppliedEvent {
  readonly position: number;
  readonly stream: string;
  readonly event: Envelope;
  readonly bytes: Uint8Array;
}

export interface Loader {
  /** The fold of a stream, if it is in memory. It may be behind the ledger. Without a category any fold of the stream will do. */
  kept(stream: string, category: Category<unknown> | undefined): Fold | undefined;
  /** The fold of a stream, from memory or from its first event on. Concurrent callers share one load. */
  load(stream: string, category: Category<unknown> | undefined): Promise<Fold>;
  /** Folds in whatever is new. */
  catchUp(fold: Fold): Promise<void>;
  /** Whether the stream still ends where the fold does. */
  isCurrent(fold: Fold): Promise<boolean>;
  /** Folds events that this process has just appended into what it keeps. */
  applied(events: readonly AppliedEvent[]): void;
  /** Content that is what its commitment says, or undefined. Throws `CORRUPT` where it is something else. */
  content(commitment: string): Promise<Content | undefined>;
}

/** Events read from a stream at once: memory stays flat however long it is. */
const pageSize = 1000;

export function loader(store: Store, cache: StateCache, parse: ParseEvent): Loader {
  const loading = new Map<string, Promise<Fold>>();

  async function catchUp(fold: Fold): Promise<void> {
    for (;;) {
      const events = await store.readStream(fold.stream, fold.revision + 1, pageSize);
      try {
        for (const stored of events) foldEvent(fold, parseStored(stored, parse), stored.bytes, stored.position);
      } catch (error) {
        // Half a fold is no fold.
        cache.forget(fold.stream);
        throw error;
      }
      if (events.length < pageSize) break;
    }
    const kept = cache.get(fold.stream);
    const better =
      kept === undefined || (fold.revision >= kept.revision && (fold.category ?? kept.category) === fold.category);
    if (better) cache.put(fold);
  }

  async function loadWhole(stream: string, category: Category<unknown> | undefined): Promise<Fold> {
    const fold = emptyFold(stream, category);
    await catchUp(fold);
    return fold;
  }

  function kept(stream: string, category: Category<unknown> | undefined): Fold | undefined {
    const fold = cache.get(stream);
    return category === undefined || fold?.category === category ? fold : undefined;
  }

  return {
    kept,
    load(stream, category) {
      const fold = kept(stream, category);
      if (fold !== undefined) return Promise.resolve(fold);
      // Of two concurrent loads one for the stream's end only is not enough for the other.
      const key = category === undefined ? `end of ${stream}` : stream;
      let promise = loading.get(key);
      if (promise === undefined) {
        promise = loadWhole(stream, category).finally(() => loading.delete(key));
        loading.set(key, promise);
      }
      return promise;
    },
    catchUp,
    async isCurrent(fold) {
      return (await store.readStream(fold.stream, fold.revision + 1, 1)).length === 0;
    },
    applied(events) {
      for (const { position, stream, event, bytes } of events) {
        const fold = cache.get(stream);
        if (fold?.revision !== event.revision - 1) continue;
        try {
          foldEvent(fold, event, bytes, position);
          cache.put(fold);
        } catch (error) {
          cache.forget(stream);
          throw error;
        }
      }
    },
    async content(commitment) {
      const content = await store.content.get(commitment);
      if (content !== undefined && commitContent(content.salt, content.bytes) !== commitment) {
        throw new StoreError("CORRUPT", `the content stored under ${commitment} is not the content committed to`, {
          next: "Run replay, and put the original back from a backup.",
        });
      }
      return content;
    },
  };
}

/** An event as it was read, if it says the same as its place. */
export function parseStored(stored: StoredEvent, parse: ParseEvent): Envelope {
  const { position, stream, revision } = stored;
  let event: Envelope;
  try {
    event = parse(stored.bytes);
  } catch (cause) {
    throw new StoreError("CORRUPT", `position ${position} does not hold an event this program can read`, {
      next: replay,
      position,
      cause,
    });
  }
  if (event.stream !== stream || event.revision !== revision) {
    throw new StoreError(
      "CORRUPT",
      `position ${position} is filed as ${stream} ${revision}, and says it is ${event.stream} ${event.revision}`,
      { next: replay, position },
    );
  }
  return event;
}

const replay = "Stop writing and run replay: it names everything that is wrong.";
