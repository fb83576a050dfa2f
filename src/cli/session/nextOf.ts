/** What to type next for a run, as its read models have it. */
import { nextFrom } from "../../../projections/readiness/nextFrom.js";
import { listReadiness } from "../../../projections/readiness/queries.js";
import type { Sql } from "../../database/Sql.js";
import type { Context } from "../Context.js";

/** The line to type, or null where nothing more is to come. The read models must be current. */
export async function nextOf(context: Context, sql: Sql, run: string): Promise<string | null> {
  const blockers = await listReadiness(sql, context.now(), run);
  return nextFrom({ step: blockers[0]?.step ?? null, blockers }, run);
}
