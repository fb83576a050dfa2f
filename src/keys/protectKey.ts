/**
 * How a key is kept, changed: a plain key put under a passphrase, a passphrase changed, or, where somebody asks for just that, taken off.
 * Interrupted anywhere, the key is still there under one of the two, and the same call again goes on.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type AskPassphrase, openKey } from "./keyFolder.js";
import { sealKey } from "./sealedKey.js";
import { replaceFile } from "./writeKeyFile.js";

/** What a key is to be kept under: a passphrase, or nothing. */
export type Protection = { readonly passphrase: string; readonly workFactor?: number } | "plain";

/** Keeps a principal's key under `protection` from now on; `ask` opens it as it is. Answers the file. Throws `KeyError`. */
export async function protectKey(
  folder: string,
  principal: string,
  ask: AskPassphrase,
  protection: Protection,
): Promise<string> {
  const signer = await openKey(folder, principal, ask);
  const [file, other] = ["age", "pem"].map((kind) => join(folder, `${principal}.${kind}`)) as [string, string];
  if (protection === "plain") {
    replaceFile(other, signer.privateKey.export({ format: "pem", type: "pkcs8" }).toString());
    rmSync(file, { force: true });
    return other;
  }
  replaceFile(file, await sealKey(signer, protection.passphrase, protection.workFactor));
  // Only now, and only if what was written opens.
  const again = await openKey(folder, principal, async () => protection.passphrase);
  if (again.keyid === signer.keyid) rmSync(other, { force: true });
  return file;
}
