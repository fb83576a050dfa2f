/** Policies, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";
import type { Policy } from "../../src/events/fields.js";

export interface PolicyRow {
  readonly digest: string;
  readonly policy: Policy;
  readonly adoptedBy: string;
  readonly adoptedAt: string;
  readonly position: number;
}

/** Every policy ever adopted, newest first: the first is in force. */
export async function listPolicies(sql: Sql): Promise<PolicyRow[]> {
  const rows = await sql.query<Omit<PolicyRow, "policy"> & { policy: string }>(
    `SELECT digest, policy, adopted_by AS "adoptedBy", adopted_at AS "adoptedAt", position
     FROM policy ORDER BY position DESC`,
  );
  return rows.map((row) => ({ ...row, policy: JSON.parse(row.policy) as Policy }));
}
