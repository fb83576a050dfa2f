/**
 * Records: leg B, Verify, compensation B and the Verify of it. A record is what a ratified writer makes of the live state, never what a
 * command says. A Verify comes from another human, another key and other software than what it verifies; if it fails, the run is held in the same append.
 */
import { createHash } from "node:crypto";
import { digestOf } from "../../src/events/canonical.js";
import type { FactData } from "../../src/events/facts.js";
import type { WriterRef } from "../../src/events/fields.js";
import { streamName } from "../../src/events/streams.js";
import {
  accepted,
  type Decision,
  type NewFact,
  type Refused,
  refused,
  type SignedCommand,
  type World,
} from "../../src/ledger/Decision.js";
import type { Evidence, WriterRecord } from "../../src/writers/LiveState.js";
import { writerCode } from "../../src/writers/registry.js";
import { principalCategory } from "../principal.js";
import { writerInForce } from "../writer.js";
import { liveStateOf } from "./liveState.js";
import { firstOpen } from "./preconditions.js";
import type { Phase, Recorded, RunState } from "./State.js";
import { wrongPhase } from "./wrongPhase.js";

type RecordCommand = "RecordLegB" | "RecordVerify" | "RecordCompensationB" | "VerifyCompensation";

const table: Readonly<
  Record<
    RecordCommand,
    {
      readonly from: Phase;
      readonly writer: string;
      readonly event: string;
      readonly verifies: "legB" | "compensationB" | null;
    }
  >
> = {
  RecordLegB: { from: "cut", writer: "legB", event: "LegBRecorded", verifies: null },
  RecordVerify: { from: "recorded", writer: "verify", event: "VerifyRecorded", verifies: "legB" },
  RecordCompensationB: { from: "compensated", writer: "compensationB", event: "CompensationBRecorded", verifies: null },
  VerifyCompensation: {
    from: "compensation-recorded",
    writer: "verifyCompensation",
    event: "CompensationVerified",
    verifies: "compensationB",
  },
};

export function decideRecord(
  type: RecordCommand,
  signed: SignedCommand,
  state: Readonly<RunState>,
  world: World,
): Decision {
  const { from, writer: name, event, verifies } = table[type];
  if (state.phase !== from) return wrongPhase(state, `given its ${name} record`, [from]);
  const refusal = firstOpen(type, state, world);
  if (refusal !== null) return refusal;
  const writer = writerInForce(name, world);
  if (!writer.ok) return writer.refused;
  const { responsible } = world.state(principalCategory, signed.command.actor);
  const by = { responsible, keyid: signed.keyid };
  const verified =
    verifies === "legB" ? state.legB : verifies === "compensationB" ? (state.compensation?.recordB ?? null) : null;
  if (verified !== null) {
    const dependent = dependence(verified, by, writer.writer, state.run);
    if (dependent !== null) return dependent;
  }
  // Only what verifies is shown the text: the records it verifies come from live state alone.
  const evidence = verifies === null ? null : evidenceOf(state, world);
  const record = writerCode(name, writer.writer.version)(liveStateOf(state), evidence);
  const recordDigest = digestOf(record);
  const written = {
    run: state.run,
    by,
    writer: writer.writer,
    record,
    recordDigest,
    writerDigest: nextWriterDigest(state.writerDigests[name], writer.writer, recordDigest),
  };
  const stream = streamName("run", state.run);
  if (verifies === null) return accepted([{ stream, type: event, data: written }]);
  const verdict = verdictOf(record);
  const facts: NewFact[] = [{ stream, type: event, data: { ...written, ...verdict } }];
  if (verdict.verdict === "FAIL")
    facts.push({ stream, type: "RunHeld", data: holdOf(name, record, state.run, responsible) });
  else if (type === "VerifyCompensation" && state.compensation?.from !== "enacted") {
    facts.push({
      stream: streamName("document", state.document),
      type: "DocumentReleased",
      data: { document: state.document, run: state.run, outcome: "reverted" },
    });
  }
  return accepted(facts);
}

/** d₀ = SHA-256 of canonical [name, version, source]; dₙ₊₁ = SHA-256(dₙ ‖ record digest), both as 32 bytes: over one writer's records in one run. */
export function nextWriterDigest(before: string | undefined, writer: WriterRef, recordDigest: string): string {
  const from = before ?? digestOf([writer.name, writer.version, writer.source]);
  return createHash("sha256").update(Buffer.from(from, "hex")).update(Buffer.from(recordDigest, "hex")).digest("hex");
}

function dependence(
  verified: Recorded,
  by: { responsible: string; keyid: string },
  writer: WriterRef,
  run: string,
): Refused | null {
  const numbers = { run, recordedBy: verified.actor, responsible: verified.responsible };
  if (by.responsible === verified.responsible) {
    return refused(
      "VERIFIER_NOT_INDEPENDENT",
      `${verified.responsible} answers for the record and for this Verify; another human must verify.`,
      numbers,
      "Let a verifier that another human answers for record it.",
    );
  }
  if (by.keyid === verified.keyid)
    return refused(
      "VERIFIER_SAME_KEY",
      "The record and this Verify are signed with the same key.",
      numbers,
      "Sign with the verifier's own key.",
    );
  if (writer.source === verified.writer.source) {
    return refused(
      "VERIFIER_SAME_SOFTWARE",
      "The record and this Verify would be made by the same software.",
      { ...numbers, source: writer.source },
      "Ratify a verifying writer of its own.",
    );
  }
  return null;
}

function evidenceOf(state: Readonly<RunState>, world: World): Evidence | null {
  const content = world.content(state.content);
  const plan = state.plan === null ? undefined : world.content(state.plan.planContent);
  return content === undefined || plan === undefined
    ? null
    : { salt: content.salt, content: content.bytes, plan: plan.bytes };
}

/** A Verify that asserted nothing has not passed. */
export function verdictOf(record: WriterRecord): { verdict: "PASS" | "FAIL"; assertions: number } {
  const assertions = typeof record["assertions"] === "number" ? record["assertions"] : 0;
  return { verdict: record["verdict"] === "PASS" && assertions > 0 ? "PASS" : "FAIL", assertions };
}

function holdOf(name: string, record: WriterRecord, run: string, responsible: string): FactData<"RunHeld"> {
  const checks = record["checks"] as readonly { rule: string; failures: number; first?: string | null }[];
  const failed = checks.find((check) => check.failures > 0);
  return {
    run,
    check: `${name}:${failed?.rule ?? "assertions"}`,
    reason: `${name} failed${failed === undefined ? ": it asserted nothing" : ` at ${failed.rule}${failed.first == null ? "" : `: ${failed.first}`}`}`,
    expected: "0 failures",
    actual: failed === undefined ? "0 assertions" : `${failed.failures} failures`,
    causedBy: responsible,
  };
}
