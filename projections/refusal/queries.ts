/** Refused attempts, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";
import { where } from "../find.js";

export interface RefusalRow {
  readonly position: number;
  /** The command's id. */
  readonly command: string;
  readonly type: string;
  readonly actor: string;
  readonly code: string;
  readonly message: string;
  readonly numbers: Readonly<Record<string, string | number | boolean | null>>;
  readonly next: string;
  readonly time: string;
}

export interface RefusalFilter {
  readonly actor?: string;
  readonly code?: string;
  readonly type?: string;
  /** At most so many; default 100. */
  readonly limit?: number;
}

/** Recorded refusals, newest first. */
export async function listRefusals(sql: Sql, filter: RefusalFilter = {}): Promise<RefusalRow[]> {
  const { clause, params } = where([
    ["actor = ?", filter.actor],
    ["code = ?", filter.code],
    ["type = ?", filter.type],
  ]);
  const rows = await sql.query<Omit<RefusalRow, "numbers"> & { numbers: string }>(
    `SELECT position, command, type, actor, code, message, numbers, next, time
     FROM refusal ${clause} ORDER BY position DESC LIMIT $${params.length + 1}`,
    [...params, filter.limit ?? 100],
  );
  return rows.map((row) => ({ ...row, numbers: JSON.parse(row.numbers) as RefusalRow["numbers"] }));
}
