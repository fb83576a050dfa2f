/** `document add` and `document revise`: puts the bytes into the content store, then asks the ledger to take them. */
import { policyCategory } from "../../../commands/policy.js";
import type { GovernedLedger } from "../../app.js";
import { fileTitle } from "../../discover/fileTitle.js";
import { policyKey } from "../../events/streams.js";
import type { Context } from "../Context.js";
import { shortId, visible } from "../output/text.js";
import { readInput } from "../readInput.js";
import { findDocument } from "../session/find.js";
import { report } from "../session/report.js";
import { signerFor } from "../session/signer.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export interface AddOptions {
  readonly title?: string;
  readonly source?: string;
}

export async function addDocument(context: Context, file: string, options: AddOptions): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    const bytes = await readDocument(context, ledger, file);
    const title = options.title ?? fileTitle(bytes, file);
    const source = options.source ?? (file === "-" ? null : file);
    const signer = await signerFor(context, ledger, "RegisterDocument");
    const document = ledger.newId();
    const content = await ledger.putContent(bytes);
    const said = await submit(context, ledger, "RegisterDocument", { document, title, source, content }, { signer });
    await ledger.catchUp();
    report(context, said, {
      what: `Document registered: “${visible(title)}”`,
      json: { document, title },
      next: `iu-ledger run open ${shortId(document)}`,
    });
  });
  return undefined;
}

export async function reviseDocument(context: Context, given: string, file: string): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    const bytes = await readDocument(context, ledger, file);
    const document = await findDocument(ledger.sql, given);
    const signer = await signerFor(context, ledger, "ReviseDocument");
    const content = await ledger.putContent(bytes);
    const said = await submit(context, ledger, "ReviseDocument", { document, content }, { signer });
    await ledger.catchUp();
    report(context, said, {
      what: "Document revised",
      json: { document },
      next: `iu-ledger run open ${shortId(document)}`,
    });
  });
  return undefined;
}

/** The bytes of the document, no more of them than the policy in force takes. */
async function readDocument(context: Context, ledger: GovernedLedger, file: string): Promise<Uint8Array> {
  const { policy } = await ledger.state(policyCategory, policyKey);
  return readInput(context, file, policy.contentSizeMax);
}
