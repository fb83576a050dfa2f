/**
 * Projections: each table as it stands is what a rebuild from the events gives. The rebuild is done elsewhere, in shadow, and handed
 * in; here its outcome is judged.
 */
import { StoreError } from "../ledger/Store.js";
import type { Check, Tally } from "./Check.js";

/** One read model: its digest as it stands and rebuilt, and where the two differ. */
export interface ComparedTable {
  readonly table: string;
  /** Rows as rebuilt. */
  readonly rows: number;
  /** SHA-256 over the rows in key order; null where there is no such table. */
  readonly live: string | null;
  readonly rebuilt: string;
  /** The first rows that differ: their key, the column where one is to be named, and how. */
  readonly differs: readonly { readonly key: string; readonly column: string | null; readonly message: string }[];
}

/** Rebuilds every read model in shadow and compares; null where there are none to compare. Writes nothing. */
export type CompareProjections = () => Promise<readonly ComparedTable[] | null>;

export function checkProjections(tally: Tally, compare: CompareProjections): Check {
  const place = { stream: null, rule: "rebuilt" };
  return {
    name: "projections",
    async end() {
      let tables: readonly ComparedTable[] | null;
      try {
        tables = await compare();
      } catch (error) {
        if (error instanceof StoreError && error.code !== "CORRUPT") throw error;
        const message = `the tables cannot be rebuilt: ${error instanceof Error ? error.message : String(error)}`;
        const position = error instanceof StoreError ? (error.position ?? null) : null;
        tally.find({ ...place, position, field: null, message });
        return;
      }
      for (const { table, rows, live, rebuilt, differs } of tables ?? []) {
        // One for the digest, and one for each row behind it.
        tally.assert(1 + rows);
        if (live === rebuilt) continue;
        for (const { key, column, message } of differs) {
          const field = column === null ? table : `${table}.${column}`;
          tally.find({ ...place, position: null, field, message: `${key}: ${message}` });
        }
        if (differs.length > 0) continue;
        const is = live === null ? "the table is not there" : `the table's digest is ${live}`;
        tally.find({
          ...place,
          position: null,
          field: table,
          message: `${is}; rebuilt from the events it is ${rebuilt}`,
        });
      }
    },
  };
}
