/** Writers, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";

export interface WriterRow {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the source file. */
  readonly source: string;
  /** Whether records are taken from this version now: the newest ratified one that is not retired. */
  readonly inForce: boolean;
  readonly ratifiedBy: string;
  readonly ratifiedAt: string;
  readonly retiredBy: string | null;
  readonly retiredAt: string | null;
  /** Why it was retired. */
  readonly reason: string | null;
  readonly position: number;
}

/** Every version ever ratified, by name, newest version first. */
export async function listWriters(sql: Sql): Promise<WriterRow[]> {
  const rows = await sql.query<Omit<WriterRow, "inForce">>(
    `SELECT name, version, source, ratified_by AS "ratifiedBy", ratified_at AS "ratifiedAt", retired_by AS "retiredBy",
       retired_at AS "retiredAt", reason, position
     FROM writer ORDER BY name, version DESC`,
  );
  const seen = new Set<string>();
  return rows.map((row) => {
    const inForce = row.retiredAt === null && !seen.has(row.name);
    if (inForce) seen.add(row.name);
    return { ...row, inForce };
  });
}
