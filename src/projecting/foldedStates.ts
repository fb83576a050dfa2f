/**
 * States of streams for followers: folded from the ledger as far as the batch in hand, and kept for the next batch as long as
 * they fit. Unlike the engine's folds they must not run ahead: what a projection writes follows from the events so far.
 */
import type { Positioned } from "../../projections/Projection.js";
import { commitContent } from "../events/commitment.js";
import type { Category, World } from "../ledger/Decision.js";
import { type Content, type Store, StoreError } from "../ledger/Store.js";
import { readStored } from "./readStored.js";

export interface FoldedStates {
  /** Moves to the end of a batch. `end` is the position after its last event. */
  advance(batch: readonly Positioned[], end: number): void;
  /** Answers a question about the states as they are now, loading what it asks for. */
  ask<T>(now: string, question: (world: World) => T): Promise<T>;
  /** Forgets everything: what was advanced over did not happen after all. */
  forget(): void;
}

interface Fold {
  readonly category: Category<unknown>;
  readonly state: unknown;
  revision: number;
}

export interface FoldedStatesOptions {
  /** Events folded in all kept states together. */
  readonly eventsMax?: number;
}

/** Events of a stream read at once. */
const pageSize = 500;

/** Thrown through a question to leave it: something it asked for is not loaded yet. */
const notLoaded = new Error("not loaded yet");

/** States of a store's streams, at first as of `end`: only events at positions before it are folded. */
export function foldedStates(store: Store, end: number, options: FoldedStatesOptions = {}): FoldedStates {
  const eventsMax = options.eventsMax ?? 30_000;
  // A map keeps the order of insertion: the first is the least recently asked.
  const kept = new Map<string, Fold>();
  let upTo = end;
  let inBatch = new Map<string, Positioned[]>();

  function fold(onto: Fold, { position, event }: Positioned): void {
    if (event.revision <= onto.revision) return;
    if (event.revision !== onto.revision + 1) {
      throw corrupt(
        position,
        `position ${position}: revision ${event.revision} of ${event.stream} follows ${onto.revision}`,
      );
    }
    try {
      onto.category.evolve(onto.state, event as never, position);
    } catch (cause) {
      throw corrupt(position, `position ${position} cannot follow what is before it: ${String(cause)}`, cause);
    }
    onto.revision = event.revision;
  }

  async function load(category: Category<unknown>, stream: string): Promise<void> {
    const fresh: Fold = { category, state: category.initial(stream.slice(category.name.length + 1)), revision: -1 };
    const batch = inBatch.get(stream);
    if (batch?.[0]?.event.revision === 0) {
      for (const one of batch) fold(fresh, one);
    } else {
      for (let done = false; !done; ) {
        const page = await store.readStream(stream, fresh.revision + 1, pageSize);
        const before = page.filter(({ position }) => position < upTo);
        for (const stored of before) fold(fresh, readStored(stored));
        done = page.length < pageSize || before.length < page.length;
      }
    }
    kept.set(stream, fresh);
  }

  /** Lets go of the least recently asked, but not of what the question at hand needs. */
  function trim(needed: ReadonlySet<string>): void {
    let total = 0;
    for (const { revision } of kept.values()) total += revision + 2;
    for (const [stream, { revision }] of kept) {
      if (total <= eventsMax) break;
      if (needed.has(stream)) continue;
      kept.delete(stream);
      total -= revision + 2;
    }
  }

  return {
    advance(batch, batchEnd) {
      upTo = batchEnd;
      inBatch = new Map();
      for (const one of batch) {
        const { stream } = one.event;
        const others = inBatch.get(stream);
        if (others === undefined) inBatch.set(stream, [one]);
        else others.push(one);
        const known = kept.get(stream);
        if (known !== undefined) fold(known, one);
      }
    },
    async ask(now, question) {
      const asked = new Set<string>();
      const contents = new Map<string, Content | undefined>();
      for (;;) {
        let missing: (() => Promise<void>) | undefined;
        const world: World = {
          now,
          state<S>(category: Category<S>, key: string): Readonly<S> {
            const stream = `${category.name}-${key}`;
            asked.add(stream);
            const known = kept.get(stream);
            if (known?.category === category) {
              kept.delete(stream);
              kept.set(stream, known);
              return known.state as S;
            }
            missing = () => load(category as Category<unknown>, stream);
            throw notLoaded;
          },
          content(commitment) {
            if (contents.has(commitment)) return contents.get(commitment);
            missing = async () => void contents.set(commitment, await readContent(store, commitment));
            throw notLoaded;
          },
        };
        try {
          const answer = question(world);
          if (missing === undefined) {
            trim(asked);
            return answer;
          }
        } catch (error) {
          if (missing === undefined) throw error;
        }
        await missing();
      }
    },
    forget() {
      kept.clear();
      inBatch = new Map();
    },
  };
}

/** Content that is what its commitment says, or undefined. Throws `CORRUPT` where it is something else. */
export async function readContent(store: Store, commitment: string): Promise<Content | undefined> {
  const content = await store.content.get(commitment);
  if (content !== undefined && commitContent(content.salt, content.bytes) !== commitment) {
    throw new StoreError("CORRUPT", `the content stored under ${commitment} is not the content committed to`, {
      next: "Run replay, and put the original back from a backup.",
    });
  }
  return content;
}

function corrupt(position: number, message: string, cause?: unknown): StoreError {
  return new StoreError("CORRUPT", message, {
    next: "Stop writing and run replay: it names everything that is wrong.",
    position,
    ...(cause === undefined ? {} : { cause }),
  });
}
