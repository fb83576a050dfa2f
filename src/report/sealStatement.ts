/** Signing a statement and opening a signed one: DSSE over its canonical JSON, payload type application/vnd.in-toto+json. What is opened is checked in shape and in bytes; whose word it is the caller's key decides. */
import type { KeyObject } from "node:crypto";
import { canonicalBytes, isCanonical, sha256Hex } from "../events/canonical.js";
import { keyidOf, openEnvelope, sealEnvelope, verifyEnvelope } from "../events/dsse.js";
import { type Statement, statementPayloadType, statement as statementShape } from "./Statement.js";

/** The signed statement, as it is written. */
export function sealStatement(
  statement: Statement,
  key: { readonly keyid: string; readonly privateKey: KeyObject },
): Uint8Array {
  return sealEnvelope(canonicalBytes(statement), key, statementPayloadType);
}

/** The digest that the rendered documents name: SHA-256 of the statement's canonical bytes. */
export function statementDigest(statement: Statement): string {
  return sha256Hex(canonicalBytes(statement));
}

export type OpenedStatement =
  | {
      readonly ok: true;
      readonly statement: Statement;
      readonly digest: string;
      /** The key that signed it, which is the one the statement names. */
      readonly keyid: string;
      readonly publicKey: string;
    }
  | { readonly ok: false; readonly at: string; readonly why: string };

/**
 * Opens a signed statement: canonical bytes, shape, and the signature by the key that the statement itself names. That key proves only that
 * nothing was changed since somebody signed; whose it is must be known from elsewhere.
 */
export function openStatement(bytes: Uint8Array): OpenedStatement {
  const opened = openEnvelope(bytes, statementPayloadType);
  if (!opened.ok) return { ok: false, at: opened.at, why: opened.message };
  if (!isCanonical(Buffer.from(bytes).toString("utf8")))
    return { ok: false, at: "envelope", why: "not canonical JSON (RFC 8785)" };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(opened.payload);
  } catch {
    return { ok: false, at: "statement", why: "not UTF-8" };
  }
  if (!isCanonical(text)) return { ok: false, at: "statement", why: "not canonical JSON (RFC 8785)" };
  const parsed = statementShape.safeParse(JSON.parse(text));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { ok: false, at: `statement.${issue?.path.join(".") ?? ""}`, why: issue?.message ?? "not of its shape" };
  }
  const { key } = parsed.data.predicate.signer;
  if (opened.keyid !== key.keyid || keyidOf(key.public) !== key.keyid)
    return { ok: false, at: "signature", why: `signed with ${opened.keyid}; the statement names the key ${key.keyid}` };
  if (!isSigned(opened, key.public))
    return { ok: false, at: "signature", why: `the signature is not that of the key ${key.keyid} over these bytes` };
  return {
    ok: true,
    statement: parsed.data,
    digest: sha256Hex(text),
    keyid: key.keyid,
    publicKey: key.public,
  };
}

function isSigned(opened: Parameters<typeof verifyEnvelope>[0], publicKey: string): boolean {
  try {
    return verifyEnvelope(opened, publicKey, statementPayloadType);
  } catch {
    // Bytes that are no point of the curve.
    return false;
  }
}
