/**
 * What a check of replay is and what it reports. A check looks at every event once, in order, and notes what it finds; it never
 * throws for what it reads, never stops the others, and never counts as an assertion what it did not compare.
 */
import type { Leaf } from "./Leaf.js";
import type { Lost } from "./readLeaves.js";

/** The checks of replay, in the order they are reported. */
export const checkNames = [
  "canonical-bytes",
  "schema",
  "positions",
  "chain",
  "root",
  "checkpoints",
  "signatures",
  "state-machine",
  "writers",
  "content",
  "projections",
  "database",
  // Of a ledger that has a copy; others are reported without it.
  "copy",
] as const;
export type CheckName = (typeof checkNames)[number];

/**
 * PASS: something was compared and nothing was wrong. FAIL: something was wrong. NOT_RUN: nothing was compared, which is never a pass;
 * `note` says why.
 */
export type Verdict = "PASS" | "FAIL" | "NOT_RUN";

/** Something wrong: where, in which field, against which rule. Null where a place has no meaning (a root is of the whole log). */
export interface Finding {
  readonly position: number | null;
  readonly stream: string | null;
  readonly field: string | null;
  readonly rule: string;
  readonly message: string;
}

export interface CheckReport {
  readonly name: CheckName;
  readonly verdict: Verdict;
  /** How many comparisons were made. */
  readonly assertions: number;
  /** The first findings, by position. */
  readonly findings: readonly Finding[];
  /** How many findings there are beyond those. */
  readonly more: number;
  /** Why a check was not run, or, of one that was, what it cannot know; or null. */
  readonly note: string | null;
}

/**
 * The whole: FAIL if any check failed. PASS only if every check passed that this ledger gives something to check; a check that was left
 * out, or whose means were not given, makes it NOT_RUN. A check that found nothing to look at (no content was ever named) is
 * shown as NOT_RUN by name and holds nothing back. An empty ledger is NOT_RUN: there was nothing to audit.
 */
export interface ReplayReport {
  readonly size: number;
  /** RFC 6962 root (hex) recomputed from the events; of what could be read, where something could not. */
  readonly root: string;
  readonly verdict: Verdict;
  readonly checks: readonly CheckReport[];
}

/** Where a check writes down what it did. */
export interface Tally {
  /** Counts comparisons made. */
  assert(count?: number): void;
  /** Notes something wrong. Only the first ones are kept; all are counted. */
  find(finding: Finding): void;
  /** Says why the check could not be done: it is NOT_RUN then, and the whole is no pass. Findings weigh more. */
  withhold(why: string): void;
  /** Says once, beside a pass, what an auditor should know and what is not wrong. */
  remark(what: string): void;
}

/** One check while it runs. Only what a check has is called. */
export interface Check {
  readonly name: CheckName;
  /** An event, in order of position, before it changes any state. */
  event?(leaf: Leaf): void | Promise<void>;
  /** A position whose row cannot be read. */
  lost?(lost: Lost): void;
  /** After the last event. */
  end?(): void | Promise<void>;
}

/** A finding about a field of an event. */
export function at(leaf: Leaf, field: string | null, rule: string, message: string): Finding {
  return { position: leaf.position, stream: leaf.stream, field, rule, message };
}
