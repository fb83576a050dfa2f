/**
 * Database: the tables, indexes, triggers and views are those this program makes. A trigger that is gone no longer keeps anybody from
 * changing an event; one that was added may write what it likes; a view that was replaced tells people who use plain SQL something else
 * than what is stored. The comparison is done elsewhere and handed in; here its outcome is judged.
 */
import { SqlError } from "../database/Sql.js";
import { StoreError } from "../ledger/Store.js";
import type { ObjectDifference, SchemaObject } from "../projecting/schemaObjects.js";
import type { Check, Tally } from "./Check.js";

export interface ComparedDatabase {
  /** How many objects were compared. */
  readonly objects: number;
  readonly differs: readonly ObjectDifference[];
  /** What the comparison could not look at, if anything. */
  readonly remark?: string;
}

/** Compares the database's objects with those this program makes. Writes nothing. */
export type CompareDatabase = () => Promise<ComparedDatabase>;

export function checkDatabase(tally: Tally, compare: CompareDatabase): Check {
  return {
    name: "database",
    async end() {
      let compared: ComparedDatabase;
      try {
        compared = await compare();
      } catch (error) {
        if (!(error instanceof SqlError || error instanceof StoreError)) throw error;
        tally.withhold(`the database's objects cannot be read: ${error.message}`);
        return;
      }
      tally.assert(compared.objects);
      if (compared.remark !== undefined) tally.remark(compared.remark);
      for (const difference of compared.differs) {
        const of = (difference.should ?? difference.is) as SchemaObject;
        const field = shown(`${of.type} ${of.name}`);
        const place = { position: null, stream: null, field, rule: "made by this program" };
        tally.find({ ...place, message: said(difference) });
      }
    },
  };
}

function said({ is, should }: ObjectDifference): string {
  if (is === null) return "it is missing: somebody has dropped it";
  const made = is.sql === "" ? `an index of ${is.table}` : is.sql;
  if (should === null) return `this program makes none of that name; somebody has added it: ${shown(made)}`;
  return `somebody has replaced it: ${shown(made)}${is.type === "function" ? `; it should be: ${shown(should.sql)}` : ""}`;
}

const shownMax = 240;

/** A statement or a name as it may be printed, whatever somebody has written there. */
function shown(text: string): string {
  const one = text.replace(/\s+/g, " ");
  const short = one.length <= shownMax ? one : `${one.slice(0, shownMax - 1)}…`;
  return short.replace(/[^ -~…]/g, (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
