/** Finding what was named on the command line: runs by a beginning of their id, documents also by title. Never guesses. */
import { type Found, findId } from "../../../projections/find.js";
import type { Sql } from "../../database/Sql.js";
import { malformedStop, refusedStop } from "../output/Problem.js";

const whole = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The id of a run. A whole id is taken as it is, so that the ledger itself answers for one it does not know. */
export async function findRun(sql: Sql, given: string): Promise<string> {
  if (whole.test(given)) return given;
  const found = await findId(sql, "run_live_state", "run", given.toLowerCase());
  return (
    one(found, "run", given) ??
    missing("RUN_UNKNOWN", `There is no run ${given}.`, "iu-ledger run list", { run: given })
  );
}

/** The id of a document, by id, a beginning of it, or its title (upper and lower case alike). */
export async function findDocument(sql: Sql, given: string): Promise<string> {
  if (whole.test(given)) return given;
  const titled = await documentsTitled(sql, given);
  if (titled.length > 1) throw ambiguous("document", given, titled);
  const found = titled[0] ?? one(await findId(sql, "document", "document", given.toLowerCase()), "document", given);
  return (
    found ??
    missing("DOCUMENT_UNKNOWN", `There is no document ${given}.`, "iu-ledger document list", { document: given })
  );
}

async function documentsTitled(sql: Sql, title: string): Promise<string[]> {
  const rows = await sql.query<{ document: string; title: string }>(
    "SELECT document, title FROM document ORDER BY document",
  );
  const folded = fold(title);
  return rows.filter((row) => fold(row.title) === folded).map((row) => row.document);
}

function fold(title: string): string {
  return title.normalize("NFC").toLowerCase();
}

/** What was found; undefined for nothing. Throws where several fit. */
export function one<T>(found: Found<T>, noun: string, given: string): T | undefined {
  if (found.kind === "ambiguous") throw ambiguous(noun, given, found.ids);
  return found.kind === "found" ? found.value : undefined;
}

function ambiguous(noun: string, given: string, ids: readonly string[]): Error {
  return malformedStop(
    "AMBIGUOUS",
    `Several ${noun}s fit ${given}: ${ids.join(", ")}.`,
    `Type more of the id; 'iu-ledger ${noun} list' shows them.`,
    { [noun]: given },
  );
}

function missing(code: string, message: string, next: string, numbers: Record<string, string>): never {
  throw refusedStop(code, message, next, numbers);
}
