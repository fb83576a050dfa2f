/**
 * Compensation B, version 1: the governance record of a soft revert, from the run's live state alone. Never changes once
 * ratified; imports nothing but types.
 */
import type { LiveState, WriterRecord } from "./LiveState.js";

/** Writes what was reverted, from which state, under which approval, and what is in force again. */
export function compensationB(live: LiveState): WriterRecord {
  const approval = live.gates.findLast((gate) => gate.kind === "SG_C");
  return {
    approvedBy: approval?.ruledBy ?? null,
    document: live.document,
    draftRoot: live.draftRoot,
    from: live.compensation?.from ?? null,
    gate: approval?.gate ?? null,
    kind: "compensationB",
    legB: live.records.legB,
    plan: live.compensation?.plan ?? null,
    restores: live.compensation?.restores ?? null,
    reverted: live.compensation?.reverted ?? 0,
    run: live.run,
    schema: 1,
    units: live.units.length,
  };
}
