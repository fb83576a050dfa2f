/** The chain: each event names the leaf hash of the event before it in its stream. Finds a change early, at the event after it; never a proof. */
import { at, type Check, type Tally } from "./Check.js";
import type { StreamTails, Tail } from "./streamTails.js";

export function checkChain(tally: Tally, tails: StreamTails): Check {
  return {
    name: "chain",
    event(leaf) {
      tally.assert();
      const compare = ({ revision, hash }: Tail) => {
        if (leaf.inside.prev === hash) return;
        const expected =
          hash === null ? "null: nothing readable comes before it" : `${hash}, the leaf hash of revision ${revision}`;
        tally.find(
          at(
            leaf,
            "prev",
            "prev is the leaf hash before it",
            `prev is ${leaf.inside.prev ?? "null"}; it must be ${expected}`,
          ),
        );
      };
      const tail = tails.before(leaf);
      if (tail instanceof Promise) return tail.then(compare);
      return compare(tail);
    },
  };
}
