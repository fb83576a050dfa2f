// What must not have happened, made to happen: events forged with real keys, signed and chained as they should be. One test per attestation that must name it.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { digestOf } from "../../src/events/canonical.js";
import { embeddedPolicy } from "../../src/events/fields.js";
import { checkStatement } from "../../src/report/checkStatement.js";
import type { Statement } from "../../src/report/Statement.js";
import { forge } from "../replay/attempt.js";
import { edited, fixHead, type OpenedUp, openedUpInMemory, parsed, rechained, renumbered } from "../replay/openedUp.js";
import type { Person, Until } from "../support/governedRun.js";
import { type Reported, reportedRun, reportOn } from "./reported.js";

const violations = suite("report: violations");

interface Planted {
  readonly reported: Reported;
  readonly ledger: OpenedUp;
  readonly run: string;
  /** Appends an event as if that person's command had been accepted. Answers its position. */
  plant(who: Person, type: string, data: Record<string, unknown>, stream?: string): Promise<number>;
  statement(): Promise<Statement>;
}

async function planted(until: Until): Promise<Planted> {
  const reported = await reportedRun({ until });
  const ledger = await openedUpInMemory(reported.store);
  const run = reported.runId;
  return {
    reported,
    ledger,
    run,
    // Any signed command will do: a report reads the events, and replay the decisions.
    plant: (who, type, data, stream = `run-${run}`) =>
      forge(ledger, reported.sign("HoldRun", { run, reason: "stands for another" }, who), who, [
        { stream, type, data },
      ]),
    statement: () => reportOn(reported, ledger.store, run),
  };
}

/** That attestation fails, at that position (where one is given) and in those words; so does the whole; and it agrees with itself. */
async function names(statement: Statement, id: string, position: number | null, words: RegExp): Promise<void> {
  const found = statement.predicate.attestations.find((one) => one.id === id);
  assert.is(found?.verdict, "FAIL", id);
  const there = found?.violations.some(
    (one) => (position === null || one.position === position) && words.test(one.what),
  );
  assert.ok(there, JSON.stringify(found?.violations));
  assert.is(statement.predicate.verdict, "FAIL");
  assert.equal(checkStatement(statement), []);
}

/** The data of the newest event of a type. */
async function newest(ledger: OpenedUp, type: string): Promise<Record<string, unknown>> {
  const found = (await ledger.events()).map(parsed).findLast((event) => event.type === type);
  if (found === undefined) throw new Error(`no ${type} on this ledger`);
  return found.data;
}

const ruling = (run: string, gate: string, kind: string, subject: string, ruledBy: string) => ({
  run,
  gate,
  kind,
  outcome: "approved",
  subject,
  acknowledged: [],
  reason: "trust me",
  expires: "2026-12-31T00:00:00.000Z",
  ruledBy,
});

violations("an agent ruled", async () => {
  const { reported, ledger, run, plant, statement } = await planted("reviewed");
  await plant("rhea", "GateRequested", {
    run,
    gate: "SG_2/1",
    kind: "SG_2",
    binds: { run },
    subject: digestOf({ run }),
    requestedBy: "rhea",
    responsible: "rhea",
  });
  const position = await plant("otto", "GateRuled", ruling(run, "SG_2/1", "SG_2", digestOf({ run }), "otto"));
  await names(await statement(), "ruled-by-humans", position, /otto: agent/);
  assert.ok(reported && ledger);
});

violations("somebody ruled on the request of the agent they answer for", async () => {
  const { run, ledger, plant, statement } = await planted("rehearsed");
  const binds = { run };
  const request = {
    run,
    gate: "SG_1/1",
    kind: "SG_1",
    binds,
    subject: digestOf(binds),
    requestedBy: "otto",
    responsible: "carl",
  };
  await plant("otto", "GateRequested", request);
  const position = await plant("carl", "GateRuled", ruling(run, "SG_1/1", "SG_1", digestOf(binds), "carl"));
  await names(await statement(), "own-request", position, /carl answers for otto/);
  await names(await statement(), "ruled-by-humans", position, /no sovereign/);
  assert.ok(ledger);
});

violations("units cut without an approval, and while nothing was armed", async () => {
  const { run, ledger, plant, statement } = await planted("rehearsed");
  const { plan } = await newest(ledger, "CutPlanned");
  const until = "2026-12-31T00:00:00.000Z";
  const position = await plant("otto", "CutStarted", { run, gate: "SG_1/1", plan, armedUntil: until });
  const found = await statement();
  await names(found, "cut-under-approval", position, /never requested/);
  await names(found, "cut-while-armed", position, /execution was off/);
  await names(found, "foldable", null, /SG_1\/1/);
  assert.is(found.predicate.matrix, null);
});

violations("a cut begun twice under one approval, and after it had lapsed", async () => {
  const { run, reported, ledger, plant, statement } = await planted("cut");
  const { plan, armedUntil } = await newest(ledger, "CutStarted");
  const again = await plant("otto", "CutStarted", { run, gate: "SG_1/1", plan, armedUntil });
  await names(await statement(), "cut-under-approval", again, /had been used/);
  reported.wait(48);
  const unit = await newest(ledger, "UnitCut");
  const late = await plant("otto", "UnitCut", { ...unit, index: 99, address: "art_99" });
  await ledger.setEvents(
    (await ledger.events()).map((event) =>
      event.position === late
        ? edited(event, (envelope) => {
            envelope.time = reported.now();
          })
        : event,
    ),
  );
  await fixHead(ledger);
  const found = await statement();
  await names(found, "cut-under-approval", late, /had expired/);
  await names(found, "cut-while-armed", late, /armed until/);
  assert.is(found.predicate.steps.find(({ id }) => id === "cut")?.verdict, "FAIL");
});

violations("a rehearsal that cut", async () => {
  const reported = await reportedRun({ until: "rehearsed", mode: "rehearsal" });
  const { runId: run } = reported;
  await reported.done("RequestGate", { run, kind: "SG_1" }, "otto");
  const ledger = await openedUpInMemory(reported.store);
  const { plan } = await newest(ledger, "CutPlanned");
  const envelope = reported.sign("HoldRun", { run, reason: "stands for another" }, "otto");
  const data = { run, gate: "SG_1/1", plan, armedUntil: "2026-12-31T00:00:00.000Z" };
  const position = await forge(ledger, envelope, "otto", [{ stream: `run-${run}`, type: "CutStarted", data }]);
  await names(await reportOn(reported, ledger.store, run), "cut-under-approval", position, /rehearsal/);
});

violations("a cut without the backup and the audit that the policy asks for", async () => {
  const { run, reported, ledger, statement } = await planted("rehearsed");
  const policy = { ...embeddedPolicy, backupHoursMax: 24, grantAuditHoursMax: 24 };
  const until = new Date(Date.parse(reported.now()) + 3_600_000).toISOString();
  const say = (who: Person, stream: string, type: string, data: Record<string, unknown>) =>
    forge(ledger, reported.sign("HoldRun", { run, reason: "stands for another" }, who), who, [{ stream, type, data }]);
  await say("ada", "policy-ledger", "PolicyAdopted", { policy, digest: digestOf(policy) });
  await say("ada", "execution-switch", "ExecutionArmed", { run, until, reason: "today" });
  const { plan } = await newest(ledger, "CutPlanned");
  const position = await say("otto", `run-${run}`, "CutStarted", { run, gate: "SG_1/1", plan, armedUntil: until });
  const found = await statement();
  await names(found, "cut-with-backup", position, /no backup/);
  await names(found, "cut-with-clean-audit", position, /no grant audit/);
});

violations("a Verify by the human who answers for leg B, with the same key and software", async () => {
  const { run, ledger, plant, statement } = await planted("recorded");
  const legB = await newest(ledger, "LegBRecorded");
  const position = await plant("wanda", "VerifyRecorded", { ...legB, run, verdict: "PASS", assertions: 1 });
  const found = await statement();
  await names(found, "independent-verify", position, /carl answers for the record and for its Verify/);
  await names(found, "independent-verify", position, /same software/);
  await names(found, "independent-verify", position, /both are signed with the key/);
  await names(found, "ratified-writers", position, /not what legB writes/);
  await names(found, "ratified-writers", position, /does not follow/);
});

violations("enacted without SG_2, and with rows open", async () => {
  const { run, plant, statement } = await planted("reviewed");
  await plant("ada", "RepealProposed", { run, unit: run, address: "art_7", open: true });
  const position = await plant("ada", "RunEnacted", { run, gate: "SG_2/1", units: 10 });
  const found = await statement();
  await names(found, "enacted-under-approval", position, /never requested/);
  await names(found, "enacted-under-approval", position, /rows of the transition were open/);
});

violations("an enacted run taken back without SG_C, and without a plan", async () => {
  const { run, plant, statement } = await planted("enacted");
  const position = await plant("otto", "CompensationStarted", { run, plan: "ab".repeat(32), gate: null });
  const found = await statement();
  await names(found, "compensated-under-plan", position, /no SG_C/);
  await names(found, "compensated-under-plan", position, /no compensation plan/);
});

violations("a record by a writer that was retired", async () => {
  const { run, ledger, plant, statement } = await planted("recorded");
  const legB = await newest(ledger, "LegBRecorded");
  const writer = legB["writer"] as { name: string; version: number; source: string };
  await plant("ada", "WriterRetired", { ...writer, reason: "a flaw" }, "writer-legB");
  const position = await plant("wanda", "LegBRecorded", { ...legB, run });
  await names(await statement(), "ratified-writers", position, /was not in force/);
});

violations("a record that is not what its digest says", async () => {
  const { ledger, statement } = await planted("recorded");
  await ledger.setEvents(
    rechained(
      (await ledger.events()).map((event) =>
        parsed(event).type !== "LegBRecorded"
          ? event
          : edited(event, ({ data }) => {
              (data["record"] as Record<string, unknown>)["units"] = 11;
            }),
      ),
    ),
  );
  await fixHead(ledger);
  const found = await statement();
  await names(found, "ratified-writers", null, /digest is not that of the record/);
  assert.is(found.predicate.steps.find(({ id }) => id === "leg-b")?.verdict, "FAIL");
});

violations("a text erased without a ruling", async () => {
  const { reported, plant, statement, run } = await planted("enacted");
  const { content } = await reported.state(run);
  const position = await plant("otto", "ContentRedacted", { redaction: run, content }, `content-${content}`);
  await names(await statement(), "erased-by-ruling", position, /nobody ruled/);
});

violations("the run went on while it was held, and an agent ended the HOLD", async () => {
  const { run, reported, ledger, plant, statement } = await planted("recorded");
  await plant("rhea", "RunHeld", {
    run,
    check: "by hand",
    reason: "stop",
    expected: "a",
    actual: "b",
    causedBy: "rhea",
  });
  const went = await plant("rhea", "RunReviewed", { run, note: "on we go" });
  const ended = await plant("otto", "HoldReleased", { run, reason: "fine" });
  const found = await statement();
  await names(found, "stopped-while-held", went, /RunReviewed while held/);
  await names(found, "stopped-while-held", ended, /no human/);
  assert.ok(reported && ledger);
});

violations("an event taken out of the middle, with positions, chain and head made to fit", async () => {
  const { ledger, statement } = await planted("verified");
  const events = await ledger.events();
  const gone = events.findIndex((event) => parsed(event).type === "TargetAssessed");
  await ledger.setEvents(rechained(renumbered(events.filter((_, i) => i !== gone))));
  await fixHead(ledger);
  await names(await statement(), "nothing-deleted", null, /dense revisions/);
});

violations("an event changed, and the head left as it was", async () => {
  const { ledger, statement } = await planted("verified");
  await ledger.setEvents(
    (await ledger.events()).map((event) =>
      parsed(event).type === "DocumentRegistered"
        ? edited(event, ({ data }) => {
            data["title"] = "Another";
          })
        : event,
    ),
  );
  await names(await statement(), "nothing-changed", null, /the root over 43 events/);
});

violations("an event whose signed command says another actor", async () => {
  const { ledger, statement } = await planted("verified");
  await ledger.setEvents(
    rechained(
      (await ledger.events()).map((event) =>
        parsed(event).type === "GateRuled"
          ? edited(event, (envelope) => {
              envelope.actor = "ada";
            })
          : event,
      ),
    ),
  );
  await fixHead(ledger);
  await names(await statement(), "signed-in-force", null, /actor signed/);
});

violations.run();
