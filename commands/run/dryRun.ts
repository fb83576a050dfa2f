/**
 * The dry run: the whole cut, leg B, Verify and the way back, folded over a copy of the run's state. Nothing of it is kept but what it
 * found. That the database was not touched is measured outside and comes with the command; here it is judged.
 */

import { checkOnce } from "../../src/documents/once.js";
import { digestOf } from "../../src/events/canonical.js";
import type { FactData } from "../../src/events/facts.js";
import { streamName } from "../../src/events/streams.js";
import { accepted, type Decision, nothing, type Refused, type World } from "../../src/ledger/Decision.js";
import type { Evidence, WriterRecord } from "../../src/writers/LiveState.js";
import { writerCode } from "../../src/writers/registry.js";
import type { CommandsOf } from "../CommandFrame.js";
import { writerInForce } from "../writer.js";
import type { commands } from "./commands.js";
import { compensationPlanOf } from "./compensation.js";
import { type Cut, cutOf } from "./cutFacts.js";
import { liveStateOf } from "./liveState.js";
import type { Recorded, RunState } from "./State.js";
import { wrongPhase } from "./wrongPhase.js";

/** Every writer the run and its way back will need: none of them may be found missing after the cut. */
const writerNames = ["legB", "verify", "compensationB", "verifyCompensation"] as const;
type WriterName = (typeof writerNames)[number];

type RuleCheck = FactData<"DryRunRecorded">["rules"][number];

export function decideDryRun(
  { data }: CommandsOf<typeof commands, "DryRun">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  const { plan } = state;
  if ((state.phase !== "planned" && state.phase !== "rehearsed") || plan === null)
    return wrongPhase(state, "tried in a dry run", ["planned", "rehearsed"]);
  const writers = writersInForce(world);
  if (!writers.ok) return writers.refused;
  const outcome = cutOf(state, plan.planContent, plan.base, world);
  if (!outcome.ok) return outcome.refused;
  const content = world.content(state.content);
  const planBytes = world.content(plan.planContent);
  if (content === undefined || planBytes === undefined)
    throw new Error("the cut was worked out from content that is not there");
  const evidence = { salt: content.salt, content: content.bytes, plan: planBytes.bytes };
  const rules = [
    ...checkOnce(content.bytes, outcome.cut.plan, plan.plan).map((check) => ({
      rule: check.rule,
      assertions: check.assertions,
      failures: check.failures.length,
    })),
    ...rehearse(overlayOf(state, outcome.cut), evidence, writers.versions),
  ];
  const dryRun: FactData<"DryRunRecorded"> = {
    run: state.run,
    verdict: verdictOf(rules, data.nonMutation),
    units: outcome.cut.units.length,
    draftRoot: outcome.cut.draftRoot,
    rules,
    compensationPlan: compensationPlanOf(state.run, outcome.cut.units),
    nonMutation: data.nonMutation,
  };
  if (state.dryRun !== null && digestOf({ run: state.run, ...state.dryRun }) === digestOf(dryRun)) return nothing;
  return accepted([{ stream: streamName("run", state.run), type: "DryRunRecorded", data: dryRun }]);
}

function writersInForce(
  world: World,
): { ok: true; versions: ReadonlyMap<WriterName, number> } | { ok: false; refused: Refused } {
  const versions = new Map<WriterName, number>();
  for (const name of writerNames) {
    const outcome = writerInForce(name, world);
    if (!outcome.ok) return outcome;
    versions.set(name, outcome.writer.version);
  }
  return { ok: true, versions };
}

/** Leg B, Verify, the reverts, compensation B and its Verify, one after the other on the overlay. */
function rehearse(overlay: RunState, evidence: Evidence, versions: ReadonlyMap<WriterName, number>): RuleCheck[] {
  const write = (name: WriterName) => writerCode(name, versions.get(name) ?? 0)(liveStateOf(overlay), evidence);
  const legB = write("legB");
  overlay.legB = pretended(legB);
  const verify = write("verify");
  overlay.verify = pretended(verify);
  overlay.compensation = {
    plan: compensationPlanOf(overlay.run, overlay.units),
    restores: null,
    from: "cut",
    gate: null,
    reverted: overlay.units.length,
    recordB: null,
  };
  overlay.compensation.recordB = pretended(write("compensationB"));
  return [
    { rule: "leg B", assertions: 1, failures: legB["draftRoot"] === overlay.draftRoot ? 0 : 1 },
    verified("Verify", verify),
    verified("Verify of the compensation", write("verifyCompensation")),
  ];
}

function verified(rule: string, record: WriterRecord): RuleCheck {
  return { rule, assertions: record["assertions"] as number, failures: record["verdict"] === "PASS" ? 0 : 1 };
}

/** A record nobody made: on the overlay only its digest is looked at. */
function pretended(record: WriterRecord): Recorded {
  const writer = { name: "", version: 0, source: "" };
  return { recordDigest: digestOf(record), writer, actor: "", responsible: "", keyid: "" };
}

/**
 * A proof of non-mutation that says PASS is believed only if what it says it saw is the same before and after, and if its negative
 * control was noticed somewhere. Checks that asserted nothing have not passed.
 */
function verdictOf(
  rules: readonly RuleCheck[],
  { verdict, before, after, differs, control }: FactData<"DryRunRecorded">["nonMutation"],
): FactData<"DryRunRecorded">["verdict"] {
  const sound = rules.every((rule) => rule.failures === 0 && rule.assertions > 0);
  const noticed = control.detected && control.differs.length > 0;
  if (!sound || !noticed || verdict === "FAIL") return "FAIL";
  if (verdict === "INCONCLUSIVE") return "INCONCLUSIVE";
  return differs.length === 0 && digestOf(before) === digestOf(after) ? "PASS" : "FAIL";
}

/** The run as the cut would leave it. A copy: the state itself is not touched. */
function overlayOf(state: Readonly<RunState>, cut: Cut): RunState {
  return {
    ...structuredClone(state as RunState),
    phase: "cut",
    units: cut.units.map(({ run: _, document: __, ...unit }) => unit),
    repeals: cut.repeals.map(({ run: _, ...repeal }) => ({ ...repeal, class: "repeal" })),
    draftRoot: cut.draftRoot,
  };
}
