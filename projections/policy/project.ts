/** Policies, one row each time one was adopted. */
import { canonicalText } from "../../src/events/canonical.js";
import type { Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

const adopt = insertInto("policy", ["position", "digest", "policy", "adopted_by", "adopted_at"]);

export const policyProjection: Projection = {
  name: "policy",
  tables: ["policy"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    for (const { position, event } of batch) {
      if (event.type !== "PolicyAdopted") continue;
      add(adopt, position, event.data.digest, canonicalText(event.data.policy), event.actor, event.time);
    }
    return list;
  },
};
