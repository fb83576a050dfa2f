/** What to type next for a run, taken from its blocker matrix: what closes the first open precondition, or the step itself. */
import type { Blocker } from "../../../projections/readiness/matrix.js";
import { listReadiness } from "../../../projections/readiness/queries.js";
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
  const blockers = await listReadiness(sql, context.now(), run);
  return nextFrom({ step: blockers[0]?.step ?? null, blockers }, run);
}

/** The line to type for a matrix. */
export function nextFrom(
  { step, blockers }: { readonly step: string | null; readonly blockers: readonly Pick<Blocker, "status" | "next">[] },
  run: string,
): string | null {
  if (step === null) return null;
  const open = blockers.find((blocker) => blocker.status !== "CLOSED");
  if (open !== undefined) return open.next;
  const words = commandOf[step];
  return words === undefined ? null : `iu-ledger ${words} ${run}${step === "Compensate" ? " --execute" : ""}`;
}
