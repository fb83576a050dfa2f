/** Compensation plans, their inverse actions, and how far they got. Stands after `unit_version` in the order of projections. */
import { canonicalText } from "../../src/events/canonical.js";
import type { Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

const plan = insertInto("revert_plan", [
  "run",
  "position",
  "plan",
  "actions",
  "reason",
  "restores_run",
  "counts_before",
  "counts_after",
  "planned_by",
  "planned_at",
  "status",
  "reverted",
  "changed_at",
]);
const replace = `UPDATE revert_plan SET status = 'replaced', changed_at = $2 WHERE run = $1 AND status = 'planned'`;
// Only what was cut before the plan, whatever else the same batch brings.
const act = `INSERT INTO revert_action (run, position, step, ordinal, address)
  SELECT run, $2, row_number() OVER (ORDER BY ordinal DESC) - 1, ordinal, address FROM unit_version WHERE run = $1 AND position < $2`;
const newest = "(SELECT max(n.position) FROM revert_plan n WHERE n.run = $1)";
const start = `UPDATE revert_plan SET status = 'started', gate = $2, changed_at = $3 WHERE run = $1 AND position = ${newest}`;
const done = `UPDATE revert_action SET done = $3 WHERE run = $1 AND ordinal = $2 AND position = ${newest}`;
const count = `UPDATE revert_plan SET changed_at = $2,
    reverted = (SELECT count(*) FROM revert_action a WHERE a.run = $1 AND a.position = revert_plan.position AND a.done IS NOT NULL)
  WHERE run = $1 AND position = ${newest}`;
const setStatus = `UPDATE revert_plan SET status = $2, changed_at = $3 WHERE run = $1 AND position = ${newest}`;

export const revertPlanProjection: Projection = {
  name: "revert_plan",
  tables: ["revert_plan", "revert_action"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    // Counted once for many units: before anything else is said of the run, and at the end.
    const uncounted = new Map<string, string>();
    const countUp = (run: string) => {
      const time = uncounted.get(run);
      if (time !== undefined) add(count, run, time);
      uncounted.delete(run);
    };
    for (const { position, event } of batch) {
      const { time, actor } = event;
      switch (event.type) {
        case "CompensationPlanned": {
          const { run, plan: digest, actions, reason, restores, before, after } = event.data;
          countUp(run);
          add(replace, run, time);
          add(
            plan,
            run,
            position,
            digest,
            actions,
            reason,
            restores,
            canonicalText(before),
            canonicalText(after),
            actor,
            time,
            "planned",
            0,
            time,
          );
          add(act, run, position);
          break;
        }
        case "CompensationStarted":
          add(start, event.data.run, event.data.gate, time);
          break;
        case "UnitReverted":
          add(done, event.data.run, event.data.index, position);
          uncounted.set(event.data.run, time);
          break;
        case "CompensationExecuted":
          countUp(event.data.run);
          add(setStatus, event.data.run, "executed", time);
          break;
        case "CompensationBRecorded":
          add(setStatus, event.data.run, "recorded", time);
          break;
        case "CompensationVerified":
          add(setStatus, event.data.run, event.data.verdict === "PASS" ? "verified" : "failed", time);
          break;
      }
    }
    for (const run of [...uncounted.keys()]) countUp(run);
    return list;
  },
};
