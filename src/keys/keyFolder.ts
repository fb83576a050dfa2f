/**
 * Local keys for trying out: one PEM file a principal (PKCS #8, RFC 5958) in a folder only its owner can read. In production a
 * key belongs where its human keeps it (a hardware token, an agent's own secret store), not beside the ledger.
 */
import { createPrivateKey } from "node:crypto";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { type Signer, signerOf } from "./Signer.js";

/** A key file that cannot be used: which, why, and what to do. Never holds any of the key. */
export class KeyError extends Error {
  readonly code: "KEY_MISSING" | "KEY_UNREADABLE" | "KEY_EXPOSED" | "KEY_EXISTS" | "KEYS_UNUSABLE";
  readonly next: string;
  constructor(code: KeyError["code"], message: string, next: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = "KeyError";
    this.code = code;
    this.next = next;
  }
}

/** Writes a signer's key; refuses to overwrite one. The folder gets mode 0700, the file 0600. */
export function saveKey(folder: string, signer: Signer, name = signer.principal): string {
  usable(folder, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
  });
  const file = join(folder, `${name}.pem`);
  try {
    // `wx` alone decides: looking first would let two processes both find nothing there. Flushed: a key that is
    // registered and then lost to a power cut cannot be made again.
    const pem = signer.privateKey.export({ format: "pem", type: "pkcs8" });
    writeFileSync(file, pem, { mode: 0o600, flag: "wx", flush: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(folder, cause);
    throw new KeyError(
      "KEY_EXISTS",
      `There is a key in ${file} already.`,
      "Move it away first; a key that signed events must not be lost.",
      { cause },
    );
  }
  return file;
}

/** Reads a principal's key. Refuses a file that others may read. */
export function loadKey(folder: string, principal: string): Signer {
  const file = join(folder, `${principal}.pem`);
  if (!existsSync(file)) {
    const there = keyNames(folder);
    throw new KeyError(
      "KEY_MISSING",
      `There is no key for ${principal} in ${folder}.`,
      there.length === 0
        ? "Give the folder that holds the keys with --keys."
        : `Keys are there for ${there.join(", ")}.`,
    );
  }
  if ((usable(folder, () => statSync(file)).mode & 0o077) !== 0) {
    throw new KeyError("KEY_EXPOSED", `${file} can be read by others than its owner.`, `chmod 600 ${file}`);
  }
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

/** The principals whose keys are in the folder, in order. */
export function keyNames(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return usable(folder, () => readdirSync(folder))
    .filter((name) => name.endsWith(".pem"))
    .map((name) => name.slice(0, -4))
    .sort();
}

/** Sees, without making anything, that keys can be kept in the folder, or that it can be made. */
export function checkKeyFolder(folder: string): void {
  keyNames(folder);
  let there = folder;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  usable(folder, () => {
    if (!statSync(there).isDirectory()) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    accessSync(there, constants.W_OK | constants.X_OK);
  });
}

/** Does it with the folder or file; what the system does not let us is a {@link KeyError}. */
function usable<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw unusable(path, cause);
  }
}

function unusable(path: string, cause: unknown): unknown {
  const { code } = cause as NodeJS.ErrnoException;
  // A folder where a key file should be is a bad key file, and faults of OpenSSL (ERR_OSSL_…) are told by whoever reads the key.
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code) || code === "EISDIR") return cause;
  const why = {
    EACCES: "this user may not",
    EPERM: "this user may not",
    ENOTDIR: "it is no folder",
    ENOSPC: "the disk is full",
    EROFS: "it can only be read",
  }[code];
  return new KeyError(
    "KEYS_UNUSABLE",
    `The keys in ${path} cannot be used: ${why === undefined ? "" : `${why} `}(${code}).`,
    "Give this user access to it, or name another folder with --keys.",
    { cause },
  );
}
