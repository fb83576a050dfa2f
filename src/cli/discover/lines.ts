/** How `discover` says what it found: a line for each document and one for each finding, as they come; in JSON one value a line. */
import type { DocumentOrigin } from "../../../projections/document/queries.js";
import type { Context } from "../Context.js";
import { marks } from "../output/style.js";
import { counted, grouped, oneLine, pad, shorten, visible, widthOf } from "../output/text.js";
import type { Candidate, Entered, Target } from "./Candidate.js";

/** The JSON of a candidate. */
export function foundJson(candidate: Candidate, entered: Entered | null): Record<string, unknown> {
  const { found, status, title, findings, known, plan, target } = candidate;
  const { number, id, key, length } = found;
  const document = known?.document ?? entered?.document ?? null;
  const revision = known?.revision ?? null;
  const said = { number, id, source: key, title, length, status, document, revision, findings, plan, target, entered };
  return { found: said };
}

export function goneJson({ document, source, title }: DocumentOrigin): Record<string, unknown> {
  return { gone: { document, source, title } };
}

/** The lines of a candidate for people. */
export function foundLines(
  { found, status, title, findings, known, plan, target }: Candidate,
  entered: Entered | null,
  noun: string,
  { style, terminal }: Context,
): string[] {
  const word = entered?.done ?? status;
  const paint = word === "blocked" || word === "refused" ? style.bad : word === "same" ? style.faint : style.good;
  const bytes = pad(found.length === null ? "" : grouped(found.length), 11, "right");
  const name = visible(found.id ?? `${noun} ${found.number}`);
  const room =
    terminal.width === undefined ? Number.POSITIVE_INFINITY : Math.max(20, terminal.width - 28 - widthOf(name));
  const shown = title === null || title.trim() === "" ? "" : shorten(`“${visible(title)}”`, room);
  const no = entered?.done === "refused" ? [{ ...entered, blocks: true }] : [];
  return [
    `${paint(pad(word, 10))} ${bytes}  ${style.strong(name)}  ${shown}`.trimEnd(),
    ...[...findings, ...no].map(
      ({ code, message, blocks }) =>
        `    ${blocks ? style.bad(marks.bad) : style.open(marks.open)} ${code}  ${visible(message)}`,
    ),
    ...(plan === null
      ? []
      : [
          `    ${style.faint(marks.point)} ${counted(plan.units, "unit")} by ${plan.grammar}/${plan.profile}, ${counted(plan.blocking, "finding")} to acknowledge`,
        ]),
    ...(target === null ? [] : [targetLine(target, known !== null)]),
  ].map(oneLine);
}

/** A target in a line: the verdict, and what speaks against safe. */
function targetLine({ verdict, reasons }: Target, known: boolean): string {
  const against = reasons.filter((one) => one.verdict !== "safe").map(({ message }) => visible(message));
  const word = verdict === "ruling" ? "needs a ruling" : verdict;
  const mark = verdict === "safe" ? marks.good : verdict === "ruling" ? marks.open : marks.bad;
  return `    ${mark} ${known ? "target" : "as a target"}: ${[word, ...against].join(". ")}`;
}

export function goneLine({ source, title }: DocumentOrigin, noun: string, { style }: Context): string {
  const why = `its ${noun} is not there any more; the ledger keeps it`;
  return oneLine(`${style.open(pad("gone", 10))} ${pad("", 11)}  ${visible(source)}  “${visible(title)}”: ${why}`);
}
