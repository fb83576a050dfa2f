/**
 * A proof that an operation of a run writes nothing, as its operator makes it: the read models are brought up to date, the ledger is opened a second
 * time for reading only, the proof is made, its report becomes content, and the ledger is asked to take it.
 */
import type { CommandData } from "../../commands/Command.js";
import type { Sql } from "../database/Sql.js";
import { canonicalBytes, sha256Hex } from "../events/canonical.js";
import type { ProofReport, ProvenOperation } from "../events/proof.js";
import type { Signer } from "../keys/Signer.js";
import type { Refused, Result } from "../ledger/Decision.js";
import type { Store } from "../ledger/Store.js";
import { proveOperation } from "../proving/proveOperation.js";

/** What a proof needs of an open ledger. */
export interface ProvingLedger {
  readonly sql: Sql;
  identity(): Promise<{ readonly ledger: string } | null>;
  now(): string;
  catchUp(): Promise<void>;
  putContent(bytes: Uint8Array): Promise<string>;
  submit(type: "RecordProof", data: CommandData<"RecordProof">, signer: Signer): Promise<Result>;
}

export interface ProveOptions {
  /** Put the report on the ledger. Default true. */
  readonly record?: boolean;
}

export type ProvedRun =
  /** `result` is null where it was not to be recorded. */
  | { readonly kind: "proven"; readonly report: ProofReport; readonly result: Result | null }
  /** The operation would be refused now: nothing was proven, and nothing recorded. */
  | Refused;

/** `open`: opens the ledger again, for reading only; it is closed here. */
export async function proveRun(
  ledger: ProvingLedger,
  open: () => Promise<Store & { readonly sql: Sql }>,
  run: string,
  operation: ProvenOperation,
  signer: Signer,
  { record = true }: ProveOptions = {},
): Promise<ProvedRun> {
  await ledger.catchUp();
  const reading = await open();
  try {
    const proved = await proveOperation(operation, run, {
      ledger: (await ledger.identity())?.ledger ?? "none",
      reading,
      scratch: ledger.sql,
      now: () => ledger.now(),
      actor: { principal: signer.principal, keyid: signer.keyid },
    });
    if (proved.kind === "refused" || !record) return proved.kind === "refused" ? proved : { ...proved, result: null };
    const bytes = canonicalBytes(proved.report);
    const reportContent = await ledger.putContent(bytes);
    const result = await ledger.submit("RecordProof", { run, report: sha256Hex(bytes), reportContent }, signer);
    return { ...proved, result };
  } finally {
    await reading.close();
  }
}
