/** Schema: every event is an envelope of a type this program knows, with data in the shape of that type. */
import { at, type Check, type Tally } from "./Check.js";
import { readingOf } from "./Leaf.js";

export function checkSchema(tally: Tally): Check {
  return {
    name: "schema",
    event(leaf) {
      tally.assert();
      const { fault } = readingOf(leaf);
      if (fault !== null) tally.find(at(leaf, fault.field, fault.rule, fault.message));
    },
  };
}
