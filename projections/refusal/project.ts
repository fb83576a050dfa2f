/** Refused attempts, as they were recorded. */
import { canonicalText } from "../../src/events/canonical.js";
import type { Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

const refuse = insertInto("refusal", [
  "position",
  "command",
  "type",
  "actor",
  "code",
  "message",
  "numbers",
  "next",
  "time",
]);

export const refusalProjection: Projection = {
  name: "refusal",
  tables: ["refusal"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    for (const { position, event } of batch) {
      if (event.type !== "CommandRefused") continue;
      const { type, code, message, numbers, next } = event.data;
      add(
        refuse,
        position,
        event.command.id,
        type,
        event.actor,
        code,
        message,
        canonicalText(numbers),
        next,
        event.time,
      );
    }
    return list;
  },
};
