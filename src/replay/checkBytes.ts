/** Canonical bytes: every event is exactly the RFC 8785 form of what it says, so that no two readers can read it differently. */
import { leafSizeMax } from "../events/envelope.js";
import { at, type Check, type Tally } from "./Check.js";

export function checkBytes(tally: Tally): Check {
  return {
    name: "canonical-bytes",
    event(leaf) {
      tally.assert();
      if (leaf.fault !== null) {
        tally.find(at(leaf, "bytes", "RFC 8785", `byte ${leaf.fault.at}: ${leaf.fault.message}`));
      }
      if (leaf.bytes.length > leafSizeMax) {
        tally.find(at(leaf, "bytes", "leaf size", `${leaf.bytes.length} bytes; a leaf holds at most ${leafSizeMax}`));
      }
    },
  };
}
