/**
 * A dry run, as its orchestrator does it: measure every surface of the database, work out the whole cut on an overlay, measure again, and
 * show that the measuring would have noticed. Then the ledger is asked to judge and record it.
 */
import type { CommandData } from "../../commands/Command.js";
import type { NonMutation } from "../events/facts.js";
import type { Signer } from "../keys/Signer.js";
import type { Decision, Result } from "../ledger/Decision.js";
import type { Store } from "../ledger/Store.js";
import { proveNonMutation } from "../projecting/nonMutation.js";

/** What a dry run needs of an open ledger. */
export interface RehearsingLedger {
  readonly store: Store;
  readonly sql: Parameters<typeof proveNonMutation>[0];
  catchUp(): Promise<void>;
  consider(type: "DryRun", data: CommandData<"DryRun">, signer: Signer): Promise<Considered>;
  submit(type: "DryRun", data: CommandData<"DryRun">, signer: Signer): Promise<Result>;
}

type Considered = Decision | Extract<Result, { kind: "malformed" }>;

export interface DryRun {
  readonly proof: NonMutation;
  /** What the overlay came to, before it was recorded. */
  readonly preview: Considered;
  readonly result: Result;
}

/** Runs everything of a planned cut on an overlay, proves that nothing was written meanwhile, and records both. */
export async function dryRun(ledger: RehearsingLedger, run: string, signer: Signer): Promise<DryRun> {
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
