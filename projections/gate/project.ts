/** Gates: requested, ruled, used. */
import { canonicalText } from "../../src/events/canonical.js";
import type { Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

const request = insertInto("gate", [
  "run",
  "gate",
  "kind",
  "binds",
  "subject",
  "requested_by",
  "responsible",
  "requested_at",
  "position",
  "used",
]);
const rule = `UPDATE gate SET outcome = $3, reason = $4, acknowledged = $5, ruled_by = $6, ruled_at = $7, ruled_position = $8,
  expires_at = $9 WHERE run = $1 AND gate = $2`;
const use = "UPDATE gate SET used = 1, used_at = $3, used_position = $4 WHERE run = $1 AND gate = $2";

export const gateProjection: Projection = {
  name: "gate",
  tables: ["gate"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    for (const { position, event } of batch) {
      const { time } = event;
      switch (event.type) {
        case "GateRequested": {
          const { run, gate, kind, binds, subject, requestedBy, responsible } = event.data;
          add(request, run, gate, kind, canonicalText(binds), subject, requestedBy, responsible, time, position, 0);
          break;
        }
        case "GateRuled": {
          const { run, gate, outcome, reason, acknowledged, ruledBy, expires } = event.data;
          add(rule, run, gate, outcome, reason, canonicalText(acknowledged), ruledBy, time, position, expires);
          break;
        }
        case "CutStarted":
        case "RunEnacted":
          add(use, event.data.run, event.data.gate, time, position);
          break;
        case "CompensationStarted":
          if (event.data.gate !== null) add(use, event.data.run, event.data.gate, time, position);
          break;
      }
    }
    return list;
  },
};
