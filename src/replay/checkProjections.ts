/**
 * Projections: each table as it stands is what a rebuild from the events gives. The rebuild is done elsewhere, in shadow, and handed
 * in; here its outcome is judged.
 */
import type { Check, Tally } from "./Check.js";

/** One read model: the digest of its rows in key order, live and rebuilt, and where the two differ. */
export interface ComparedTable {
  readonly table: string;
  readonly rows: number;
  readonly live: string;
  readonly rebuilt: string;
  /** The first rows that differ: their key, the column if one is to be named, and how they differ. */
  readonly differs: readonly { readonly key: string; readonly column: string | null; readonly message: string }[];
}

/** Rebuilds every read model in shadow, as of the size replayed, and compares. */
export type CompareProjections = (size: number) => Promise<readonly ComparedTable[]>;

export function checkProjections(tally: Tally, compare: CompareProjections, size: number): Check {
  return {
    name: "projections",
    async end() {
      for (const { table, rows, live, rebuilt, differs } of await compare(size)) {
        // One for the digest, and one for each row behind it.
        tally.assert(1 + rows);
        if (live === rebuilt) continue;
        const place = { position: null, stream: null };
        for (const { key, column, message } of differs) {
          tally.find({
            ...place,
            field: column === null ? table : `${table}.${column}`,
            rule: "rebuilt",
            message: `${key}: ${message}`,
          });
        }
        if (differs.length === 0) {
          tally.find({
            ...place,
            field: table,
            rule: "rebuilt",
            message: `the table's digest is ${live}; rebuilt from the events it is ${rebuilt}`,
          });
        }
      }
    },
  };
}
