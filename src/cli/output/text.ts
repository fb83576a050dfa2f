/**
 * Text for a terminal: how wide it is, how to shorten it, and how to show text that others wrote. A document's title, an actor's reason or
 * an address may hold escape sequences or direction marks; shown as they are they could move the cursor and forge a line, so they are made visible.
 */
import { stripVTControlCharacters } from "node:util";

/** C0 and C1 controls, line and paragraph separators, and the marks that reorder or hide text. */
export const dangerous = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/** Text by others, on one line and harmless: white space folded, control characters written out like `<U+001B>`. */
export function visible(text: string): string {
  return text
    .replace(/[\t\n\r\f\v ]+/g, " ")
    .trim()
    .replace(dangerous, written);
}

/** As `visible`, but keeps every space: for what a person is to type. */
export function visibleWords(text: string): string {
  return text.replace(dangerous, written);
}

/** One line of ours stays one line: line breaks that came in with text of others are written out. Our own paint stays. */
export function oneLine(text: string): string {
  return text.replace(/[\n\r\v\f\u0085\u2028\u2029]/g, written);
}

/** As `visible`, but keeps line breaks and tabs: for the text of a document. */
export function visibleLines(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(dangerous, (char) => (char === "\n" || char === "\t" ? char : written(char)));
}

/** A character written out: `<U+001B>`. */
export function written(char: string): string {
  return `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`;
}

/** East Asian wide and emoji: two columns (Unicode 15, the blocks that matter). */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;
const widthless = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** How many columns a terminal gives to a text; colour takes none. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const char of stripVTControlCharacters(text)) width += columnsOf(char);
  return width;
}

function columnsOf(char: string): number {
  return widthless.test(char) ? 0 : wide.test(char) ? 2 : 1;
}

/** The text, or its beginning and `…`, in at most `width` columns. Without colour: shorten first, paint then. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const char of text) {
    used += columnsOf(char);
    if (used > width - 1) break;
    kept += char;
  }
  return `${kept.trimEnd()}…`;
}

/** The text with spaces up to `width` columns. */
export function pad(text: string, width: number, side: "left" | "right" = "left"): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return side === "left" ? text + space : space + text;
}

/** A text in lines of at most `width` columns, broken between words. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || widthOf(line) + 1 + widthOf(word) > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** A count with its noun: `1 unit`, `1,204 units`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** 1204 → `1,204`, on every machine. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A digest or id, short enough to read and long enough to compare. */
export function brief(digest: string): string {
  return digest.length > 14 ? `${digest.slice(0, 12)}…` : digest;
}

/** The beginning of a UUID: what people type. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** An instant without its milliseconds: `2026-01-05 09:30:00Z`. */
export function moment(instant: string): string {
  return instant.replace("T", " ").replace(/\.\d+Z$/, "Z");
}
