/** The ledger as its users hold it: a store, a decider and a clock put together into `submit` and `state`. */
import { parseEvent } from "../events/envelope.js";
import { appendQueue } from "./appendQueue.js";
import { consider, type Job } from "./consider.js";
import type { Category, Decide, Decision, Result } from "./Decision.js";
import { loader, type ParseEvent } from "./load.js";
import { newestTime } from "./newestTime.js";
import { type ParseCommand, readCommand } from "./readCommand.js";
import { type Store, StoreError } from "./Store.js";
import { stateCache } from "./stateCache.js";
import { submitter } from "./submit.js";

export interface LedgerOptions {
  readonly store: Store;
  readonly decide: Decide;
  readonly parseCommand: ParseCommand;
  /** The time, RFC 3339 in UTC with milliseconds. May go backwards a little: events do not. Far behind the ledger it decides nothing. */
  readonly clock: () => string;
  /** Waits a little after a lost race; `attempt` counts from 1. Should grow with it, and vary by chance. Default: up to 50 ms. */
  readonly pause?: (attempt: number) => Promise<void>;
  /** From leaf bytes to the event that states are folded from; throws on what is none. Default: the envelope, data unchecked. */
  readonly parseEvent?: ParseEvent;
  /** How many folded events are kept in memory. */
  readonly cachedEventsMax?: number;
  /** How often a command is decided anew after lost races before the answer is `conflict`. */
  readonly attemptsMax?: number;
}

export interface Ledger {
  /**
   * Submits a signed command (DSSE envelope bytes). Rejects only with a {@link StoreError} or a bug; a "no" is an answer. Safe to repeat
   * with the same bytes at any time, from any process.
   */
  submit(envelope: Uint8Array): Promise<Result>;
  /** What a signed command would be answered now. Nothing is written, whatever the answer. */
  consider(envelope: Uint8Array): Promise<Decision | Extract<Result, { kind: "malformed" }>>;
  /** The state of a stream now, folded from all its events; a copy of the caller's own. */
  state<S>(category: Category<S>, key: string): Promise<S>;
  readonly store: Store;
  /** Answers what is under way, then closes the store. */
  close(): Promise<void>;
}

export function createLedger(options: LedgerOptions): Ledger {
  const { store } = options;
  const parse = options.parseEvent ?? parseEvent;
  const queue = appendQueue(store);
  const loads = loader(store, stateCache(options.cachedEventsMax ?? 500_000), parse);
  const newest = newestTime(store);
  const submit = submitter({
    ...options,
    newest,
    queue,
    loader: loads,
    parse,
    pause: options.pause ?? pauseByChance,
    attemptsMax: options.attemptsMax ?? 50,
  });
  const running = new Set<Promise<unknown>>();
  let closed = false;

  return {
    store,
    submit(envelope) {
      if (closed)
        return Promise.reject(new StoreError("UNAVAILABLE", "the ledger is closed", { next: "Open it again." }));
      const answer = submit(envelope);
      running.add(answer);
      const over = () => running.delete(answer);
      answer.then(over, over);
      return answer;
    },
    async consider(envelope) {
      const read = readCommand(envelope, options.parseCommand);
      if ("kind" in read) return read;
      const job: Job = { ...read, part: 0, folds: new Map(), contents: new Map() };
      for (;;) {
        const draft = await consider(job, { ...options, loader: loads, parse, newest });
        const current = await Promise.all(draft.read.map((fold) => loads.isCurrent(fold)));
        if (!current.includes(false)) return draft.decision;
        await Promise.all(draft.read.map((fold) => loads.catchUp(fold)));
      }
    },
    async state<S>(category: Category<S>, key: string) {
      const fold = await loads.load(`${category.name}-${key}`, category as Category<unknown>);
      await loads.catchUp(fold);
      return structuredClone(fold.state) as S;
    },
    async close() {
      closed = true;
      await Promise.allSettled(running);
      await queue.close();
      await store.close();
    },
  };
}

function pauseByChance(attempt: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(50, 2 * attempt)));
}
