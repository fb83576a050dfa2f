/** The checkpoints in the ledger's database: only ever added to, in order, each as it was signed. The tables keep that rule themselves. */
import { hasTable } from "../database/migrate.js";
import { type Sql, SqlError } from "../database/Sql.js";

/** A checkpoint as the database has it; nothing of it is verified. */
export interface StoredCheckpoint {
  readonly number: number;
  /** What the database says its size is. */
  readonly size: number;
  readonly note: Uint8Array;
}

const columns = (sql: Pick<Sql, "dialect">) =>
  `number, size, ${sql.dialect === "sqlite" ? "CAST(note AS BLOB)" : "note"} AS note`;

/** All of them from number `from` on, in order, at most `limit`. None where the database has no such table (of an older program). */
export async function readCheckpoints(
  sql: Pick<Sql, "dialect" | "query"> & Sql,
  from = 0,
  limit = Number.MAX_SAFE_INTEGER,
): Promise<StoredCheckpoint[]> {
  if (!(await hasTable(sql, "checkpoint"))) return [];
  return sql.query<StoredCheckpoint>(
    `SELECT ${columns(sql)} FROM checkpoint WHERE number >= $1 ORDER BY number LIMIT $2`,
    [from, limit],
  );
}

/** The newest one, or null. */
export async function newestStored(sql: Sql): Promise<StoredCheckpoint | null> {
  const [row] = await sql.query<StoredCheckpoint>(
    `SELECT ${columns(sql)} FROM checkpoint ORDER BY number DESC LIMIT 1`,
  );
  return row ?? null;
}

/** Adds one; answers false where another process has added one of that number. */
export async function addStored(sql: Sql, { number, size, note }: StoredCheckpoint): Promise<boolean> {
  if (sql.dialect === "postgres") {
    const [row] = await sql.transaction((session) =>
      session.query<{ added: number }>("SELECT iu.checkpoint_add($1, $2, $3)::int4 AS added", [number, size, note]),
    );
    return row?.added === 1;
  }
  try {
    await sql.run("INSERT INTO checkpoint (number, size, note) VALUES ($1, $2, CAST($3 AS TEXT))", [
      number,
      size,
      note,
    ]);
    return true;
  } catch (error) {
    if (!(error instanceof SqlError) || !["RAISED", "CONSTRAINT"].includes(error.code)) throw error;
    const newest = await newestStored(sql);
    if ((newest?.number ?? -1) >= number) return false;
    throw error;
  }
}
