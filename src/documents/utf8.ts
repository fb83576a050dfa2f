/**
 * Strict UTF-8 (RFC 3629), and no NUL: the one gate every content passes before it is cut. It reports; it never repairs.
 */

/** The first byte that may not stand in a document, and what it is. */
export interface Utf8Fault {
  code: "INVALID_UTF8" | "NUL_BYTE";
  /** Byte offset. */
  offset: number;
  /** For a sentence: "byte 7 is not UTF-8". */
  what: string;
}

/** The first fault of the bytes, or null. Overlong forms, surrogates and values above U+10FFFF are not UTF-8. */
export function findUtf8Fault(bytes: Uint8Array): Utf8Fault | null {
  const nul = bytes.indexOf(0);
  const invalid = firstInvalid(bytes);
  if (nul >= 0 && nul < invalid) return { code: "NUL_BYTE", offset: nul, what: "a NUL" };
  return invalid < bytes.length ? { code: "INVALID_UTF8", offset: invalid, what: "not UTF-8" } : null;
}

function firstInvalid(bytes: Uint8Array): number {
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) return at;
    at += length;
  }
  return bytes.length;
}

/** Length of the well-formed sequence at `at` (Unicode table 3-7), 0 when there is none. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  if (lead < 0xe0) return 2;
  if (((bytes[at + 2] ?? 0) & 0xc0) !== 0x80) return 0;
  if (lead < 0xf0) return 3;
  return ((bytes[at + 3] ?? 0) & 0xc0) === 0x80 ? 4 : 0;
}
