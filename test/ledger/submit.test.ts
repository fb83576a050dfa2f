// What one command becomes: an event, a duplicate, a refusal, nothing, or a word about what is malformed.
import { generateKeyPairSync } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sha256Hex } from "../../src/events/canonical.js";
import { sealEnvelope } from "../../src/events/dsse.js";
import { leafHash, parseEvent } from "../../src/events/envelope.js";
import { uuidV5 } from "../../src/events/uuid.js";
import { changedNothing } from "../../src/ledger/answers.js";
import { type Store, StoreError } from "../../src/ledger/Store.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { content, freshId } from "../store/samples.js";
import { counter, switchedOn, toy, toyKey, toyLedger, toyPayload, toySwitch } from "./toy.js";

const test = suite("submit");

test("a command becomes an event with its place, its id, its time, its actor and the digest of what was signed", async () => {
  const ledger = await switchedOn();
  const id = freshId();
  const envelope = toy({ do: "add", counter: "a", by: 3 }, id);
  const result = await ledger.submit(envelope);
  assert.is(result.kind, "committed");
  if (result.kind !== "committed") return;
  const [{ position, event }] = result.events as [{ position: number; event: ReturnType<typeof parseEvent> }];
  assert.is(position, 1);
  assert.equal(event, {
    schema: 1,
    type: "Added",
    id: uuidV5(id, "0/0"),
    stream: "counter-a",
    revision: 0,
    prev: null,
    time: event.time,
    actor: "tester",
    command: { id, digest: sha256Hex(envelope) },
    cause: null,
    data: { by: 3, from: 0 },
  });
  const [, stored] = await ledger.store.read(0, 10);
  assert.equal(parseEvent(stored!.bytes), event);
  await ledger.submit(toy({ do: "add", counter: "a", by: 1 }));
  const [, next] = await ledger.store.readStream("counter-a", 0);
  assert.is(parseEvent(next!.bytes).prev, leafHash(stored!.bytes));
});

test("the same command again is a duplicate with the first answer, also in a new process, also a refused one", async () => {
  const store = memoryStore();
  const ledger = await switchedOn(store);
  const add = toy({ do: "add", counter: "a", by: 3 });
  const tooMuch = toy({ do: "add", counter: "a", by: 3, max: 1 });
  const first = await ledger.submit(add);
  const no = await ledger.submit(tooMuch);
  assert.is(no.kind, "refused");
  for (const again of [ledger, toyLedger(store)]) {
    assert.equal(await again.submit(add), { kind: "duplicate", first });
    assert.equal(await again.submit(tooMuch), { kind: "duplicate", first: no });
  }
  assert.is((await store.head()).size, 3);
});

test("the id of another command is refused by name and leaves no trace", async () => {
  const ledger = await switchedOn();
  const id = freshId();
  await ledger.submit(toy({ do: "add", counter: "a", by: 3 }, id));
  for (const other of [
    toy({ do: "add", counter: "a", by: 4 }, id),
    toy({ do: "add", counter: "b", by: 3, max: 0 }, id),
    toy({ do: "ensure", on: true }, id),
  ]) {
    const result = await ledger.submit(other);
    assert.is(result.kind === "refused" && result.code, "COMMAND_ID_REUSED");
    assert.is(result.kind === "refused" && result.position, null);
  }
  assert.is((await ledger.store.head()).size, 2);
});

test("a refusal is an event on a stream of its own, guarded by all it read", async () => {
  const ledger = toyLedger(memoryStore());
  const id = freshId();
  const result = await ledger.submit(toy({ do: "add", counter: "a", by: 1 }, id));
  assert.equal(result, {
    kind: "refused",
    code: "SWITCH_OFF",
    message: "Nothing is counted while the switch is off.",
    numbers: { counter: "a" },
    next: "Switch it on.",
    position: 0,
  });
  const [stored] = await ledger.store.readStream(`refusal-${id}`, 0);
  const event = parseEvent(stored!.bytes);
  assert.is(event.type, "CommandRefused");
  assert.is(event.actor, "tester");
  assert.equal(event.data, {
    type: "Toyadd",
    code: "SWITCH_OFF",
    message: "Nothing is counted while the switch is off.",
    numbers: { counter: "a" },
    next: "Switch it on.",
  });
});

test("a signature that does not verify is answered and not recorded, and learns nothing of the true command's answer", async () => {
  const ledger = await switchedOn();
  const payload = toyPayload({ do: "add", counter: "a", by: 1 });
  const forged = sealEnvelope(payload, { keyid: toyKey.keyid, privateKey: generateKeyPairSync("ed25519").privateKey });
  for (let i = 0; i < 2; i++) {
    const result = await ledger.submit(forged);
    assert.is(result.kind === "refused" && result.code, "SIGNATURE_WRONG");
    await ledger.submit(sealEnvelope(payload, toyKey));
  }
  assert.is((await ledger.store.head()).size, 2);
});

test("malformed input is named and leaves no trace", async () => {
  const ledger = toyLedger(memoryStore());
  const text = (value: string) => new TextEncoder().encode(value);
  const cases: [Uint8Array, string][] = [
    [text("{"), "envelope"],
    [new Uint8Array([0xff]), "envelope"],
    [sealEnvelope(text('{"b":1,"a":2}'), toyKey), "payload"],
    [sealEnvelope(text('{"a":1,"a":2}'), toyKey), "payload, character 7"],
    [sealEnvelope(new Uint8Array([0xc3]), toyKey), "payload"],
    [sealEnvelope(text('{"a":1}'), toyKey), "command.id"],
  ];
  for (const [bytes, at] of cases) {
    const result = await ledger.submit(bytes);
    assert.is(result.kind, "malformed");
    assert.ok(result.kind === "malformed" && result.at.startsWith(at), JSON.stringify(result));
  }
  assert.is((await ledger.store.head()).size, 0);
});

test("a yes that is true already is recorded as an answer, guarded by all it read", async () => {
  const ledger = await switchedOn();
  const id = freshId();
  const command = toy({ do: "ensure", on: true }, id);
  const first = await ledger.submit(command);
  assert.ok(first.kind === "committed" && changedNothing(first.events));
  const [stored] = await ledger.store.readStream(`answer-${id}`, 0);
  const event = parseEvent(stored!.bytes);
  assert.equal([event.type, event.actor, event.data], ["CommandAnswered", "tester", { type: "Toyensure" }]);
  assert.equal(await ledger.submit(command), { kind: "duplicate", first });
  assert.is((await ledger.store.head()).size, 2);
});

test("a yes that changed nothing cannot be sent again when it would change something", async () => {
  const ledger = await switchedOn();
  const kept = toy({ do: "ensure", on: true });
  const first = await ledger.submit(kept);
  await ledger.submit(toy({ do: "switch", on: false }));
  assert.equal(await ledger.submit(kept), { kind: "duplicate", first });
  assert.is((await ledger.state(toySwitch, "main")).on, false);
});

test("a command in parts: one answer with all its events; a last part that changes nothing says that it ended", async () => {
  const store = memoryStore();
  const ledger = await switchedOn(store);
  for (const [name, end] of [
    ["f", undefined],
    ["g", "empty" as const],
  ] as const) {
    const id = freshId();
    const command = toy({ do: "fill", filling: name, count: 5, chunk: 2, ...(end === undefined ? {} : { end }) }, id);
    const result = await ledger.submit(command);
    const types = result.kind === "committed" ? result.events.map(({ event }) => event.type) : [];
    assert.is(types.filter((type) => type !== "CommandAnswered").length, 10);
    assert.is(types.indexOf("CommandAnswered"), end === "empty" ? 10 : -1);
    const parts = (await store.command(id))!.parts;
    assert.equal(
      parts.map((part) => [part.count, part.last]),
      end === "empty"
        ? [
            [4, false],
            [4, false],
            [2, false],
            [1, true],
          ]
        : [
            [4, false],
            [4, false],
            [2, true],
          ],
    );
    assert.equal(await toyLedger(store).submit(command), { kind: "duplicate", first: result });
  }
});

test("time never goes backwards along what a decision read, whatever the clock does", async () => {
  const store = memoryStore();
  await switchedOn(store, { clock: () => "2026-01-01T00:05:00.000Z" });
  const late = toyLedger(store, { clock: () => "2026-01-01T00:00:00.000Z" });
  const result = await late.submit(toy({ do: "stamp", counter: "a" }));
  assert.ok(result.kind === "committed");
  assert.is(result.kind === "committed" && result.events[0]!.event.time, "2026-01-01T00:05:00.000Z");
  assert.is(result.kind === "committed" && result.events[0]!.event.data["now"], "2026-01-01T00:05:00.000Z");
});

test("time never goes backwards along the ledger either: its end is the floor of streams that nobody wrote to yet", async () => {
  const store = memoryStore();
  const ahead = await switchedOn(store, { clock: () => "2026-01-01T00:04:00.000Z" });
  const late = toyLedger(store, { clock: () => "2026-01-01T00:00:00.000Z" });
  await ahead.submit(toy({ do: "stamp", counter: "b" }));
  const result = await late.submit(toy({ do: "switch", on: false }));
  assert.is(result.kind === "committed" && result.events[0]!.event.time, "2026-01-01T00:04:00.000Z");
});

test("a clock far behind the ledger decides nothing, and leaves no trace; what was answered before is told", async () => {
  const store = memoryStore();
  const ledger = await switchedOn(store, { clock: () => "2026-01-01T00:05:00.001Z" });
  const known = toy({ do: "stamp", counter: "a" });
  const first = await ledger.submit(known);
  const late = toyLedger(store, { clock: () => "2026-01-01T00:00:00.000Z" });
  const fresh = toy({ do: "stamp", counter: "b" });
  const result = await late.submit(fresh);
  assert.ok(result.kind === "refused");
  assert.is(result.code, "CLOCK_BEHIND");
  assert.is(result.position, null);
  assert.equal(result.numbers, {
    newest: "2026-01-01T00:05:00.001Z",
    clock: "2026-01-01T00:00:00.000Z",
    minutesMax: 5,
  });
  const considered = await late.consider(fresh);
  assert.is(considered.kind === "refused" && considered.code, "CLOCK_BEHIND");
  assert.equal(await late.submit(known), { kind: "duplicate", first });
  assert.is((await store.head()).size, 2);
  assert.is((await ledger.submit(fresh)).kind, "committed");
});

test("a clock that falls behind what others write is noticed as well", async () => {
  const store = memoryStore();
  let now = "2026-01-01T00:00:00.000Z";
  const ledger = await switchedOn(store, { clock: () => now });
  const other = toyLedger(store, { clock: () => "2026-01-01T00:10:00.000Z" });
  await other.submit(toy({ do: "stamp", counter: "a" }));
  now = "2026-01-01T00:00:02.000Z";
  const result = await ledger.submit(toy({ do: "stamp", counter: "b" }));
  assert.is(result.kind === "refused" && result.code, "CLOCK_BEHIND");
});

test("content is given to a decision only if it is what its commitment says", async () => {
  const store = memoryStore();
  const { commitment, content: article } = content("Article 64");
  const ledger = await switchedOn(store);
  const none = await ledger.submit(toy({ do: "quote", commitment }));
  assert.is(none.kind === "refused" && none.code, "NO_CONTENT");
  await store.content.put(commitment, article);
  const quoted = await ledger.submit(toy({ do: "quote", commitment }));
  assert.is(quoted.kind === "committed" && quoted.events[0]!.event.data["length"], 10);
  const lying: Store = {
    ...store,
    content: { ...store.content, get: async () => ({ ...article, bytes: new Uint8Array([1]) }) },
  };
  const error = await toyLedger(lying)
    .submit(toy({ do: "quote", commitment }))
    .catch((thrown: unknown) => thrown);
  assert.ok(error instanceof StoreError && error.code === "CORRUPT" && error.message.includes(commitment));
});

test("a cache too small for anything changes nothing but the speed", async () => {
  const store = memoryStore();
  const ledger = await switchedOn(store, { cachedEventsMax: 1 });
  await Promise.all(
    Array.from({ length: 30 }, (_, i) => ledger.submit(toy({ do: "add", counter: `c${i % 3}`, by: 1 }))),
  );
  for (const name of ["c0", "c1", "c2"]) assert.is((await ledger.state(counter, name)).value, 10);
  const filled = await ledger.submit(toy({ do: "fill", filling: "f", count: 7, chunk: 2 }));
  assert.is(filled.kind, "committed");
});

test("what a caller does to a state or to an event it was given changes nothing", async () => {
  const ledger = await switchedOn();
  const result = await ledger.submit(toy({ do: "add", counter: "a", by: 1 }));
  if (result.kind === "committed") (result.events[0]!.event.data as { by: number }).by = 77;
  const state = await ledger.state(counter, "a");
  state.value = 99;
  state.seen.length = 0;
  const fresh = await ledger.state(counter, "a");
  assert.is(fresh.value, 1);
  assert.is(fresh.seen.length, 1);
});

test("considering says what would be decided now, and leaves no trace", async () => {
  const store = memoryStore();
  const [ours, theirs] = [await switchedOn(store), toyLedger(store)];
  const add = toy({ do: "add", counter: "a", by: 2 });
  assert.is((await ours.consider(add)).kind, "accepted");
  await theirs.submit(toy({ do: "switch", on: false }));
  const decision = await ours.consider(add);
  assert.is(decision.kind === "refused" && decision.code, "SWITCH_OFF");
  assert.is((await store.head()).size, 2);
  assert.is((await ours.consider(new Uint8Array([1]))).kind, "malformed");
});

test("a closed ledger answers what is under way and takes nothing more", async () => {
  const ledger = await switchedOn();
  const pending = ledger.submit(toy({ do: "add", counter: "a", by: 1 }));
  await ledger.close();
  assert.is((await pending).kind, "committed");
  const error = await ledger.submit(toy({ do: "add", counter: "a", by: 1 })).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof StoreError && error.code === "UNAVAILABLE");
});

test.run();
