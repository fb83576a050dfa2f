/**
 * The publisher: follows the ledger from its bookmark, sends each event, and moves the bookmark when all before it are acknowledged. At least
 * once, never skipping, in order by stream. Must never move the bookmark before the acknowledgement, nor beyond a hole.
 */
import type { Sql } from "../database/Sql.js";
import { leafHash } from "../events/envelope.js";
import type { Store } from "../ledger/Store.js";
import { backOffMs, mayPass, pauseFor } from "./backOff.js";
import { type EventSource, eventMessage } from "./eventMessage.js";
import {
  assertSameHistory,
  type Destination,
  moveBookmark,
  openBookmark,
  type PublisherBookmark,
  topicEmptied,
} from "./publisherBookmark.js";
import type { Sender } from "./sender.js";

export interface PublishOptions {
  readonly store: Store;
  readonly sql: Sql;
  readonly source: EventSource;
  readonly destination: Destination;
  readonly sender: Sender;
  readonly signal: AbortSignal;
  /** Whether nothing was ever sent to the topic as it is now: a bookmark behind its beginning is then of a topic that is gone. */
  readonly isTopicEmpty?: () => Promise<boolean>;
  /** Ends at the end of the ledger instead of waiting for more. */
  readonly once?: boolean;
  /** Is told after each move of the bookmark: events acknowledged in all, and how many just now. */
  readonly onPublished?: (size: number, count: number) => void;
  /** Is told of trouble that is waited for: what, and for how long. */
  readonly onTrouble?: (error: unknown, waitMs: number) => void;
  /** Events read and sent before the bookmark moves. */
  readonly pageSize?: number;
}

/** Publishes until the signal aborts (or, with `once`, to the end). Answers how many events this run had acknowledged. Throws what will not pass. */
export async function publish(options: PublishOptions): Promise<number> {
  const { signal } = options;
  let published = 0;
  let attempt = 0;
  while (!signal.aborted) {
    try {
      await publishFrom(options, (count) => {
        published += count;
        attempt = 0;
      });
      return published;
    } catch (error) {
      if (!mayPass(error)) throw error;
      attempt += 1;
      const waitMs = backOffMs(attempt);
      options.onTrouble?.(error, waitMs);
      await pauseFor(waitMs, signal);
    }
  }
  return published;
}

async function publishFrom(options: PublishOptions, done: (count: number) => void): Promise<void> {
  const { store, sql, destination, signal, pageSize = 500 } = options;
  let bookmark = await openBookmark(sql, destination);
  await assertSameHistory(store, destination.name, bookmark);
  if (bookmark.size > 0 && (await options.isTopicEmpty?.())) throw topicEmptied(destination, bookmark.size);
  while (!signal.aborted) {
    const page = await store.read(bookmark.size, pageSize);
    const last = page.at(-1);
    if (last === undefined) {
      if (options.once) return;
      await moreEvents(store, bookmark.size, signal);
      continue;
    }
    // Each stream belongs to one partition, and a partition's sends keep their order: so all may be on the way at once.
    await allSettledOrThrow(
      page.map((event) => options.sender.send(destination.topic, eventMessage(event, options.source))),
    );
    const to: PublisherBookmark = { size: last.position + 1, leaf: leafHash(last.bytes) };
    if (await moveBookmark(sql, destination.name, bookmark, to)) {
      bookmark = to;
      done(page.length);
      options.onPublished?.(to.size, page.length);
    } else {
      // Another publisher of this name: on from where it has got to.
      bookmark = await openBookmark(sql, destination);
      await assertSameHistory(store, destination.name, bookmark);
    }
  }
}

/** Waits for all, so that none is still on its way when the first failure is told. */
async function allSettledOrThrow(sends: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(sends)).find((one) => one.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

/** Resolves when there is an event at `from`, or the signal aborts. */
async function moreEvents(store: Store, from: number, signal: AbortSignal): Promise<void> {
  for await (const _ of store.follow(from, signal)) return;
}
