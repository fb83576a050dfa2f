/** Lifecycle histories, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";
import type { Lifecycle } from "./project.js";

export interface LifecycleRow {
  /** Run and index name the unit version. */
  readonly run: string;
  readonly index: number;
  readonly state: Lifecycle;
  readonly time: string;
  readonly actor: string;
  /** Of the event that made it so. */
  readonly position: number;
}

/** What one unit version has been, oldest first. */
export function lifecycleOfVersion(sql: Sql, run: string, index: number): Promise<LifecycleRow[]> {
  return sql.query<LifecycleRow>(
    `SELECT run, ordinal AS "index", state, time, actor, position
     FROM lifecycle WHERE run = $1 AND ordinal = $2 ORDER BY position`,
    [run, index],
  );
}

/** What all versions of a unit have been, oldest first. */
export function lifecycleOfUnit(sql: Sql, unit: string): Promise<LifecycleRow[]> {
  return sql.query<LifecycleRow>(
    `SELECT l.run, l.ordinal AS "index", l.state, l.time, l.actor, l.position
     FROM lifecycle l JOIN unit_version v ON v.run = l.run AND v.ordinal = l.ordinal
     WHERE v.unit = $1 ORDER BY l.position, l.run, l.ordinal`,
    [unit],
  );
}

/** How many unit versions of a run are in each state now. */
export async function lifecycleCounts(sql: Sql, run: string): Promise<Record<Lifecycle, number>> {
  const counts = { draft: 0, reviewed: 0, enacted: 0, superseded: 0, reverted: 0 };
  const rows = await sql.query<{ lifecycle: Lifecycle; count: number }>(
    "SELECT lifecycle, count(*) AS count FROM unit_version WHERE run = $1 GROUP BY lifecycle",
    [run],
  );
  for (const { lifecycle, count } of rows) counts[lifecycle] = count;
  return counts;
}
