// Group commit: many callers, few batches, each told its own outcome.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { appendQueue } from "../../src/ledger/appendQueue.js";
import { type Append, type AppendOutcome, StoreError } from "../../src/ledger/Store.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { append, entry } from "../store/samples.js";

const test = suite("append queue");

/** A store that keeps the batches it was given, and takes a moment for each. */
function slow(fail: (batch: readonly Append[]) => unknown = () => undefined) {
  const store = memoryStore();
  const batches: (readonly Append[])[] = [];
  return {
    batches,
    async append(appends: readonly Append[]): Promise<AppendOutcome[]> {
      batches.push(appends);
      await new Promise((resolve) => setTimeout(resolve, 2));
      fail(appends);
      return store.append(appends);
    },
  };
}

const one = (i: number, size = 10) => append([entry(`run-${i}`, 0, "x".repeat(size))]);

test("whatever waits shares a batch, within bounds of count and bytes", async () => {
  const store = slow();
  const queue = appendQueue(store, { batchCountMax: 8, batchBytesMax: 5_000 });
  const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => queue.append(one(i))));
  assert.equal(
    outcomes.map((outcome) => outcome.kind === "committed" && outcome.position),
    Array.from({ length: 20 }, (_, i) => i),
  );
  assert.equal(
    store.batches.map((batch) => batch.length),
    [8, 8, 4],
  );
  await Promise.all([
    queue.append(one(20, 3_000)),
    queue.append(one(21, 3_000)),
    queue.append(one(22, 9_000)),
    queue.append(one(23)),
  ]);
  assert.equal(
    store.batches.slice(3).map((batch) => batch.length),
    [1, 1, 1, 1],
  );
});

test("each caller has its own outcome", async () => {
  const queue = appendQueue(slow());
  const twice = one(1);
  const outcomes = await Promise.all([
    queue.append(twice),
    queue.append(twice),
    queue.append(append([entry("run-1", 5)])),
    queue.append(one(2)),
  ]);
  assert.equal(
    outcomes.map((outcome) => outcome.kind),
    ["committed", "duplicate", "conflict", "committed"],
  );
});

test("a failure of the store reaches exactly the callers of that batch", async () => {
  let calls = 0;
  const store = slow(() => {
    if (++calls === 2) throw new StoreError("DISK_FULL", "full", { next: "Make room." });
  });
  const queue = appendQueue(store, { batchCountMax: 3 });
  const settled = await Promise.allSettled(Array.from({ length: 9 }, (_, i) => queue.append(one(i))));
  assert.equal(
    settled.map(({ status }) => status === "rejected"),
    [false, false, false, true, true, true, false, false, false],
  );
  for (const result of settled) assert.ok(result.status === "fulfilled" || result.reason instanceof StoreError);
});

test("a bug in one append reaches only its own caller", async () => {
  const queue = appendQueue(slow());
  const bug = append([entry("run-9", 0)], { part: 3 });
  const settled = await Promise.allSettled([queue.append(one(1)), queue.append(bug), queue.append(one(2))]);
  assert.equal(
    settled.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.ok(settled[1]?.status === "rejected" && settled[1].reason instanceof RangeError);
});

test("closing answers who waits, and takes nobody more", async () => {
  const queue = appendQueue(slow(), { batchCountMax: 2 });
  const waiting = Array.from({ length: 5 }, (_, i) => queue.append(one(i)));
  await queue.close();
  assert.equal(
    (await Promise.all(waiting)).map((outcome) => outcome.kind),
    Array(5).fill("committed"),
  );
  const error = await queue.append(one(9)).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof StoreError && error.code === "UNAVAILABLE");
  await queue.close();
});

test.run();
