/** How a command that wrote answers: what was done, who signed, the events, and the next step. One shape for all of them. */
import { answer, type Context } from "../Context.js";
import { asTyped, partsOf } from "../output/hint.js";
import { doneLine, eventJson, eventLines } from "../output/result.js";
import type { Said } from "./submit.js";

export interface Report {
  /** What was done, in a few words: `Document registered`. */
  readonly what: string;
  /** Further lines for people, under the events. */
  readonly lines?: readonly string[];
  /** Further members of the JSON answer. */
  readonly json?: Readonly<Record<string, unknown>>;
  /** What comes next: see `output/hint.ts`. */
  readonly next?: string | null;
  /** Leave the list of events out for people: the lines say it better. */
  readonly quiet?: boolean;
}

/** Answers with `{outcome, signedBy, events, next, message, …}` or the lines of it. */
export function report(
  context: Context,
  said: Said,
  { what, lines = [], json = {}, next = null, quiet = false }: Report,
): void {
  const { style } = context;
  const { said: sentence, line } = partsOf(next ?? "");
  answer(
    context,
    {
      outcome: said.outcome,
      signedBy: said.signer,
      ...json,
      events: said.events.map(eventJson),
      next: line,
      message: sentence,
    },
    () => [
      doneLine(what, said, style, said.signer),
      ...(quiet ? [] : eventLines(said.events, style)),
      ...lines,
      ...(next === null ? [] : [`  ${style.faint("next")} ${asTyped(next, style, context.typing)}`]),
    ],
  );
}
