/**
 * What a grammar hands to the engine: the lines at which a unit may begin or a list may end, in order. A grammar finds them; the
 * engine decides what they are.
 */
import type { Lines } from "./Lines.js";

export interface Candidate {
  line: number;
  /** Byte where the unit would start: the first character of the line that is not white space. */
  start: number;
  /** NFC text to match labels against, from the label on. */
  text: string;
  column: number;
  /** 1 to 6 for a Markdown heading, else 0. */
  heading: number;
  /** Whether a unit may begin here at all; a line that may not can still end a list. */
  opens: boolean;
  /** Content column when the grammar knows the line to be a list item, else null. */
  hang: number | null;
  afterBlank: boolean;
  /** Nothing but the heading on its line: the next line is blank, an underline or the end. */
  alone: boolean;
  /** The character of the line's underline (= - ~ …) or "". */
  underline: string;
  /** In an ASCII box: its column says nothing. */
  boxed: boolean;
}

/** The character that a line consists of, when it is one of the marks of an underline, at least three times; else "". */
export function ruleCharacter(text: string): string {
  return /^([=\-~^"'#*+`:._])\1{2,}$/u.exec(text)?.[1] ?? "";
}

/** The candidate of one line that is not blank. */
export function candidateOf(lines: Lines, line: number): Candidate {
  const next = line + 1 < lines.count && !lines.blank(line + 1) ? line + 1 : -1;
  const underline = next < 0 ? "" : ruleCharacter(lines.text(next));
  return {
    line,
    start: lines.first(line),
    text: lines.text(line),
    column: lines.column(line),
    heading: 0,
    opens: true,
    hang: null,
    afterBlank: line === 0 || lines.blank(line - 1),
    alone: next < 0 || underline !== "",
    underline,
    boxed: false,
  };
}
