// What happens in between: other processes, other commands, crashes and failing stores, at the worst moment.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseEvent } from "../../src/events/envelope.js";
import type { Result } from "../../src/ledger/Decision.js";
import { type Store, StoreError } from "../../src/ledger/Store.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { counter, filling, interfering, switchedOn, toy, toyLedger, toySwitch } from "./toy.js";

const test = suite("submit, raced and interrupted");

function kinds(results: readonly Result[]): string[] {
  return [...new Set(results.map((result) => result.kind))].sort();
}

test("a yes that was true already is looked at again: another process may have changed it", async () => {
  const store = memoryStore();
  const [ours, theirs] = [await switchedOn(store), toyLedger(store)];
  await theirs.submit(toy({ do: "switch", on: false }));
  const result = await ours.submit(toy({ do: "ensure", on: true }));
  assert.is(result.kind === "committed" && result.events.length, 1);
});

test("the switch thrown between decision and append: the command is decided again, and refused", async () => {
  const store = memoryStore();
  const theirs = toyLedger(store);
  let thrown = false;
  const ours = await switchedOn(
    interfering(store, async (appends) => {
      if (thrown || appends[0]?.entries[0]?.stream !== "counter-a") return;
      thrown = true;
      await theirs.submit(toy({ do: "switch", on: false }));
    }),
  );
  const result = await ours.submit(toy({ do: "add", counter: "a", by: 1 }));
  assert.is(result.kind === "refused" && result.code, "SWITCH_OFF");
  assert.equal(await store.readStream("counter-a", 0), []);
});

test("a refusal whose reason went away before it was recorded is decided again, and accepted", async () => {
  const store = memoryStore();
  const theirs = toyLedger(store);
  const ours = toyLedger(
    interfering(store, async (_, call) => {
      if (call === 0) await theirs.submit(toy({ do: "switch", on: true }));
    }),
  );
  assert.is((await ours.submit(toy({ do: "add", counter: "a", by: 1 }))).kind, "committed");
  assert.is((await store.head()).size, 2);
});

test("many commands at once on one counter: each counts once, on the value before it", async () => {
  const ledger = await switchedOn();
  const results = await Promise.all(
    Array.from({ length: 100 }, () => ledger.submit(toy({ do: "add", counter: "a", by: 1 }))),
  );
  assert.equal(kinds(results), ["committed"]);
  assert.is((await ledger.state(counter, "a")).value, 100);
  const events = (await ledger.store.readStream("counter-a", 0)).map((stored) => parseEvent(stored.bytes));
  assert.equal(
    events.map((event) => event.data["from"]),
    Array.from({ length: 100 }, (_, i) => i),
  );
  assert.equal(
    events.map((event) => event.time),
    events.map((event) => event.time).sort(),
  );
});

test("a maximum holds however many try at once, from two processes", async () => {
  const store = memoryStore();
  const ledgers = [await switchedOn(store), toyLedger(store)];
  const results = await Promise.all(
    Array.from({ length: 60 }, (_, i) => ledgers[i % 2]!.submit(toy({ do: "add", counter: "a", by: 1, max: 20 }))),
  );
  assert.is(results.filter((result) => result.kind === "committed").length, 20);
  assert.is(results.filter((result) => result.kind === "refused").length, 40);
  assert.is((await ledgers[0]!.state(counter, "a")).value, 20);
});

test("a maximum holds on one file opened twice, and so does the switch", () =>
  withSqliteFile(async (file) => {
    const ledgers = [await switchedOn(await file.open()), toyLedger(await file.open())];
    const commands = Array.from({ length: 48 }, (_, i) =>
      i === 30
        ? toy({ do: "switch", on: false })
        : toy({ do: "add", counter: i % 3 === 0 ? "b" : "a", by: 1, max: 15 }),
    );
    const results = await Promise.all(commands.map((command, i) => ledgers[i % 2]!.submit(command)));
    assert.equal(kinds(results), ["committed", "refused"]);
    const stored = (await ledgers[0]!.store.read(0, 100)).map((one) => parseEvent(one.bytes));
    const off = stored.findIndex((event) => event.type === "Switched" && event.data["on"] === false);
    assert.ok(off > 0);
    assert.not(
      stored.slice(off).some((event) => event.type === "Added"),
      "counted while the switch was off",
    );
    for (const name of ["a", "b"]) {
      const { value, seen } = await ledgers[1]!.state(counter, name);
      assert.ok(value <= 15);
      assert.is(seen.length, value);
    }
    assert.is(stored.length, 1 + commands.length);
  }));

test("the same command many times at once counts once", async () => {
  const store = memoryStore();
  const ledgers = [await switchedOn(store), toyLedger(store)];
  const one = toy({ do: "add", counter: "a", by: 1 });
  const parts = toy({ do: "fill", filling: "f", count: 25, chunk: 2 });
  const results = await Promise.all(Array.from({ length: 20 }, (_, i) => ledgers[i % 2]!.submit(i < 10 ? one : parts)));
  assert.equal(kinds(results), ["committed", "duplicate"]);
  const full = results.slice(10).map((result) => (result.kind === "duplicate" ? result.first : result));
  for (const result of full) assert.is(result.kind === "committed" && result.events.length, 50);
  assert.is((await ledgers[0]!.state(counter, "a")).value, 1);
  assert.is((await ledgers[0]!.state(filling, "f")).filled, 25);
});

test("a command cut off between its parts goes on where it was when it is submitted again", async () => {
  const store = memoryStore();
  const before = await switchedOn(
    interfering(store, (appends) => {
      if (appends[0]?.command.part === 2) throw new StoreError("UNAVAILABLE", "the process died", { next: "" });
    }),
  );
  const command = toy({ do: "fill", filling: "f", count: 9, chunk: 2 });
  const error = await before.submit(command).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof StoreError);
  const after = toyLedger(store);
  const result = await after.submit(command);
  assert.is(result.kind === "committed" && result.events.length, 18);
  const indexes = (await store.readStream("filling-f", 0)).map((stored) => parseEvent(stored.bytes).data["index"]);
  assert.equal(indexes, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
  assert.equal(await before.submit(command), { kind: "duplicate", first: result });
});

test("the switch stops a command between its parts, which is then a recorded refusal", async () => {
  const store = memoryStore();
  const theirs = toyLedger(store);
  const ours = await switchedOn(
    interfering(store, async (appends) => {
      if (appends[0]?.command.part === 2 && (await theirs.state(toySwitch, "main")).on)
        await theirs.submit(toy({ do: "switch", on: false }));
    }),
  );
  const command = toy({ do: "fill", filling: "f", count: 9, chunk: 2 });
  const result = await ours.submit(command);
  assert.is(result.kind === "refused" && result.code, "SWITCH_OFF");
  assert.is((await theirs.state(filling, "f")).filled, 4);
  await theirs.submit(toy({ do: "switch", on: true }));
  assert.equal(await theirs.submit(command), { kind: "duplicate", first: result });
});

test("an append that may or may not have happened is looked up", async () => {
  for (const happened of [true, false]) {
    const store = memoryStore();
    const ledger = await switchedOn(
      interfering(store, async (appends, call) => {
        if (call !== 1) return;
        if (happened) await store.append(appends);
        throw new StoreError("UNAVAILABLE", "timed out", { next: "", ambiguous: true });
      }),
    );
    const result = await ledger.submit(toy({ do: "add", counter: "a", by: 1 }));
    assert.is(result.kind, "committed");
    assert.is((await ledger.state(counter, "a")).value, 1);
    assert.is((await store.head()).size, 2);
  }
});

test("an append that cannot be looked up is unknown; submitted again it has its one answer", async () => {
  const store = memoryStore();
  let down = false;
  const flaky: Store = {
    ...store,
    append: async (appends) => {
      if (!down) return store.append(appends);
      await store.append(appends);
      throw new StoreError("UNAVAILABLE", "timed out", { next: "", ambiguous: true });
    },
    command: (id) =>
      down ? Promise.reject(new StoreError("UNAVAILABLE", "timed out", { next: "" })) : store.command(id),
  };
  const ledger = await switchedOn(flaky);
  const command = toy({ do: "add", counter: "a", by: 1 });
  down = true;
  assert.is((await ledger.submit(command)).kind, "unknown");
  down = false;
  assert.is((await ledger.submit(command)).kind, "duplicate");
  assert.is((await ledger.state(counter, "a")).value, 1);
});

test("a race lost every time ends as a conflict with its numbers", async () => {
  const store = memoryStore();
  const theirs = toyLedger(store);
  const ours = await switchedOn(
    interfering(store, async (appends) => {
      if (appends[0]?.entries[0]?.stream === "counter-a") await theirs.submit(toy({ do: "add", counter: "a", by: 1 }));
    }),
    { attemptsMax: 7 },
  );
  const result = await ours.submit(toy({ do: "add", counter: "a", by: 1 }));
  assert.equal(result, {
    kind: "conflict",
    stream: "counter-a",
    expected: 5,
    actual: 6,
    attempts: 7,
    next: "Others were faster each time. Submit the same command again.",
  });
});

test("a store failure rejects the submit; later ones work", async () => {
  const store = memoryStore();
  let full = false;
  const ledger = await switchedOn(
    interfering(store, () => {
      if (full) throw new StoreError("DISK_FULL", "full", { next: "Make room." });
    }),
  );
  full = true;
  const command = toy({ do: "add", counter: "a", by: 1 });
  const error = await ledger.submit(command).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof StoreError && error.code === "DISK_FULL");
  full = false;
  assert.is((await ledger.submit(command)).kind, "committed");
});

test("a decision that grew old while it waited for its write is decided anew, at the time it is then", async () => {
  let ms = Date.UTC(2026, 0, 5);
  const clock = () => new Date(ms).toISOString();
  const ledger = await switchedOn(
    interfering(memoryStore(), async (appends) => {
      if (appends[0]?.entries[0]?.stream !== "counter-slow") return;
      // The second waits behind the first one, whose store takes an hour.
      waiting = ledger.submit(toy({ do: "add", counter: "waits", by: 1 }));
      for (let turns = 0; turns < 10; turns++) await new Promise(setImmediate);
      ms += 3_600_000;
    }),
    { clock },
  );
  let waiting: Promise<Result> | undefined;
  await ledger.submit(toy({ do: "add", counter: "slow", by: 1 }));
  const second = await waiting;
  assert.is(second?.kind === "committed" && second.events[0]?.event.time, "2026-01-05T01:00:00.000Z");
});

test("whose decisions grow old each time is told that nothing was written, not made to wait for ever", async () => {
  let ms = Date.UTC(2026, 0, 5);
  const clock = () => {
    ms += 100_000;
    return new Date(ms).toISOString();
  };
  const store = memoryStore();
  const error = await toyLedger(store, { clock, attemptsMax: 4 })
    .submit(toy({ do: "ensure", on: true }))
    .catch((thrown: unknown) => thrown);
  assert.ok(error instanceof StoreError && !error.ambiguous);
  assert.match(error.message, "4 times");
  assert.is((await store.head()).size, 0);
});

test.run();
