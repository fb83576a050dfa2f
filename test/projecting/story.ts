// The story most tests of projections are told: two runs of a charter and two of a bylaw, with everything that can befall them.
import { digestOf } from "../../src/events/canonical.js";
import { embeddedPolicy } from "../../src/events/fields.js";
import { writersLock } from "../../src/writers/lock.js";
import {
  arm,
  compensate,
  cut,
  enact,
  enactText,
  key,
  openHistory,
  openRun,
  passGate,
  planCompensation,
  planRun,
  planUnits,
  type RunPlan,
  recordAndReview,
  writeDocument,
} from "./history.js";
import { fact, id, type Scribe } from "./scribe.js";

export const ids = {
  charter: id(0xd1),
  bylaw: id(0xd2),
  first: id(0x11),
  second: id(0x12),
  third: id(0x13),
  fourth: id(0x14),
};
const lineId = (line: number) => id(0xa00 + line);

export interface Story {
  readonly first: RunPlan;
  readonly second: RunPlan;
}

/**
 * The whole story in about 110 events: a charter enacted; revised and cut again with an open row, a repeal, a HOLD and a human's
 * resolution; that one enacted in its place, then compensated, so that the first is in force again; a bylaw's run abandoned, another
 * left before its cut with a gate that has expired; people, keys, writers, policies and refusals in between.
 */
export async function tellStory(s: Scribe): Promise<Story> {
  await openHistory(s);
  const { charter, bylaw, first, second, third, fourth } = ids;
  const text1 = await writeDocument(s, charter, 0, "Điều 1. One 😀\nTwo\nThree");
  const units1 = planUnits(first, charter, text1, lineId);
  const plan1: RunPlan = {
    run: first,
    document: charter,
    revision: 0,
    text: text1,
    units: units1,
    repeals: [],
    base: null,
  };
  await enactText(s, plan1, 2);
  await s.say("bob", fact("execution-switch", "ExecutionDisarmed", { run: first, reason: "Done." }));
  await s.say(
    "agent",
    fact(`refusal-${id(0xbad)}`, "CommandRefused", {
      type: "RuleGate",
      code: "HUMAN_REQUIRED",
      message: "RuleGate is for humans; agent is an agent.",
      numbers: { actor: "agent", tries: 1, given: null, sure: true },
      next: "Ask a human.",
    }),
  );
  await s.say("ann", fact("principal-bob", "KeyRotated", { principal: "bob", key: key(5), retires: [key(2).keyid] }));

  const text2 = await writeDocument(s, charter, 1, "Điều 1. One 😀\nTwo, amended");
  // Line 2 is proposed to be a new unit; the human says that it is the old one.
  const ids2 = (line: number) => (line === 2 ? id(0xb02) : lineId(line));
  const units2 = planUnits(second, charter, text2, ids2, (line) => line === 2);
  const repeals2 = [{ run: second, unit: lineId(3), address: "art_3", open: true }];
  const plan2: RunPlan = {
    run: second,
    document: charter,
    revision: 1,
    text: text2,
    units: units2,
    repeals: repeals2,
    base: first,
  };
  await openRun(s, plan2);
  await planRun(s, plan2);
  await s.say(
    "ann",
    fact(`run-${second}`, "RunHeld", {
      run: second,
      check: "held by hand",
      reason: "Wait.",
      expected: "go",
      actual: "stop",
      causedBy: "ann",
    }),
  );
  await s.say("bob", fact(`run-${second}`, "HoldReleased", { run: second, reason: "Go on." }));
  const gate2 = await passGate(s, second, "SG_1");
  await arm(s, second);
  await cut(s, plan2, gate2);
  await recordAndReview(
    s,
    second,
    fact(`run-${second}`, "TransitionResolved", {
      run: second,
      rows: [
        { row: "art_2", class: "amend", unit: lineId(2), from: [lineId(2)] },
        { row: lineId(3), class: "repeal", unit: lineId(3), from: [lineId(3)] },
      ],
      reason: "Two is still two.",
    }),
  );
  await enact(s, plan2, await passGate(s, second, "SG_2"));

  const text3 = await writeDocument(s, bylaw, 0, "A\nB");
  const plan3: RunPlan = {
    ...plan1,
    run: third,
    document: bylaw,
    text: text3,
    units: planUnits(third, bylaw, text3, (line) => id(0xf00 + line)),
  };
  await openRun(s, plan3);
  await s.say(
    "ann",
    fact(`run-${third}`, "RunAbandoned", { run: third, reason: "Not now." }),
    fact(`document-${bylaw}`, "DocumentReleased", { document: bylaw, run: third, outcome: "abandoned" }),
  );
  const plan4: RunPlan = {
    ...plan3,
    run: fourth,
    units: planUnits(fourth, bylaw, text3, (line) => id(0xf00 + line)),
  };
  await openRun(s, plan4);
  await planRun(s, plan4);
  await passGate(s, fourth, "SG_1");
  await arm(s, fourth);
  // Asked for and rejected: the text stays, for the tests that read it.
  const redaction = id(0xeda);
  const asked = { redaction, contents: [text3.content], reason: "It names the cat." };
  const subject = digestOf(asked);
  await s.say(
    "ann",
    fact(`redaction-${redaction}`, "RedactionRequested", { ...asked, subject, requestedBy: "ann", responsible: "ann" }),
  );
  await s.say(
    "bob",
    fact(`redaction-${redaction}`, "RedactionRuled", {
      redaction,
      outcome: "rejected",
      subject,
      reason: "The cat agrees.",
      expires: "2026-02-01T00:00:00.000Z",
      ruledBy: "bob",
    }),
  );

  await planCompensation(s, plan2, first);
  const gateC = await passGate(s, second, "SG_C");
  await compensate(s, plan2, gateC, first, 2);

  s.wait(48);
  const stricter = { ...embeddedPolicy, gateHours: 1 };
  await s.say("ann", fact("policy-ledger", "PolicyAdopted", { policy: stricter, digest: digestOf(stricter) }));
  await s.say("bob", fact("execution-switch", "ExecutionDisarmed", { run: null, reason: "Everything off." }));
  await s.say("ann", fact("principal-cleo", "PrincipalRevoked", { principal: "cleo", reason: "Left." }));
  const legB = writersLock.find(({ name }) => name === "legB");
  if (legB !== undefined) {
    await s.say("ann", fact("writer-legB", "WriterRetired", { ...legB, reason: "A newer one comes." }));
  }
  await passGate(s, fourth, "SG_1", false);
  return { first: plan1, second: plan2 };
}
