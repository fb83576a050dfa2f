/**
 * Local keys: one file a principal in a folder only its owner can read. `<principal>.age` holds the key under a passphrase (`sealedKey.ts`),
 * `<principal>.pem` as it is (PKCS #8, RFC 5958), for trying out. In production a key belongs where its human keeps it (a hardware token,
 * an agent's own secret store), not beside the ledger. Where both files are there, the sealed one counts: a conversion was interrupted.
 */
import { createPrivateKey } from "node:crypto";
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { PublicKey } from "../events/fields.js";
import { KeyError, unusable, usable } from "./KeyError.js";
import { publicKeyOf, type Signer, signerOf } from "./Signer.js";
import { openSealed, publicHalfOf, sealKey } from "./sealedKey.js";
import { writeNew } from "./writeKeyFile.js";

export { KeyError } from "./KeyError.js";

/** Gives the passphrase of a key, asked for only when it is needed. */
export type AskPassphrase = (principal: string, file: string) => Promise<string>;

/** Writes a signer's key as it is, for trying out; refuses to overwrite one. The folder gets mode 0700, the file 0600. Answers the file. */
export function saveKey(folder: string, signer: Signer): string {
  const file = newFile(folder, signer.principal, "pem");
  writeNew(file, signer.privateKey.export({ format: "pem", type: "pkcs8" }).toString());
  return file;
}

/** As {@link saveKey}, under a passphrase. `workFactor`: log₂ of scrypt's N. */
export async function saveSealedKey(
  folder: string,
  signer: Signer,
  passphrase: string,
  workFactor?: number,
): Promise<string> {
  const file = newFile(folder, signer.principal, "age");
  writeNew(file, await sealKey(signer, passphrase, workFactor));
  return file;
}

function newFile(folder: string, principal: string, kind: "pem" | "age"): string {
  usable(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  });
  const there = keyFile(folder, principal);
  if (there !== undefined) {
    throw new KeyError(
      "KEY_EXISTS",
      `There is a key in ${there.file} already.`,
      "Move it away first; a key that signed events must not be lost.",
    );
  }
  return join(folder, `${principal}.${kind}`);
}

/** Reads a principal's plain key. Refuses a file that others may read, and one under a passphrase: {@link openKey} opens either. */
export function loadKey(folder: string, principal: string): Signer {
  const { file, sealed } = fileOf(folder, principal);
  if (sealed) {
    throw new KeyError("KEY_LOCKED", `${file} is under a passphrase.`, "Open it with its passphrase.");
  }
  return plainSigner(file, principal);
}

/** Reads a principal's key; asks for its passphrase if it is under one. Refuses a file that others may read. */
export async function openKey(folder: string, principal: string, ask: AskPassphrase): Promise<Signer> {
  const { file, sealed } = fileOf(folder, principal);
  if (!sealed) return plainSigner(file, principal);
  const text = sealedText(file);
  // Before anybody types anything.
  if (publicHalfOf(text) === undefined) throw damaged(file);
  const opened = await openSealed(text, principal, await ask(principal, file));
  if (opened === "damaged") throw damaged(file);
  if (opened === "wrong") {
    throw new KeyError(
      "PASSPHRASE_WRONG",
      `${file} does not open: the passphrase is another one, or the file was changed.`,
      "Try again with its passphrase; if it is the right one, restore the file from where you keep your keys.",
    );
  }
  return opened;
}

/** The public half of a principal's key, without its passphrase. */
export function publicHalf(folder: string, principal: string): PublicKey {
  const { file, sealed } = fileOf(folder, principal);
  if (!sealed) return publicKeyOf(plainSigner(file, principal).privateKey);
  const half = publicHalfOf(sealedText(file));
  if (half === undefined) throw damaged(file);
  return half;
}

/** A principal's key file, if there is one. */
export function keyFile(
  folder: string,
  principal: string,
): { readonly file: string; readonly sealed: boolean } | undefined {
  for (const kind of ["age", "pem"] as const) {
    const file = join(folder, `${principal}.${kind}`);
    if (existsSync(file)) return { file, sealed: kind === "age" };
  }
  return undefined;
}

function fileOf(folder: string, principal: string): { readonly file: string; readonly sealed: boolean } {
  const found = keyFile(folder, principal);
  if (found === undefined) {
    const there = keyNames(folder);
    throw new KeyError(
      "KEY_MISSING",
      `There is no key for ${principal} in ${folder}.`,
      there.length === 0
        ? "Give the folder that holds the keys with --keys."
        : `Keys are there for ${there.join(", ")}.`,
    );
  }
  if ((usable(found.file, () => statSync(found.file)).mode & 0o077) !== 0) {
    throw new KeyError("KEY_EXPOSED", `${found.file} can be read by others than its owner.`, `chmod 600 ${found.file}`);
  }
  return found;
}

function plainSigner(file: string, principal: string): Signer {
  try {
    const pem = usable(file, () => readFileSync(file));
    return signerOf(principal, createPrivateKey(pem));
  } catch (cause) {
    if (cause instanceof KeyError) throw cause;
    // The cause names the format fault only; OpenSSL does not quote the key.
    throw new KeyError(
      "KEY_UNREADABLE",
      `${file} holds no Ed25519 private key in PEM.`,
      "Restore the file from where you keep your keys.",
      { cause },
    );
  }
}

function sealedText(file: string): string {
  try {
    return usable(file, () => readFileSync(file, "latin1"));
  } catch (cause) {
    throw cause instanceof KeyError ? cause : damaged(file);
  }
}

function damaged(file: string): KeyError {
  return new KeyError(
    "KEY_UNREADABLE",
    `${file} is no whole key under a passphrase: it was cut off or changed.`,
    "Restore the file from where you keep your keys.",
  );
}

/** The principals whose keys are in the folder, in order. */
export function keyNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = usable(folder, () => readdirSync(folder))
    .filter((name) => /\.(?:pem|age)$/.test(name))
    .map((name) => name.slice(0, -4));
  return [...new Set(names)].sort();
}

/** Sees, without making anything, that keys can be kept in the folder, or that it can be made. */
export function checkKeyFolder(folder: string): void {
  keyNames(folder);
  let there = folder;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  try {
    if (!statSync(there).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    accessSync(there, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw unusable(folder, cause);
  }
}
