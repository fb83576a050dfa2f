/** Compensation plans, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";

export interface RevertPlanRow {
  readonly run: string;
  /** Digest of the inverse actions. */
  readonly plan: string;
  readonly actions: number;
  readonly reason: string;
  /** The run whose units are in force again afterwards. */
  readonly restores: string | null;
  /** Units by lifecycle when it was planned, and as expected afterwards. */
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
  readonly status: "planned" | "replaced" | "started" | "executed" | "recorded" | "verified" | "failed";
  /** The gate it was started under, where the run was enacted. */
  readonly gate: string | null;
  /** Actions done so far. */
  readonly reverted: number;
  readonly plannedBy: string;
  readonly plannedAt: string;
  readonly changedAt: string;
  /** Of the plan; with the run it names the plan. */
  readonly position: number;
}

export interface RevertActionRow {
  /** In the order they are carried out, from 0. */
  readonly step: number;
  /** The unit version's place in the cut. */
  readonly index: number;
  readonly unit: string;
  readonly address: string;
  /** Position of the event that reverted it. */
  readonly done: number | null;
}

/** The compensation plans of a run, newest first: the first one counts. */
export async function listRevertPlans(sql: Sql, run: string): Promise<RevertPlanRow[]> {
  const rows = await sql.query<Omit<RevertPlanRow, "before" | "after"> & { before: string; after: string }>(
    `SELECT run, plan, actions, reason, restores_run AS "restores", counts_before AS "before", counts_after AS "after", status,
       gate, reverted, planned_by AS "plannedBy", planned_at AS "plannedAt", changed_at AS "changedAt", position
     FROM revert_plan WHERE run = $1 ORDER BY position DESC`,
    [run],
  );
  return rows.map((row) => ({
    ...row,
    before: JSON.parse(row.before) as Record<string, number>,
    after: JSON.parse(row.after) as Record<string, number>,
  }));
}

/** The actions of a plan, in the order they are carried out. */
export function listRevertActions(sql: Sql, run: string, position: number): Promise<RevertActionRow[]> {
  return sql.query<RevertActionRow>(
    `SELECT a.step, a.ordinal AS "index", v.unit, a.address, a.done
     FROM revert_action a JOIN unit_version v ON v.run = a.run AND v.ordinal = a.ordinal
     WHERE a.run = $1 AND a.position = $2 ORDER BY a.step`,
    [run, position],
  );
}
