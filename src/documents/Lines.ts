/**
 * The line table of a content: where each line starts and ends, in bytes. LF, CRLF and lone CR all end a line; a CRLF is one end
 * and is never split (L10). Text of a line is decoded on demand, NFC, and only its beginning: labels stand at the beginning, and a
 * single line of 10 MB must cost no more than a short one.
 *
 * Matching happens on that NFC view. No offset of a match is ever turned into a span: units begin where lines (or the first
 * character of lines) begin, so the three Unicode spellings of `Điều` need no offset map and cannot shift a boundary.
 */
import { trimEnd, trimStart, whiteAt } from "./whiteSpace.js";

/** How many bytes of a line are looked at: longer labels do not exist, longer titles are text. */
export const VIEW_BYTES_MAX = 1024;

/** More lines are refused: two million are 64 MiB of lines of 32 bytes, which no document needs and a plan of a few seconds can hold. */
export const LINES_MAX = 2_000_000;

/** The first byte of line `max` (counted from 0), or null where there are no more than `max` lines. A line break at the very end begins one. */
export function lineBeyond(bytes: Uint8Array, max: number): number | null {
  let line = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if ((byte === 0x0a || (byte === 0x0d && bytes[at + 1] !== 0x0a)) && ++line === max) return at + 1;
  }
  return null;
}

export interface Lines {
  bytes: Uint8Array;
  /** 3 when the content begins with a byte order mark, else 0; line 0 starts behind it. */
  bom: number;
  count: number;
  /** First byte of the line, indentation included. */
  start(line: number): number;
  /** End of the line without its line ending. */
  end(line: number): number;
  /** First byte that is not white space; equals `stop` on a blank line. */
  first(line: number): number;
  /** End of the line without trailing white space. */
  stop(line: number): number;
  blank(line: number): boolean;
  /** The line that the byte at `offset` belongs to, its line ending included. */
  at(offset: number): number;
  /** Columns of indentation, tab stops of 4. */
  column(line: number): number;
  /** The beginning of the line from its first character that is not white space, NFC, at most VIEW_BYTES_MAX bytes of it. */
  text(line: number): string;
}

/** Builds the table in one pass over bytes that are valid UTF-8. */
export function linesOf(bytes: Uint8Array): Lines {
  const bom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  let count = 1;
  for (let at = bom; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === 0x0a || (byte === 0x0d && bytes[at + 1] !== 0x0a)) count++;
  }
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  let line = 0;
  let from = bom;
  for (let at = bom; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte !== 0x0a && byte !== 0x0d) continue;
    starts[line] = from;
    ends[line++] = at;
    if (byte === 0x0d && bytes[at + 1] === 0x0a) at++;
    from = at + 1;
  }
  starts[line] = from;
  ends[line] = bytes.length;

  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = (i: number) => starts[i] ?? bytes.length;
  const end = (i: number) => ends[i] ?? bytes.length;
  const first = (i: number) => trimStart(bytes, start(i), end(i));
  const stop = (i: number) => trimEnd(bytes, start(i), end(i));
  return {
    bytes,
    bom,
    count,
    start,
    end,
    first,
    stop,
    blank: (i) => first(i) >= end(i),
    at(offset) {
      let low = 0;
      let high = count - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if (start(middle) <= offset) low = middle;
        else high = middle - 1;
      }
      return low;
    },
    column(i) {
      let column = 0;
      const to = first(i);
      for (let at = start(i); at < to; ) {
        column = bytes[at] === 0x09 ? column - (column % 4) + 4 : column + 1;
        at += whiteAt(bytes, at) || 1;
      }
      return column;
    },
    text(i) {
      const from = first(i);
      const to = Math.min(stop(i), characterStart(bytes, from + VIEW_BYTES_MAX));
      return to <= from ? "" : buffer.toString("utf8", from, to).normalize("NFC");
    },
  };
}

/** The start of the character that `at` lies in. */
function characterStart(bytes: Uint8Array, at: number): number {
  let from = Math.min(at, bytes.length);
  while (from > 0 && from < bytes.length && ((bytes[from] ?? 0) & 0xc0) === 0x80) from--;
  return from;
}
