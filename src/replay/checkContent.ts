/**
 * Content: everything an event commits to is there and is what was committed to; a plan is the plan its digest names, made for the bytes it
 * is said to be for, and breaks none of the lossless rules; every unit's commitments are those of its slice of the content.
 */
import { unitsRoot } from "../../commands/run/cutFacts.js";
import { runCategory } from "../../commands/run/State.js";
import { normDigest } from "../documents/normDigest.js";
import { checkOnce } from "../documents/once.js";
import { type Plan, parsePlan } from "../documents/Plan.js";
import { sha256Hex } from "../events/canonical.js";
import { commitNorm, commitUnit } from "../events/commitment.js";
import { asEvent } from "../events/decode.js";
import type { FactData } from "../events/facts.js";
import { categoryOf } from "../events/streams.js";
import type { Content } from "../ledger/Store.js";
import { at, type Check, type Tally } from "./Check.js";
import type { Contents } from "./contents.js";
import { differingField } from "./differences.js";
import { type History, Unfoldable } from "./history.js";
import { type Leaf, readingOf } from "./Leaf.js";
import { places } from "./places.js";
import { recent } from "./recent.js";
import type { Redactions } from "./redactions.js";

/** Categories whose events name content, or units of it. */
const naming: readonly string[] = ["run", "document", "audit", "proof", "content"];

export function checkContent(
  tally: Tally,
  { history, contents, redactions }: { history: History; contents: Contents; redactions: Redactions },
): Check {
  const plans = recent<Plan | string>(4);
  const redacted = places();

  /** The content an event names, or undefined after a finding about it. */
  async function named(leaf: Leaf, field: string, commitment: string): Promise<Content | undefined> {
    tally.assert();
    const found = await contents.find(commitment);
    if (found.kind === "present") return found.content;
    if (found.kind === "missing" && (await redactions.find(commitment)) !== null) {
      redacted.add(leaf.position);
      return undefined;
    }
    const [rule, message] =
      found.kind === "missing"
        ? ["missing", `no content is stored under ${commitment}: it was lost, never put, or erased`]
        : ["commitment", `the content stored under ${commitment} is not what was committed to: ${found.message}`];
    tally.find(at(leaf, field, rule, message));
    return undefined;
  }

  async function document(leaf: Leaf, data: { content: string; length: number }): Promise<void> {
    const content = await named(leaf, "data.content", data.content);
    if (content === undefined) return;
    tally.assert();
    if (content.bytes.length !== data.length) {
      tally.find(
        at(
          leaf,
          "data.length",
          "length",
          `the content is ${content.bytes.length} bytes; the event says ${data.length}`,
        ),
      );
    }
  }

  async function planned(leaf: Leaf, data: FactData<"CutPlanned">): Promise<void> {
    const stored = await named(leaf, "data.planContent", data.planContent);
    if (stored === undefined) return;
    tally.assert();
    if (sha256Hex(stored.bytes) !== data.plan) {
      const message = `the plan's bytes have the digest ${sha256Hex(stored.bytes)}; the event says ${data.plan}`;
      tally.find(at(leaf, "data.plan", "plan digest", message));
    }
    const plan = planOf(data.planContent, stored);
    tally.assert();
    if (typeof plan === "string") {
      tally.find(at(leaf, "data.planContent", "plan", plan));
      return;
    }
    const content = await contents.get((await history.state(runCategory, data.run)).content);
    // Missing content was found where the document was registered or revised.
    if (content === undefined) return;
    for (const { rule, assertions, failures } of checkOnce(content.bytes, plan, sha256Hex(stored.bytes))) {
      tally.assert(assertions);
      for (const { address, message } of failures) {
        tally.find(at(leaf, "data.plan", rule, address === null ? message : `${address}: ${message}`));
      }
    }
  }

  async function unitCut(leaf: Leaf, data: FactData<"UnitCut">): Promise<void> {
    const state = await history.state(runCategory, data.run);
    const content = await contents.get(state.content);
    if (content !== undefined) {
      const slice = content.bytes.subarray(data.span.start, data.span.end);
      tally.assert(2);
      for (const [field, actual, expected] of [
        ["data.raw", data.raw, commitUnit(content.salt, slice)],
        ["data.norm", data.norm, commitNorm(content.salt, normDigest(slice))],
      ] as const) {
        if (actual === expected) continue;
        const message = `${data.address}: bytes ${data.span.start} to ${data.span.end} commit to ${expected}, not to ${actual}`;
        tally.find(at(leaf, field, "commitment", message));
      }
    }
    const stored = state.plan === null ? undefined : await contents.get(state.plan.planContent);
    if (state.plan === null || stored === undefined) return;
    const plan = planOf(state.plan.planContent, stored);
    if (typeof plan === "string") return;
    const unit = plan.units[data.index];
    tally.assert();
    const { address, kind, label, parent, span } = data;
    const expected =
      unit === undefined
        ? undefined
        : { address: unit.address, kind: unit.kind, label: unit.label, parent: unit.parent, span: unit.span };
    const difference = differingField("data", expected, { address, kind, label, parent, span });
    if (difference === null) return;
    const message = `the plan's unit ${data.index} has ${difference.expected}; the event has ${difference.actual}`;
    tally.find(at(leaf, difference.field, "as planned", message));
  }

  async function executed(leaf: Leaf, data: FactData<"CutExecuted">): Promise<void> {
    const { units } = await history.state(runCategory, data.run);
    tally.assert(2);
    if (units.length !== data.units) {
      tally.find(at(leaf, "data.units", "every unit", `${units.length} units were cut; the event says ${data.units}`));
    }
    const root = unitsRoot(units);
    if (root !== data.draftRoot) {
      tally.find(at(leaf, "data.draftRoot", "draft root", `the root over the units is ${root}, not ${data.draftRoot}`));
    }
  }

  async function reported(leaf: Leaf, data: { report: string; reportContent: string }): Promise<void> {
    const stored = await named(leaf, "data.reportContent", data.reportContent);
    if (stored === undefined) return;
    tally.assert();
    const actual = sha256Hex(stored.bytes);
    if (actual === data.report) return;
    const message = `the report's bytes have the digest ${actual}; the event says ${data.report}`;
    tally.find(at(leaf, "data.report", "report digest", message));
  }

  async function erased(leaf: Leaf, { content, redaction }: FactData<"ContentRedacted">): Promise<void> {
    tally.assert();
    if ((await contents.find(content)).kind === "missing") return;
    const message = `content ${content} was redacted here and is still stored, or again: iu-ledger redaction execute ${redaction}`;
    tally.find(at(leaf, "data.content", "erased", message));
  }

  function planOf(commitment: string, { bytes }: Content): Plan | string {
    let plan = plans.get(commitment);
    if (plan === undefined) {
      try {
        plan = parsePlan(bytes);
      } catch (error) {
        plan = error instanceof Error ? error.message : String(error);
      }
      plans.set(commitment, plan);
    }
    return plan;
  }

  return {
    name: "content",
    async event(leaf) {
      if (!naming.includes(categoryOf(leaf.stream))) return;
      const { envelope, fault } = readingOf(leaf);
      if (envelope === null || fault !== null) return;
      const event = asEvent(envelope);
      try {
        switch (event.type) {
          case "DocumentRegistered":
          case "DocumentRevised":
            return await document(leaf, event.data);
          case "CutPlanned":
            return await planned(leaf, event.data);
          case "UnitCut":
            return await unitCut(leaf, event.data);
          case "CutExecuted":
            return await executed(leaf, event.data);
          case "GrantAuditRecorded":
          case "ProofRecorded":
            return await reported(leaf, event.data);
          case "ContentRedacted":
            return await erased(leaf, event.data);
        }
      } catch (error) {
        if (!(error instanceof Unfoldable)) throw error;
        const message = `which content it is of cannot be told: ${error.stream}: ${error.message}`;
        tally.find(at(leaf, "data", "commitment", message));
      }
    },
    end() {
      if (redacted.count > 0)
        tally.remark(`redacted with authority, so not looked at: ${redacted.said("content named", "contents named")}`);
    },
  };
}
