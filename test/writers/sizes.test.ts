/** However many units: the same path, through the engine. Stopped between chunks by the switch, or by a death; and gone on with. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommand } from "../../commands/Command.js";
import { decide } from "../../commands/decide.js";
import { runCategory } from "../../commands/run/State.js";
import { parseEvent } from "../../src/events/envelope.js";
import { createLedger } from "../../src/ledger/createLedger.js";
import { type Store, StoreError } from "../../src/ledger/Store.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { type GovernedLedger, governedLedger, governedRun } from "../support/governedRun.js";

const test = suite("writers and runs of any size");

/** A statute of so many units, the root among them. */
function statute(units: number): Uint8Array {
  const articles = Array.from(
    { length: units - 1 },
    (_, i) => `Article ${i + 1}. Title\nRule number ${i + 1} holds.\n`,
  );
  return Buffer.from(["Charter", ...articles].join("\n\n"));
}

async function countOf(store: Store, type: string): Promise<number> {
  const { size } = await store.head();
  let count = 0;
  for (let from = 0; from < size; from += 1000)
    for (const { bytes } of await store.read(from, 1000)) if (parseEvent(bytes).type === type) count++;
  return count;
}

/** Records of a run by event type, in order. */
async function recordsOf(governed: GovernedLedger, run: string): Promise<Map<string, Record<string, unknown>>> {
  const events = await governed.store.readStream(`run-${run}`, 0);
  const records = events.map(({ bytes }) => parseEvent(bytes)).filter(({ data }) => "recordDigest" in data);
  return new Map(records.map(({ type, data }) => [type, data]));
}

for (const units of [1, 60, 61, 501]) {
  test(`${units} units: cut, recorded, verified, enacted, and all taken back`, async () => {
    const governed = await governedRun({ bytes: statute(units), until: "reverted" });
    const state = await governed.state(governed.runId);
    assert.equal([state.phase, state.units.length, state.compensation?.reverted], ["reverted", units, units]);
    const records = await recordsOf(governed, governed.runId);
    assert.equal(
      [...records].map(([type, { record }]) => [type, (record as { units: number }).units]),
      ["LegBRecorded", "VerifyRecorded", "CompensationBRecorded", "CompensationVerified"].map((type) => [type, units]),
    );
    await governed.ledger.close();
  });
}

test("10,000 units: at least twenty chunks each way, every unit once, and every record counts them", async () => {
  const store = memoryStore();
  let chunks = 0;
  const counting: Store = {
    ...store,
    append(appends) {
      chunks += appends.filter(({ entries }) => entries.length > 100).length;
      return store.append(appends);
    },
  };
  const governed = await governedRun({ store: counting, bytes: statute(10_000), until: "reverted" });
  assert.ok(chunks >= 40, `${chunks} chunks`);
  assert.equal([await countOf(store, "UnitCut"), await countOf(store, "UnitReverted")], [10_000, 10_000]);
  const records = await recordsOf(governed, governed.runId);
  assert.is(records.size, 4);
  for (const { record } of records.values()) assert.is((record as { units: number }).units, 10_000);
  await governed.ledger.close();
});

/** A store that calls `between` after each append of a chunk; whoever throws there dies with the engine. */
function watched(store: Store, between: (chunk: number) => Promise<void>): Store {
  let chunk = 0;
  return {
    ...store,
    async append(appends) {
      const outcomes = await store.append(appends);
      if (appends.some(({ entries }) => entries.length > 100)) await between(++chunk);
      return outcomes;
    },
  };
}

/** Another process on the same ledger. */
const anotherEngine = (store: Store, clock: () => string) =>
  createLedger({ store, decide, parseCommand, clock, pause: async () => undefined });

/** A run of 2,000 units, ready to be cut; and what to call between two chunks, once it is known. */
async function readyToCut(): Promise<{
  governed: GovernedLedger;
  store: Store;
  run: string;
  between: { call: (chunk: number) => Promise<void> };
}> {
  const store = memoryStore();
  const between = { call: async (_: number) => undefined as undefined };
  const governed = await governedLedger({ store: watched(store, (chunk) => between.call(chunk)) });
  const { run } = await governed.run({ bytes: statute(2000), until: "rehearsed" });
  await governed.done("RequestGate", { run, kind: "SG_1" }, "otto");
  const { gates } = await governed.state(run);
  const { gate, subject } = gates[0]!;
  await governed.done("RuleGate", { run, gate, outcome: "approved", subject, acknowledge: [], reason: "read" }, "bela");
  await arm(governed, run);
  return { governed, store, run, between };
}

async function arm(governed: GovernedLedger, run: string): Promise<void> {
  const until = new Date(Date.parse(governed.now()) + 3_600_000).toISOString();
  await governed.done("ArmExecution", { run, until, reason: "the cut of today" }, "ada");
}

test("disarmed by another process between two chunks: the next chunk is refused, and recorded; armed again, the rest is cut", async () => {
  const { governed, store, run, between } = await readyToCut();
  const other = anotherEngine(store, governed.now);
  between.call = async (chunk) => {
    if (chunk === 2) await other.submit(governed.sign("DisarmExecution", { run: null, reason: "Smoke." }, "rhea"));
  };
  const stopped = await governed.submit("ExecuteCut", { run }, "otto");
  assert.equal([stopped.kind, stopped.kind === "refused" ? stopped.code : ""], ["refused", "EXECUTION_DISARMED"]);
  assert.is(await countOf(store, "CommandRefused"), 1);
  const half = await governed.state(run);
  assert.is(half.phase, "cutting");
  assert.ok(half.units.length > 0 && half.units.length < 1000);
  const again = await governed.submit("ExecuteCut", { run }, "otto");
  assert.equal([again.kind, again.kind === "refused" ? again.code : ""], ["refused", "EXECUTION_DISARMED"]);
  await arm(governed, run);
  await governed.done("ExecuteCut", { run }, "otto");
  const { phase, units } = await governed.state(run);
  assert.equal([phase, units.length, await countOf(store, "UnitCut")], ["cut", 2000, 2000]);
  await governed.advance(run, "verified");
});

test("dead between two chunks: a new engine on the same store is asked the same again, and the same run comes of it", async () => {
  const { governed, store, run, between } = await readyToCut();
  const envelope = governed.sign("ExecuteCut", { run }, "otto");
  let dead = false;
  between.call = async (chunk) => {
    if (chunk === 2 && !dead) {
      dead = true;
      throw new StoreError("UNAVAILABLE", "the process is gone", { next: "Start it again." });
    }
  };
  let thrown: unknown;
  await governed.ledger.submit(envelope).catch((error: unknown) => {
    thrown = error;
  });
  assert.ok(thrown instanceof StoreError);
  const fresh = anotherEngine(store, governed.now);
  assert.is((await fresh.state(runCategory, run)).phase, "cutting");
  const result = await fresh.submit(envelope);
  assert.is(result.kind, "committed");
  if (result.kind === "committed")
    assert.is(result.events.filter(({ event }) => event.type === "UnitCut").length, 2000);
  const { phase, units, draftRoot, dryRun } = await fresh.state(runCategory, run);
  assert.equal([phase, units.length, draftRoot], ["cut", 2000, dryRun?.draftRoot]);
  assert.equal(
    [await countOf(store, "UnitCut"), await countOf(store, "CutStarted"), await countOf(store, "CutExecuted")],
    [2000, 1, 1],
  );
  assert.is((await fresh.submit(envelope)).kind, "duplicate");
  const whole = await governedRun({ bytes: statute(2000), until: "cut" });
  assert.is((await whole.state(whole.runId)).draftRoot, draftRoot, "as if nothing had happened");
});

test.run();
