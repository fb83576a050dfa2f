/**
 * Group commit: one queue per process over a store. Whatever waits goes into one `store.append`, so that many callers share one
 * commit to the disk; a single caller waits for nobody. It must never tell one caller the outcome of another.
 */
import { type Append, type AppendOutcome, type Store, StoreError } from "./Store.js";

export interface AppendQueue {
  /**
   * The outcome of this append. Rejects with what the store threw for the batch it was in. `fresh` is asked when its turn has come: what is
   * not fresh any more never reaches the store, and is answered `stale`.
   */
  append(append: Append, fresh?: () => boolean): Promise<AppendOutcome | Stale>;
  /** Refuses new appends and resolves when those that wait are answered. */
  close(): Promise<void>;
}

/** It waited too long, and was not written. */
export interface Stale {
  readonly kind: "stale";
}

export interface AppendQueueOptions {
  /** Appends in one batch, at most. */
  readonly batchCountMax?: number;
  /** Bytes of events and envelopes in one batch, at most; one append larger than that goes alone. */
  readonly batchBytesMax?: number;
}

interface Waiting {
  readonly append: Append;
  readonly bytes: number;
  readonly fresh: () => boolean;
  readonly resolve: (outcome: AppendOutcome | Stale) => void;
  readonly reject: (error: unknown) => void;
}

export function appendQueue(store: Pick<Store, "append">, options: AppendQueueOptions = {}): AppendQueue {
  const countMax = options.batchCountMax ?? 256;
  const bytesMax = options.batchBytesMax ?? 4 * 1024 * 1024;
  let waiting: Waiting[] = [];
  let running: Promise<void> | undefined;
  let closed = false;

  async function drain(): Promise<void> {
    // One turn of the event loop, so that everybody who is about to append gets on the same batch.
    await new Promise(setImmediate);
    while (waiting.length > 0) {
      const batch = nextBatch();
      if (batch.length > 0) await settle(batch);
      if (waiting.length === 0) await new Promise(setImmediate);
    }
    running = undefined;
  }

  function nextBatch(): Waiting[] {
    const fresh = waiting.filter((one) => one.fresh());
    if (fresh.length < waiting.length) {
      for (const one of waiting) if (!fresh.includes(one)) one.resolve({ kind: "stale" });
      waiting = fresh;
    }
    let count = 0;
    for (let bytes = 0; count < waiting.length && count < countMax; count++) {
      bytes += (waiting[count] as Waiting).bytes;
      if (count > 0 && bytes > bytesMax) break;
    }
    const batch = waiting.slice(0, count);
    waiting = waiting.slice(count);
    return batch;
  }

  async function settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const outcomes = await store.append(batch.map(({ append }) => append));
      for (let i = 0; i < batch.length; i++) (batch[i] as Waiting).resolve(outcomes[i] as AppendOutcome);
    } catch (error) {
      const ofOne = !(error instanceof StoreError) || error.code === "TOO_LARGE";
      if (!ofOne || batch.length === 1) for (const { reject } of batch) reject(error);
      // Something wrong with one append, and nothing was written: tried one by one, so that only its own caller learns of it.
      else for (const one of batch) await settle([one]);
    }
  }

  return {
    append(append, fresh = () => true) {
      if (closed)
        return Promise.reject(new StoreError("UNAVAILABLE", "the ledger is closed", { next: "Open it again." }));
      let bytes = append.command.envelope.length;
      for (const entry of append.entries) bytes += entry.bytes.length;
      return new Promise((resolve, reject) => {
        waiting.push({ append, bytes, fresh, resolve, reject });
        running ??= drain();
      });
    },
    async close() {
      closed = true;
      await running;
    },
  };
}
