/** Documents and their revisions. */
import type { Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

const insertDocument = insertInto("document", [
  "document",
  "title",
  "source",
  "revision",
  "content",
  "length",
  "registered_by",
  "registered_at",
  "changed_at",
  "position",
]);
const insertRevision = insertInto("document_revision", [
  "document",
  "revision",
  "content",
  "length",
  "added_by",
  "added_at",
  "position",
]);
const revise = `UPDATE document SET revision = $2, content = $3, length = $4, changed_at = $5, position = $6 WHERE document = $1`;
const setOpenRun = "UPDATE document SET open_run = $2, changed_at = $3, position = $4 WHERE document = $1";
const setInForce = "UPDATE document SET in_force_run = $2, changed_at = $3, position = $4 WHERE document = $1";

export const documentProjection: Projection = {
  name: "document",
  tables: ["document", "document_revision"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    for (const { position, event } of batch) {
      const { time, actor } = event;
      switch (event.type) {
        case "DocumentRegistered": {
          const { document, title, source, content, length } = event.data;
          add(insertDocument, document, title, source, 0, content, length, actor, time, time, position);
          add(insertRevision, document, 0, content, length, actor, time, position);
          break;
        }
        case "DocumentRevised": {
          const { document, revision, content, length } = event.data;
          add(revise, document, revision, content, length, time, position);
          add(insertRevision, document, revision, content, length, actor, time, position);
          break;
        }
        case "DocumentClaimed":
          add(setOpenRun, event.data.document, event.data.run, time, position);
          break;
        case "DocumentReleased":
          add(setOpenRun, event.data.document, null, time, position);
          break;
        case "VersionEnacted":
          add(setInForce, event.data.document, event.data.run, time, position);
          break;
        case "VersionReverted":
          add(setInForce, event.data.document, event.data.restores, time, position);
          break;
      }
    }
    return list;
  },
};
