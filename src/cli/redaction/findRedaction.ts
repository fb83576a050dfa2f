/** A redaction by the beginning of its id. */
import { findId } from "../../../projections/find.js";
import { listRedactions, type RedactionRow } from "../../../projections/redaction/queries.js";
import type { Sql } from "../../database/Sql.js";
import { refusedStop } from "../output/Problem.js";
import { visible } from "../output/text.js";
import { one } from "../session/find.js";

/** The redaction, as it stands at `now`. Throws a {@link Stop} where there is none, or several fit. */
export async function findRedaction(sql: Sql, now: string, given: string): Promise<RedactionRow> {
  const id = one(await findId(sql, "redaction", "redaction", given.toLowerCase()), "redaction", given);
  const [row] = id === undefined ? [] : await listRedactions(sql, now, { redaction: id });
  if (row === undefined)
    throw refusedStop("REDACTION_UNKNOWN", `There is no redaction ${visible(given)}.`, "iu-ledger redaction list");
  return row;
}
