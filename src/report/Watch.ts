/**
 * A watch: one thing that must not have happened, looked for at every event of the ledger, in order, with what was in force just before it.
 * It counts what it looked at; one that looked at nothing has not passed.
 */
import type { Past, Placed } from "./Past.js";
import type { Attestation } from "./Statement.js";

export interface Watch {
  /** An event, before it changes the past. */
  see(placed: Placed, past: Past): void;
  /** After the last event. */
  result(): Attestation;
}

export interface WatchOf {
  readonly id: string;
  /** What did not happen, as a sentence. */
  readonly says: string;
  readonly scope: "run" | "ledger";
  /** What is looked at: the singular and the plural. */
  readonly of: readonly [string, string];
  /** How. */
  readonly by: string;
}

/** Where a watch writes down what it saw. */
export interface Looking {
  /** Counts things looked at. */
  look(count?: number): void;
  violate(position: number | null, what: string): void;
  /** Looks at one thing: each condition that does not hold is a violation there. */
  judge(position: number, conditions: readonly (readonly [holds: boolean, otherwise: string])[]): void;
}

/** Violations kept of each watch; all are counted. */
const violationsMax = 20;

/** A watch of what `see` looks at. Mandatory where something was there to be looked at; what the run must have passed is added later. */
export function watch(of: WatchOf, see: (looking: Looking, placed: Placed, past: Past) => void): Watch {
  const { looking, result } = lookingFor(of);
  return { see: (placed, past) => see(looking, placed, past), result };
}

/** As {@link watch}, for what is not looked at event by event. */
export function lookingFor(of: WatchOf): { readonly looking: Looking; result(note?: string | null): Attestation } {
  let looked = 0;
  let found = 0;
  const violations: { position: number | null; what: string }[] = [];
  const violate: Looking["violate"] = (position, what) => {
    found++;
    // Whatever stands on the ledger must come out as text that has bytes.
    if (violations.length < violationsMax) violations.push({ position, what: what.toWellFormed() });
  };
  return {
    looking: {
      look(count = 1) {
        looked += count;
      },
      violate,
      judge(position, conditions) {
        looked++;
        for (const [holds, otherwise] of conditions) if (!holds) violate(position, otherwise);
      },
    },
    result(note = null) {
      return {
        ...of,
        of: [...of.of],
        mandatory: looked > 0,
        verdict: verdictOf(looked, found),
        looked,
        violations,
        more: found - violations.length,
        note: note ?? (looked === 0 ? `there was no ${of.of[0]} to look at` : null),
      };
    },
  };
}

/** FAIL where anything was found, PASS where something was looked at and nothing found. */
export function verdictOf(looked: number, found: number): Attestation["verdict"] {
  return found > 0 ? "FAIL" : looked > 0 ? "PASS" : "NOT_RUN";
}
