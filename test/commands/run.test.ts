/** A run from opened to reviewed and enacted: what each step needs, what it says, and where it is out of place. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { documentCategory } from "../../commands/document.js";
import { nextStep, preconditionsOf } from "../../commands/run/preconditions.js";
import { type Phase, runCategory } from "../../commands/run/State.js";
import { canonicalBytes, sha256Hex } from "../../src/events/canonical.js";
import { charter, charter2, content, document, minute, oddCharter, roomPolicy, run, run2, uuid } from "./cast.js";
import { approved, armed, type Chapter, planned, until, untouched } from "./history.js";

const test = suite("runs");
const stream = `run-${run}`;
const digest = /^[0-9a-f]{64}$/;

test("a run claims its document, at its newest revision", () => {
  until("registered")
    .when("OpenRun", { run, document, mode: "live" }, "olga")
    .thenFacts(
      { stream, type: "RunOpened", data: { run, document, revision: 0, content: charter.commitment, mode: "live" } },
      { stream: `document-${document}`, type: "DocumentClaimed", data: { document, run, revision: 0 } },
    );
  const revised = until("registered").after("ReviseDocument", { document, content: charter2.commitment }, "ed");
  const [opened] = revised.when("OpenRun", { run, document, mode: "rehearsal" }, "bot").facts();
  assert.equal(opened?.data, { run, document, revision: 1, content: charter2.commitment, mode: "rehearsal" });
});

test("one run at a time on a document; a run id is given once; the document must be there", () => {
  const opened = until("opened");
  opened.when("OpenRun", { run: run2, document, mode: "live" }, "olga").thenRefused("RUN_OPEN", { document, run });
  opened.when("OpenRun", { run, document, mode: "live" }, "olga").thenRefused("RUN_EXISTS", { run });
  until("enacted").when("OpenRun", { run, document, mode: "live" }, "olga").thenRefused("RUN_EXISTS", { run });
  opened
    .when("OpenRun", { run: run2, document: uuid(9), mode: "live" }, "olga")
    .thenRefused("DOCUMENT_UNKNOWN", { document: uuid(9) });
});

test("a run nobody opened is unknown to every command", () => {
  until("opened").when("AssessTarget", { run: run2 }, "olga").thenRefused("RUN_UNKNOWN", { run: run2 });
  until("opened").when("AbandonRun", { run: run2, reason: "?" }, "olga").thenRefused("RUN_UNKNOWN", { run: run2 });
});

test("an assessment says of each thing what it found, and of all the worst", () => {
  const facts = until("opened").when("AssessTarget", { run }, "olga").facts();
  const reasons = ((facts[0]?.data["reasons"] ?? []) as { code: string; verdict: string }[]).map(
    ({ code, verdict }) => `${code} ${verdict}`,
  );
  assert.equal(reasons, [
    "CONTENT safe",
    "SIZE safe",
    "CUTTABLE safe",
    "FINDINGS safe",
    "REVISION safe",
    "IN_FORCE safe",
    "BACKUP safe",
  ]);
  assert.is(facts[0]?.data["verdict"], "safe");
  until("assessed").when("AssessTarget", { run }, "olga").thenNothing();
  const verdictOf = (here: ReturnType<typeof until>, id = run) =>
    here.when("AssessTarget", { run: id }, "olga").facts()[0]?.data["verdict"];
  assert.is(verdictOf(until("opened").without(charter.commitment)), "unsafe");
  assert.is(
    verdictOf(until("opened").after("AdoptPolicy", { policy: { ...roomPolicy, contentSizeMax: 10 } }, "sam")),
    "unsafe",
  );
  assert.is(
    verdictOf(until("opened").after("AdoptPolicy", { policy: { ...roomPolicy, backupHoursMax: 4 } }, "sam")),
    "unsafe",
  );
  const second = until("revised").after("OpenRun", { run: run2, document, mode: "live" }, "olga");
  assert.is(verdictOf(second, run2), "ruling");
});

test("an unsafe target is not planned; assessed again when mended, it is", () => {
  const { plan, planContent } = planned(charter);
  const unsafe = until("opened").without(charter.commitment).after("AssessTarget", { run }, "olga");
  unsafe.when("PlanCut", { run, plan, planContent }, "olga").thenRefused("TARGET_UNSAFE", { run });
  const mended = unsafe.with(charter, planned(charter).stored).after("AssessTarget", { run }, "olga");
  assert.is(mended.when("PlanCut", { run, plan, planContent }, "olga").facts().length, 1);
});

test("a plan is taken when cutting again gives the same bytes; its event holds digests and counts", () => {
  const { plan, planContent, stored } = planned(charter);
  const [fact] = until("assessed").with(stored).when("PlanCut", { run, plan, planContent }, "olga").facts();
  const { transition, policy, ...data } = (fact?.data ?? {}) as Record<string, unknown> & {
    transition: Record<string, unknown>;
  };
  assert.equal(data, {
    run,
    plan,
    planContent,
    cutter: "iu-cutter/1",
    grammar: "statute",
    profile: "en",
    units: 6,
    findings: { total: 0, blocking: [] },
    base: null,
  });
  assert.equal({ open: transition["open"], classes: transition["classes"] }, { open: 0, classes: { insert: 6 } });
  assert.match(String(transition["digest"]), digest);
  assert.match(String(policy), digest);
  until("planned").when("PlanCut", { run, plan, planContent }, "olga").thenNothing();
});

test("the same plan in another place says nothing, unless the first place is empty; another policy takes the run back to planned", () => {
  const { plan, planContent, stored } = planned(charter);
  const copy = content(stored.bytes, 10);
  const here = until("rehearsed").with(copy);
  here.when("PlanCut", { run, plan, planContent: copy.commitment }, "olga").thenNothing();
  const lost = here.without(planContent).after("PlanCut", { run, plan, planContent: copy.commitment }, "olga");
  assert.is(lost.state(runCategory, run).plan?.planContent, copy.commitment);
  const policy = { ...roomPolicy, gateHours: 2 };
  const again = here.after("AdoptPolicy", { policy }, "sam").after("PlanCut", { run, plan, planContent }, "olga");
  const state = again.state(runCategory, run);
  assert.equal([state.phase, state.dryRun], ["planned", null]);
});

test("a plan whose bytes are absent, renamed, malformed, or not what this cutter makes is refused", () => {
  const here = until("assessed");
  const { plan, planContent, stored } = planned(charter);
  here.when("PlanCut", { run, plan, planContent }, "olga").thenRefused("CONTENT_MISSING", { content: planContent });
  here
    .with(stored)
    .without(charter.commitment)
    .when("PlanCut", { run, plan, planContent }, "olga")
    .thenRefused("CONTENT_MISSING", { content: charter.commitment });
  here
    .with(stored)
    .when("PlanCut", { run, plan: "00".repeat(32), planContent }, "olga")
    .thenRefused("PLAN_DIGEST_WRONG", { named: "00".repeat(32), actual: plan });

  const ask = (bytes: Uint8Array) => {
    const text = content(bytes, 11);
    return here.with(text).when("PlanCut", { run, plan: sha256Hex(bytes), planContent: text.commitment }, "olga");
  };
  const parsed = JSON.parse(Buffer.from(stored.bytes).toString("utf8")) as {
    units: { span: { start: number } }[];
    cutter: string;
    grammar: string;
    profile: string;
  };
  for (const bytes of [
    charter.bytes,
    Uint8Array.of(0xff),
    canonicalBytes({}),
    Buffer.concat([stored.bytes, Buffer.from(" ")]),
  ])
    ask(bytes).thenRefused("PLAN_MALFORMED", { plan: sha256Hex(bytes) });

  const moved = canonicalBytes({ ...parsed, units: parsed.units.slice(0, -1) });
  ask(moved).thenRefused("PLAN_NOT_REPRODUCED", {
    given: sha256Hex(moved),
    again: plan,
    cutter: "iu-cutter/1",
    theirs: "iu-cutter/1",
  });
  const newer = canonicalBytes({ ...parsed, cutter: "iu-cutter/2" });
  ask(newer).thenRefused("PLAN_NOT_REPRODUCED", {
    given: sha256Hex(newer),
    again: plan,
    cutter: "iu-cutter/1",
    theirs: "iu-cutter/2",
  });
  ask(canonicalBytes({ ...parsed, profile: "klingon" })).thenRefused("UNKNOWN_PROFILE", { offset: 0 });
});

test("more blocking findings than the policy allows are refused with both numbers", () => {
  const { plan, planContent, stored } = planned(oddCharter);
  const here = until("open")
    .with(oddCharter, stored)
    .after("RegisterDocument", { document, title: "Cellar", source: null, content: oddCharter.commitment }, "ed")
    .after("OpenRun", { run, document, mode: "live" }, "olga")
    .after("AssessTarget", { run }, "olga")
    .after("AdoptPolicy", { policy: { ...roomPolicy, findingsMax: 1 } }, "sam");
  here
    .when("PlanCut", { run, plan, planContent }, "olga")
    .thenRefused("FINDINGS_TOO_MANY", { findings: 2, findingsMax: 1 });
});

test("so many findings that the event would not fit a leaf are refused, not a fault of the engine", () => {
  const articles = Array.from({ length: 900 }, (_, i) => `Article ${2 * i + 1}. Title\nText of it.\n`).join("\n");
  const gaps = content(`Charter\n\nPart I\n\nTitle I\n\nChapter VIII\n\n${articles}`, 12);
  const { plan, planContent, stored } = planned(gaps);
  const outcome = until("open")
    .with(gaps, stored)
    .after("RegisterDocument", { document, title: "Gaps", source: null, content: gaps.commitment }, "ed")
    .after("OpenRun", { run, document, mode: "live" }, "olga")
    .after("AssessTarget", { run }, "olga")
    .when("PlanCut", { run, plan, planContent }, "olga");
  const numbers = outcome.decision.kind === "refused" ? outcome.decision.numbers : {};
  assert.ok(Number(numbers["size"]) > 65_536, "the plan was meant to be too large");
  outcome.thenRefused("FACT_TOO_LARGE", { type: "CutPlanned", size: numbers["size"], sizeMax: 65_535 });
});

const proofs: [string, object, string][] = [
  ["untouched", {}, "PASS"],
  ["that says it failed", { verdict: "FAIL" }, "FAIL"],
  ["while others wrote", { verdict: "INCONCLUSIVE", after: { ...untouched.after, size: 41 } }, "INCONCLUSIVE"],
  ["that says PASS over another size", { after: { ...untouched.after, size: 41 } }, "FAIL"],
  ["that says PASS over a changed table", { after: { ...untouched.after, tables: {} } }, "FAIL"],
  ["that says PASS and names a difference", { differs: ["unit"] }, "FAIL"],
  ["whose control went unnoticed", { control: { ...untouched.control, detected: false } }, "FAIL"],
  ["whose control was noticed nowhere", { control: { ...untouched.control, differs: [] } }, "FAIL"],
  [
    "inconclusive, control unnoticed",
    { verdict: "INCONCLUSIVE", control: { ...untouched.control, detected: false } },
    "FAIL",
  ],
];
for (const [what, change, verdict] of proofs) {
  test(`a dry run with a proof ${what} is ${verdict}`, () => {
    const nonMutation = { ...untouched, ...change };
    const here = until("planned");
    const [fact] = here.when("DryRun", { run, nonMutation }, "olga").facts();
    assert.is(fact?.data["verdict"], verdict);
    assert.equal(fact?.data["nonMutation"], nonMutation);
    const after = here.after("DryRun", { run, nonMutation }, "olga");
    assert.is(after.state(runCategory, run).phase, verdict === "PASS" ? "rehearsed" : "planned");
    after.when("DryRun", { run, nonMutation }, "olga").thenNothing();
  });
}

test("a dry run says what every rule asserted, the root and the way back, and touches nothing", () => {
  const [fact] = until("planned").when("DryRun", { run, nonMutation: untouched }, "olga").facts();
  const rules = fact?.data["rules"] as { rule: string; assertions: number; failures: number }[];
  assert.equal(
    rules.map(({ rule }) => rule),
    ["L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10", "leg B", "Verify", "Verify of the compensation"],
  );
  for (const { rule, assertions, failures } of rules) assert.ok(assertions > 0 && failures === 0, rule);
  const enacted = until("cut").state(runCategory, run);
  assert.is(fact?.data["draftRoot"], enacted.draftRoot);
  assert.is(fact?.data["compensationPlan"], until("compensation planned").state(runCategory, run).compensation?.plan);
});

test("a dry run that fails after one that passed takes the run back: it cannot be cut", () => {
  const failed = until("armed").after("DryRun", { run, nonMutation: { ...untouched, verdict: "FAIL" } }, "olga");
  failed.when("ExecuteCut", { run }, "rex").thenRefused("WRONG_PHASE", { run, phase: "planned" });
  const state = failed.state(runCategory, run);
  const refusal = preconditionsOf("ExecuteCut", state, failed.world(failed.now)).find(
    ({ name }) => name === "dry run passed",
  )?.refusal;
  // Said by the readiness of a step that is not the next one yet; a command meets WRONG_PHASE first.
  assert.equal([refusal?.code, refusal?.numbers], ["DRY_RUN_REQUIRED", { run, plan: state.plan?.plan }]);
  const again = failed.after("DryRun", { run, nonMutation: untouched }, "olga");
  assert.ok(
    again.when("ExecuteCut", { run }, "rex").facts().length > 0,
    "the approval was for the plan and the same dry run's root",
  );
});

test("a proof too large for a leaf is refused with the numbers", () => {
  const tables = Object.fromEntries(
    Array.from({ length: 800 }, (_, i) => [`table_${i}`, { rows: i, digest: "00".repeat(32) }]),
  );
  const outcome = until("planned").when(
    "DryRun",
    { run, nonMutation: { ...untouched, before: { ...untouched.before, tables } } },
    "olga",
  );
  const numbers = outcome.decision.kind === "refused" ? outcome.decision.numbers : {};
  outcome.thenRefused("FACT_TOO_LARGE", { type: "DryRunRecorded", size: numbers["size"], sizeMax: 65_535 });
});

test("text that is gone cannot be tried or cut", () => {
  until("planned")
    .without(charter.commitment)
    .when("DryRun", { run, nonMutation: untouched }, "olga")
    .thenRefused("CONTENT_MISSING", { content: charter.commitment });
  until("armed")
    .without(charter.commitment)
    .when("ExecuteCut", { run }, "rex")
    .thenRefused("CONTENT_MISSING", { content: charter.commitment });
});

test("a program that would cut otherwise than the dry run that was approved cuts nothing", () => {
  const rehearsed = until("rehearsed");
  const { dryRun } = rehearsed.state(runCategory, run);
  if (dryRun === null) throw new Error("no dry run");
  const elsewhere = "ab".repeat(32);
  const data = { run, ...dryRun, draftRoot: elsewhere };
  const other = rehearsed.and({ stream: `run-${run}`, type: "DryRunRecorded", data });
  armed(approved(other, run, "SG_1"), run)
    .when("ExecuteCut", { run }, "rex")
    .thenRefused("DRAFT_ROOT_DIFFERS", { run, gate: "SG_1/1", here: dryRun.draftRoot, approved: elsewhere });
});

test("a review is one fact; an enactment puts the version in force and releases the document", () => {
  until("verified")
    .when("ReviewRun", { run, note: "Good." }, "rita")
    .thenFacts({ stream, type: "RunReviewed", data: { run, note: "Good." } });
  until("approved 2")
    .when("EnactRun", { run }, "sam")
    .thenFacts(
      { stream, type: "RunEnacted", data: { run, gate: "SG_2/1", units: 6 } },
      {
        stream: `document-${document}`,
        type: "VersionEnacted",
        data: { document, run, revision: 0, supersedes: null },
      },
      { stream: `document-${document}`, type: "DocumentReleased", data: { document, run, outcome: "enacted" } },
    );
  const state = until("enacted").state(documentCategory, document);
  assert.equal([state.openRun, state.enacted], [null, [run]]);
});

/** Phase → chapter that ends in it, and the commands that fit there; every other command of a run is refused as out of place. */
const fits: Partial<Record<Phase, { chapter: Chapter; commands: readonly string[] }>> = {
  opened: { chapter: "opened", commands: ["AssessTarget"] },
  assessed: { chapter: "assessed", commands: ["AssessTarget", "PlanCut"] },
  planned: { chapter: "planned", commands: ["PlanCut", "DryRun"] },
  rehearsed: { chapter: "armed", commands: ["PlanCut", "DryRun", "SG_1", "ExecuteCut"] },
  cut: { chapter: "cut", commands: ["RecordLegB", "ResolveTransition", "PlanCompensation", "Compensate"] },
  recorded: { chapter: "recorded", commands: ["RecordVerify", "ResolveTransition", "PlanCompensation", "Compensate"] },
  verified: { chapter: "verified", commands: ["ReviewRun", "ResolveTransition", "PlanCompensation", "Compensate"] },
  reviewed: {
    chapter: "reviewed",
    commands: ["SG_2", "EnactRun", "ResolveTransition", "PlanCompensation", "Compensate"],
  },
  enacted: { chapter: "enacted", commands: ["SG_C", "PlanCompensation", "Compensate"] },
  compensated: { chapter: "compensated", commands: ["RecordCompensationB"] },
  "compensation-recorded": { chapter: "compensation recorded", commands: ["VerifyCompensation"] },
  reverted: { chapter: "reverted", commands: [] },
};
for (const [phase, { chapter, commands }] of Object.entries(fits)) {
  test(`a run that is ${phase} takes ${commands.join(", ") || "nothing"}; what comes before or after is out of place`, () => {
    const here = until(chapter);
    assert.is(here.state(runCategory, run).phase, phase);
    const { plan, planContent } = planned(charter);
    const outOfPlace = {
      AssessTarget: here.when("AssessTarget", { run }, "olga"),
      PlanCut: here.when("PlanCut", { run, plan, planContent }, "olga"),
      DryRun: here.when("DryRun", { run, nonMutation: untouched }, "olga"),
      SG_1: here.when("RequestGate", { run, kind: "SG_1" }, "olga"),
      ExecuteCut: here.when("ExecuteCut", { run }, "rex"),
      RecordLegB: here.when("RecordLegB", { run }, "wanda"),
      RecordVerify: here.when("RecordVerify", { run }, "vera"),
      ResolveTransition: here.when(
        "ResolveTransition",
        { run, rows: [{ row: "doc", class: "insert", unit: uuid(1) }], reason: "?" },
        "rita",
      ),
      ReviewRun: here.when("ReviewRun", { run, note: "?" }, "rita"),
      SG_2: here.when("RequestGate", { run, kind: "SG_2" }, "olga"),
      EnactRun: here.when("EnactRun", { run }, "sam"),
      PlanCompensation: here.when("PlanCompensation", { run, reason: "?" }, "ada"),
      SG_C: here.when("RequestGate", { run, kind: "SG_C" }, "olga"),
      Compensate: here.when("Compensate", { run }, "rex"),
      RecordCompensationB: here.when("RecordCompensationB", { run }, "wanda"),
      VerifyCompensation: here.when("VerifyCompensation", { run }, "vera"),
    };
    for (const [command, outcome] of Object.entries(outOfPlace)) {
      const code = outcome.decision.kind === "refused" ? outcome.decision.code : "accepted";
      if (commands.includes(command)) assert.is.not(code, "WRONG_PHASE", command);
      else outcome.thenRefused("WRONG_PHASE", { run, phase });
    }
    const { command } = nextStep(here.state(runCategory, run), here.world(here.now));
    assert.ok(command === null || commands.includes(command), `readiness names ${command}`);
  });
}

test("a rehearsal run goes as far as its gate and never cuts", () => {
  const { plan, planContent, stored } = planned(charter);
  const rehearsal = until("registered")
    .with(stored)
    .after("OpenRun", { run, document, mode: "rehearsal" }, "olga")
    .after("AssessTarget", { run }, "olga")
    .after("PlanCut", { run, plan, planContent }, "olga")
    .after("DryRun", { run, nonMutation: untouched }, "olga");
  rehearsal.when("ExecuteCut", { run }, "rex").thenRefused("MODE_NOT_LIVE", { run, mode: "rehearsal" });
  rehearsal
    .when("ArmExecution", { run, until: minute(9999), reason: "?" }, "sam")
    .thenRefused("MODE_NOT_LIVE", { run, mode: "rehearsal" });
});

test.run();
