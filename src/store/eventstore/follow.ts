/**
 * Following a stream of the cluster: subscribe, hand out, and subscribe again where the subscription is dropped, longer apart each time.
 * What is handed out is counted here: an event that comes again is left out, and one that comes too early is fetched in its turn. No
 * position is ever taken from what the server says it has reached: that runs ahead of what anybody has handled.
 */
import { setTimeout as pause } from "node:timers/promises";
import { StreamDeletedError } from "@eventstore/db-client";
import { type StoredEvent, StoreError } from "../../ledger/Store.js";
import type { Cluster } from "./cluster.js";
import { corrupt, recordedOf } from "./record.js";

export interface FollowOptions {
  readonly pauseMsMin: number;
  readonly pauseMsMax: number;
}

export const followDefaults: FollowOptions = { pauseMsMin: 20, pauseMsMax: 5_000 };

/** Every event from `from` on, once, in order, until the signal aborts (then it just ends). Throws `CORRUPT` on a place that stays empty. */
export async function* follow(
  cluster: Cluster,
  from: number,
  signal: AbortSignal,
  options: FollowOptions = followDefaults,
): AsyncGenerator<StoredEvent, void, undefined> {
  let next = from;
  let pauseMs = options.pauseMsMin;
  /** Where a subscription began with a later event than it was asked for. */
  let gapAt = -1;
  while (!signal.aborted) {
    try {
      for await (const event of cluster.subscribe(next, signal)) {
        if (signal.aborted) return;
        if (event.revision < BigInt(next)) continue;
        if (event.revision > BigInt(next)) {
          if (gapAt === next)
            throw corrupt(next, `position ${next} is missing: the cluster goes on with revision ${event.revision}`);
          gapAt = next;
          break;
        }
        const { position, stream, revision, bytes } = recordedOf(event, next, cluster.stream);
        next++;
        pauseMs = options.pauseMsMin;
        yield { position, stream, revision, bytes };
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof StreamDeletedError)
        throw corrupt(next, `the stream ${cluster.stream} of the cluster has been deleted for ever`, error);
      if (!(error instanceof StoreError && error.code === "UNAVAILABLE")) throw error;
    }
    if (signal.aborted) return;
    // By chance, so that not everybody comes back to a server at the same moment.
    await pause(pauseMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
    pauseMs = Math.min(pauseMs * 2, options.pauseMsMax);
  }
}
