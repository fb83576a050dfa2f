/** Finding a unit by its address, its id or the beginning of it; an address may stand in several documents. Never guesses. */
import { findId } from "../../../projections/find.js";
import { listIdentities, type UnitRow } from "../../../projections/unit/queries.js";
import { listUnits } from "../../../projections/unit_version/queries.js";
import type { Sql } from "../../database/Sql.js";
import { malformedStop, refusedStop } from "../output/Problem.js";
import { shortId } from "../output/text.js";
import { findDocument, findRun, one } from "../session/find.js";

export interface Place {
  readonly document?: string;
  readonly run?: string;
}

export interface FoundUnit {
  readonly unit: string;
  /** The run it was asked for in, if it was. */
  readonly run: string | undefined;
}

/** The unit meant. Throws a {@link Stop} where there is none, or several. */
export async function findUnit(sql: Sql, given: string, place: Place): Promise<FoundUnit> {
  const document = place.document === undefined ? undefined : await findDocument(sql, place.document);
  const run = place.run === undefined ? undefined : await findRun(sql, place.run);
  if (run !== undefined) {
    const [row] = await listUnits(sql, { run, address: given });
    if (row !== undefined) return { unit: row.unit, run };
  } else {
    const rows = await listIdentities(sql, { address: given, ...(document === undefined ? {} : { document }) });
    const [first, ...others] = standing(rows);
    if (first !== undefined && others.length === 0) return { unit: first.unit, run };
    if (first !== undefined) throw ambiguous(given, [first, ...others]);
  }
  const byId = /^[0-9a-f][0-9a-f-]{3,35}$/.test(given)
    ? one(await findId(sql, "unit", "unit", given), "unit", given)
    : undefined;
  if (byId !== undefined) return { unit: byId, run };
  throw refusedStop(
    "UNIT_UNKNOWN",
    `There is no unit ${given}${run === undefined ? "" : ` in run ${shortId(run)}`}.`,
    `iu-ledger unit list${run === undefined ? "" : ` --run ${run}`}`,
    { unit: given },
  );
}

/** Units that speak for their address now come before those that are history there. */
function standing(rows: readonly UnitRow[]): readonly UnitRow[] {
  const now = rows.filter(({ lifecycle }) => lifecycle !== "superseded" && lifecycle !== "reverted");
  return now.length > 0 ? now : rows;
}

function ambiguous(given: string, rows: readonly UnitRow[]): Error {
  const documents = new Set(rows.map(({ document }) => document));
  return malformedStop(
    "AMBIGUOUS",
    `${rows.length} units stand at ${given}: ${rows.map(({ unit, document }) => `${shortId(unit)} in document ${shortId(document)}`).join(", ")}.`,
    documents.size > 1 ? "Say which document with --document, or give the unit's id." : "Give the unit's id.",
    { unit: given },
  );
}
