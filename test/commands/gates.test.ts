/** The gates: bound to exactly what they name, good once, for so long, ruled by another human; each of these taken away in turn. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openGate } from "../../commands/run/gates.js";
import { newestGate, runCategory } from "../../commands/run/State.js";
import { digestOf } from "../../src/events/canonical.js";
import { holds } from "../support/property.js";
import { charter, charter2, charter3, document, oddCharter, roomPolicy, run, run2 } from "./cast.js";
import { approved, armed, enactedRun, planned, plannedRun, until, untouched, verifiedRun } from "./history.js";
import type { Situation } from "./scenario.js";

const test = suite("gates");
const stream = `run-${run}`;

function gateOf(here: Situation, kind: "SG_1" | "SG_2" | "SG_C", id = run) {
  const gate = newestGate(here.state(runCategory, id), kind);
  if (gate === undefined) throw new Error(`no gate ${kind}`);
  return gate;
}

/** A ruling on the newest gate of a kind. */
function ruling(here: Situation, kind: "SG_1" | "SG_2" | "SG_C" = "SG_1", id = run) {
  const { gate, subject } = gateOf(here, kind, id);
  return {
    run: id,
    gate,
    outcome: "approved" as const,
    subject,
    acknowledge: [] as string[],
    reason: "Read and agreed.",
  };
}

test("SG_1 binds plan, content, cutter, grammar, profile, policy, findings, base, transition, draft root and the way back", () => {
  const rehearsed = until("rehearsed");
  const { plan, dryRun, content } = rehearsed.state(runCategory, run);
  const binds = {
    run,
    document,
    revision: 0,
    content,
    plan: plan?.plan,
    cutter: "iu-cutter/1",
    grammar: "statute",
    profile: "en",
    policy: digestOf(roomPolicy),
    findings: [],
    base: null,
    transition: plan?.transition.digest,
    draftRoot: dryRun?.draftRoot,
    compensationPlan: dryRun?.compensationPlan,
  };
  const data = {
    run,
    gate: "SG_1/1",
    kind: "SG_1",
    binds,
    subject: digestOf(binds),
    requestedBy: "bot",
    responsible: "olga",
  };
  rehearsed.when("RequestGate", { run, kind: "SG_1" }, "bot").thenFacts({ stream, type: "GateRequested", data });
});

test("SG_2 binds draft root, transition, leg B and Verify; SG_C the draft root, the plan and what it restores", () => {
  const reviewed = until("reviewed");
  const { draftRoot, legB, verify, units } = reviewed.state(runCategory, run);
  const transition = digestOf({ units: units.map((unit) => [unit.address, unit.unit, "insert", []]), repeals: [] });
  const [fact] = reviewed.when("RequestGate", { run, kind: "SG_2" }, "olga").facts();
  assert.equal(fact?.data["binds"], {
    run,
    draftRoot,
    transition,
    legB: legB?.recordDigest,
    verify: verify?.recordDigest,
  });
  const [third] = until("compensation planned").when("RequestGate", { run, kind: "SG_C" }, "ed").facts();
  const { compensation } = until("compensation planned").state(runCategory, run);
  assert.equal(third?.data["binds"], { run, draftRoot, compensationPlan: compensation?.plan, restores: null });
});

test("a request that waits, or is approved and good, is not made again; a rejected one may be", () => {
  until("requested").when("RequestGate", { run, kind: "SG_1" }, "ed").thenNothing();
  until("approved").when("RequestGate", { run, kind: "SG_1" }, "ed").thenNothing();
  const rejected = until("requested").after("RuleGate", { ...ruling(until("requested")), outcome: "rejected" }, "sam");
  const [again] = rejected.when("RequestGate", { run, kind: "SG_1" }, "ed").facts();
  assert.is(again?.data["gate"], "SG_1/2");
});

test("there is nothing to approve for a compensation nobody planned", () => {
  until("enacted")
    .when("RequestGate", { run, kind: "SG_C" }, "olga")
    .thenRefused("NOTHING_TO_APPROVE", { run, gate: "SG_C" });
});

test("a ruling names its gate and subject, is good for as long as the policy says, and stands", () => {
  const here = until("requested");
  const data = ruling(here);
  const at = new Date(Date.parse(here.now) + 60_000).toISOString();
  const expires = new Date(Date.parse(at) + 24 * 3_600_000).toISOString();
  here.when("RuleGate", data, { by: "sam", at }).thenFacts({
    stream,
    type: "GateRuled",
    data: {
      run,
      gate: "SG_1/1",
      kind: "SG_1",
      outcome: "approved",
      subject: data.subject,
      acknowledged: [],
      reason: data.reason,
      expires,
      ruledBy: "sam",
    },
  });
  const ruled = until("approved");
  ruled.when("RuleGate", data, "sam").thenNothing();
  const standing = { run, gate: "SG_1/1", outcome: "approved" };
  ruled.when("RuleGate", data, "sofia").thenRefused("GATE_RULED", standing);
  ruled.when("RuleGate", { ...data, outcome: "rejected" }, "sam").thenRefused("GATE_RULED", standing);
  const end = "9999-12-31T00:00:00.000Z";
  const beyond = { run, gate: "SG_1/1", now: end, gateHours: 24 };
  here.when("RuleGate", data, { by: "sam", at: end }).thenRefused("EXPIRY_OUT_OF_RANGE", beyond);
  here.when("RuleGate", { ...data, gate: "SG_1/2" }, "sam").thenRefused("GATE_UNKNOWN", { run, gate: "SG_1/2" });
  here.when("RuleGate", { ...data, gate: "SG_2/1" }, "sam").thenRefused("GATE_UNKNOWN", { run, gate: "SG_2/1" });
});

test("a ruling on anything but the subject that was requested is none", () => {
  const here = until("requested");
  const data = ruling(here);
  for (const outcome of ["approved", "rejected"] as const)
    here
      .when("RuleGate", { ...data, outcome, subject: "00".repeat(32) }, "sam")
      .thenRefused("SUBJECT_MISMATCH", { run, gate: "SG_1/1", ruled: "00".repeat(32), requested: data.subject });
});

test("nobody rules on their own request, nor on one of an agent they answer for; agents and services never rule", () => {
  const rehearsed = until("rehearsed");
  const asked = rehearsed.after("RequestGate", { run, kind: "SG_1" }, "samson");
  const numbers = { run, gate: "SG_1/1", requestedBy: "samson", responsible: "sam" };
  for (const outcome of ["approved", "rejected"] as const)
    asked.when("RuleGate", { ...ruling(asked), outcome }, "sam").thenRefused("OWN_REQUEST", numbers);
  assert.is(asked.when("RuleGate", ruling(asked), "sofia").facts().length, 1);
  // Asked first by another: then it is not his own request, although his agent asked too.
  const other = until("requested").after("RequestGate", { run, kind: "SG_1" }, "samson");
  assert.is(other.when("RuleGate", ruling(other), "sam").facts().length, 1);
  // Somebody who is sovereign and orchestrator in one person.
  const { facts } = until("requested");
  const own = until("requested").retold(
    facts.map((fact) =>
      fact.type === "GateRequested"
        ? { ...fact, data: { ...fact.data, requestedBy: "sam", responsible: "sam" } }
        : fact,
    ),
  );
  own
    .when("RuleGate", ruling(own), "sam")
    .thenRefused("OWN_REQUEST", { run, gate: "SG_1/1", requestedBy: "sam", responsible: "sam" });
  for (const [by, kind] of [
    ["bot", "agent"],
    ["mill", "service"],
  ] as const)
    asked.when("RuleGate", ruling(asked), by).thenRefused("HUMAN_REQUIRED", { actor: by, kind, type: "RuleGate" });
});

/** Two blocking findings, and a gate that waits. */
function oddRequested(): Situation {
  const { plan, planContent, stored } = planned(oddCharter);
  return until("open")
    .with(oddCharter, stored)
    .after("RegisterDocument", { document, title: "Cellar", source: null, content: oddCharter.commitment }, "ed")
    .after("OpenRun", { run, document, mode: "live" }, "olga")
    .after("AssessTarget", { run }, "olga")
    .after("PlanCut", { run, plan, planContent }, "olga")
    .after("DryRun", { run, nonMutation: untouched }, "olga")
    .after("RequestGate", { run, kind: "SG_1" }, "olga");
}

test("an approval acknowledges every blocking finding by its id, and records no others; a rejection need not", () => {
  const here = oddRequested();
  const ids = gateOf(here, "SG_1").binds["findings"] as string[];
  assert.is(ids.length, 2);
  const [first = "", second = ""] = ids;
  const data = ruling(here);
  here.when("RuleGate", data, "sam").thenRefused("FINDINGS_OPEN", { run, gate: "SG_1/1", missing: 2, first });
  here
    .when("RuleGate", { ...data, acknowledge: [first, "something else"] }, "sam")
    .thenRefused("FINDINGS_OPEN", { run, gate: "SG_1/1", missing: 1, first: second });
  const [fact] = here.when("RuleGate", { ...data, acknowledge: [second, first, second, "made up"] }, "sam").facts();
  assert.equal(fact?.data["acknowledged"], ids);
  assert.is(here.when("RuleGate", { ...data, outcome: "rejected" }, "sam").facts().length, 1);
});

const openings = [
  { kind: "SG_1", chapter: "approved", step: "ExecuteCut" },
  { kind: "SG_2", chapter: "approved 2", step: "EnactRun" },
  { kind: "SG_C", chapter: "approved C", step: "Compensate" },
] as const;

/** The step a gate opens, tried by who may. */
function tryStep(here: Situation, step: "ExecuteCut" | "EnactRun" | "Compensate", at: string) {
  return here.when(step, { run }, { by: step === "EnactRun" ? "sam" : "rex", at });
}

for (const { kind, chapter, step } of openings) {
  test(`${kind} opens ${step} to the last millisecond before it expires, and not at the instant itself`, () => {
    const here = kind === "SG_1" ? armed(until(chapter), run, 24) : until(chapter);
    const expires = gateOf(here, kind).ruling?.expires ?? "";
    const before = new Date(Date.parse(expires) - 1).toISOString();
    assert.ok(tryStep(here, step, before).facts().length > 0);
    tryStep(here, step, expires).thenRefused("GATE_EXPIRED", { run, gate: `${kind}/1` });
    tryStep(here, step, new Date(Date.parse(expires) + 86_400_000).toISOString()).thenRefused("GATE_EXPIRED", {
      run,
      gate: `${kind}/1`,
    });
    const [again] = here.when("RequestGate", { run, kind }, { by: "olga", at: expires }).facts();
    assert.is(again?.data["gate"], `${kind}/2`);
  });

  test(`${step} is refused without ${kind}, unruled, rejected`, () => {
    const story = until(chapter);
    const requested = story.facts.findIndex((fact) => fact.type === "GateRequested" && fact.data["kind"] === kind);
    const bare = story.retold(story.facts.slice(0, requested));
    tryStep(bare, step, story.now).thenRefused("GATE_REQUIRED", { run, gate: kind });
    const asked = bare.after("RequestGate", { run, kind }, "olga");
    tryStep(asked, step, story.now).thenRefused("GATE_NOT_RULED", { run, gate: `${kind}/1` });
    const rejected = asked.after("RuleGate", { ...ruling(asked, kind), outcome: "rejected" }, "sam");
    tryStep(rejected, step, rejected.now).thenRefused("GATE_REJECTED", { run, gate: `${kind}/1` });
  });
}

test("an approval is good once: the cut it opened does not open another", () => {
  // A cut whose units were taken away again from the story: as if it could be started anew under the same gate.
  const cut = until("cut");
  const facts = cut.facts.filter((fact) => !["UnitCut", "CutExecuted", "CutStarted"].includes(fact.type));
  const used = cut.retold([...facts, ...cut.facts.filter(({ type }) => type === "CutStarted")]);
  const state = { ...used.state(runCategory, run), phase: "rehearsed" as const };
  const outcome = openGate("SG_1", state, used.world(used.now));
  assert.equal([outcome.ok, outcome.ok ? null : outcome.refused.code], [false, "GATE_USED"]);
  assert.ok(openGate("SG_1", state, used.world(used.now), true).ok, "it goes on with the step that was begun under it");
});

/** What an approval was for, changed behind it; the keys that the refusal must name. */
const changes: [string, (here: Situation) => Situation, string][] = [
  [
    "another policy",
    (here) => here.after("AdoptPolicy", { policy: { ...roomPolicy, gateHours: 48 } }, "sofia"),
    "policy",
  ],
  [
    "another plan of the same text",
    (here) => {
      const { plan, planContent, stored } = planned(charter, { grammar: "statute", profile: "numbered" });
      return here
        .with(stored)
        .after("PlanCut", { run, plan, planContent }, "olga")
        .after("DryRun", { run, nonMutation: untouched }, "olga");
    },
    "compensationPlan,draftRoot,plan,profile,transition",
  ],
];
for (const [what, change, changed] of changes) {
  test(`${what}: the approval is stale, for the cut and for a ruling, and names what changed`, () => {
    const stale = ["GATE_STALE", { run, gate: "SG_1/1", changed }] as const;
    const after = change(armed(until("approved"), run));
    const outcome = after.when("ExecuteCut", { run }, "rex");
    const numbers = outcome.decision.kind === "refused" ? outcome.decision.numbers : {};
    outcome.thenRefused("GATE_STALE", { run, gate: "SG_1/1", changed: numbers["changed"] });
    assert.equal(String(numbers["changed"]).split(",").sort(), changed.split(","));
    const asked = change(until("requested"));
    asked.when("RuleGate", ruling(asked), "sam").thenRefused(stale[0], { ...stale[1], changed: numbers["changed"] });
    // Rejecting what is stale is allowed: it opens nothing.
    assert.is(asked.when("RuleGate", { ...ruling(asked), outcome: "rejected" }, "sam").facts().length, 1);
    const renewed = approved(after, run, "SG_1");
    assert.ok(renewed.when("ExecuteCut", { run }, "rex").facts().length > 0, "approved anew, it opens");
  });
}

test("planned anew and not yet tried: there is nothing the approval was for", () => {
  const { plan, planContent, stored } = planned(charter, { grammar: "statute", profile: "numbered" });
  const here = until("requested").with(stored).after("PlanCut", { run, plan, planContent }, "olga");
  here.when("RuleGate", ruling(here), "sam").thenRefused("GATE_STALE", { run, gate: "SG_1/1", changed: "everything" });
});

test("the document cannot be revised under an open run; what is in force can be taken back: the plan is stale", () => {
  until("approved")
    .when("ReviseDocument", { document, content: charter2.commitment }, "ed")
    .thenRefused("RUN_OPEN", { document, run });
  const revised = until("enacted")
    .with(charter3)
    .after("ReviseDocument", { document, content: charter3.commitment }, "ed");
  const second = approved(
    plannedRun(revised, run2, charter3).after("DryRun", { run: run2, nonMutation: untouched }, "olga"),
    run2,
    "SG_1",
  );
  const reverted = approved(
    armed(second, run2).after("PlanCompensation", { run, reason: "Wrong." }, "ada"),
    run,
    "SG_C",
  ).after("Compensate", { run }, "rex");
  const numbers = { run: run2, revision: 1, newest: 1, base: run, inForce: null };
  reverted.when("ExecuteCut", { run: run2 }, "rex").thenRefused("PLAN_STALE", numbers);
});

test("a version is enacted only on the one its transition starts from", () => {
  const revised = until("enacted")
    .with(charter3)
    .after("ReviseDocument", { document, content: charter3.commitment }, "ed");
  const verified = verifiedRun(plannedRun(revised, run2, charter3), run2);
  const reviewed = approved(verified.after("ReviewRun", { run: run2, note: "Good." }, "rita"), run2, "SG_2");
  const taken = approved(reviewed.after("PlanCompensation", { run, reason: "Wrong." }, "ada"), run, "SG_C").after(
    "Compensate",
    { run },
    "rex",
  );
  taken.when("EnactRun", { run: run2 }, "sam").thenRefused("BASE_CHANGED", { run: run2, base: run, inForce: null });
  assert.is(enactedRun(verified, run2).when("EnactRun", { run: run2 }, "sam").decision.kind, "refused");
});

test("Verify anew after SG_2 was approved: the approval was for the other record", () => {
  const { facts } = until("approved 2");
  const other = facts.map((fact) =>
    fact.type === "VerifyRecorded" ? { ...fact, data: { ...fact.data, recordDigest: "99".repeat(32) } } : fact,
  );
  until("approved 2")
    .retold(other)
    .when("EnactRun", { run }, "sam")
    .thenRefused("GATE_STALE", { run, gate: "SG_2/1", changed: "verify" });
  const leg = facts.map((fact) =>
    fact.type === "LegBRecorded" ? { ...fact, data: { ...fact.data, recordDigest: "99".repeat(32) } } : fact,
  );
  until("approved 2")
    .retold(leg)
    .when("EnactRun", { run }, "sam")
    .thenRefused("GATE_STALE", { run, gate: "SG_2/1", changed: "legB" });
});

test("law: whatever a gate binds, another value of it is another subject", () => {
  const { binds, subject } = gateOf(until("requested"), "SG_1");
  assert.is(digestOf(binds), subject);
  holds(
    fc.property(fc.constantFrom(...Object.keys(binds)), fc.string({ minLength: 1 }), (key, value) => {
      if (binds[key] !== value) assert.is.not(digestOf({ ...binds, [key]: value }), subject);
    }),
  );
});

test("what a sovereign approved opens nothing once that sovereign is revoked, until another approves it", () => {
  const approvedBySam = armed(until("approved"), run).after(
    "ArmExecution",
    { run, until: new Date(Date.parse(until("approved").now) + 3_600_000).toISOString(), reason: "Sofia arms too." },
    "sofia",
  );
  const revoked = approvedBySam.after("RevokePrincipal", { principal: "sam", reason: "The key was stolen." }, "sofia");
  revoked
    .when("ExecuteCut", { run }, { by: "rex", at: revoked.now })
    .thenRefused("RULER_REVOKED", { run, gate: "SG_1/1" });
  const asked = revoked.after("RequestGate", { run, kind: "SG_1" }, "olga");
  const again = asked.after("RuleGate", ruling(asked), "sofia");
  assert.ok(again.when("ExecuteCut", { run }, { by: "rex", at: again.now }).facts().length > 0);
});

test.run();
