/**
 * A "no" for a person: a stable code, a sentence, the numbers, the next step, and the exit code it ends with. Every way in which
 * a command can end badly becomes one of these; what does not is a bug, and shows as one.
 */
import { storeErrorOf } from "../../store/storeErrorOf.js";
import { asTyped, partsOf, type Typing } from "./hint.js";
import type { Style } from "./style.js";
import { marks } from "./style.js";
import { visible } from "./text.js";

/** 0 done; 1 refused, or a finding; 2 malformed; 3 cannot; 130 interrupted (128 + SIGINT). */
export type ExitCode = 0 | 1 | 2 | 3 | 130;

export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly numbers: Readonly<Record<string, string | number | boolean | null>>;
  readonly next: string;
  readonly exit: Exclude<ExitCode, 0>;
}

/** Ends a command with a problem. */
export class Stop extends Error {
  readonly problem: Problem;
  constructor(problem: Problem, options?: { cause: unknown }) {
    super(problem.message, options);
    this.name = "Stop";
    this.problem = problem;
  }
}

/** A business no: exit 1. */
export function refusedStop(code: string, message: string, next: string, numbers: Problem["numbers"] = {}): Stop {
  return new Stop({ code, message, numbers, next, exit: 1 });
}

/** Something typed that cannot be meant: exit 2. */
export function malformedStop(code: string, message: string, next: string, numbers: Problem["numbers"] = {}): Stop {
  return new Stop({ code, message, numbers, next, exit: 2 });
}

/** The machine does not let us: exit 3. */
export function cannotStop(code: string, message: string, next: string, numbers: Problem["numbers"] = {}): Stop {
  return new Stop({ code, message, numbers, next, exit: 3 });
}

/** Errors with `code` and `next` of their own: StoreError, KeyError, a malformed plan. */
interface Coded extends Error {
  readonly code: string;
  readonly next: string;
}

function isCoded(error: unknown): error is Coded {
  return (
    error instanceof Error &&
    "code" in error &&
    typeof error.code === "string" &&
    "next" in error &&
    typeof error.next === "string"
  );
}

/** What was thrown, as a problem; undefined for a bug. */
export function problemOf(thrown: unknown): Problem | undefined {
  if (thrown instanceof Stop) return thrown.problem;
  // What a database cannot do for the read models, it could not do for the ledger either.
  const error = storeErrorOf(thrown);
  if (!isCoded(error)) return undefined;
  const position = "position" in error && typeof error.position === "number" ? { position: error.position } : {};
  const numbers = "numbers" in error ? (error.numbers as Problem["numbers"]) : {};
  return {
    code: error.code,
    message: sentence(error.message),
    numbers: { ...position, ...numbers },
    next: sentence(error.next),
    exit: 3,
  };
}

/** A capital first and a full stop last, unless it ends in something to type. */
function sentence(text: string): string {
  if (/^(?:chmod|iu-ledger) /.test(text)) return text;
  const capital = /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?…;]$/.test(capital) || partsOf(capital).line !== null ? capital : `${capital}.`;
}

/** A problem as it stands on a terminal: what, why in numbers, what next. It quotes what others wrote (a reason, a name): made visible. */
export function problemLines({ code, message, numbers, next }: Problem, style: Style, typing: Typing): string[] {
  const facts = Object.entries(numbers)
    .map(([name, value]) => [name === "position" ? "recorded at" : name, value] as const)
    .filter(([, value]) => value !== null && !`${message} ${next}`.includes(String(value)))
    .map(([name, value]) => `${visible(name)} ${visible(String(value))}`);
  return [
    `${style.bad(marks.bad)} ${visible(message)}`,
    `  ${style.faint([`code ${visible(code)}`, ...facts].join(" · "))}`,
    ...(next === "" ? [] : [`  ${style.faint("next")} ${asTyped(next, style, typing)}`]),
  ];
}
