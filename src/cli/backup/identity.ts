/** `backup identity`, and reading one: the key that opens backups. Must never print it. */
import { type BackupIdentity, makeIdentity, readIdentity } from "../../backup/identity.js";
import { answer, type Context } from "../Context.js";
import { marks } from "../output/style.js";
import { readNewPassphrase, readPassphrase, sourceOf } from "../session/passphrase.js";

export async function newIdentity(context: Context, file: string): Promise<undefined> {
  const source = sourceOf(context.passphraseFrom);
  const passphrase = source?.kind === "none" ? null : await readNewPassphrase(context, source, file);
  const recipient = await makeIdentity(file, passphrase, context.workFactor);
  answer(context, { recipient, file, sealed: passphrase !== null }, () => [
    `${context.style.good(marks.good)} An identity that opens backups is in ${file}, ${passphrase === null ? "without a passphrase" : "under your passphrase"}`,
    `  recipient ${recipient}`,
    "  Keep it away from whoever cuts, and in more than one place: without it no backup can be restored.",
  ]);
  return undefined;
}

/** The identity in a file; its passphrase is asked for where it has one. */
export function identityIn(context: Context, file: string): Promise<BackupIdentity> {
  return readIdentity(file, () => readPassphrase(context, sourceOf(context.passphraseFrom), file));
}
