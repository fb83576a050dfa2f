/**
 * Verify of a compensation, version 1: an independent look at whether every unit the run ever cut has been reverted, and that the
 * record says so. Never changes once ratified; imports nothing but node:crypto and types.
 */
import { createHash } from "node:crypto";
import type { LiveState, WriterRecord } from "./LiveState.js";

/** Recounts the reverted units, rebuilds the compensation plan's digest from the units, and compares. */
export function verifyCompensation(live: LiveState): WriterRecord {
  const actions = [...live.units].reverse().map((unit) => ({ address: unit.address, index: unit.index }));
  const plan = createHash("sha256")
    .update(JSON.stringify({ actions, run: live.run, schema: 1 }))
    .digest("hex");
  const checks = [
    check("every unit is reverted", live.units.length, live.compensation?.reverted === live.units.length),
    check(
      "the plan that was carried out is the inverse of the units",
      actions.length,
      live.compensation?.plan === plan,
    ),
    check("compensation B is recorded", 1, live.records.compensationB !== null),
  ];
  const failures = checks.reduce((sum, one) => sum + one.failures, 0);
  const assertions = checks.reduce((sum, one) => sum + one.assertions, 0);
  return {
    assertions,
    checks,
    compensationB: live.records.compensationB,
    kind: "verifyCompensation",
    plan,
    run: live.run,
    schema: 1,
    units: live.units.length,
    verdict: failures === 0 && assertions > 0 ? "PASS" : "FAIL",
  };
}

function check(
  rule: string,
  assertions: number,
  holds: boolean,
): { assertions: number; failures: number; rule: string } {
  return { assertions, failures: holds ? 0 : 1, rule };
}
