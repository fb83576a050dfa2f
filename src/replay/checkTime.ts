/**
 * Times along the ledger: no event is stamped far before those that stand before it, and none after the auditor's own now. Clocks of
 * honest machines stand a little apart, so a little is allowed. Reported with the positions: both are about order.
 */
import { clockSkewMsMax } from "../events/fields.js";
import { at, type Check, type Tally } from "./Check.js";

/** `now`: the auditor's clock (RFC 3339, UTC, milliseconds); undefined: what is to come is not judged. */
export function checkTime(tally: Tally, { now }: { now: string | undefined }): Check {
  const minutes = clockSkewMsMax / 60_000;
  const nowMs = now === undefined ? Number.POSITIVE_INFINITY : Date.parse(now);
  let newest = "";
  let newestAt = -1;
  let newestMs = Number.NEGATIVE_INFINITY;

  return {
    name: "positions",
    event(leaf) {
      const { time } = leaf.inside;
      const ms = time === undefined ? Number.NaN : Date.parse(time);
      // What is no time is for the schema to say.
      if (time === undefined || Number.isNaN(ms)) return;
      tally.assert();
      if (ms - nowMs > clockSkewMsMax) {
        const message = `the event is of ${time}, more than ${minutes} minutes after the auditor's now, ${now}`;
        tally.find(at(leaf, "time", "time", message));
        // It is the one that is wrong, not all that follow it.
        return;
      }
      if (newestMs - ms > clockSkewMsMax) {
        const message = `the event is of ${time}, more than ${minutes} minutes before ${newest} at position ${newestAt}`;
        tally.find(at(leaf, "time", "time", message));
      }
      if (ms <= newestMs) return;
      newest = time;
      newestAt = leaf.position;
      newestMs = ms;
    },
  };
}
