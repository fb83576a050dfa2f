/** How a journey words times, places and what was appended. Pure: the same values give the same text on any machine. */
import type { Committed } from "../../ledger/Decision.js";
import { grouped, widthOf } from "../output/text.js";

/** "an agent", "a human". */
export function withArticle(word: string): string {
  return `${/^[aeiou]/.test(word) ? "an" : "a"} ${word}`;
}

/** Milliseconds as a person says them: "8 ms", "3.2 s", "2 min 05 s". */
export function tookText(ms: number): string {
  if (ms < 999.5) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, "0")} s`;
}

/** Where events stand: "#4", "#4–9". */
export function positionsOf(events: readonly Committed[]): string {
  const first = events[0]?.position;
  const last = events.at(-1)?.position;
  if (first === undefined || last === undefined) return "";
  return first === last ? `#${first}` : `#${first}–${last}`;
}

/** What happened, in order, repeats counted: "CutStarted", "UnitCut ×38", "CutExecuted". */
export function typesOf(events: readonly Committed[]): string[] {
  const runs: { type: string; count: number }[] = [];
  for (const { event } of events) {
    const last = runs.at(-1);
    if (last?.type === event.type) last.count++;
    else runs.push({ type: event.type, count: 1 });
  }
  return runs.map(({ type, count }) => (count === 1 ? type : `${type} ×${grouped(count)}`));
}

/** The items in lines of at most so many columns, broken only between two items. */
export function wrappedItems(items: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const [i, item] of items.entries()) {
    const word = i < items.length - 1 ? `${item},` : item;
    const line = lines.at(-1);
    if (line === undefined || widthOf(line) + 1 + widthOf(word) > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** A command line as a shell takes it: words are quoted only where they must be. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(" ");
}
