/**
 * The store's specification: each sentence of `src/ledger/Store.ts` as a test, for any adapter. A new adapter is five lines:
 *
 *   const test = suite("store contract: memory");
 *   storeContract(test, (use) => use({ store: memoryStore() }));
 *   test.run();
 */
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { canonicalBytes } from "../../src/events/canonical.js";
import { type StoredEvent, StoreError } from "../../src/ledger/Store.js";
import { emptyRange, extendRange, hashLeaf, rootHex } from "../../src/tlog/tree.js";
import { contentContract } from "./contentContract.js";
import { caught, type It, throwsRange, type WithStore } from "./opened.js";
import { append, entry, freshId } from "./samples.js";

/** Registers the whole contract on a suite; without that of content where `again` opens the ledger, and not the content beside it. */
export function storeContract(test: Test, withStore: WithStore, { content = true } = {}): void {
  const it: It = (sentence, use) => test(sentence, () => withStore(use));

  it("an empty ledger has size 0 and the root of nothing", async ({ store }) => {
    assert.equal(await store.head(), { size: 0, root: rootHex(emptyRange) });
    assert.equal(await store.read(0, 10), []);
    assert.equal(await store.readStream("run-1", 0), []);
    assert.is(await store.command(freshId()), undefined);
    assert.equal(await store.commands(0, 10), []);
  });

  it("positions are dense from 0 in commit order, revisions dense within a stream", async ({ store }) => {
    assert.equal(await store.append([append([entry("run-1", 0), entry("unit-1", 0), entry("run-1", 1)])]), [
      { kind: "committed", position: 0, count: 3 },
    ]);
    assert.equal(await store.append([append([entry("unit-1", 1)])]), [{ kind: "committed", position: 3, count: 1 }]);
    assert.equal(places(await store.read(0, 10)), ["0 run-1 0", "1 unit-1 0", "2 run-1 1", "3 unit-1 1"]);
    assert.equal(places(await store.readStream("unit-1", 0)), ["1 unit-1 0", "3 unit-1 1"]);
  });

  it("the head's root is the RFC 6962 root of the leaves", async ({ store }) => {
    let range = emptyRange;
    for (let i = 0; i < 9; i++) {
      const entries = Array.from({ length: i + 1 }, (_, n) => entry(`run-${i}`, n));
      await store.append([append(entries)]);
      range = extendRange(
        range,
        entries.map((e) => hashLeaf(e.bytes)),
      );
      assert.equal(await store.head(), { size: range.size, root: rootHex(range) });
    }
  });

  it("bytes come back exactly as they went in", async ({ store, again }) => {
    const texts = [
      "{}",
      '"Điều 64 😀 đ"',
      "\u{feff}bom first",
      "e\u0301 is not é",
      "line\nline\r\n\ttab",
      '"\\u0000"',
      "x".repeat(65_536),
    ];
    const odd = [new Uint8Array([0]), new Uint8Array([0x7b, 0, 0x7d]), new Uint8Array([0xff, 0xfe, 0x80, 0])];
    const all = [...texts.map((text) => new TextEncoder().encode(text)), ...odd];
    await store.append([
      append(
        all.map((bytes, revision) => ({ stream: "run-bytes", revision, bytes })),
        { envelope: new Uint8Array([9, 0, 200]) },
      ),
    ]);
    for (const opened of [store, ...(again === undefined ? [] : [await again()])]) {
      const read = await opened.read(0, 100);
      assert.equal(
        read.map((e) => [...e.bytes]),
        all.map((bytes) => [...bytes]),
      );
      const streamed = await opened.readStream("run-bytes", 0);
      assert.equal(
        streamed.map((e) => [...e.bytes]),
        all.map((bytes) => [...bytes]),
      );
      const [command] = await opened.commands(0, 1);
      assert.equal([...(command?.envelope ?? [])], [9, 0, 200]);
    }
  });

  it("what the caller does to its bytes afterwards changes nothing stored", async ({ store }) => {
    const bytes = canonicalBytes({ say: "first" });
    await store.append([append([{ stream: "run-1", revision: 0, bytes }])]);
    const before = [...bytes];
    bytes.fill(32);
    const [event] = await store.read(0, 1);
    assert.equal([...(event?.bytes ?? [])], before);
    event?.bytes.fill(0);
    assert.equal([...((await store.read(0, 1))[0]?.bytes ?? [])], before);
  });

  it("reads in pages, from any place, nothing beyond the end", async ({ store }) => {
    await store.append([append(Array.from({ length: 7 }, (_, i) => entry("run-1", i)))]);
    assert.equal(places(await store.read(2, 3)), ["2 run-1 2", "3 run-1 3", "4 run-1 4"]);
    assert.equal(places(await store.read(5, 3)), ["5 run-1 5", "6 run-1 6"]);
    assert.equal(await store.read(7, 3), []);
    assert.equal(await store.read(700, 3), []);
    assert.equal(await store.read(0, 0), []);
    assert.equal(places(await store.readStream("run-1", 3, 2)), ["3 run-1 3", "4 run-1 4"]);
    assert.equal(places(await store.readStream("run-1", 6)), ["6 run-1 6"]);
    assert.equal(await store.readStream("run-1", 7), []);
    assert.equal(await store.readStream("run-", 0), []);
  });

  it("a guard that does not hold is a conflict with what was expected and what is there, and leaves no trace", async ({
    store,
  }) => {
    await store.append([append([entry("switch-1", 0), entry("switch-1", 1)])]);
    const id = freshId();
    const refused = append([entry("run-1", 0), entry("run-2", 0)], {
      id,
      guards: [
        { stream: "policy-1", revision: -1 },
        { stream: "switch-1", revision: 0 },
      ],
    });
    assert.equal(await store.append([refused]), [{ kind: "conflict", stream: "switch-1", expected: 0, actual: 1 }]);
    const early = append([entry("run-1", 0)], { guards: [{ stream: "policy-1", revision: 0 }] });
    assert.equal(await store.append([early]), [{ kind: "conflict", stream: "policy-1", expected: 0, actual: -1 }]);
    assert.is((await store.head()).size, 2);
    assert.is(await store.command(id), undefined);
    assert.equal(await store.readStream("run-1", 0), []);
  });

  it("guards that hold let the append through", async ({ store }) => {
    await store.append([append([entry("switch-1", 0)])]);
    const guards = [
      { stream: "switch-1", revision: 0 },
      { stream: "run-1", revision: -1 },
    ];
    assert.equal(await store.append([append([entry("run-1", 0)], { guards })]), [
      { kind: "committed", position: 1, count: 1 },
    ]);
  });

  it("an entry is a guard on its own stream: only the next revision can be appended", async ({ store }) => {
    await store.append([append([entry("run-1", 0)])]);
    assert.equal(await store.append([append([entry("run-1", 0)])]), [
      { kind: "conflict", stream: "run-1", expected: -1, actual: 0 },
    ]);
    assert.equal(await store.append([append([entry("run-1", 2)])]), [
      { kind: "conflict", stream: "run-1", expected: 1, actual: 0 },
    ]);
    assert.is((await store.head()).size, 1);
  });

  it("a batch is judged in order, each against the ledger as left by those before it; a conflict does not disturb its neighbours", async ({
    store,
  }) => {
    const guarded = (revision: number) => ({ guards: [{ stream: "switch-1", revision }] });
    const outcomes = await store.append([
      append([entry("run-1", 0)], guarded(-1)),
      append([entry("switch-1", 0)]),
      append([entry("run-2", 0), entry("run-3", 0)], guarded(-1)),
      append([entry("run-1", 1)], guarded(0)),
      append([entry("run-1", 1)], guarded(0)),
      append([entry("run-3", 0)], guarded(0)),
    ]);
    assert.equal(outcomes, [
      { kind: "committed", position: 0, count: 1 },
      { kind: "committed", position: 1, count: 1 },
      { kind: "conflict", stream: "switch-1", expected: -1, actual: 0 },
      { kind: "committed", position: 2, count: 1 },
      { kind: "conflict", stream: "run-1", expected: 0, actual: 1 },
      { kind: "committed", position: 3, count: 1 },
    ]);
    assert.equal(places(await store.read(0, 10)), ["0 run-1 0", "1 switch-1 0", "2 run-1 1", "3 run-3 0"]);
  });

  it("an empty batch does nothing", async ({ store }) => {
    assert.equal(await store.append([]), []);
    assert.is((await store.head()).size, 0);
  });

  it("a command part is appended once: again is duplicate, whatever the entries and guards", async ({
    store,
    again,
  }) => {
    const id = freshId();
    await store.append([append([entry("run-1", 0)], { id })]);
    const repeats = [
      append([entry("run-1", 0)], { id }),
      append([entry("run-9", 0)], { id, guards: [{ stream: "run-1", revision: 77 }] }),
    ];
    for (const opened of [store, ...(again === undefined ? [] : [await again()])]) {
      assert.equal(await opened.append(repeats), [{ kind: "duplicate" }, { kind: "duplicate" }]);
      assert.is((await opened.head()).size, 1);
    }
    const twice = append([entry("run-2", 0)]);
    assert.equal(await store.append([twice, twice]), [
      { kind: "committed", position: 1, count: 1 },
      { kind: "duplicate" },
    ]);
  });

  it("a conflict does not use the command up", async ({ store }) => {
    const id = freshId();
    await store.append([append([entry("run-1", 5)], { id })]);
    assert.equal(await store.append([append([entry("run-1", 0)], { id })]), [
      { kind: "committed", position: 0, count: 1 },
    ]);
  });

  it("parts come in order, nothing after the last one; the envelope stands with part 0", async ({ store, again }) => {
    const id = freshId();
    const envelope = canonicalBytes({ signed: "by me" });
    await store.append([append([entry("run-1", 0)], { id, part: 0, last: false, envelope })]);
    await throwsRange(() => store.append([append([entry("run-1", 1)], { id, part: 2, last: false })]));
    await store.append([
      append([entry("run-1", 1), entry("run-1", 2)], { id, part: 1, last: false, envelope: canonicalBytes("other") }),
    ]);
    assert.equal((await store.command(id))?.parts.at(-1), { position: 1, count: 2, last: false });
    assert.equal(await store.append([append([entry("run-1", 3)], { id, part: 2, last: true })]), [
      { kind: "committed", position: 3, count: 1 },
    ]);
    assert.equal(await store.append([append([entry("run-1", 4)], { id, part: 3, last: true })]), [
      { kind: "duplicate" },
    ]);
    for (const opened of [store, ...(again === undefined ? [] : [await again()])]) {
      const command = await opened.command(id);
      assert.equal([...(command?.envelope ?? [])], [...envelope]);
      assert.is(command?.id, id);
      assert.equal(command?.parts, [
        { position: 0, count: 1, last: false },
        { position: 1, count: 2, last: false },
        { position: 3, count: 1, last: true },
      ]);
    }
    const both = freshId();
    assert.equal(
      await store.append([
        append([entry("run-1", 4)], { id: both, last: false }),
        append([entry("run-1", 5)], { id: both, part: 1 }),
      ]),
      [
        { kind: "committed", position: 4, count: 1 },
        { kind: "committed", position: 5, count: 1 },
      ],
    );
  });

  it("an append nobody could have meant is a bug: it throws and writes nothing, its neighbours neither", async ({
    store,
  }) => {
    const good = append([entry("run-1", 0)]);
    await throwsRange(() => store.append([good, append([], { last: false })]));
    await throwsRange(() => store.append([good, append([], { last: true })]));
    await throwsRange(() => store.append([good, append([entry("run-2", 0), entry("run-2", 2)])]));
    await throwsRange(() => store.append([good, append([{ stream: "run-2", revision: 0, bytes: new Uint8Array() }])]));
    await throwsRange(() => store.append([good, append([entry("run-2", 0)], { part: 1 })]));
    await throwsRange(() => store.append([good, append([entry("run-2", -1)])]));
    await throwsRange(() => store.append([good, append([{ ...entry("run-2", 0), revision: 0.5 }])]));
    assert.is((await store.head()).size, 0);
    assert.equal(await store.append([good]), [{ kind: "committed", position: 0, count: 1 }]);
  });

  it("commands are found by the position of their part 0, in order", async ({ store }) => {
    const [a, b, c] = [freshId(), freshId(), freshId()];
    await store.append([append([entry("run-1", 0), entry("run-1", 1)], { id: c, last: false })]);
    await store.append([append([entry("run-2", 0)], { id: a })]);
    await store.append([append([entry("run-1", 2)], { id: c, part: 1 }), append([entry("run-2", 1)], { id: b })]);
    const ids = async (from: number, to: number) => (await store.commands(from, to)).map((command) => command.id);
    assert.equal(await ids(0, 5), [c, a, b]);
    assert.equal(await ids(1, 4), [a]);
    assert.equal(await ids(0, 1), [c]);
    assert.equal(await ids(5, 9), []);
    assert.equal((await store.commands(0, 1))[0]?.parts, [
      { position: 0, count: 2, last: false },
      { position: 3, count: 1, last: true },
    ]);
  });

  it("concurrent batches of one process are taken one after another", async ({ store }) => {
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () =>
        store.append([append([entry("run-1", 0)]), append([entry(`run-${freshId()}`, 0)])]),
      ),
    );
    const committed = outcomes.flat().filter((outcome) => outcome.kind === "committed");
    assert.is(committed.length, 21);
    assert.is((await store.head()).size, 21);
    assert.is((await store.readStream("run-1", 0)).length, 1);
  });

  it("follow gives every event once, in order, and waits for new ones until it is told to stop", async ({
    store,
    again,
  }) => {
    const other = again === undefined ? store : await again();
    await store.append([append(Array.from({ length: 3 }, (_, i) => entry("run-1", i)))]);
    const stop = new AbortController();
    const seen: string[] = [];
    const done = (async () => {
      for await (const event of store.follow(1, stop.signal)) {
        seen.push(places([event])[0] as string);
        if (event.position === 2) await store.append([append([entry("run-1", 3)])]);
        // The next one comes from another process, as it were, and wakes nobody here.
        if (event.position === 3) await other.append([append([entry("run-2", 0), entry("run-2", 1)])]);
        if (event.position === 5) stop.abort();
      }
    })();
    await done;
    assert.equal(seen, ["1 run-1 1", "2 run-1 2", "3 run-1 3", "4 run-2 0", "5 run-2 1"]);
  });

  it("follow ends at once when told to stop while it waits, or before it began", async ({ store }) => {
    const stop = new AbortController();
    const following = collect(store.follow(0, stop.signal));
    setTimeout(() => stop.abort(), 5);
    assert.equal(await following, []);
    assert.equal(await collect(store.follow(0, stop.signal)), []);
  });

  if (content) contentContract(it);

  it("what is there is there when opened again", async ({ store, again }) => {
    if (again === undefined) return;
    await store.append([append([entry("run-1", 0), entry("run-2", 0)])]);
    const head = await store.head();
    const events = await store.read(0, 10);
    await store.close();
    const other = await again();
    assert.equal(await other.head(), head);
    assert.equal(await other.read(0, 10), events);
    assert.equal(await other.append([append([entry("run-1", 1)])]), [{ kind: "committed", position: 2, count: 1 }]);
  });

  it("a closed store says so, and ends its followers", async ({ store }) => {
    const following = collect(store.follow(0, new AbortController().signal));
    await store.close();
    await store.close();
    assert.equal(await following, []);
    for (const use of [() => store.head(), () => store.append([append([entry("run-1", 0)])]), () => store.read(0, 1)]) {
      const error = await caught(use);
      assert.ok(error instanceof StoreError, String(error));
      assert.is(error.code, "UNAVAILABLE");
      assert.is(error.ambiguous, false);
    }
  });
}

function places(events: readonly StoredEvent[]): string[] {
  return events.map((event) => `${event.position} ${event.stream} ${event.revision}`);
}

async function collect(events: AsyncIterable<StoredEvent>): Promise<StoredEvent[]> {
  const all: StoredEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
