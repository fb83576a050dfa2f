/**
 * Leg B, version 1: the governance record of a cut, from the run's live state alone. Ratified writers never change:
 * a new behaviour is a new file. Imports nothing but node:crypto and types, so that its source digest covers all it does.
 */
import { createHash } from "node:crypto";
import type { LiveState, LiveUnit, WriterRecord } from "./LiveState.js";

/** Writes what was cut, under which approval, counted from the units there are. */
export function legB(live: LiveState): WriterRecord {
  const approval = live.gates.findLast((gate) => gate.kind === "SG_1");
  return {
    approvedBy: approval?.ruledBy ?? null,
    base: live.plan.base,
    content: live.content,
    cutter: live.plan.cutter,
    document: live.document,
    draftRoot: unitsRoot(live.units),
    gate: approval?.gate ?? null,
    grammar: live.plan.grammar,
    kind: "legB",
    kinds: countBy(live.units, (unit) => unit.kind),
    plan: live.plan.digest,
    profile: live.plan.profile,
    repeals: live.repeals.length,
    revision: live.revision,
    run: live.run,
    schema: 1,
    subject: approval?.subject ?? null,
    transition: countBy(live.units, (unit) => unit.transition),
    units: live.units.length,
  };
}

function countBy(units: readonly LiveUnit[], name: (unit: LiveUnit) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const unit of units) counts[name(unit)] = (counts[name(unit)] ?? 0) + 1;
  return counts;
}

/** RFC 6962 section 2.1 over the units' leaves, built from the right-hand edge. */
function unitsRoot(units: readonly LiveUnit[]): string {
  const peaks: Uint8Array[] = [];
  units.forEach((unit, index) => {
    let node: Uint8Array = createHash("sha256").update("\u0000").update(unitLeaf(unit)).digest();
    for (let size = index; size % 2 === 1; size = (size - 1) / 2) node = join(peaks.pop() as Uint8Array, node);
    peaks.push(node);
  });
  let root = peaks.pop();
  if (root === undefined) return createHash("sha256").digest("hex");
  for (let left = peaks.pop(); left !== undefined; left = peaks.pop()) root = join(left, root);
  return Buffer.from(root).toString("hex");
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  return createHash("sha256").update("\u0001").update(left).update(right).digest();
}

/** The leaf of a unit: canonical JSON, keys in order as they stand here. */
function unitLeaf(unit: LiveUnit): string {
  return JSON.stringify({
    address: unit.address,
    end: unit.end,
    index: unit.index,
    kind: unit.kind,
    label: unit.label,
    norm: unit.norm,
    parent: unit.parent,
    raw: unit.raw,
    start: unit.start,
  });
}
