/** Collecting a projection's statements in order: neighbours with the same text become one statement with many rows. */
import type { SqlValue } from "../src/database/Sql.js";
import type { Statement } from "./Projection.js";

export interface Statements {
  /** Adds one run of a statement. */
  add(sql: string, ...row: SqlValue[]): void;
  readonly list: Statement[];
}

export function statements(): Statements {
  const list: { sql: string; rows: SqlValue[][] }[] = [];
  return {
    list,
    add(sql, ...row) {
      const last = list.at(-1);
      if (last?.sql === sql) last.rows.push(row);
      else list.push({ sql, rows: [row] });
    },
  };
}

/** `INSERT INTO table (columns) VALUES ($1, …)`. */
export function insertInto(table: string, columns: readonly string[]): string {
  return `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(", ")})`;
}
