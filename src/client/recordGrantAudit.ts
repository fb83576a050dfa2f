/** Recording a grant audit: its report becomes content, in canonical bytes, and the ledger is asked to take it. */
import type { CommandData } from "../../commands/Command.js";
import { canonicalBytes, sha256Hex } from "../events/canonical.js";
import type { GrantAuditReport } from "../events/grantAudit.js";
import type { Signer } from "../keys/Signer.js";
import type { Result } from "../ledger/Decision.js";

/** What recording needs of an open ledger. */
export interface RecordingLedger {
  putContent(bytes: Uint8Array): Promise<string>;
  submit(type: "RecordGrantAudit", data: CommandData<"RecordGrantAudit">, signer: Signer): Promise<Result>;
}

/** Stores the report and submits it, signed by an operator. */
export async function recordGrantAudit(
  ledger: RecordingLedger,
  report: GrantAuditReport,
  signer: Signer,
): Promise<Result> {
  const bytes = canonicalBytes(report);
  const reportContent = await ledger.putContent(bytes);
  return ledger.submit("RecordGrantAudit", { report: sha256Hex(bytes), reportContent }, signer);
}
