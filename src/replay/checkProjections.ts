/**
 * Projections: each table as it stands is what a rebuild from the events gives. The rebuild is done elsewhere, in shadow, and handed
 * in; here its outcome is judged.
 */
import { SqlError } from "../database/Sql.js";
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

/** There are tables that nothing can be compared with: `wrong`, since no program leaves them so, or for a reason that may be a good one. */
export interface NotComparable {
  readonly wrong: boolean;
  /** Why, and the next step. */
  readonly why: string;
}

/** Rebuilds every read model in shadow and compares; null where there are none to compare. Writes nothing. */
export type CompareProjections = () => Promise<readonly ComparedTable[] | NotComparable | null>;

export function checkProjections(tally: Tally, compare: CompareProjections): Check {
  const place = { stream: null, rule: "rebuilt" };
  return {
    name: "projections",
    async end() {
      let tables: Awaited<ReturnType<CompareProjections>>;
      try {
        tables = await compare();
      } catch (error) {
        const message = `the tables cannot be rebuilt: ${error instanceof Error ? error.message : String(error)}`;
        const position = error instanceof StoreError ? (error.position ?? null) : null;
        if (saysNothing(error)) tally.withhold(`${message}. ${error.next ?? ""}`.trimEnd());
        else tally.find({ ...place, position, field: null, message });
        return;
      }
      if (tables !== null && "why" in tables) {
        if (tables.wrong) tally.find({ ...place, position: null, field: "bookmark", message: tables.why });
        else tally.withhold(tables.why);
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

/** Trouble of this machine, or tables of a newer program: it says nothing of what is stored. An event nobody can read does. */
function saysNothing(error: unknown): error is StoreError | SqlError {
  if (error instanceof StoreError) return error.code !== "CORRUPT" && error.position === undefined;
  return error instanceof SqlError && !["CORRUPT", "CONSTRAINT", "RAISED", "STATEMENT"].includes(error.code);
}
