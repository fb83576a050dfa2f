/**
 * Units, worked out again from their versions whenever one of those has changed: what a unit is follows from its versions alone, so
 * there is no second bookkeeping that could go astray. Stands after `unit_version` in the order of projections.
 */
import type { Projection } from "../Projection.js";
import { statements } from "../statements.js";

const insertUnits = (which: string) => `INSERT INTO unit
    (unit, document, address, kind, label, lifecycle, run, ordinal, first_run, last_run, versions)
  SELECT v.unit, v.document, v.address, v.kind, v.label, v.lifecycle, v.run, v.ordinal,
    (SELECT o.run FROM unit_version o WHERE o.unit = v.unit ORDER BY o.position LIMIT 1),
    (SELECT o.run FROM unit_version o WHERE o.unit = v.unit ORDER BY o.position DESC LIMIT 1),
    (SELECT count(*) FROM unit_version o WHERE o.unit = v.unit)
  FROM unit_version v
  WHERE ${which} AND v.position = (
    SELECT o.position FROM unit_version o WHERE o.unit = v.unit ORDER BY
      CASE o.lifecycle WHEN 'enacted' THEN 0 WHEN 'superseded' THEN 2 WHEN 'reverted' THEN 3 ELSE 1 END, o.position DESC LIMIT 1)`;

const inRange = (column: string) =>
  `${column} IN (SELECT unit FROM unit_version WHERE run = $1 AND ordinal >= $2 AND ordinal <= $3)`;
const deleteRange = `DELETE FROM unit WHERE ${inRange("unit")}`;
const insertRange = insertUnits(inRange("v.unit"));
const deleteDocument = "DELETE FROM unit WHERE document = $1";
const insertDocument = insertUnits("v.document = $1");

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
