/** The execution switch, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";

export interface SwitchRow {
  readonly run: string;
  readonly status: "armed" | "expired" | "disarmed";
  readonly untilAt: string;
  readonly reason: string;
  readonly armedBy: string;
  readonly armedAt: string;
  readonly disarmedBy: string | null;
  readonly disarmedAt: string | null;
  readonly disarmedReason: string | null;
  readonly position: number;
}

/** Every run that was ever armed and how it stands at `now` (RFC 3339, UTC, milliseconds), the newest word first. A run without a row is off. */
export async function listSwitch(sql: Sql, now: string): Promise<SwitchRow[]> {
  const rows = await sql.query<Omit<SwitchRow, "status">>(
    `SELECT run, until_at AS "untilAt", reason, armed_by AS "armedBy", armed_at AS "armedAt", disarmed_by AS "disarmedBy",
       disarmed_at AS "disarmedAt", disarmed_reason AS "disarmedReason", position
     FROM execution_switch ORDER BY position DESC, run`,
  );
  return rows.map((row) => ({
    ...row,
    status: row.disarmedAt !== null ? "disarmed" : row.untilAt > now ? "armed" : "expired",
  }));
}
