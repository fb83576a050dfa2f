/**
 * Following a store that can only be asked: read a page, hand it out, ask again after a while; sooner when this process has
 * appended something itself. The pause doubles while nothing comes, so that a quiet ledger costs next to nothing.
 */
import { type Store, type StoredEvent, StoreError } from "../ledger/Store.js";
import type { Bell } from "./bell.js";

export interface FollowOptions {
  /** Events read at once. */
  readonly pageSize: number;
  readonly pauseMsMin: number;
  readonly pauseMsMax: number;
}

export const followDefaults: FollowOptions = { pageSize: 500, pauseMsMin: 5, pauseMsMax: 250 };

/**
 * Every event from `from` on, once, in order, until the signal aborts (then it just ends). A store that is locked or unavailable
 * for a while is asked again; whatever else is wrong with it is thrown.
 */
export async function* follow(
  read: Store["read"],
  from: number,
  signal: AbortSignal,
  commits: Bell,
  options: FollowOptions = followDefaults,
): AsyncGenerator<StoredEvent, void, undefined> {
  let next = from;
  let pauseMs = options.pauseMsMin;
  while (!signal.aborted) {
    let events: StoredEvent[] = [];
    try {
      events = await read(next, options.pageSize);
    } catch (error) {
      const passing = error instanceof StoreError && (error.code === "LOCKED" || error.code === "UNAVAILABLE");
      if (signal.aborted) return;
      if (!passing) throw error;
    }
    for (const event of events) {
      if (signal.aborted) return;
      next = event.position + 1;
      yield event;
    }
    if (events.length > 0) {
      pauseMs = options.pauseMsMin;
      continue;
    }
    await commits.wait(pauseMs, signal);
    pauseMs = Math.min(pauseMs * 2, options.pauseMsMax);
  }
}
