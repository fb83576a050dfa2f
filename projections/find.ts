/**
 * Finding one thing by its id or by the beginning of it, as a person types it. Never guesses: a beginning that fits several things
 * finds none of them and says which they are.
 */
import type { Sql } from "../src/database/Sql.js";

export type Found<T> =
  | { readonly kind: "found"; readonly value: T }
  | { readonly kind: "none" }
  /** The first few ids that fit, in order. */
  | { readonly kind: "ambiguous"; readonly ids: readonly string[] };

/** How many ids an ambiguous beginning is answered with. */
const shownMax = 5;

/** The id in a table's column that is `idOrPrefix` or the only one to begin with it. */
export async function findId(sql: Sql, table: string, column: string, idOrPrefix: string): Promise<Found<string>> {
  if (idOrPrefix === "") return { kind: "none" };
  // Ids are ASCII: '~' sorts after every character of theirs.
  const rows = await sql.query<{ id: string }>(
    `SELECT ${column} AS id FROM ${table} WHERE ${column} >= $1 AND ${column} < $2 ORDER BY ${column} LIMIT ${shownMax}`,
    [idOrPrefix, `${idOrPrefix}~`],
  );
  const ids = rows.map((row) => row.id);
  const [first] = ids;
  if (first === undefined) return { kind: "none" };
  if (ids.length === 1 || first === idOrPrefix) return { kind: "found", value: first };
  return { kind: "ambiguous", ids };
}

/** Turns a found id into what it names. */
export async function found<T>(outcome: Found<string>, load: (id: string) => Promise<T>): Promise<Found<T>> {
  return outcome.kind === "found" ? { kind: "found", value: await load(outcome.value) } : outcome;
}

/** A `WHERE` clause of the conditions that were given. Each condition's `?` becomes the next parameter. */
export function where(conditions: readonly (readonly [string, string | number | undefined])[]): {
  clause: string;
  params: (string | number)[];
} {
  const params: (string | number)[] = [];
  const parts: string[] = [];
  for (const [condition, value] of conditions) {
    if (value === undefined) continue;
    params.push(value);
    parts.push(condition.replaceAll("?", `$${params.length}`));
  }
  return { clause: parts.length === 0 ? "" : `WHERE ${parts.join(" AND ")}`, params };
}
