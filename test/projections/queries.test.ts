// What a reader gets to see of a told story: documents, runs, gates, compensation, readiness, people.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listDocuments, showDocument } from "../../projections/document/queries.js";
import { listSwitch } from "../../projections/execution_switch/queries.js";
import type { Found } from "../../projections/find.js";
import { listGates } from "../../projections/gate/queries.js";
import { listPolicies } from "../../projections/policy/queries.js";
import { listPrincipals } from "../../projections/principal/queries.js";
import { matrixOf } from "../../projections/readiness/matrix.js";
import { listReadiness } from "../../projections/readiness/queries.js";
import { listRefusals } from "../../projections/refusal/queries.js";
import { listRevertActions, listRevertPlans } from "../../projections/revert_plan/queries.js";
import { listRuns, showRun } from "../../projections/run_live_state/queries.js";
import { listUnits } from "../../projections/unit_version/queries.js";
import { listWriters } from "../../projections/writer/queries.js";
import { openSqlite } from "../../src/database/sqlite.js";
import { embeddedPolicy } from "../../src/events/fields.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { newestEvents, readEvents } from "../../src/projecting/readEvents.js";
import { readinessOf } from "../../src/projecting/readiness.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { id, scribe } from "../projecting/scribe.js";
import { ids, tellStory } from "../projecting/story.js";

const queries = suite("queries");

const store = memoryStore();
const s = scribe(store);
await tellStory(s);
const sql = await openSqlite(":memory:");
await catchUp(store, sql);
const now = s.now();
const { charter, bylaw, first, second, third, fourth } = ids;

function the<T>(found: Found<T>): T {
  if (found.kind !== "found") throw new Error(`found ${JSON.stringify(found)}`);
  return found.value;
}

queries("documents: newest revision, open run, what is in force; by id or its beginning", async () => {
  const documents = await listDocuments(sql);
  assert.equal(
    documents.map((one) => [one.document, one.title, one.revision, one.openRun, one.inForceRun]),
    [
      [charter, "Charter", 1, null, first],
      [bylaw, "Charter", 0, fourth, null],
    ],
  );
  const shown = the(await showDocument(sql, charter));
  assert.equal(
    shown.revisions.map((one) => [one.revision, one.length, one.addedBy]),
    [
      [0, new TextEncoder().encode("Điều 1. One 😀\nTwo\nThree").length, "bob"],
      [1, new TextEncoder().encode("Điều 1. One 😀\nTwo, amended").length, "bob"],
    ],
  );
  assert.equal(await showDocument(sql, "00000000-"), { kind: "ambiguous", ids: [charter, bylaw] });
  assert.equal(await showDocument(sql, "nothing"), { kind: "none" });
  assert.equal(await showDocument(sql, ""), { kind: "none" });
});

queries("runs: newest first, filtered, with everything a page about one needs", async () => {
  const runs = await listRuns(sql);
  assert.equal(
    runs.map((one) => [one.run, one.phase, one.units, one.open, one.inForce]),
    [
      [fourth, "rehearsed", 0, true, false],
      [third, "abandoned", 0, false, false],
      [second, "reverted", 3, false, false],
      [first, "enacted", 4, false, true],
    ],
  );
  assert.equal(
    (await listRuns(sql, { document: charter, held: false })).map((one) => one.run),
    [second, first],
  );
  assert.equal(
    (await listRuns(sql, { open: true, phase: "rehearsed" })).map((one) => one.run),
    [fourth],
  );
  const run = the(await showRun(sql, second));
  assert.is(run.hold, null);
  assert.equal(run.assessment, {
    verdict: "safe",
    reasons: [{ code: "SIZE", verdict: "safe", message: "It is small." }],
  });
  assert.is(run.plan?.base, first);
  assert.equal(run.plan?.blocking, [{ id: "f00d", rule: "L5", address: "art_1" }]);
  assert.equal(run.plan?.transition.classes, { insert: 2, amend: 1 });
  assert.equal(run.dryRun?.rules, [{ rule: "L1", assertions: 3, failures: 0 }]);
  assert.equal([run.repeals, run.openRows, run.reverted, run.restores], [1, 0, 3, first]);
  assert.equal(Object.keys(run.writerDigests), ["compensationB", "legB", "verify", "verifyCompensation"]);
  assert.ok(run.records.legB !== null && run.records.verify !== null && run.records.compensationB !== null);
  assert.equal(await showRun(sql, "00000000-0000-4000-8000-00000000001"), {
    kind: "ambiguous",
    ids: [first, second, third, fourth],
  });
});

queries("gates: what they bind to, their rulings, and how they stand at a moment", async () => {
  assert.equal(
    (await listGates(sql, now)).map((one) => [one.run, one.gate, one.status, one.ruling?.ruledBy ?? null]),
    [
      [fourth, "SG_1/2", "waiting", null],
      [second, "SG_C/1", "used", "bob"],
      [fourth, "SG_1/1", "expired", "bob"],
      [second, "SG_2/1", "used", "bob"],
      [second, "SG_1/1", "used", "bob"],
      [first, "SG_2/1", "used", "bob"],
      [first, "SG_1/1", "used", "bob"],
    ],
  );
  const [waiting, ...none] = await listGates(sql, now, { waiting: true });
  assert.equal(none, []);
  assert.equal(
    [waiting?.binds["document"], waiting?.binds["findings"], waiting?.responsible],
    [bylaw, ["f00d"], "ann"],
  );
  const [ruled] = (await listGates(sql, "2026-01-05T10:00:00.000Z", { run: fourth, kind: "SG_1" })).filter(
    (one) => one.ruling,
  );
  assert.is(ruled?.status, "approved");
});

queries("compensation: the plan, its actions from the last unit back, how far it got", async () => {
  const [plan, ...none] = await listRevertPlans(sql, second);
  assert.equal(none, []);
  assert.equal(
    [plan?.status, plan?.actions, plan?.reverted, plan?.restores, plan?.gate],
    ["verified", 3, 3, first, "SG_C/1"],
  );
  assert.equal(
    [plan?.before, plan?.after],
    [
      { enacted: 3, superseded: 0, reverted: 0 },
      { enacted: 0, superseded: 0, reverted: 3 },
    ],
  );
  const actions = await listRevertActions(sql, second, plan?.position ?? -1);
  assert.equal(
    actions.map((one) => [one.step, one.index, one.unit, one.address]),
    [
      [0, 2, id(0xa02), "art_2"],
      [1, 1, id(0xa01), "art_1"],
      [2, 0, id(0xa00), "doc"],
    ],
  );
  assert.ok(actions.every((one) => one.done !== null));
});

queries("readiness: the table says what the decisions would, and the same at any later moment", async () => {
  const matrix = await readinessOf(store, fourth, now);
  assert.equal(matrix, { ...matrixOf(fourth, s.world()) });
  assert.is(matrix?.step, "ExecuteCut");
  const open = matrix?.blockers
    .filter((one) => one.status !== "CLOSED")
    .map((one) => [one.name, one.status, one.code, one.closedBy]);
  assert.equal(open, [
    ["SG_1 approved", "PARTIAL", "GATE_NOT_RULED", "GateRuled"],
    ["execution armed", "OPEN", "EXECUTION_DISARMED", "ExecutionArmed"],
  ]);
  const rows = await listReadiness(sql, now, fourth);
  assert.equal(
    rows.map(({ name, status, code, next }) => ({ name, status, code, next })),
    matrix?.blockers.map(({ name, status, code, next }) => ({ name, status, code, next })),
  );
  assert.equal([...new Set((await listReadiness(sql, now)).map((one) => one.run))], [fourth]);
  assert.is(await readinessOf(store, id(0x999), now), null);
});

queries("readiness: what was approved and armed holds until it lapses", async () => {
  const earlier = await openSqlite(":memory:");
  try {
    const events = await readEvents(store, { stream: "execution-switch" });
    const armedAt = events.find((one) => one.data["run"] === fourth)?.position ?? -1;
    await catchUp(store, earlier, { until: armedAt + 1 });
    const at = (time: string) => listReadiness(earlier, time, fourth);
    const rows = await at("2026-01-05T10:30:00.000Z");
    assert.ok(rows.every((one) => one.status === "CLOSED"));
    const lapses = rows.filter((one) => one.holdsUntil !== null).map((one) => one.name);
    assert.equal(lapses, ["SG_1 approved", "execution armed"]);
    const later = (await at("2026-01-06T00:00:00.000Z")).filter((one) => one.status !== "CLOSED");
    assert.equal(
      later.map((one) => [one.name, one.status, one.code]),
      [["execution armed", "OPEN", "LAPSED"]],
    );
  } finally {
    await earlier.close();
  }
});

queries("people, writers, policies, the switch, refusals", async () => {
  const principals = await listPrincipals(sql);
  assert.equal(
    principals.map((one) => [one.principal, one.kind, one.roles.join("+"), one.revoked, one.keys.length]),
    [
      ["ann", "human", "sovereign+admin", false, 1],
      ["bob", "human", "sovereign+editor", false, 2],
      ["cleo", "human", "reviewer+verifier", true, 1],
      ["agent", "agent", "orchestrator+executor+writer", false, 1],
    ],
  );
  assert.equal(
    principals[1]?.keys.map((key) => key.untilAt === null),
    [false, true],
  );
  assert.is(principals[2]?.keys[0]?.untilAt, principals[2]?.revokedAt);
  const writers = await listWriters(sql);
  assert.equal(
    writers.map((one) => [one.name, one.inForce]),
    [
      ["compensationB", true],
      ["legB", false],
      ["verify", true],
      ["verifyCompensation", true],
    ],
  );
  assert.equal(
    (await listPolicies(sql)).map((one) => one.policy.gateHours),
    [1, embeddedPolicy.gateHours],
  );
  assert.equal(
    (await listSwitch(sql, now)).map((one) => [one.run, one.status, one.disarmedReason]),
    [
      [second, "disarmed", "Everything off."],
      [fourth, "disarmed", "Everything off."],
      [first, "disarmed", "Done."],
    ],
  );
  const refusals = await listRefusals(sql, { code: "HUMAN_REQUIRED", actor: "agent" });
  assert.equal(
    refusals.map((one) => [one.type, one.numbers]),
    [["RuleGate", { actor: "agent", tries: 1, given: null, sure: true }]],
  );
  assert.equal(await listRefusals(sql, { type: "OpenRun" }), []);
});

queries("events: from a position, filtered, the newest few", async () => {
  const all = await readEvents(store);
  assert.is(all.length, s.size);
  assert.equal(
    all.map((one) => one.position),
    all.map((_, i) => i),
  );
  assert.equal(Object.keys(all[0] ?? {}).sort(), [
    "actor",
    "cause",
    "command",
    "data",
    "id",
    "position",
    "prev",
    "revision",
    "schema",
    "stream",
    "time",
    "type",
  ]);
  assert.equal(
    (await readEvents(store, { types: ["GateRuled"], actor: "bob" })).length,
    all.filter((one) => one.type === "GateRuled").length,
  );
  const ofRun = await readEvents(store, { stream: `run-${first}` }, { from: 10, limit: 3 });
  assert.equal(ofRun, all.filter((one) => one.stream === `run-${first}` && one.position >= 10).slice(0, 3));
  assert.equal(
    await newestEvents(store, 2, { stream: "principal" }),
    all.filter((one) => one.stream.startsWith("principal-")).slice(-2),
  );
});

queries("no query gives undefined, a boolean as a number, or a column's name", async () => {
  const rows = [
    ...(await listDocuments(sql)),
    ...(await listRuns(sql)),
    the(await showRun(sql, fourth)),
    ...(await listUnits(sql)),
    ...(await listGates(sql, now)),
    ...(await listRevertPlans(sql, second)),
    ...(await listReadiness(sql, now)),
    ...(await listPrincipals(sql)),
    ...(await listWriters(sql)),
    ...(await listSwitch(sql, now)),
    ...(await listRefusals(sql)),
  ];
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      assert.match(name, /^[a-z][A-Za-z]*$/);
      assert.is.not(value, undefined, name);
    }
  }
});

queries.run();
