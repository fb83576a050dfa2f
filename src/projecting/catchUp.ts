/** Bringing projections up to the newest event, once or for as long as a process lives. */
import type { Sql } from "../database/Sql.js";
import type { Store } from "../ledger/Store.js";
import { type Projector, projector } from "./projector.js";

export interface CatchUpOptions {
  /** Stop once this many events have been applied; default: at the end of the ledger. */
  readonly until?: number;
  /** Events applied in one transaction. */
  readonly batchSize?: number;
  /** Told after each transaction how many events have been applied in all. */
  readonly onProgress?: (size: number) => void;
  /** Stops between two transactions. */
  readonly signal?: AbortSignal;
}

const batchSizeDefault = 1000;

/** One follower per database: it keeps states that the next batch will need. */
const followers = new WeakMap<Sql, { readonly store: Store; readonly projector: Projector }>();

function followerOf(store: Store, sql: Sql): Projector {
  let known = followers.get(sql);
  if (known?.store !== store) {
    known = { store, projector: projector(store, sql) };
    followers.set(sql, known);
  }
  return known.projector;
}

/**
 * Applies every event the projections have not seen, in as many transactions as it takes; makes their tables first if need be. Safe from several processes at once,
 * and to be interrupted at any moment. Throws `StoreError`: see {@link Projector.step}.
 */
export async function catchUp(store: Store, sql: Sql, options: CatchUpOptions = {}): Promise<void> {
  const { until = Number.MAX_SAFE_INTEGER, batchSize = batchSizeDefault, onProgress, signal } = options;
  const follower = followerOf(store, sql);
  for (let size = await follower.size(); size < until && !signal?.aborted; ) {
    const step = await follower.step(Math.min(batchSize, until - size));
    if (step.atEnd) return;
    size = step.size;
    onProgress?.(size);
  }
}

/** Keeps the projections up to date until the signal aborts; then it just ends. */
export async function follow(store: Store, sql: Sql, signal: AbortSignal, options: CatchUpOptions = {}): Promise<void> {
  const follower = followerOf(store, sql);
  while (!signal.aborted) {
    await catchUp(store, sql, { ...options, signal });
    if (signal.aborted) return;
    for await (const _ of store.follow(await follower.size(), signal)) break;
  }
}
