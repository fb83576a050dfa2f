/**
 * Copy: of a ledger whose store answers from a copy (EventStoreDB, with Postgres beside it), every event and every command of the copy is
 * compared with the ledger's own. All other checks read the ledger's events; states, envelopes and read models come from the copy.
 */
import type { Head, LedgerCopy } from "../ledger/Store.js";
import type { Check, Tally } from "./Check.js";

/** Events compared at once. */
const pageSize = 1_000;

/** `head`: as the store says it; or that it cannot be read, which may be for what this check finds. */
export function checkCopy(
  tally: Tally,
  copy: LedgerCopy,
  head: Head | { readonly unreadable: string },
  signal: AbortSignal | undefined,
): Check {
  return {
    name: "copy",
    async end() {
      const size = "unreadable" in head ? Number.POSITIVE_INFINITY : head.size;
      for (let from = 0; from < size; from += pageSize) {
        signal?.throwIfAborted();
        const { compared, differences } = await copy.differences(from, Math.min(size, from + pageSize));
        tally.assert(compared);
        for (const { position, field, message } of differences)
          tally.find({ position, stream: null, field, rule: "copied from the ledger", message });
        if (compared < pageSize && size === Number.POSITIVE_INFINITY) break;
      }
      if (copy.behind > 0)
        tally.withhold(
          `the copy lacks the ledger's newest events (${copy.behind}), and this login may not fetch them: no check has looked at them`,
        );
    },
  };
}
