/** Redactions: requested, ruled, carried out. */
import type { Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

const request = insertInto("redaction", [
  "redaction",
  "reason",
  "subject",
  "requested_by",
  "responsible",
  "requested_at",
  "position",
]);
const name = insertInto("redacted_content", ["redaction", "content"]);
const rule = `UPDATE redaction SET outcome = $2, ruling = $3, ruled_by = $4, ruled_at = $5, expires_at = $6 WHERE redaction = $1`;
const erase = "UPDATE redacted_content SET position = $3 WHERE redaction = $1 AND content = $2";
const execute = "UPDATE redaction SET executed_by = $2, executed_at = $3 WHERE redaction = $1";

export const redactionProjection: Projection = {
  name: "redaction",
  tables: ["redaction", "redacted_content"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    for (const { position, event } of batch) {
      const { time, actor } = event;
      switch (event.type) {
        case "RedactionRequested": {
          const { redaction, contents, reason, subject, requestedBy, responsible } = event.data;
          add(request, redaction, reason, subject, requestedBy, responsible, time, position);
          for (const content of contents) add(name, redaction, content);
          break;
        }
        case "RedactionRuled": {
          const { redaction, outcome, reason, ruledBy, expires } = event.data;
          add(rule, redaction, outcome, reason, ruledBy, time, expires);
          break;
        }
        case "ContentRedacted":
          add(erase, event.data.redaction, event.data.content, position);
          break;
        case "RedactionExecuted":
          add(execute, event.data.redaction, actor, time);
          break;
      }
    }
    return list;
  },
};
