// The publisher without a broker: sends that fail, bookmarks that do not move, two of one name; never one skipped, each stream in order.
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseEvent } from "../../src/events/envelope.js";
import { eventMessage, readEventMessage } from "../../src/kafka/eventMessage.js";
import { KafkaError } from "../../src/kafka/KafkaError.js";
import { publish } from "../../src/kafka/publish.js";
import { moveBookmark, openBookmark } from "../../src/kafka/publisherBookmark.js";
import type { Sender } from "../../src/kafka/sender.js";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";
import type { SqliteStore } from "../../src/store/sqliteStore.js";
import { governedRun } from "../support/governedRun.js";
import { withTempDir } from "../support/withTempDir.js";

const publishing = suite("kafka publishing");

const source = { ledger: "l", origin: "ledger.example/room" };
const destination = { name: "p", cluster: "c", topic: "iu.events" };

async function withStore(use: (store: SqliteStore, size: number) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    const store = await openSqliteStore(join(dir, "ledger.sqlite"), { create: true });
    try {
      await governedRun({ store, until: "verified" });
      await use(store, (await store.head()).size);
    } finally {
      await store.close();
    }
  });
}

/** A topic that takes messages unless told not to; the positions it holds, in order. */
function topic(fails: () => boolean = () => false): Sender & { readonly positions: number[] } {
  const positions: number[] = [];
  return {
    positions,
    async send(_, message) {
      await new Promise(setImmediate);
      if (fails()) throw new KafkaError("BROKER_UNAVAILABLE", "gone", { next: "Look." });
      positions.push(readEventMessage(message as never).position);
      return { partition: 0, offset: BigInt(positions.length - 1) };
    },
  };
}

const still = new AbortController().signal;
const bookmarkOf = (store: SqliteStore) => openBookmark(store.sql, destination);

publishing("everything, then nothing again; the bookmark stands behind the last", () =>
  withStore(async (store, size) => {
    const sender = topic();
    const options = { store, sql: store.sql, source, destination, sender, signal: still, once: true, pageSize: 7 };
    assert.is(await publish(options), size);
    assert.equal(
      [...sender.positions].sort((a, b) => a - b),
      [...Array(size).keys()],
    );
    assert.is((await bookmarkOf(store)).size, size);
    assert.is(await publish(options), 0);
  }),
);

publishing("whatever fails, and wherever it is killed: the bookmark never stands beyond what was acknowledged", () =>
  withStore(async (store, size) =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 20, maxLength: 200 }),
        fc.integer({ min: 1, max: 9 }),
        async (failures, pageSize) => {
          await store.sql.run("DELETE FROM publisher");
          let at = 0;
          const sender = topic(() => failures[at++] ?? false);
          for (let lives = 0; lives < 60; lives++) {
            // Each life ends at its first trouble, as a killed process does.
            const dying = new AbortController();
            const options = { store, sql: store.sql, source, destination, sender, pageSize, once: true };
            await publish({ ...options, signal: dying.signal, onTrouble: () => dying.abort() });
            const { size: kept } = await bookmarkOf(store);
            const there = new Set(sender.positions);
            for (let position = 0; position < kept; position++)
              assert.ok(there.has(position), `${position} of ${kept}`);
            if (kept === size) return;
          }
          assert.unreachable("it never came to the end");
        },
      ),
      { numRuns: 15 },
    ),
  ),
);

publishing("two of one name at once: each event at least once, and the bookmark only moves on", () =>
  withStore(async (store, size) => {
    const sender = topic();
    const sizes: number[] = [];
    const one = () =>
      publish({
        store,
        sql: store.sql,
        source,
        destination,
        sender,
        signal: still,
        once: true,
        pageSize: 5,
        onPublished: (now) => sizes.push(now),
      });
    const sent = await Promise.all([one(), one(), one()]);
    assert.is(new Set(sender.positions).size, size);
    assert.is((await bookmarkOf(store)).size, size);
    assert.is(
      sent.reduce((sum, count) => sum + count, 0),
      size,
      "each is counted by the one that moved over it",
    );
    assert.equal(
      sizes,
      [...sizes].sort((a, b) => a - b),
    );
  }),
);

publishing("the bookmark moves from where it was believed to be, or not at all", () =>
  withStore(async (store) => {
    const begun = await bookmarkOf(store);
    assert.equal(begun, { size: 0, leaf: null });
    assert.ok(await moveBookmark(store.sql, "p", begun, { size: 3, leaf: "x" }));
    assert.not.ok(await moveBookmark(store.sql, "p", begun, { size: 5, leaf: "y" }));
    assert.equal(await bookmarkOf(store), { size: 3, leaf: "x" });
  }),
);

publishing("other places and other histories are refused, and so is a topic that was emptied", () =>
  withStore(async (store, size) => {
    const sender = topic();
    const options = { store, sql: store.sql, source, destination, sender, signal: still, once: true };
    await publish(options);
    const code = (change: object) =>
      publish({ ...options, ...change }).then(
        () => "published",
        (error: { code?: string }) => error.code,
      );
    assert.is(await code({ destination: { ...destination, cluster: "other" } }), "PUBLISHED_ELSEWHERE");
    assert.is(await code({ destination: { ...destination, topic: "other" } }), "PUBLISHED_ELSEWHERE");
    assert.is(await code({ isTopicEmpty: async () => true }), "PUBLISHED_ELSEWHERE");
    await store.sql.run("UPDATE publisher SET leaf = $1", ["0".repeat(64)]);
    assert.is(await code({}), "CORRUPT");
    await store.sql.run("UPDATE publisher SET size = $1", [size + 1]);
    assert.is(await code({}), "CORRUPT");
    assert.is(sender.positions.length, size);
  }),
);

publishing("events that come later are sent as they come, and a stop ends it in order", () =>
  withStore(async (store, size) => {
    const stop = new AbortController();
    const sender = topic();
    const running = publish({ store, sql: store.sql, source, destination, sender, signal: stop.signal });
    while (sender.positions.length < size) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    assert.is(await running, size);
  }),
);

publishing("a stream's events go into one partition by its name", () =>
  withStore(async (store, size) => {
    for (const stored of await store.read(0, size)) {
      assert.is(eventMessage(stored, source).key, parseEvent(stored.bytes).stream);
    }
  }),
);

publishing.run();
