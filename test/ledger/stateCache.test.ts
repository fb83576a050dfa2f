// Folds in memory: bounded by the events in them, the least recently asked go first; a fold never skips an event.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Envelope } from "../../src/events/envelope.js";
import { emptyFold, type Fold, foldEvent, stateCache } from "../../src/ledger/stateCache.js";
import { counter } from "./toy.js";

const test = suite("state cache");

const event = (revision: number): Envelope => ({
  schema: 1,
  type: "Added",
  id: "00000000-0000-7000-8000-000000000001",
  stream: "counter-a",
  revision,
  prev: null,
  time: `2026-01-0${revision + 1}T00:00:00.000Z`,
  actor: "a",
  command: { id: "00000000-0000-7000-8000-000000000001", digest: "0".repeat(64) },
  cause: null,
  data: { by: 2 },
});

/** A fold that weighs `events` and one. */
function foldOf(stream: string, events: number): Fold {
  return { ...emptyFold(stream, undefined), revision: events - 1 };
}

test("an event is folded once, in order; a gap is a bug", () => {
  const fold = emptyFold("counter-a", counter);
  const bytes = new Uint8Array([1]);
  for (const revision of [0, 0, 1, 0]) foldEvent(fold, event(revision), bytes, revision);
  assert.is((fold.state as { value: number }).value, 4);
  assert.is(fold.revision, 1);
  assert.is(fold.time, "2026-01-02T00:00:00.000Z");
  assert.is(fold.last, bytes);
  assert.throws(() => foldEvent(fold, event(3), bytes, 3), /cannot be folded/);
});

test("the least recently asked go first, by the events they hold", () => {
  const cache = stateCache(30);
  for (const name of ["a", "b", "c"]) cache.put(foldOf(name, 9));
  assert.ok(cache.get("a"));
  cache.put(foldOf("d", 9));
  assert.is(cache.get("b"), undefined);
  assert.ok(cache.get("a") && cache.get("c") && cache.get("d"));
  const grown = cache.get("a") as Fold;
  grown.revision = 18;
  cache.put(grown);
  assert.is(cache.get("c"), undefined);
  assert.ok(cache.get("d") && cache.get("a"));
  cache.forget("d");
  cache.put(foldOf("e", 9));
  assert.ok(cache.get("a") && cache.get("e"));
});

test("the newest stays whatever it weighs, alone", () => {
  const cache = stateCache(10);
  cache.put(foldOf("small", 1));
  cache.put(foldOf("huge", 1000));
  assert.is(cache.get("small"), undefined);
  assert.ok(cache.get("huge"));
  cache.put(foldOf("small", 1));
  assert.is(cache.get("huge"), undefined);
});

test.run();
