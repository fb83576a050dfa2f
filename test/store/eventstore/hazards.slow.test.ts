// Every hazard of EventStoreDB and of its client that the ledger knows of: what may go wrong with an append, and with what is kept.
import { randomUUID } from "node:crypto";
import { binaryEvent, jsonEvent } from "@eventstore/db-client";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalBytes } from "../../../src/events/canonical.js";
import { type Store, StoreError } from "../../../src/ledger/Store.js";
import type { Answer } from "../../support/eventstore/faults.js";
import { caught } from "../opened.js";
import { append, entry, freshId } from "../samples.js";
import { withEventStoreLedger } from "./withEventStoreLedger.js";

const test = suite("eventstoredb, hazards");

/** What it refuses with. */
async function coded(code: StoreError["code"], work: () => Promise<unknown>, position?: number): Promise<StoreError> {
  const error = await caught(work);
  assert.instance(error, StoreError);
  const refused = error as StoreError;
  assert.is(refused.code, code, refused.message);
  if (position !== undefined) assert.is(refused.position, position, refused.message);
  assert.ok(refused.next.length > 20, "a next step");
  return refused;
}

async function streamsOf(store: Store): Promise<string[]> {
  return (await store.read(0, 100)).map(({ position, stream, revision }) => `${position} ${stream} ${revision}`);
}

const lost: readonly Answer[] = ["unavailable", "cancelled", "timeout", "unknown", "silence"];

for (const answer of lost) {
  test(`an append that was written and answered ${answer} is committed, once`, () =>
    withEventStoreLedger(async ({ open, standIn }) => {
      const store = await open({ answerMsMax: 1_000 });
      await store.append([append([entry("run-1", 0)])]);
      standIn().faults.add({ on: "append", commit: true, answer });
      const outcomes = await store.append([append([entry("run-1", 1), entry("run-2", 0)])]);
      assert.equal(outcomes, [{ kind: "committed", position: 1, count: 2 }]);
      assert.equal(await streamsOf(store), ["0 run-1 0", "1 run-1 1", "2 run-2 0"]);
    }));

  test(`an append that was not written and answered ${answer} is written by the next try, once`, () =>
    withEventStoreLedger(async ({ open, standIn }) => {
      const store = await open({ answerMsMax: 1_000 });
      standIn().faults.add({ on: "append", commit: false, answer });
      assert.equal(await store.append([append([entry("run-1", 0)])]), [{ kind: "committed", position: 0, count: 1 }]);
      assert.equal(await streamsOf(store), ["0 run-1 0"]);
    }));
}

test("an append that is written after its answer was lost, while it is tried again, is there once", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const store = await open();
    standIn().faults.add({ on: "append", commit: 60, answer: "unavailable" });
    standIn().faults.add({ on: "append", commit: false, answer: "unavailable" });
    standIn().faults.add({ on: "append", commit: false, answer: "unavailable" });
    assert.equal(await store.append([append([entry("run-1", 0)])]), [{ kind: "committed", position: 0, count: 1 }]);
    assert.equal(await streamsOf(store), ["0 run-1 0"]);
  }));

test("an append of which nothing can be learned is said to be ambiguous, and is found when read back", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const store = await open({ resolveMsMax: 300 });
    const id = freshId();
    standIn().faults.add({ on: "append", commit: true, answer: "unavailable" });
    standIn().faults.add({ on: "read", answer: "unavailable" }, 200);
    const error = await coded("UNAVAILABLE", () => store.append([append([entry("run-1", 0)], { id })]));
    assert.is(error.ambiguous, true);
    standIn().faults.clear();
    assert.equal((await store.command(id))?.parts, [{ position: 0, count: 1, last: true }]);
    assert.equal(await store.append([append([entry("run-1", 0)], { id })]), [{ kind: "duplicate" }]);
  }));

test("an append that lost its answer and its place is judged again", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const [one, other] = [await open(), await open()];
    await one.append([append([entry("run-1", 0)])]);
    await other.append([append([entry("run-1", 1)])]);
    standIn().faults.add({ on: "append", commit: false, answer: "timeout" });
    const lostRace = append([entry("run-1", 1)], { guards: [{ stream: "run-1", revision: 0 }] });
    assert.equal(await one.append([lostRace, append([entry("run-2", 0)])]), [
      { kind: "conflict", stream: "run-1", expected: 0, actual: 1 },
      { kind: "committed", position: 2, count: 1 },
    ]);
  }));

test("the server's success for events it has already is never taken for another's command: ids are of one call", () =>
  withEventStoreLedger(async ({ open, stream, client }) => {
    const [one, other] = [await open(), await open()];
    // The same command, the same bytes, from two processes at once: the server compares nothing but ids.
    const same = append([entry("run-1", 0)], { id: freshId() });
    const outcomes = (await Promise.all([one.append([same]), other.append([same])])).flat();
    assert.equal(outcomes.map(({ kind }) => kind).sort(), ["committed", "duplicate"]);
    // That it would have been one is so: the same id with other bytes is a success that wrote nothing.
    const first = binaryEvent({ type: "x", data: Buffer.from("one"), id: randomUUID() });
    const again = binaryEvent({ type: "x", data: Buffer.from("two"), id: first.id });
    await client.appendToStream(`${stream}-raw`, first, { expectedRevision: "no_stream" });
    const answer = await client.appendToStream(`${stream}-raw`, again, { expectedRevision: "no_stream" });
    assert.is(answer.success, true);
    assert.is(answer.nextExpectedRevision, 0n);
  }));

test("the client is kept off its batch mode, and is not asked what the server can do", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const store = await open();
    await Promise.all(Array.from({ length: 5 }, (_, i) => store.append([append([entry(`run-${i}`, 0)])])));
    const { append: appends, batchAppend, features } = standIn().calls;
    assert.ok(appends >= 5);
    assert.is(batchAppend, 0);
    assert.is(features, 0);
  }));

test("a follower sent to another leader, and an append refused by one that is none, go on", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const store = await open();
    standIn().faults.add({ on: "append", commit: false, answer: "not leader" });
    assert.equal(await store.append([append([entry("run-1", 0)])]), [{ kind: "committed", position: 0, count: 1 }]);
    standIn().faults.add({ on: "read", answer: "not leader" });
    await coded("UNAVAILABLE", () => store.read(0, 10));
    assert.equal(await streamsOf(store), ["0 run-1 0"]);
  }));

test("a batch larger than one call goes in several, each append whole; one that fits none is refused with the numbers", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const store = await open();
    const big = (stream: string, size = 60_000) => ({ stream, revision: 0, bytes: canonicalBytes("x".repeat(size)) });
    const appends = Array.from({ length: 40 }, (_, i) => append([big(`run-${i}`), big(`unit-${i}`)]));
    const before = standIn().calls.append;
    const outcomes = await store.append(appends);
    assert.equal(
      outcomes,
      appends.map((_, i) => ({ kind: "committed", position: 2 * i, count: 2 })),
    );
    assert.ok(standIn().calls.append - before >= 5);
    assert.is((await store.head()).size, 80);
    const large = append(Array.from({ length: 18 }, (_, i) => big(`large-${i}`)));
    const error = await coded("TOO_LARGE", () => store.append([append([entry("run-99", 0)]), large]));
    assert.match(error.message, /108\d{4} bytes in 18 events; EventStoreDB takes 1048576/);
    assert.is(error.ambiguous, false);
    assert.is((await store.head()).size, 80);
  }));

test("a batch in several calls that others come between: what was written stays, the rest is judged again", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const [one, other] = [await open(), await open()];
    const big = (stream: string) => ({ stream, revision: 0, bytes: canonicalBytes("x".repeat(400_000)) });
    let reached: () => void = () => undefined;
    let letGo: () => void = () => undefined;
    const arrived = new Promise<void>((resolve) => {
      reached = resolve;
    });
    const until = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    standIn().faults.add({ on: "held", until: Promise.resolve() });
    standIn().faults.add({ on: "held", until, reached });
    const racing = one.append([
      append([big("run-1")]),
      append([big("run-2")]),
      append([big("run-3")]),
      append([big("run-4")]),
    ]);
    await arrived;
    assert.is((await other.append([append([entry("run-9", 0), entry("run-3", 0)])]))[0]?.kind, "committed");
    letGo();
    assert.equal(await racing, [
      { kind: "committed", position: 0, count: 1 },
      { kind: "committed", position: 1, count: 1 },
      { kind: "conflict", stream: "run-3", expected: -1, actual: 0 },
      { kind: "committed", position: 4, count: 1 },
    ]);
    assert.is((await streamsOf(one)).length, 5);
  }));

for (const [setting, metadata] of Object.entries({
  $maxCount: { maxCount: 3 },
  $maxAge: { maxAge: 86_400 },
  $tb: { truncateBefore: 2 },
})) {
  test(`a stream with ${setting} is refused when it is opened, and when it is read from the beginning`, () =>
    withEventStoreLedger(async ({ open, stream, client }) => {
      const store = await open();
      await store.append([append(Array.from({ length: 5 }, (_, i) => entry("run-1", i)))]);
      await client.setStreamMetadata(stream, metadata);
      const error = await coded("CORRUPT", () => store.read(0, 10), 0);
      assert.match(error.message, setting);
      await coded("CORRUPT", () => open(), 0);
      await coded("CORRUPT", () => open({ readOnly: true }), 0);
    }));
}

test("metadata that remove nothing are harmless", () =>
  withEventStoreLedger(async ({ open, stream, client }) => {
    const store = await open();
    await store.append([append([entry("run-1", 0)])]);
    await client.setStreamMetadata(stream, { cacheControl: 60, owner: "somebody" });
    assert.equal(await streamsOf(await open()), ["0 run-1 0"]);
  }));

test("metadata on a stream without events are looked at as well", () =>
  withEventStoreLedger(async ({ open, stream, client }) => {
    await client.setStreamMetadata(stream, { maxCount: 10 });
    await coded("CORRUPT", () => open(), 0);
  }));

test("a soft-deleted stream is refused, and nothing is appended to it", () =>
  withEventStoreLedger(async ({ open, stream, client }) => {
    const store = await open();
    await store.append([append([entry("run-1", 0)])]);
    await client.deleteStream(stream);
    assert.match((await coded("CORRUPT", () => store.head())).message, /deleted/);
    await coded("CORRUPT", () => open());
  }));

test("a tombstoned stream is refused", () =>
  withEventStoreLedger(async ({ open, stream, client }) => {
    const store = await open();
    await store.append([append([entry("run-1", 0)])]);
    await client.tombstoneStream(stream);
    assert.match((await coded("CORRUPT", () => store.append([append([entry("run-1", 1)])]))).message, /deleted/);
    await coded("CORRUPT", () => store.read(0, 1), 0);
    await coded("CORRUPT", () => open(), 0);
  }));

test("a stream that does not begin at revision 0 is refused, also where no metadata say why", () =>
  withEventStoreLedger(async ({ open, stream, standIn }) => {
    const store = await open();
    await store.append([append(Array.from({ length: 5 }, (_, i) => entry("run-1", i)))]);
    standIn().streams.tamper(stream, (events) => events.slice(2));
    assert.match((await coded("CORRUPT", () => store.read(0, 10), 0)).message, /begins at revision 2/);
    await coded("CORRUPT", () => open(), 0);
  }));

test("an event that no ledger wrote is named by its position", () =>
  withEventStoreLedger(async ({ open, stream, client }) => {
    const store = await open();
    await store.append([append([entry("run-1", 0)])]);
    await client.appendToStream(stream, jsonEvent({ type: "Mine", data: { said: "by hand" } }));
    assert.match((await coded("CORRUPT", () => store.head(), 1)).message, /Mine/);
    await coded("CORRUPT", () => store.append([append([entry("run-1", 1)])]), 1);
    await coded("CORRUPT", () => store.read(0, 10), 1);
    await coded("CORRUPT", () => open(), 1);
  }));

test("bytes, metadata or places that were changed on the cluster are named by position", () =>
  withEventStoreLedger(async ({ open, stream, standIn }) => {
    const store = await open();
    await store.append([append(Array.from({ length: 4 }, (_, i) => entry("run-1", i)))]);
    const { streams } = standIn();
    const kept = streams.read(stream, 0, 10, false) as readonly { data: Uint8Array; metadata: Uint8Array }[];
    const other = (position: number, change: object) =>
      streams.tamper(stream, (events) => events.map((event, i) => (i === position ? { ...event, ...change } : event)));
    const data = Buffer.from((kept[2]?.data ?? []) as Uint8Array);
    data[data.length - 3] = 0x58;
    other(2, { data });
    await coded("CORRUPT", () => store.read(0, 10), 2);
    other(2, { data: kept[2]?.data });
    const metadata = Buffer.from(
      Buffer.from((kept[1]?.metadata ?? []) as Uint8Array)
        .toString()
        .replace("run-1", "run-7"),
    );
    other(1, { metadata });
    await coded("CORRUPT", () => store.read(0, 10), 1);
    other(1, { metadata: kept[1]?.metadata });
    assert.is((await streamsOf(store)).length, 4);
    streams.tamper(stream, ([a, b, c, d]) => [a, b, { ...(c as object), ...(d as object), revision: 2 }] as never);
    await coded("CORRUPT", () => store.read(0, 10), 2);
  }));

test("a server that is not there, and one that takes calls and never answers, are UNAVAILABLE in seconds", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const server = standIn();
    const store = await open({ answerMsMax: 500, resolveMsMax: 1_000 });
    await store.append([append([entry("run-1", 0)])]);
    server.faults.add({ on: "read", answer: "silence" }, 20);
    await coded("UNAVAILABLE", () => store.read(1, 10));
    await coded("UNAVAILABLE", () => open({ answerMsMax: 500 }));
    server.faults.clear();
    await server.stop();
    await coded("UNAVAILABLE", () => store.head());
    await coded("UNAVAILABLE", () => open({ answerMsMax: 500 }));
    const error = await coded("UNAVAILABLE", () => store.append([append([entry("run-1", 1)])]));
    assert.is(error.ambiguous, true);
    await server.start();
    assert.equal(await streamsOf(store), ["0 run-1 0"]);
    assert.equal(await store.append([append([entry("run-1", 1)])]), [{ kind: "committed", position: 1, count: 1 }]);
  }));

test("a cluster that is discovered by gossip", () =>
  withEventStoreLedger(async ({ open, standIn, stream }) => {
    const { port } = standIn();
    const store = await open({ url: `esdb://127.0.0.1:${port},127.0.0.1:${port}?tls=false&stream=${stream}` });
    assert.equal(await store.append([append([entry("run-1", 0)])]), [{ kind: "committed", position: 0, count: 1 }]);
  }));

test("a URL that means nothing is refused, and its password is not repeated", () =>
  withEventStoreLedger(async ({ open }) => {
    for (const url of [
      "esdb://",
      "esdb://host?stream=acme",
      "esdb://host?stream=iu-%zz",
      "esdb://host?tls=",
      "esdb://user:secret@host?colour=red",
      "esdb://user:secret@host?throwOnAppendFailure=false",
      "esdb://user:secret@host/path?tls=false",
    ]) {
      const error = await coded("UNAVAILABLE", () => open({ url }));
      assert.not.match(error.message, "secret");
      assert.match(error.next, "esdb://");
    }
  }));

test.run();
