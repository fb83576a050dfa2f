/**
 * A dry run, as its orchestrator does it: measure every surface of the database, work out the whole cut on an overlay, measure again, and
 * show that the measuring would have noticed. Then the ledger is asked to judge and record it.
 */

import type { GovernedLedger } from "../app.js";
import type { NonMutation } from "../events/facts.js";
import type { Signer } from "../keys/Signer.js";
import type { Result } from "../ledger/Decision.js";
import { proveNonMutation } from "../projecting/nonMutation.js";

export interface DryRun {
  readonly proof: NonMutation;
  /** What the overlay came to, before it was recorded. */
  readonly preview: Awaited<ReturnType<GovernedLedger["consider"]>>;
  readonly result: Result;
}

/** Runs everything of a planned cut on an overlay, proves that nothing was written meanwhile, and records both. */
export async function dryRun(ledger: GovernedLedger, run: string, signer: Signer): Promise<DryRun> {
  await ledger.catchUp();
  const { result: preview, proof } = await proveNonMutation(ledger.sql, ledger.store, () =>
    ledger.consider("DryRun", { run, nonMutation: unmeasured }, signer),
  );
  return { proof, preview, result: await ledger.submit("DryRun", { run, nonMutation: proof }, signer) };
}

const nothingYet = { size: 0, root: "0".repeat(64), tables: {}, schema: "0".repeat(64) };

/** Stands in for the proof while the overlay is worked out: nothing is recorded from it. */
const unmeasured: NonMutation = {
  verdict: "INCONCLUSIVE",
  before: nothingYet,
  after: nothingYet,
  differs: [],
  control: { mutation: "not measured", detected: false, differs: [] },
};
