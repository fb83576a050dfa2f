/** Records: what a ratified writer makes of the live state; and a Verify that comes from another human, another key, other software. */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { liveStateOf } from "../../commands/run/liveState.js";
import { runCategory } from "../../commands/run/State.js";
import { digestOf } from "../../src/events/canonical.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import { pinnedWriter } from "../../src/writers/lock.js";
import { writerCode } from "../../src/writers/registry.js";
import { charter, document, run, signerOf } from "./cast.js";
import { planned, until } from "./history.js";
import type { Situation } from "./scenario.js";

const test = suite("records");
const stream = `run-${run}`;
const keyid = (name: string) => publicKeyOf(signerOf(name).privateKey).keyid;
const ref = (name: string) => pinnedWriter(name, 1) ?? { name, version: 0, source: "" };

/** DESIGN section 5, by hand. */
function rolled(name: string, ...records: string[]): string {
  const { version, source } = ref(name);
  let d = digestOf([name, version, source]);
  for (const record of records)
    d = createHash("sha256")
      .update(Buffer.from(d + record, "hex"))
      .digest("hex");
  return d;
}

/** What a record's event must hold. */
function expected(here: Situation, name: string, by: { responsible: string; keyid: string }, evidence: boolean) {
  const { planContent } = planned(charter);
  const plan = here.contents.get(planContent)?.bytes ?? new Uint8Array();
  const record = writerCode(name, 1)(
    liveStateOf(here.state(runCategory, run)),
    evidence ? { salt: charter.salt, content: charter.bytes, plan } : null,
  );
  const recordDigest = digestOf(record);
  return { run, by, writer: ref(name), record, recordDigest, writerDigest: rolled(name, recordDigest) };
}

test("leg B is what the writer makes of the live state, with who answers for it, and both digests", () => {
  for (const [by, responsible] of [
    ["wanda", "wanda"],
    ["quill", "wanda"],
    ["mill", "rex"],
  ] as const)
    until("cut")
      .when("RecordLegB", { run }, by)
      .thenFacts({
        stream,
        type: "LegBRecorded",
        data: expected(until("cut"), "legB", { responsible, keyid: keyid(by) }, true),
      });
});

test("Verify passes with assertions, from content, plan and ledger", () => {
  const data = expected(until("recorded"), "verify", { responsible: "vera", keyid: keyid("lens") }, true);
  const { verdict, assertions } = data.record as { verdict: string; assertions: number };
  assert.equal([verdict, assertions > 50], ["PASS", true]);
  until("recorded")
    .when("RecordVerify", { run }, "lens")
    .thenFacts({ stream, type: "VerifyRecorded", data: { ...data, verdict, assertions } });
});

test("the human behind leg B does not verify it: not in person, not through another agent or service", () => {
  const numbers = { run, recordedBy: "wanda", responsible: "wanda" };
  until("recorded").when("RecordVerify", { run }, "quill").thenRefused("VERIFIER_NOT_INDEPENDENT", numbers);
  const byAgent = until("cut").after("RecordLegB", { run }, "lens");
  byAgent
    .when("RecordVerify", { run }, "vera")
    .thenRefused("VERIFIER_NOT_INDEPENDENT", { run, recordedBy: "lens", responsible: "vera" });
  byAgent
    .when("RecordVerify", { run }, "lens")
    .thenRefused("VERIFIER_NOT_INDEPENDENT", { run, recordedBy: "lens", responsible: "vera" });
  assert.ok(byAgent.when("RecordVerify", { run }, "quill").facts().length > 0, "another human's agent verifies");
});

test("nor another human with the same key, nor anyone with the same software", () => {
  // Neither can come about by commands: a key has one owner, and no two writers have the same bytes. The facts say so all the same.
  const retold = (change: (data: Record<string, unknown>) => object) =>
    until("recorded").retold(
      until("recorded").facts.map((fact) =>
        fact.type === "LegBRecorded" ? { ...fact, data: { ...fact.data, ...change(fact.data) } } : fact,
      ),
    );
  const numbers = { run, recordedBy: "wanda", responsible: "wanda" };
  retold(() => ({ by: { responsible: "wanda", keyid: keyid("vera") } }))
    .when("RecordVerify", { run }, "vera")
    .thenRefused("VERIFIER_SAME_KEY", numbers);
  retold(() => ({ writer: ref("verify") }))
    .when("RecordVerify", { run }, "vera")
    .thenRefused("VERIFIER_SAME_SOFTWARE", { ...numbers, source: ref("verify").source });
});

test("the same holds for the Verify of a compensation", () => {
  const here = until("compensation recorded");
  here
    .when("VerifyCompensation", { run }, "quill")
    .thenRefused("VERIFIER_NOT_INDEPENDENT", { run, recordedBy: "wanda", responsible: "wanda" });
  const [fact] = here.when("VerifyCompensation", { run }, "vera").facts();
  const { verdict, assertions, ...rest } = fact?.data ?? {};
  assert.equal(rest, expected(here, "verifyCompensation", { responsible: "vera", keyid: keyid("vera") }, true));
  assert.equal([verdict, Number(assertions) > 0], ["PASS", true]);
});

test("a Verify that fails holds the run in the same append; after a release it can be verified again, and the digest rolls on", () => {
  const lost = until("recorded").without(charter.commitment);
  const facts = lost.when("RecordVerify", { run }, "vera").facts();
  assert.equal(
    facts.map(({ type }) => type),
    ["VerifyRecorded", "RunHeld"],
  );
  assert.is(facts[0]?.data["verdict"], "FAIL");
  assert.equal(facts[1]?.data, {
    run,
    check: "verify:content",
    reason: "verify failed at content: the content is not there to be checked",
    expected: "0 failures",
    actual: "1 failures",
    causedBy: "vera",
  });
  const held = lost.after("RecordVerify", { run }, "vera");
  assert.is(held.state(runCategory, run).phase, "recorded");
  held
    .when("RecordVerify", { run }, "vera")
    .thenRefused("RUN_HELD", { run, check: "verify:content", expected: "0 failures", actual: "1 failures" });
  held.when("ReleaseHold", { run, reason: "?" }, "vera").thenRefused("HOLD_OWN", { run, causedBy: "vera" });
  held
    .when("AbandonRun", { run, reason: "?" }, "rita")
    .thenRefused("COMPENSATE_FIRST", { run, phase: "recorded", units: 6 });
  const again = held
    .after("ReleaseHold", { run, reason: "The text was put back." }, "rita")
    .with(charter)
    .after("RecordVerify", { run }, "vera");
  const records = again.facts
    .filter(({ type }) => type === "VerifyRecorded")
    .map(({ data }) => String(data["recordDigest"]));
  assert.is(
    again.facts.findLast(({ type }) => type === "VerifyRecorded")?.data["writerDigest"],
    rolled("verify", ...records),
  );
  assert.is(again.state(runCategory, run).phase, "verified");
});

/** One stored value of the cut changed, as nobody could by commands: Verify must notice. */
const forgeries: [string, string, (data: Record<string, unknown>) => object, string][] = [
  ["a unit's bytes", "UnitCut", () => ({ raw: "77".repeat(32) }), "verify:commitments"],
  ["a unit's normal form", "UnitCut", () => ({ norm: "77".repeat(32) }), "verify:commitments"],
  ["a unit's label", "UnitCut", () => ({ label: "99" }), "verify:ledger"],
  ["a unit's address", "UnitCut", () => ({ address: "art_99" }), "verify:ledger"],
  ["a unit's parent", "UnitCut", () => ({ parent: "art_99" }), "verify:ledger"],
  [
    "a unit's span",
    "UnitCut",
    ({ span }) => ({ span: { start: (span as { start: number }).start, end: (span as { end: number }).end - 1 } }),
    "verify:ledger",
  ],
  ["the draft root", "CutExecuted", () => ({ draftRoot: "77".repeat(32) }), "verify:draft root"],
  ["the content", "RunOpened", () => ({ content: "77".repeat(32) }), "verify:content"],
  ["the plan", "CutPlanned", () => ({ plan: "77".repeat(32) }), "verify:digests"],
];
for (const [what, type, change, check] of forgeries) {
  test(`Verify fails and holds where ${what} is not what was cut`, () => {
    const { facts } = until("recorded");
    const at =
      type === "UnitCut"
        ? facts.findIndex((fact) => fact.type === type) + 2
        : facts.findIndex((fact) => fact.type === type);
    const forged = facts.map((fact, index) =>
      index === at ? { ...fact, data: { ...fact.data, ...change(fact.data) } } : fact,
    );
    const [record, held] = until("recorded").retold(forged).when("RecordVerify", { run }, "vera").facts();
    assert.equal([record?.data["verdict"], held?.type, held?.data["check"]], ["FAIL", "RunHeld", check]);
  });
}

test("a compensation that left a unit out fails its Verify and holds; a run never enacted releases its document when it passes", () => {
  const { facts } = until("compensation recorded");
  const short = facts.filter((fact) => !(fact.type === "UnitReverted" && fact.data["index"] === 3));
  const [record, held] = until("compensation recorded")
    .retold(short)
    .when("VerifyCompensation", { run }, "vera")
    .facts();
  assert.equal(
    [record?.data["verdict"], held?.data["check"], held?.data["causedBy"]],
    ["FAIL", "verifyCompensation:every unit is reverted", "vera"],
  );

  const draft = until("verified")
    .after("PlanCompensation", { run, reason: "Wrong text." }, "ada")
    .after("Compensate", { run }, "rex")
    .after("RecordCompensationB", { run }, "wanda");
  const released = draft.when("VerifyCompensation", { run }, "vera").facts();
  assert.equal(released[1], {
    stream: `document-${document}`,
    type: "DocumentReleased",
    data: { document, run, outcome: "reverted" },
  });
  assert.is(until("compensation recorded").when("VerifyCompensation", { run }, "vera").facts().length, 1);
});

test.run();
