/**
 * Unit versions and proposed repeals: cut, resolved, reviewed, enacted, superseded, reverted. Titles are the only words of a
 * document here, and go when the plan they came from is redacted.
 */
import type { FactData } from "../../src/events/facts.js";
import type { Before, Positioned, Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";
import { type Titles, titlesOf } from "./titles.js";

const cut = insertInto("unit_version", [
  "run",
  "ordinal",
  "unit",
  "document",
  "revision",
  "content",
  "address",
  "kind",
  "label",
  "title",
  "parent",
  "span_start",
  "span_end",
  "raw",
  "norm",
  "transition",
  "from_units",
  "open",
  "lifecycle",
  "position",
]);
const propose = insertInto("repeal", ["run", "unit", "address", "transition", "open", "position"]);
const resolveUnit = `UPDATE unit_version SET unit = $3, transition = $4, from_units = $5, open = 0
  WHERE run = $1 AND address = $2`;
const resolveRepeal = "UPDATE repeal SET transition = $3, open = 0 WHERE run = $1 AND unit = $2";
const setAll = "UPDATE unit_version SET lifecycle = $3 WHERE run = $1 AND lifecycle = $2";
const setOne = "UPDATE unit_version SET lifecycle = $3 WHERE run = $1 AND ordinal = $2";

const untitle =
  "UPDATE unit_version SET title = NULL WHERE run IN (SELECT run FROM run_live_state WHERE plan_content = $1)";

export const unitVersionProjection: Projection = {
  name: "unit_version",
  tables: ["unit_version", "repeal"],
  views: ["unit_text"],
  async project(batch, before) {
    const runs = await runsCut(batch, before);
    const { add, list } = statements();
    for (const { position, event } of batch) {
      switch (event.type) {
        case "UnitCut": {
          const unit = event.data;
          const run = runs.get(unit.run);
          if (run === undefined)
            throw new Error(`position ${position}: a unit of the run ${unit.run}, which was never opened`);
          const { class: transition, from, open } = unit.transition;
          add(
            cut,
            unit.run,
            unit.index,
            unit.unit,
            unit.document,
            run.revision,
            run.content,
            unit.address,
            unit.kind,
            unit.label,
            run.titles(unit.index, unit.address),
            unit.parent,
            unit.span.start,
            unit.span.end,
            unit.raw,
            unit.norm,
            transition,
            JSON.stringify(from),
            open ? 1 : 0,
            "draft",
            position,
          );
          break;
        }
        case "RepealProposed": {
          const { run, unit, address, open } = event.data;
          add(propose, run, unit, address, "repeal", open ? 1 : 0, position);
          break;
        }
        case "TransitionResolved":
          for (const { row, class: transition, unit, from } of event.data.rows) {
            // A row is the address of a cut unit or the id of a unit that is gone; one of the two statements finds it.
            add(resolveUnit, event.data.run, row, unit, transition, JSON.stringify(from));
            add(resolveRepeal, event.data.run, row, transition);
          }
          break;
        case "RunReviewed":
          add(setAll, event.data.run, "draft", "reviewed");
          break;
        case "VersionEnacted":
          if (event.data.supersedes !== null) add(setAll, event.data.supersedes, "enacted", "superseded");
          add(setAll, event.data.run, "reviewed", "enacted");
          break;
        case "UnitReverted":
          add(setOne, event.data.run, event.data.index, "reverted");
          break;
        case "ContentRedacted":
          add(untitle, event.data.content);
          break;
        case "VersionReverted":
          if (event.data.restores !== null) add(setAll, event.data.restores, "superseded", "enacted");
          break;
      }
    }
    return list;
  },
};

interface RunCut {
  readonly revision: number;
  readonly content: string;
  readonly titles: Titles;
}

/** What a unit needs to know of its run: which revision it cuts, and the titles in its plan. */
async function runsCut(batch: readonly Positioned[], before: Before): Promise<Map<string, RunCut>> {
  const runs = new Map<string, RunCut>();
  const ids = new Set(batch.flatMap(({ event }) => (event.type === "UnitCut" ? [event.data.run] : [])));
  for (const id of ids) {
    const [stored] = await before.query<{ revision: number; content: string; plan_content: string | null }>(
      "SELECT revision, content, plan_content FROM run_live_state WHERE run = $1",
      [id],
    );
    const opened = dataOf(batch, "RunOpened", id);
    const planned = dataOf(batch, "CutPlanned", id);
    const revision = opened?.revision ?? stored?.revision;
    const content = opened?.content ?? stored?.content;
    if (revision === undefined || content === undefined) continue;
    runs.set(id, {
      revision,
      content,
      titles: await titlesOf(planned?.planContent ?? stored?.plan_content ?? null, before),
    });
  }
  return runs;
}

/** The data of a run's newest event of a type in the batch. */
function dataOf<T extends "RunOpened" | "CutPlanned">(
  batch: readonly Positioned[],
  type: T,
  run: string,
): FactData<T> | undefined {
  const newest = batch.findLast(({ event }) => event.type === type && (event.data as { run: string }).run === run);
  return newest?.event.data as FactData<T> | undefined;
}
