/**
 * Checks a package without its ledger: the signature, the bytes, the shape, that the statement agrees with itself, and that every document beside
 * it is, byte for byte, what the statement renders to. Pure: what is checked is handed over.
 */
import { checkStatement } from "./checkStatement.js";
import { documentNames, renderPackage } from "./render/renderPackage.js";
import type { Statement } from "./Statement.js";
import { openStatement } from "./sealStatement.js";

/** Something wrong, and in which file. `documents`: a whole package has them all. */
export interface PackageFinding {
  readonly file: string;
  readonly code:
    | "STATEMENT_UNREADABLE"
    | "KEY_OTHER"
    | "STATEMENT_CONTRADICTS"
    | "DOCUMENT_CHANGED"
    | "DOCUMENT_MISSING"
    | "DOCUMENT_FOREIGN";
  readonly what: string;
}

export interface CheckedPackage {
  readonly verdict: "PASS" | "FAIL";
  /** Null where it cannot be opened. */
  readonly statement: Statement | null;
  readonly digest: string | null;
  readonly key: { readonly keyid: string; readonly public: string; readonly pinned: boolean } | null;
  /** Documents that were compared. */
  readonly compared: number;
  readonly documents: number;
  readonly findings: readonly PackageFinding[];
}

export interface PackageToCheck {
  /** The statement's file: its name, for findings, and its bytes. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** The Markdown files beside it: name → bytes. */
  readonly beside: ReadonlyMap<string, Uint8Array>;
  /** Whether every document must be there, and no other Markdown. */
  readonly whole: boolean;
  /** The signer's key as known from elsewhere: its 32 bytes in base64, or its id. */
  readonly pinned?: { readonly public?: string; readonly keyid?: string };
}

export function checkPackage({ file, bytes, beside, whole, pinned = {} }: PackageToCheck): CheckedPackage {
  const opened = openStatement(bytes);
  const documents = documentNames.length;
  if (!opened.ok) {
    const findings = [{ file, code: "STATEMENT_UNREADABLE", what: `${opened.at}: ${opened.why}` }] as const;
    return { verdict: "FAIL", statement: null, digest: null, key: null, compared: 0, documents, findings };
  }
  const { statement, digest, keyid, publicKey } = opened;
  const findings: PackageFinding[] = [];
  if (pinned.public !== undefined && pinned.public !== publicKey)
    findings.push({ file, code: "KEY_OTHER", what: `it is signed with the key ${keyid}, not with the one given` });
  if (pinned.keyid !== undefined && pinned.keyid !== keyid)
    findings.push({ file, code: "KEY_OTHER", what: `it is signed with the key ${keyid}, not with ${pinned.keyid}` });
  for (const { at, what } of checkStatement(statement))
    findings.push({ file, code: "STATEMENT_CONTRADICTS", what: `${at} ${what}` });
  let compared = 0;
  for (const { name, text } of renderPackage(statement)) {
    const there = beside.get(name);
    if (there === undefined) {
      if (whole) findings.push({ file: name, code: "DOCUMENT_MISSING", what: "it is not there" });
      continue;
    }
    compared++;
    const at = firstDifference(there, Buffer.from(text));
    if (at !== null)
      findings.push({
        file: name,
        code: "DOCUMENT_CHANGED",
        what: `it is not what the statement renders to, from line ${at} on`,
      });
  }
  for (const name of beside.keys()) {
    if (whole && !documentNames.includes(name))
      findings.push({ file: name, code: "DOCUMENT_FOREIGN", what: "it is no document of this package" });
  }
  const isPinned = pinned.public !== undefined || pinned.keyid !== undefined;
  return {
    verdict: findings.length === 0 ? "PASS" : "FAIL",
    statement,
    digest,
    key: { keyid, public: publicKey, pinned: isPinned },
    compared,
    documents,
    findings,
  };
}

/** The line (from 1) in which two files first differ, or null. */
function firstDifference(a: Uint8Array, b: Uint8Array): number | null {
  if (Buffer.compare(a, b) === 0) return null;
  let line = 1;
  for (let i = 0; i < Math.min(a.length, b.length) && a[i] === b[i]; i++) if (a[i] === 0x0a) line++;
  return line;
}
