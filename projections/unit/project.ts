/**
 * Units, worked out again from their versions whenever one of those has changed: what a unit is follows from its versions alone, so
 * there is no second bookkeeping that could go astray. Stands after `unit_version` in the order of projections.
 */
import type { Projection } from "../Projection.js";
import { statements } from "../statements.js";

const insertUnits = (which: string) => `INSERT INTO unit
    (unit, document, address, kind, label, lifecycle, run, ordinal, first_run, last_run, versions)
  SELECT unit, document, address, kind, label, lifecycle, run, ordinal, first_run, last_run, versions
  FROM (
    SELECT unit, document, address, kind, label, lifecycle, run, ordinal,
      row_number() OVER (PARTITION BY unit ORDER BY
        CASE lifecycle WHEN 'enacted' THEN 0 WHEN 'superseded' THEN 2 WHEN 'reverted' THEN 3 ELSE 1 END, position DESC) AS choice,
      first_value(run) OVER (PARTITION BY unit ORDER BY position) AS first_run,
      first_value(run) OVER (PARTITION BY unit ORDER BY position DESC) AS last_run,
      count(*) OVER (PARTITION BY unit) AS versions
    FROM unit_version WHERE ${which}
  ) AS ranked WHERE choice = 1`;

const inRange = "unit IN (SELECT unit FROM unit_version WHERE run = $1 AND ordinal >= $2 AND ordinal <= $3)";
const deleteRange = `DELETE FROM unit WHERE ${inRange}`;
const insertRange = insertUnits(inRange);
const deleteDocument = "DELETE FROM unit WHERE document = $1";
const insertDocument = insertUnits("document = $1");

export const unitProjection: Projection = {
  name: "unit",
  tables: ["unit"],
  views: [],
  async project(batch, before) {
    // Whole documents, where an event touches every unit of a run or the units that versions belong to; else ranges of a run's cut.
    const documents = new Set<string>();
    const moved = new Set<string>();
    const ranges = new Map<string, { first: number; last: number }>();
    for (const { event } of batch) {
      switch (event.type) {
        case "UnitCut":
        case "UnitReverted": {
          const { run, index } = event.data;
          const range = ranges.get(run);
          if (range === undefined) ranges.set(run, { first: index, last: index });
          else {
            range.first = Math.min(range.first, index);
            range.last = Math.max(range.last, index);
          }
          break;
        }
        case "TransitionResolved":
        case "RunReviewed":
          moved.add(event.data.run);
          break;
        case "VersionEnacted":
        case "VersionReverted":
          documents.add(event.data.document);
          break;
      }
    }
    for (const run of moved) {
      const opened = batch.find(({ event }) => event.type === "RunOpened" && event.data.run === run)?.event;
      const [stored] = await before.query<{ document: string }>("SELECT document FROM run_live_state WHERE run = $1", [
        run,
      ]);
      const document = opened?.type === "RunOpened" ? opened.data.document : stored?.document;
      if (document !== undefined) documents.add(document);
    }
    const { add, list } = statements();
    for (const [run, { first, last }] of ranges) {
      add(deleteRange, run, first, last);
      add(insertRange, run, first, last);
    }
    for (const document of documents) {
      add(deleteDocument, document);
      add(insertDocument, document);
    }
    return list;
  },
};
