/**
 * Where text is quoted: a quotation or an amendment block may hold lines that look like labels, and none of them is a boundary of
 * this document (L8). Found in one pass over the lines, from their bytes alone, so that a checker without the grammar agrees.
 *
 * Curly, German and angle quotes are matched like brackets; a paragraph that repeats the opening mark continues its quotation;
 * a mark without a partner quotes nothing. Straight quotes count only where a line begins with one and leaves it open, and must
 * close within STRAIGHT_LINES_MAX lines.
 */
import type { Lines } from "./Lines.js";
import { whiteAt } from "./whiteSpace.js";

export const STRAIGHT_LINES_MAX = 200;
/** ASCII behind which a quotation may open. */
const OPENERS = [..."([{<>*_'\"/-:;,.=|"].map((character) => character.charCodeAt(0));

/** A quotation that spans lines: the lines after `from` up to and including `to` begin inside it. */
export interface Quotation {
  from: number;
  to: number;
}

/** Multi-line quotations, sorted, disjoint (inner ones are part of the outer). */
export function quotationsOf(lines: Lines): Quotation[] {
  return scanned(lines).found;
}

/**
 * The lines, ascending, on which a quotation is opened that never closes. Where a straight quote stands behind it on its line it was closed by that
 * one: „so" is common, and quotes nothing beyond its line. A mark within a word opens nothing that a reader would take for a quotation.
 */
export function unclosedQuotations(lines: Lines): number[] {
  return scanned(lines).unclosed;
}

function scanned(lines: Lines): { found: Quotation[]; unclosed: number[] } {
  const found: Quotation[] = [];
  const unclosed: number[] = [];
  const open: { mark: string; line: number; leading: boolean; straight: boolean }[] = [];
  let straightFrom = -1;
  for (let line = 0; line < lines.count; line++) {
    const { bytes } = lines;
    const end = lines.end(line);
    let straight = 0;
    let leading = true;
    let leadingStraight = false;
    for (let at = lines.start(line); at < end; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === 0x22) {
        straight++;
        if (leading) leadingStraight = true;
        leading = false;
        const last = open.at(-1);
        if (last?.line === line) last.straight = true;
        continue;
      }
      const mark = byte === 0xe2 || byte === 0xc2 ? markAt(bytes, at) : "";
      if (mark === "") {
        if (leading && whiteAt(bytes, at) === 0 && (byte & 0xc0) !== 0x80) leading = false;
        continue;
      }
      const top = open[open.length - 1];
      const closes = top !== undefined && closedBy(top.mark, mark);
      if (closes) {
        open.pop();
        if (line > top.line) found.push({ from: top.line, to: line });
      } else if ((mark === "“" || mark === "„" || mark === "«") && !(leading && top?.mark === mark && top.leading)) {
        if (open.length < 64) open.push({ mark, line, leading, straight: within(bytes, at) });
      }
      leading = false;
    }
    if (straightFrom >= 0 && line - straightFrom > STRAIGHT_LINES_MAX) {
      unclosed.push(straightFrom);
      straightFrom = -1;
    }
    if (straight % 2 === 1) {
      if (straightFrom >= 0) {
        found.push({ from: straightFrom, to: line });
        straightFrom = -1;
      } else if (leadingStraight) {
        straightFrom = line;
      }
    }
  }
  if (straightFrom >= 0) unclosed.push(straightFrom);
  for (const { line, straight } of open) if (!straight) unclosed.push(line);
  return { found: merge(found), unclosed: unclosed.sort((a, b) => a - b) };
}

/** Whether the line begins inside a quotation; ask in ascending order of lines for a walk in linear time. */
export function quotedLines(lines: Lines): (line: number) => boolean {
  const quotations = quotationsOf(lines);
  return (line) => {
    let low = 0;
    let high = quotations.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const quotation = quotations[middle];
      if (quotation === undefined) return false;
      if (line <= quotation.from) high = middle - 1;
      else if (line > quotation.to) low = middle + 1;
      else return true;
    }
    return false;
  };
}

/** Whether the mark at `at` stands behind something that is neither white space nor a mark itself: text that was decoded wrongly is full of those. */
function within(bytes: Uint8Array, at: number): boolean {
  const before = bytes[at - 1] ?? 0x20;
  if (before < 0x80) return before > 0x20 && !OPENERS.includes(before);
  // U+2000 to U+203F: spaces, dashes, quotation marks; U+00A0 and U+00AB.
  return (
    !(bytes[at - 3] === 0xe2 && bytes[at - 2] === 0x80) &&
    !(bytes[at - 2] === 0xc2 && (before === 0xa0 || before === 0xab))
  );
}

function markAt(bytes: Uint8Array, at: number): string {
  if (bytes[at] === 0xc2) return bytes[at + 1] === 0xab ? "«" : bytes[at + 1] === 0xbb ? "»" : "";
  if (bytes[at + 1] !== 0x80) return "";
  return bytes[at + 2] === 0x9c ? "“" : bytes[at + 2] === 0x9d ? "”" : bytes[at + 2] === 0x9e ? "„" : "";
}

function closedBy(open: string, mark: string): boolean {
  if (open === "„") return mark === "“" || mark === "”";
  return open === "“" ? mark === "”" : mark === "»";
}

function merge(found: Quotation[]): Quotation[] {
  found.sort((a, b) => a.from - b.from || b.to - a.to);
  const merged: Quotation[] = [];
  for (const quotation of found) {
    const last = merged[merged.length - 1];
    if (last && quotation.from < last.to) last.to = Math.max(last.to, quotation.to);
    else merged.push({ ...quotation });
  }
  return merged;
}
