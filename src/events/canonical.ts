/**
 * Canonical JSON (RFC 8785, JCS) as this ledger uses it: the one way a value becomes bytes that are stored, hashed and signed.
 * Values are plain objects, arrays, strings, booleans, null and safe integers; everything else is a bug of the caller.
 * Bytes that came from elsewhere are never re-serialised to verify them: they are compared with what they canonically should be.
 */
import { hash } from "node:crypto";
import canonicalize from "canonicalize";

/** A value that has canonical bytes. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const encoder = new TextEncoder();

/** A value that has no canonical bytes: where in it (`$` is the whole), and why. */
export class NotPlain extends TypeError {
  readonly at: string;
  readonly why: string;
  constructor(at: string, why: string) {
    super(`${at}: ${why}`);
    this.name = "NotPlain";
    this.at = at;
    this.why = why;
  }
}

/**
 * The RFC 8785 text of a value. Throws {@link NotPlain}, a `TypeError`, on what the ledger does not store: floats, unsafe integers, BigInt,
 * undefined members, dates, class instances, lone surrogates.
 */
export function canonicalText(value: unknown): string {
  assertPlain(value, "$");
  return canonicalize(value) as string;
}

/** {@link canonicalText} as UTF-8 bytes. */
export function canonicalBytes(value: unknown): Uint8Array {
  return encoder.encode(canonicalText(value));
}

/** SHA-256 (FIPS 180-4) of bytes or of the UTF-8 of a text, in lower-case hex. */
export function sha256Hex(data: Uint8Array | string): string {
  return hash("sha256", data, "hex");
}

/** SHA-256 of the canonical bytes of a value, in lower-case hex: the digest of plans, records, policies and subjects. */
export function digestOf(value: unknown): string {
  return sha256Hex(canonicalText(value));
}

/**
 * Whether a text is exactly the canonical form of the value it parses to. Catches white space, key order, escapes,
 * number forms and duplicate keys in one comparison, without a parser of our own.
 */
export function isCanonical(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
    return canonicalText(value) === text;
  } catch {
    return false;
  }
}

function assertPlain(value: unknown, at: string): void {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new NotPlain(at, "a lone surrogate has no UTF-8 form");
      return;
    case "boolean":
      return;
    case "number":
      if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
        throw new NotPlain(at, `${value} is not a safe integer; the ledger stores no other numbers`);
      }
      return;
    case "object": {
      if (value === null) return;
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) assertPlain(value[i], `${at}[${i}]`);
        return;
      }
      const prototype = Object.getPrototypeOf(value);
      if (prototype !== Object.prototype && prototype !== null) {
        throw new NotPlain(at, `only plain objects are stored, not ${prototype?.constructor?.name ?? "this"}`);
      }
      for (const key in value) {
        if (!key.isWellFormed()) throw new NotPlain(at, "a key holds a lone surrogate, which has no UTF-8 form");
        const member = (value as Record<string, unknown>)[key];
        if (member === undefined)
          throw new NotPlain(`${at}.${key}`, "undefined has no canonical form; leave the key out");
        assertPlain(member, `${at}.${key}`);
      }
      return;
    }
    default:
      throw new NotPlain(at, `a ${typeof value} has no canonical form`);
  }
}
