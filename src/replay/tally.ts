/** Counts what a check did and keeps its first findings; a ledger full of errors must not fill the memory with them. */
import type { Finding, Tally } from "./Check.js";

export interface Counted extends Tally {
  /** What was counted; nothing where the check was not wanted. */
  counted(wanted: boolean): {
    readonly assertions: number;
    readonly findings: readonly Finding[];
    readonly found: number;
    /** Why the check could not be done, or null. */
    readonly withheld: string | null;
    readonly remark: string | null;
  };
}

export function tally(findingsMax: number): Counted {
  let assertions = 0;
  let found = 0;
  let withheld: string | null = null;
  let remark: string | null = null;
  const findings: Finding[] = [];
  return {
    assert(count = 1) {
      assertions += count;
    },
    find(finding) {
      found++;
      if (findings.length < findingsMax) findings.push(finding);
    },
    withhold(why) {
      withheld ??= why;
    },
    remark(what) {
      remark = remark === null ? what : `${remark}; ${what}`;
    },
    counted: (wanted) =>
      wanted
        ? { assertions, findings, found, withheld, remark }
        : { assertions: 0, findings: [], found: 0, withheld: null, remark: null },
  };
}
