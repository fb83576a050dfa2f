/** Asking for what was left out, only where somebody is there to answer. A script is told which flag is missing instead. */
import type { Context } from "../Context.js";
import { malformedStop } from "../output/Problem.js";

/** The words given, or those typed now. `field` is the flag's name. */
export async function wordsFor(context: Context, given: string | undefined, field: string): Promise<string> {
  if (given !== undefined) return given;
  if (context.json || !context.terminal.interactive) {
    throw malformedStop("WORDS_MISSING", `This needs a ${field}.`, `Add --${field} TEXT; it stays on the ledger.`, {
      missing: field,
    });
  }
  const typed = await context.terminal.ask(`${field}: `);
  if (typed === undefined || typed === "")
    throw malformedStop(
      "WORDS_MISSING",
      `No ${field} was given; nothing was done.`,
      `Type one, or add --${field} TEXT.`,
    );
  return typed;
}
