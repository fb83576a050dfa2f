/** What to type next for a run, taken from its blocker matrix: what closes the first open precondition, or the step itself. */
import { listReadiness, type ReadinessRow } from "../../../projections/readiness/queries.js";
import type { Sql } from "../../database/Sql.js";
import type { Context } from "../Context.js";

const commandOf: Readonly<Record<string, string>> = {
  AssessTarget: "run assess",
  PlanCut: "run plan",
  DryRun: "run dry-run",
  ExecuteCut: "run cut",
  RecordLegB: "run leg-b",
  RecordVerify: "run verify",
  ReviewRun: "run review",
  EnactRun: "run enact",
  Compensate: "run compensate",
  RecordCompensationB: "run compensation-b",
  VerifyCompensation: "run verify-compensation",
};

/** The line to type, or null where nothing more is to come. The read models must be current. */
export async function nextOf(context: Context, sql: Sql, run: string): Promise<string | null> {
  return nextFrom(await listReadiness(sql, context.now(), run), run);
}

/** The line to type for a matrix. */
export function nextFrom(rows: readonly ReadinessRow[], run: string): string | null {
  const step = rows[0]?.step;
  if (step === undefined) return null;
  const blocker = rows.find((row) => row.status !== "CLOSED");
  if (blocker !== undefined) return blocker.next;
  const words = commandOf[step];
  return words === undefined ? null : `iu-ledger ${words} ${run}${step === "Compensate" ? " --execute" : ""}`;
}
