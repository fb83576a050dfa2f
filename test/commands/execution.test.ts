/** The switch: off unless armed for this run, in time; and the cut, which looks at it again before every chunk. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { chunk, chunkEventsMax, chunkSizeMax } from "../../commands/run/cut.js";
import { runCategory } from "../../commands/run/State.js";
import { formatEvent } from "../../src/events/envelope.js";
import type { Accepted } from "../../src/ledger/Decision.js";
import { content, document, roomPolicy, run, run2, uuid } from "./cast.js";
import { approved, armed, plannedRun, until, untouched } from "./history.js";
import type { Situation } from "./scenario.js";

const test = suite("the execution switch and the cut");
const hours = (here: Situation, n: number) => new Date(Date.parse(here.now) + n * 3_600_000).toISOString();
const off = (here: Situation) => ({ run, now: here.now, unitsCut: 0, units: 6 });

test("armed per run, with reason and end, by a sovereign; the same again says nothing", () => {
  const here = until("approved");
  const data = { run, until: hours(here, 2), reason: "The cut is due." };
  here.when("ArmExecution", data, "sam").thenFacts({ stream: "execution-switch", type: "ExecutionArmed", data });
  here
    .after("ArmExecution", data, "sam")
    .when("ArmExecution", { ...data, reason: "Again." }, "sofia")
    .thenNothing();
  here.when("ArmExecution", { ...data, run: uuid(9) }, "sam").thenRefused("RUN_UNKNOWN", { run: uuid(9) });
});

test("nothing is armed for a run that has no cut before it any more", () => {
  const here = until("enacted");
  here
    .when("ArmExecution", { run, until: hours(here, 2), reason: "?" }, "sam")
    .thenRefused("NOTHING_TO_CUT", { run, phase: "enacted" });
});

test("an end in the past, at this instant, or further off than the policy allows is refused", () => {
  const here = until("approved");
  const arm = (n: number) =>
    here.when("ArmExecution", { run, until: hours(here, n), reason: "?" }, { by: "sam", at: here.now });
  arm(0).thenRefused("EXPIRY_PAST", { until: here.now, now: here.now });
  arm(-1).thenRefused("EXPIRY_PAST", { until: hours(here, -1), now: here.now });
  assert.is(arm(24).facts().length, 1);
  const far = new Date(Date.parse(hours(here, 24)) + 1).toISOString();
  here
    .when("ArmExecution", { run, until: far, reason: "?" }, { by: "sam", at: here.now })
    .thenRefused("EXPIRY_TOO_FAR", { until: far, now: here.now, hoursMax: 24 });
});

test("off by default, off for another run, off when it ends, off when disarmed: for the run or for all", () => {
  const here = until("approved");
  here.when("ExecuteCut", { run }, { by: "rex", at: here.now }).thenRefused("EXECUTION_DISARMED", off(here));
  // Another run's arming, from a story in which that run exists.
  const elsewhere = here
    .and({
      stream: `run-${run2}`,
      type: "RunOpened",
      data: { run: run2, document: uuid(77), revision: 0, content: "00".repeat(32), mode: "live" },
    })
    .after("ArmExecution", { run: run2, until: hours(here, 5), reason: "The other one." }, "sam");
  elsewhere
    .when("ExecuteCut", { run }, { by: "rex", at: elsewhere.now })
    .thenRefused("EXECUTION_DISARMED", off(elsewhere));

  const on = armed(here, run, 2);
  const end = hours(here, 2);
  assert.ok(
    on.when("ExecuteCut", { run }, { by: "rex", at: new Date(Date.parse(end) - 1).toISOString() }).facts().length > 0,
  );
  on.when("ExecuteCut", { run }, { by: "rex", at: end }).thenRefused("EXECUTION_DISARMED", { ...off(here), now: end });
  for (const target of [run, null]) {
    const data = { run: target, reason: "Smoke." };
    on.when("DisarmExecution", data, "otto").thenFacts({ stream: "execution-switch", type: "ExecutionDisarmed", data });
    const disarmed = on.after("DisarmExecution", data, "otto");
    disarmed
      .when("ExecuteCut", { run }, { by: "rex", at: disarmed.now })
      .thenRefused("EXECUTION_DISARMED", off(disarmed));
    disarmed.when("DisarmExecution", data, "bot").thenNothing();
  }
  on.when("DisarmExecution", { run: run2, reason: "Not that one." }, "otto").thenNothing();
});

test("what a sovereign armed is off once that sovereign is revoked, until another arms it", () => {
  const here0 = until("approved");
  const end = hours(here0, 2);
  const on = here0.after("ArmExecution", { run, until: end, reason: "Go." }, "sofia");
  assert.ok(on.when("ExecuteCut", { run }, { by: "rex", at: on.now }).facts().length > 0);
  const revoked = on.after("RevokePrincipal", { principal: "sofia", reason: "The key was stolen." }, "sam");
  revoked
    .when("ExecuteCut", { run }, { by: "rex", at: revoked.now })
    .thenRefused("EXECUTION_DISARMED", { ...off(here0), now: revoked.now });
  const again = revoked.after("ArmExecution", { run, until: end, reason: "Looked at again." }, "sam");
  assert.ok(again.when("ExecuteCut", { run }, { by: "rex", at: again.now }).facts().length > 0);
});

test("a shorter arming replaces a longer one", () => {
  const on = armed(until("approved"), run, 20);
  const soon = new Date(Date.parse(on.now) + 120_000).toISOString();
  const short = on.after("ArmExecution", { run, until: soon, reason: "Only now." }, "sam");
  short
    .when("ExecuteCut", { run }, { by: "rex", at: soon })
    .thenRefused("EXECUTION_DISARMED", { ...off(short), now: soon });
});

test("what the policy asks for and nobody recorded stops the cut", () => {
  const backup = approved(
    until("armed").after("AdoptPolicy", { policy: { ...roomPolicy, backupHoursMax: 6 } }, "sofia"),
    run,
    "SG_1",
  );
  backup.when("ExecuteCut", { run }, "rex").thenRefused("BACKUP_REQUIRED", { run, backupHoursMax: 6 });
  const audit = approved(
    until("armed").after("AdoptPolicy", { policy: { ...roomPolicy, grantAuditHoursMax: 6 } }, "sofia"),
    run,
    "SG_1",
  );
  audit.when("ExecuteCut", { run }, "rex").thenRefused("GRANT_AUDIT_REQUIRED", { run, grantAuditHoursMax: 6 });
});

test("the cut: it starts, one fact per unit in order, it ends; never a word of the text", () => {
  const here = until("armed");
  const facts = here.when("ExecuteCut", { run }, "mill").facts();
  const state = until("cut").state(runCategory, run);
  assert.equal(
    facts.map(({ type, stream }) => [type, stream]),
    [["CutStarted", `run-${run}`], ...state.units.map(() => ["UnitCut", `run-${run}`]), ["CutExecuted", `run-${run}`]],
  );
  const { gates, plan } = here.state(runCategory, run);
  const until_ = String(here.facts.findLast(({ type }) => type === "ExecutionArmed")?.data["until"]);
  assert.equal(facts[0]?.data, { run, gate: gates[0]?.gate, plan: plan?.plan, armedUntil: until_ });
  assert.equal(facts.at(-1)?.data, { run, units: 6, repeals: 0, open: 0, draftRoot: state.draftRoot });
  assert.equal(
    facts.slice(1, -1).map(({ data }) => [data["index"], data["address"], data["kind"], data["label"], data["parent"]]),
    [
      [0, "doc", "document", null, null],
      [1, "art_1", "article", "1", "doc"],
      [2, "art_2", "article", "2", "doc"],
      [3, "art_2__cl_1", "clause", "1", "art_2"],
      [4, "art_2__cl_2", "clause", "2", "art_2"],
      [5, "art_3", "article", "3", "doc"],
    ],
  );
});

/** A charter of many articles, up to the armed cut. */
function long(articles: number): Situation {
  const text = content(
    `Charter\n\n${Array.from({ length: articles }, (_, i) => `Article ${i + 1}. Title\nRule number ${i + 1} holds.\n`).join("\n")}`,
    21,
  );
  const here = until("open")
    .with(text)
    .after("RegisterDocument", { document, title: "Long", source: null, content: text.commitment }, "ed");
  return armed(
    approved(plannedRun(here, run, text).after("DryRun", { run, nonMutation: untouched }, "olga"), run, "SG_1"),
    run,
  );
}

/** The situation after one chunk. */
function afterChunk(here: Situation, by: "rex" | "mill" = "rex"): Situation {
  const outcome = here.when("ExecuteCut", { run }, by);
  return here.and(
    ...outcome.facts().map((fact) => ({ ...fact, time: new Date(Date.parse(here.now) + 1000).toISOString() })),
  );
}

const armedLong = long(1100);

test("a cut of 1,101 units comes in chunks of at most 500 events; a switch thrown between two stops the second; armed again it goes on", () => {
  const first = afterChunk(armedLong);
  const cut = first.state(runCategory, run).units.length;
  assert.ok(cut > 300 && cut < chunkEventsMax, `${cut} units and the start`);
  const disarmed = first.after("DisarmExecution", { run: null, reason: "Stop!" }, "otto");
  disarmed
    .when("ExecuteCut", { run }, { by: "rex", at: disarmed.now })
    .thenRefused("EXECUTION_DISARMED", { run, now: disarmed.now, unitsCut: cut, units: 1101 });
  const second = afterChunk(armed(disarmed, run));
  assert.ok(second.state(runCategory, run).units.length > 2 * cut - 10);
  const outcome = second.when("ExecuteCut", { run }, "rex");
  assert.is((outcome.decision as Accepted).more, false);
  const done = second.and(...outcome.facts());
  const state = done.state(runCategory, run);
  assert.equal([state.phase, state.units.length], ["cut", 1101]);
  assert.equal(
    state.units.map(({ index }) => index),
    Array.from({ length: 1101 }, (_, i) => i),
  );
  const recorded = done.after("RecordLegB", { run }, "wanda").after("RecordVerify", { run }, "vera");
  assert.is(recorded.state(runCategory, run).phase, "verified");
});

test("an approval that ends between two chunks stops the second; a new one goes on, and is used in turn", () => {
  const first = afterChunk(armedLong);
  // Asked for anew while it is good, it stays: nobody stops a cut by asking.
  first.when("RequestGate", { run, kind: "SG_1" }, "ed").thenNothing();
  const expires = first.state(runCategory, run).gates[0]?.ruling?.expires ?? "";
  first.when("ExecuteCut", { run }, { by: "rex", at: expires }).thenRefused("GATE_EXPIRED", { run, gate: "SG_1/1" });
  const asked = first.after("RequestGate", { run, kind: "SG_1" }, { by: "olga", at: expires });
  const again = armed(approved(asked, run, "SG_1"), run);
  const facts = again.when("ExecuteCut", { run }, "rex").facts();
  assert.equal(
    [facts[0]?.type, facts[0]?.data["gate"], facts[1]?.data["index"]],
    ["CutStarted", "SG_1/2", first.state(runCategory, run).units.length],
  );
});

test("a HOLD between two chunks stops the second", () => {
  const held = afterChunk(armedLong).after("HoldRun", { run, reason: "Wait." }, "rita");
  held.when("ExecuteCut", { run }, "rex").thenRefused("RUN_HELD", {
    run,
    check: "held by hand",
    expected: "the run goes on",
    actual: "stopped while cutting",
  });
});

test("law: no chunk has more events or bytes than it may, whatever the letters; all chunks together are all facts", () => {
  for (const [letter, count] of [
    ["a", 1300],
    ["đ", 1300],
    ["😀", 700],
  ] as const) {
    const facts = Array.from({ length: count }, (_, i) => ({
      stream: `run-${run}`,
      type: "UnitCut",
      data: { address: letter.repeat((i * 37) % 900), index: i },
    }));
    let rest = facts;
    let seen = 0;
    for (;;) {
      const { facts: part, more } = chunk([], rest, []) as Accepted;
      assert.ok(part.length > 0 && part.length <= chunkEventsMax);
      const bytes = part.reduce((sum, { data }) => sum + Buffer.byteLength(JSON.stringify(data)), 0);
      assert.ok(bytes <= chunkSizeMax, `${bytes} bytes of ${letter}`);
      seen += part.length;
      rest = rest.slice(part.length);
      if (!more) break;
    }
    assert.equal([seen, rest.length], [count, 0]);
  }
});

test("what a chunk is measured by is at least what its events are", () => {
  const first = afterChunk(armedLong);
  const bytes = first.events.slice(armedLong.events.length).reduce((sum, event) => sum + formatEvent(event).length, 0);
  assert.ok(bytes <= chunkSizeMax);
});

test.run();
