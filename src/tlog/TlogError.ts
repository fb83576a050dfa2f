/**
 * What the formats of the log refuse: bytes that are not written as their specification says, or asked for what there cannot be. A
 * signature or proof that does not hold is no error but an answer ({@link Verdict}).
 */

export type TlogErrorCode =
  /** Not written as the format says; the message names the line or field. */
  | "MALFORMED"
  /** Written well, but of a kind this program does not verify, such as ML-DSA keys. */
  | "UNSUPPORTED"
  /** A number outside of what there is: an index beyond the size, a size above 2^53 - 1, an entry above 65,535 bytes. */
  | "OUT_OF_RANGE";

/** Bytes or numbers the log's formats refuse: code, what is wrong where, and what to do. Never holds anything of a private key. */
export class TlogError extends Error {
  readonly code: TlogErrorCode;
  readonly next: string;
  constructor(code: TlogErrorCode, message: string, next: string) {
    super(message);
    this.name = "TlogError";
    this.code = code;
    this.next = next;
  }
}

/** Whether a proof or a signature holds, and if not why, in one sentence without a full stop. */
export type Verdict = { readonly ok: true } | { readonly ok: false; readonly why: string };

export const holds: Verdict = { ok: true };

export function fails(why: string): Extract<Verdict, { ok: false }> {
  return { ok: false, why };
}

/** Sizes and indexes of a log: integers from 0 to 2^53 - 1, beyond which a JavaScript number no longer counts one by one. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Throws `OUT_OF_RANGE` on what is no size or index. */
export function requireCount(value: number, what: string): void {
  if (!isCount(value)) {
    throw new TlogError(
      "OUT_OF_RANGE",
      `${what} is ${value}; it must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}`,
      "Give a size or an index that a log can have.",
    );
  }
}

/** The decimal number of a text as the formats write it: no sign, no leading zero, at most 2^53 - 1; null for anything else. */
export function parseCount(text: string): number | null {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return null;
  const value = Number(text);
  return isCount(value) ? value : null;
}
