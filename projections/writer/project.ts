/** Ratified and retired writers. */
import type { Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

const ratify = insertInto("writer", ["name", "version", "source", "ratified_by", "ratified_at", "position"]);
const retire = `UPDATE writer SET retired_by = $3, retired_at = $4, reason = $5, position = $6
  WHERE name = $1 AND version = $2`;

export const writerProjection: Projection = {
  name: "writer",
  tables: ["writer"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    for (const { position, event } of batch) {
      const { time, actor } = event;
      if (event.type === "WriterRatified") {
        add(ratify, event.data.name, event.data.version, event.data.source, actor, time, position);
      } else if (event.type === "WriterRetired") {
        add(retire, event.data.name, event.data.version, actor, time, event.data.reason, position);
      }
    }
    return list;
  },
};
