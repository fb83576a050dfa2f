/** The history of each unit version's lifecycle. Never updates a row: what was, was. */
import type { Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

export type Lifecycle = "draft" | "reviewed" | "enacted" | "superseded" | "reverted";

const insertOne = insertInto("lifecycle", ["run", "ordinal", "position", "state", "time", "actor"]);
// Every unit version of a run began as a draft, once: those rows are the list of them.
const insertAll = `INSERT INTO lifecycle (run, ordinal, position, state, time, actor)
  SELECT run, ordinal, $2, $3, $4, $5 FROM lifecycle WHERE run = $1 AND state = 'draft'`;

export const lifecycleProjection: Projection = {
  name: "lifecycle",
  tables: ["lifecycle"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    for (const { position, event } of batch) {
      const { time, actor } = event;
      const all = (run: string, state: Lifecycle) => add(insertAll, run, position, state, time, actor);
      switch (event.type) {
        case "UnitCut":
          add(insertOne, event.data.run, event.data.index, position, "draft", time, actor);
          break;
        case "RunReviewed":
          all(event.data.run, "reviewed");
          break;
        case "VersionEnacted":
          if (event.data.supersedes !== null) all(event.data.supersedes, "superseded");
          all(event.data.run, "enacted");
          break;
        case "UnitReverted":
          add(insertOne, event.data.run, event.data.index, position, "reverted", time, actor);
          break;
        case "VersionReverted":
          if (event.data.restores !== null) all(event.data.restores, "enacted");
          break;
      }
    }
    return list;
  },
};
