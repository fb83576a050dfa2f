/** Grant audits and proofs on the ledger: what is recorded follows from the report and from nothing the command says; a live cut waits for a clean audit. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { preconditionsOf } from "../../commands/run/preconditions.js";
import { runCategory } from "../../commands/run/State.js";
import { canonicalText } from "../../src/events/canonical.js";
import { countsOfGrantAudit, verdictOfGrantAudit } from "../../src/events/grantAudit.js";
import { differingProven, verdictOfProof } from "../../src/events/proof.js";
import { ledgerId, roomPolicy, run, run2, uuid } from "./cast.js";
import { until } from "./history.js";
import { auditReport, provenReport, type StoredReport, someSurfaces, storedReport } from "./reports.js";
import type { Situation } from "./scenario.js";

const test = suite("evidence");

const ready = until("armed");

/** `hours` after a moment. */
function after(moment: string, hours: number): string {
  return new Date(Date.parse(moment) + hours * 3_600_000).toISOString();
}

function recorded(here: Situation, { stored, named }: StoredReport): Situation {
  return here.with(stored).after("RecordGrantAudit", named, "otto");
}

test("an audit is recorded as its report says, and the same report again says nothing", () => {
  const report = auditReport(ready.now);
  const sent = storedReport(report);
  ready
    .with(sent.stored)
    .when("RecordGrantAudit", sent.named, "otto")
    .thenFacts({
      stream: "audit-grants",
      type: "GrantAuditRecorded",
      data: {
        ...sent.named,
        at: ready.now,
        verdict: "PASS",
        engine: "postgres",
        serverVersion: 150_018,
        database: "room",
        owner: "keeper",
        counts: { compared: 2, differences: 0, probes: 2, probesFailed: 0, probesNotRun: 0, controls: 1 },
      },
    });
  recorded(ready, sent).when("RecordGrantAudit", sent.named, "otto").thenNothing();
});

test("a live cut waits for a clean audit, young enough, and is told the numbers", () => {
  const strict = ready.after("AdoptPolicy", { policy: { ...roomPolicy, grantAuditHoursMax: 1 } }, "sofia");
  // The policy is not what SG_1 was given for: only the audit is looked at here.
  const audit = (here: Situation, now = here.now) => {
    const found = preconditionsOf("ExecuteCut", here.state(runCategory, run), here.world(now)).find(
      ({ closedBy }) => closedBy === "GrantAuditRecorded",
    );
    if (found === undefined) throw new Error("a cut without the question for an audit");
    return { status: found.status, code: found.refusal?.code ?? null, numbers: found.refusal?.numbers ?? null };
  };
  const asked = { run, grantAuditHoursMax: 1 };
  assert.equal(audit(strict), { status: "OPEN", code: "GRANT_AUDIT_REQUIRED", numbers: asked });
  const at = strict.now;
  const clean = recorded(strict, storedReport(auditReport(at)));
  assert.equal(audit(clean), { status: "CLOSED", code: null, numbers: null });
  assert.is(audit(clean, after(at, 0.999)).status, "CLOSED");
  const late = after(at, 1);
  assert.equal(audit(clean, late), {
    status: "PARTIAL",
    code: "GRANT_AUDIT_OLD",
    numbers: { ...asked, at, now: late, ageHours: 1 },
  });
  const difference = {
    code: "PUBLIC_PRIVILEGE",
    where: "iu.event",
    expected: "none",
    actual: "UPDATE",
    next: "REVOKE …",
  };
  const worse = recorded(clean, storedReport(auditReport(clean.now, { differences: [difference] }), 12));
  assert.equal(audit(worse), {
    status: "PARTIAL",
    code: "GRANT_AUDIT_NOT_CLEAN",
    numbers: { ...asked, at: clean.now, verdict: "FAIL", differences: 1, failed: 0, notRun: 0 },
  });
  // An older clean one does not come out over it.
  const older = storedReport(auditReport(at, { notes: ["another"] }), 13);
  worse
    .with(older.stored)
    .when("RecordGrantAudit", older.named, "otto")
    .thenRefused("AUDIT_OLDER", { at, newest: clean.now, verdict: "FAIL" });
  assert.is(audit(recorded(worse, storedReport(auditReport(worse.now), 14))).status, "CLOSED");
});

test("the refusal of a cut is that of its audit", () => {
  const strict = ready.after("AdoptPolicy", { policy: { ...roomPolicy, grantAuditHoursMax: 1 } }, "sofia");
  const refusal = (here: Situation) => {
    const found = preconditionsOf("ExecuteCut", here.state(runCategory, run), here.world(here.now));
    return found.find(({ refusal }) => refusal?.code.startsWith("GRANT_AUDIT"))?.refusal;
  };
  assert.match(refusal(strict)?.next ?? "", "iu-ledger grants audit --record");
  const notRun = storedReport(auditReport(strict.now, { controls: [] }));
  assert.match(refusal(recorded(strict, notRun))?.message ?? "", /NOT_RUN.*0 differences/);
});

test("a report that is not there, not the one named, not of this ledger, not of this time, or not true is refused", () => {
  const report = auditReport(ready.now);
  const sent = storedReport(report);
  const of = (one: unknown) => {
    const stored = storedReport(one);
    return ready.with(stored.stored).when("RecordGrantAudit", stored.named, "otto");
  };
  ready
    .when("RecordGrantAudit", sent.named, "otto")
    .thenRefused("CONTENT_MISSING", { content: sent.named.reportContent });
  ready
    .with(sent.stored)
    .when("RecordGrantAudit", { ...sent.named, report: "12".repeat(32) }, "otto")
    .thenRefused("REPORT_DIGEST_WRONG", { named: "12".repeat(32), actual: sent.named.report });
  for (const bad of [
    Buffer.from([0xff]),
    Buffer.from("no JSON"),
    Buffer.from(canonicalText(report).replace("{", "{ ")),
    { ...report, more: 1 },
    provenReport(ready.now),
  ]) {
    const stored = storedReport(bad);
    of(bad).thenRefused("REPORT_MALFORMED", { report: stored.named.report });
  }
  of({ ...report, ledger: uuid(1) }).thenRefused("REPORT_ELSEWHERE", { ledger: ledgerId, reported: uuid(1) });
  const at = after(ready.now, 1);
  of({ ...report, at }).thenRefused("REPORT_EARLY", { at, now: after(ready.now, 1 / 60), minutesMax: 5 });
  const failing = auditReport(ready.now, { moved: true });
  of({ ...failing, verdict: "PASS" }).thenRefused("REPORT_VERDICT_WRONG", { says: "PASS", comesTo: "INCONCLUSIVE" });
});

test("the verdict of an audit: every weakness takes the pass away", () => {
  const at = ready.now;
  const { matrix, probes, controls } = auditReport(at);
  const [one] = probes;
  if (one === undefined) throw new Error("no probe");
  const verdicts: [string, Partial<ReturnType<typeof auditReport>>][] = [
    ["PASS", {}],
    [
      "FAIL",
      {
        matrix: [
          ...matrix,
          { role: "iu_reader", kind: "table", object: "iu.head", expected: [], effective: ["SELECT"] },
        ],
      },
    ],
    ["FAIL", { probes: [...probes, { ...one, outcome: "FAIL", state: null }] }],
    ["FAIL", { controls: [...controls, { weakness: "x", outcome: "MISSED", why: null }] }],
    ["INCONCLUSIVE", { probes: [...probes, { ...one, outcome: "INCONCLUSIVE", state: "55P03" }] }],
    ["INCONCLUSIVE", { moved: true }],
    ["NOT_RUN", { probes: [...probes, { ...one, outcome: "NOT_RUN", state: null }] }],
    ["NOT_RUN", { controls: [{ weakness: "x", outcome: "NOT_RUN", why: "not the owner" }] }],
    ["NOT_RUN", { controls: [] }],
    ["NOT_RUN", { matrix: [] }],
    ["NOT_RUN", { probes: [one] }],
    ["NOT_RUN", { engine: "sqlite", server: null, matrix: [], probes: [], controls: [] }],
  ];
  for (const [verdict, changed] of verdicts) assert.is(verdictOfGrantAudit(auditReport(at, changed)), verdict);
  assert.equal(countsOfGrantAudit(auditReport(at, { probes: [{ ...one, outcome: "NOT_RUN" }] })), {
    compared: 2,
    differences: 0,
    probes: 1,
    probesFailed: 0,
    probesNotRun: 1,
    controls: 1,
  });
});

test("a proof is recorded as its report says, once, about the run it names", () => {
  const report = provenReport(ready.now);
  const sent = storedReport(report);
  const here = ready.with(sent.stored);
  const { size, root, counts } = someSurfaces;
  here.when("RecordProof", { run, ...sent.named }, "otto").thenFacts({
    stream: `proof-${run}`,
    type: "ProofRecorded",
    data: {
      run,
      operation: "plan",
      verdict: "PASS",
      ...sent.named,
      at: ready.now,
      engine: "sqlite",
      before: { size, root, ...counts },
      after: { size, root, ...counts },
      differs: [],
      control: true,
    },
  });
  here
    .after("RecordProof", { run, ...sent.named }, "otto")
    .when("RecordProof", { run, ...sent.named }, "otto")
    .thenNothing();
  here.when("RecordProof", { run: run2, ...sent.named }, "otto").thenRefused("RUN_UNKNOWN", { run: run2 });
  const other = storedReport({ ...report, run: run2 });
  ready
    .with(other.stored)
    .when("RecordProof", { run, ...other.named }, "otto")
    .thenRefused("REPORT_OF_OTHER_RUN", { run, reported: run2 });
});

test("the verdict of a proof: every surface counts, and a blind control proves nothing", () => {
  const at = ready.now;
  const surfaces: [string, object][] = [
    ["schema", { schema: "00".repeat(32) }],
    ["grants", { grants: "00".repeat(32) }],
    ["locks", { locks: ["1 2 ExclusiveLock"] }],
    ["tables.unit", { tables: { unit: { rows: 3, digest: "00".repeat(32) } } }],
    ["tables.more", { tables: { ...someSurfaces.tables, more: { rows: 0, digest: "00".repeat(32) } } }],
    ["counts.units", { counts: { ...someSurfaces.counts, units: null } }],
    ["sequences.iu.s", { sequences: { "iu.s": "1" } }],
  ];
  for (const [name, changed] of surfaces) {
    const now = { ...someSurfaces, ...changed };
    assert.equal(differingProven(someSurfaces, now), [name]);
    assert.is(verdictOfProof(provenReport(at, { after: now })), "FAIL", name);
  }
  const moved = { ...someSurfaces, size: 41 };
  assert.is(verdictOfProof(provenReport(at, { after: moved })), "INCONCLUSIVE");
  const unguarded = { role: null, readOnly: false, by: "nothing" };
  assert.is(verdictOfProof(provenReport(at, { session: unguarded })), "INCONCLUSIVE");
  const { control } = provenReport(at);
  for (const blind of [
    { ...control, detected: false },
    { ...control, expected: [] },
    { ...control, expected: ["tables.unit", "grants"] },
  ])
    assert.is(verdictOfProof(provenReport(at, { control: blind, after: moved })), "FAIL");
});

test.run();
