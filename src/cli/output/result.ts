/** What the ledger answered, for people and as JSON. The only place where a result becomes an exit code. */
import { changedNothing } from "../../ledger/answers.js";
import type { Committed, Result } from "../../ledger/Decision.js";
import { eventText } from "./eventText.js";
import type { Problem } from "./Problem.js";
import type { Style } from "./style.js";
import { marks } from "./style.js";
import { counted, pad, visible, widthOf } from "./text.js";

/** A result that is a yes: what it committed now or the first time it was asked. */
export interface Done {
  readonly outcome: "committed" | "duplicate" | "nothing";
  readonly events: readonly Committed[];
}

/** A yes, or the problem that every other answer is. */
export function outcomeOf(
  result: Result,
): { readonly ok: true; readonly done: Done } | { readonly ok: false; readonly problem: Problem } {
  switch (result.kind) {
    case "committed":
      return {
        ok: true,
        done: { outcome: changedNothing(result.events) ? "nothing" : "committed", events: result.events },
      };
    case "duplicate":
      return result.first.kind === "committed"
        ? { ok: true, done: { outcome: "duplicate", events: result.first.events } }
        : { ok: false, problem: refusal(result.first) };
    case "refused":
      return { ok: false, problem: refusal(result) };
    case "conflict": {
      const { stream, expected, actual, attempts, next } = result;
      const message = `Others kept writing to ${stream}: it was at revision ${expected}, then at ${actual}; given up after ${attempts} attempts.`;
      return {
        ok: false,
        problem: { code: "CONFLICT", message, numbers: { stream, expected, actual, attempts }, next, exit: 3 },
      };
    }
    case "malformed":
      return {
        ok: false,
        problem: {
          code: "MALFORMED",
          message: `${result.at}: ${result.message}`,
          numbers: { at: result.at },
          next: result.next,
          exit: 2,
        },
      };
    case "unknown":
      return {
        ok: false,
        problem: { code: "UNKNOWN_OUTCOME", message: result.message, numbers: {}, next: result.next, exit: 3 },
      };
  }
}

function refusal(refused: Extract<Result, { kind: "refused" }>): Problem {
  const { code, message, numbers, next, position } = refused;
  return { code, message, numbers: position === null ? numbers : { ...numbers, position }, next, exit: 1 };
}

const shownMax = 6;

/** The events of a result, one a line: position, type, what it says. Long runs of one type are counted, not listed. */
export function eventLines(events: readonly Committed[], style: Style, indent = "  "): string[] {
  const groups: Committed[][] = [];
  for (const event of events) {
    const group = groups.at(-1);
    if (group !== undefined && group[0]?.event.type === event.event.type) group.push(event);
    else groups.push([event]);
  }
  const shown = groups.flatMap((group) =>
    group.length <= shownMax || groups.length === 1
      ? group.map((one) => ({
          position: String(one.position),
          type: visible(one.event.type),
          text: eventText(one.event),
        }))
      : [
          {
            position: `${group[0]?.position}–${group.at(-1)?.position}`,
            type: visible(group[0]?.event.type ?? ""),
            text: counted(group.length, "event"),
          },
        ],
  );
  const position = Math.max(0, ...shown.map((line) => widthOf(line.position)));
  const type = Math.max(0, ...shown.map((line) => widthOf(line.type)));
  return shown.map((line) =>
    `${indent}${style.faint(pad(line.position, position, "right"))}  ${pad(line.type, type)}  ${line.text}`.trimEnd(),
  );
}

/** The line that says a command was done: `✓ Run planned` … or that there was nothing to do. */
export function doneLine(what: string, done: Done, style: Style, by: string): string {
  const who = style.faint(`signed by ${by}`);
  if (done.outcome === "nothing")
    return `${style.good(marks.good)} ${what}  ${style.faint("it was so already; nothing was changed")}`;
  if (done.outcome === "duplicate")
    return `${style.good(marks.good)} ${what}  ${style.faint("this command was answered before; here is that answer")}`;
  return `${style.good(marks.good)} ${what}  ${who}`;
}

/** An event in JSON: its place and the stored envelope. */
export function eventJson({ position, event }: Committed): Record<string, unknown> {
  return { position, ...event };
}
