/** Counts what a check did and keeps its first findings; a ledger full of errors must not fill the memory with them. */
import type { Finding, Tally } from "./Check.js";

export interface Counted extends Tally {
  /** What was counted; nothing where the check was not wanted. */
  counted(wanted: boolean): {
    readonly assertions: number;
    readonly findings: readonly Finding[];
    readonly found: number;
  };
}

export function tally(findingsMax: number): Counted {
  let assertions = 0;
  let found = 0;
  const findings: Finding[] = [];
  return {
    assert(count = 1) {
      assertions += count;
    },
    find(finding) {
      found++;
      if (findings.length < findingsMax) findings.push(finding);
    },
    counted: (wanted) => (wanted ? { assertions, findings, found } : { assertions: 0, findings: [], found: 0 }),
  };
}
