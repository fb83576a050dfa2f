/**
 * White space in UTF-8 bytes: the characters with the Unicode property White_Space, spelled out, so that no engine's Unicode
 * tables decide where a unit ends (L6). The BOM is not among them; a grammar strips it by itself, at offset 0 only.
 */

/** Length in bytes of the white-space character that starts at `at`, or 0. */
export function whiteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) return 0;
  if (byte <= 0x20) return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d) ? 1 : 0;
  if (byte < 0xc2) return 0;
  const second = bytes[at + 1];
  if (byte === 0xc2) return second === 0x85 || second === 0xa0 ? 2 : 0;
  return isWhite3(byte, second, bytes[at + 2]) ? 3 : 0;
}

/** The smallest end ≥ `start` such that [end, given end) is white space only. */
export function trimEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start) {
    const last = bytes[at - 1];
    if (last === undefined) break;
    if (last === 0x20 || (last >= 0x09 && last <= 0x0d)) at -= 1;
    else if (last < 0x80) break;
    else if (at - 2 >= start && bytes[at - 2] === 0xc2 && (last === 0x85 || last === 0xa0)) at -= 2;
    else if (at - 3 >= start && isWhite3(bytes[at - 3], bytes[at - 2], last)) at -= 3;
    else break;
  }
  return at;
}

/** The largest start ≤ `end` such that [given start, start) is white space only. */
export function trimStart(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const length = whiteAt(bytes, at);
    if (length === 0 || at + length > end) break;
    at += length;
  }
  return at;
}

/** The same set for text; written out for the same reason. */
export const WHITE = "\\t\\n\\v\\f\\r \\u0085\\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

function isWhite3(first: number | undefined, second: number | undefined, third: number | undefined): boolean {
  if (third === undefined) return false;
  if (first === 0xe2 && second === 0x80) {
    return (third >= 0x80 && third <= 0x8a) || third === 0xa8 || third === 0xa9 || third === 0xaf;
  }
  if (first === 0xe2) return second === 0x81 && third === 0x9f;
  if (first === 0xe3) return second === 0x80 && third === 0x80;
  return first === 0xe1 && second === 0x9a && third === 0x80;
}
