/** What takes a run on, taken from its blocker matrix: what closes the first open precondition, or the step itself. */
import type { Blocker } from "./matrix.js";

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

/** The line to type for a matrix, or the sentence; null where nothing more is to come. */
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
