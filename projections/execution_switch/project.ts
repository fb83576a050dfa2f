/** The execution switch: the newest word for each run that was ever armed. Whether that has ended depends on the clock of whoever reads. */
import type { Projection } from "../Projection.js";
import { statements } from "../statements.js";

const arm = `INSERT INTO execution_switch (run, until_at, reason, armed_by, armed_at, position) VALUES ($1, $2, $3, $4, $5, $6)
  ON CONFLICT (run) DO UPDATE SET until_at = excluded.until_at, reason = excluded.reason, armed_by = excluded.armed_by,
    armed_at = excluded.armed_at, disarmed_by = NULL, disarmed_at = NULL, disarmed_reason = NULL, position = excluded.position`;
const disarm = `UPDATE execution_switch SET disarmed_by = $2, disarmed_at = $3, disarmed_reason = $4, position = $5
  WHERE run = $1 AND disarmed_at IS NULL`;
const disarmAll = `UPDATE execution_switch SET disarmed_by = $1, disarmed_at = $2, disarmed_reason = $3, position = $4
  WHERE disarmed_at IS NULL`;

export const executionSwitchProjection: Projection = {
  name: "execution_switch",
  tables: ["execution_switch"],
  views: [],
  project(batch) {
    const { add, list } = statements();
    for (const { position, event } of batch) {
      const { time, actor } = event;
      if (event.type === "ExecutionArmed") {
        add(arm, event.data.run, event.data.until, event.data.reason, actor, time, position);
      } else if (event.type === "ExecutionDisarmed") {
        const { run, reason } = event.data;
        if (run === null) add(disarmAll, actor, time, reason, position);
        else add(disarm, run, actor, time, reason, position);
      }
    }
    return list;
  },
};
