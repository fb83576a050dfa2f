/** Readiness as it was worked out at the newest event that bears on each run. For any other moment ask `readinessOf` in `src/projecting`. */
import type { Sql } from "../../src/database/Sql.js";
import type { Blocker } from "./matrix.js";

export interface ReadinessRow extends Blocker {
  readonly run: string;
  readonly document: string;
  /** The command that takes the run on. */
  readonly step: string;
  /** The time and position of the newest event that bears on the run: what the row is as of. */
  readonly asOf: string;
  readonly position: number;
}

/** The matrix of one run, or of all runs with a next step. At `now` (RFC 3339, UTC, milliseconds) what has lapsed since is OPEN. */
export async function listReadiness(sql: Sql, now: string, run?: string): Promise<ReadinessRow[]> {
  const rows = await sql.query<ReadinessRow>(
    `SELECT run, document, step, name, status, closed_by AS "closedBy", code, message, next, holds_until AS "holdsUntil",
       as_of AS "asOf", position
     FROM readiness ${run === undefined ? "" : "WHERE run = $1"} ORDER BY run, ordinal`,
    run === undefined ? [] : [run],
  );
  return rows.map((row) => {
    if (row.holdsUntil === null || row.holdsUntil > now) return row;
    const message = `It held until ${row.holdsUntil}; it is ${now}.`;
    return {
      ...row,
      status: "OPEN",
      code: "LAPSED",
      message,
      next: `iu-ledger readiness ${row.run}`,
      holdsUntil: null,
    };
  });
}
