// Following the cluster: every event once and in order, whatever the subscription does.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Store, StoreError } from "../../../src/ledger/Store.js";
import { caught } from "../opened.js";
import { append, entry } from "../samples.js";
import { withEventStoreLedger } from "./withEventStoreLedger.js";

const test = suite("eventstoredb, following");

/** Follows until `count` events have come; their positions. */
async function followed(store: Store, from: number, count: number): Promise<number[]> {
  const stop = new AbortController();
  const seen: number[] = [];
  for await (const { position } of store.follow(from, stop.signal)) {
    seen.push(position);
    if (seen.length === count) stop.abort();
  }
  return seen;
}

const upTo = (count: number, from = 0) => Array.from({ length: count }, (_, i) => from + i);

async function filled(store: Store, count: number, from = 0): Promise<void> {
  for (let i = from; i < from + count; i++) await store.append([append([entry("run-1", i)])]);
}

test("events that come twice, or again after later ones, are handed out once", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const store = await open();
    await filled(store, 6);
    standIn().faults.add({ on: "subscribe", copies: 3 });
    assert.equal(await followed(store, 0, 6), upTo(6));
    assert.is(standIn().calls.subscribe, 1);
  }));

test("a subscription that is dropped again and again is taken up where it was, whatever it was dropped with", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const store = await open();
    await filled(store, 9);
    for (const answer of ["unavailable", "cancelled", "unknown", undefined] as const)
      standIn().faults.add({ on: "subscribe", dropAfter: 2, ...(answer === undefined ? {} : { answer }) });
    assert.equal(await followed(store, 0, 9), upTo(9));
    assert.is(standIn().calls.subscribe, 5);
  }));

test("a subscription that is never confirmed is given up, and asked for anew", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const store = await open({ answerMsMax: 300 });
    await filled(store, 2);
    standIn().faults.add({ on: "subscribe", answer: "silence" }, 2);
    assert.equal(await followed(store, 0, 2), upTo(2));
  }));

test("an event that was left out is fetched in its turn; a place that stays empty is corrupt", () =>
  withEventStoreLedger(async ({ open, standIn, stream }) => {
    const store = await open();
    await filled(store, 5);
    standIn().faults.add({ on: "subscribe", leaveOut: 2 });
    assert.equal(await followed(store, 0, 5), upTo(5));
    standIn().streams.tamper(stream, (events) => events.filter(({ revision }) => revision !== 3));
    const error = await caught(() => followed(store, 0, 5));
    assert.instance(error, StoreError);
    assert.is((error as StoreError).code, "CORRUPT");
    assert.is((error as StoreError).position, 3);
  }));

test("a server that goes away and comes back: nothing is missed, nothing comes twice", () =>
  withEventStoreLedger(async ({ open, standIn }) => {
    const store = await open();
    await filled(store, 3);
    const following = followed(store, 1, 5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await standIn().stop();
    await standIn().start();
    await filled(await open(), 3, 3);
    assert.equal(await following, upTo(5, 1));
  }));

test("following ends when the stream is deleted for ever", () =>
  withEventStoreLedger(async ({ open, client, stream }) => {
    const store = await open();
    await filled(store, 1);
    const following = caught(() => followed(store, 0, 2));
    await new Promise((resolve) => setTimeout(resolve, 100));
    await client.tombstoneStream(stream);
    const error = (await following) as StoreError;
    assert.is(error.code, "CORRUPT");
  }));

test("two who follow at once hear the same, and one that leaves does not end the other", () =>
  withEventStoreLedger(async ({ open }) => {
    const store = await open();
    const [short, long] = [followed(store, 0, 1), followed(store, 0, 3)];
    await filled(store, 3);
    assert.equal(await short, [0]);
    assert.equal(await long, upTo(3));
  }));

test.run();
