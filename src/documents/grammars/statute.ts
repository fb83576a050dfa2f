/**
 * Plain text: every line that is not blank may open a unit. Text in a box of asterisks is offered as the box's first line, so that
 * a boxed section begins with its frame; the inside of the box opens nothing.
 */
import { type Candidate, candidateOf, ruleCharacter } from "../Candidate.js";
import type { Lines } from "../Lines.js";

/** How many lines below its top a box may begin its text. */
const BOX_TITLE_LINES_MAX = 3;

export function* statuteCandidates(lines: Lines): Generator<Candidate> {
  let boxUntil = -1;
  for (let line = 0; line < lines.count; line++) {
    if (lines.blank(line)) continue;
    const candidate = candidateOf(lines, line);
    if (line <= boxUntil) {
      candidate.opens = false;
    } else if (candidate.text.startsWith("***") && ruleCharacter(candidate.text) === "*") {
      const boxed = boxTitle(lines, candidate);
      boxUntil = boxed ? boxEnd(lines, line) : -1;
      yield boxed ?? candidate;
      continue;
    }
    yield candidate;
  }
}

/** The candidate of a box, text from inside it; null when the rule frames nothing. */
function boxTitle(lines: Lines, rule: Candidate): Candidate | null {
  for (let line = rule.line + 1; line < Math.min(lines.count, rule.line + 1 + BOX_TITLE_LINES_MAX); line++) {
    const inside = insideOf(lines, line);
    if (inside === null) return null;
    if (inside === "") continue;
    const below = line + 1 < lines.count ? insideOf(lines, line + 1) : null;
    const underline = below === null ? "" : ruleCharacter(below);
    return { ...rule, text: inside, alone: below === "" || underline !== "", underline, boxed: true };
  }
  return null;
}

/** The last line of the box: its closing rule, or the last line that is framed. */
function boxEnd(lines: Lines, top: number): number {
  let line = top + 1;
  while (line < lines.count && insideOf(lines, line) !== null) line++;
  return line < lines.count && !lines.blank(line) && ruleCharacter(lines.text(line)) === "*" ? line : line - 1;
}

function insideOf(lines: Lines, line: number): string | null {
  if (lines.blank(line)) return null;
  const text = lines.text(line);
  return text.length > 1 && text.startsWith("*") && text.endsWith("*") && ruleCharacter(text) === ""
    ? text.slice(1, -1).trim()
    : null;
}
