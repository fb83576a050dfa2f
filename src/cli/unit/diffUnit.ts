/** `unit diff`: what changed between two versions of a unit, word by word, readable without colour too. Reads only. */
import { type UnitText, unitDiff } from "../../../projections/unit_version/queries.js";
import { answer, type Context } from "../Context.js";
import { cannotStop, refusedStop } from "../output/Problem.js";
import type { Style } from "../output/style.js";
import { counted, shortId, visible, visibleLines } from "../output/text.js";
import { findRun, one } from "../session/find.js";
import { withReading } from "../session/reading.js";
import { findUnit } from "./findUnit.js";
import type { NamedOptions } from "./readUnits.js";
import { type Part, wordDiff } from "./wordDiff.js";

export interface DiffOptions extends NamedOptions {
  readonly from?: string;
  readonly to?: string;
  readonly layout?: boolean;
}

/** Unchanged lines shown before and after a change. */
const nearLines = 2;

export async function diffUnit(context: Context, given: string, options: DiffOptions): Promise<undefined> {
  await withReading(context, async ({ sql, store }) => {
    const { unit, run } = await findUnit(sql, given, options);
    const from = options.from === undefined ? undefined : await findRun(sql, options.from);
    const to = options.to === undefined ? run : await findRun(sql, options.to);
    const runs = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    const diff = one(await unitDiff(sql, (commitment) => store.content.get(commitment), unit, runs), "unit", given);
    if (diff === null || diff === undefined) {
      throw refusedStop(
        "VERSION_MISSING",
        `${given} has no two versions to compare${from === undefined && to === undefined ? "" : " by these runs"}.`,
        `iu-ledger unit history ${unit}`,
        { unit },
      );
    }
    const parts = wordDiff(textOf(diff.from), textOf(diff.to));
    const same = parts.every(({ kind }) => kind === "same");
    answer(context, { unit, same, from: versionOf(diff.from), to: versionOf(diff.to), parts }, () => [
      `${context.style.strong(visible(diff.to.address))}  ${heading(diff.from)} → ${heading(diff.to)}`,
      "",
      ...(same ? ["Nothing changed in the text."] : changeLines(parts, options.layout ?? false, context.style)),
    ]);
  });
  return undefined;
}

function textOf({ text, run }: UnitText): string {
  if (text !== null) return text;
  throw cannotStop(
    "TEXT_GONE",
    `The text that run ${shortId(run)} cut is not stored, or not what was committed to.`,
    "iu-ledger replay",
    { run },
  );
}

function versionOf({ run, revision, address, lifecycle, span, transition }: UnitText) {
  return { run, revision, address, lifecycle, span, transition };
}

function heading({ revision, run, address, lifecycle }: UnitText): string {
  return `revision ${revision} (${lifecycle}, run ${shortId(run)}, ${visible(address)})`;
}

/** The changes; those of white space alone are counted, unless asked for. */
function changeLines(parts: readonly Part[], layout: boolean, style: Style): string[] {
  if (layout) return diffLines(parts, style);
  const { words, places } = withoutLayout(parts);
  const only = words.every(({ kind }) => kind === "same");
  const told = `white space changed in ${counted(places, "place")}; --layout shows where`;
  if (only) return [`Not a word changed: only ${told}.`];
  return [...diffLines(words, style), ...(places === 0 ? [] : ["", style.faint(`Also, ${told}.`)])];
}

/** The parts with changed white space as it is now, and in how many places it changed. */
function withoutLayout(parts: readonly Part[]): { words: Part[]; places: number } {
  const words: Part[] = [];
  let places = 0;
  const put = (kind: Part["kind"], text: string) => {
    const last = words.at(-1);
    if (last?.kind === kind) words[words.length - 1] = { kind, text: last.text + text };
    else words.push({ kind, text });
  };
  const blank = ({ kind, text }: Part) => kind !== "same" && text.trim() === "";
  for (const [at, part] of parts.entries()) {
    const other = part.kind === "removed" ? parts[at + 1] : parts[at - 1];
    const pair = other !== undefined && other.kind !== "same" && other.kind !== part.kind && part.kind !== "same";
    if (!blank(part) || (pair && !blank(other))) {
      put(part.kind, part.text);
      continue;
    }
    if (part.kind === "added" || !pair) places += 1;
    if (part.kind === "added") put("same", part.text);
  }
  return { words, places };
}

/** The diff as lines; long stretches without a change are counted. */
function diffLines(parts: readonly Part[], style: Style): string[] {
  return parts
    .flatMap((part, at) =>
      part.kind === "same" ? shortened(part.text, at === 0, at === parts.length - 1) : [changed(part, style)],
    )
    .join("")
    .split("\n")
    .map((line) => `  ${line}`.trimEnd());
}

function shortened(text: string, first: boolean, last: boolean): string[] {
  const lines = visibleLines(text).split("\n");
  const before = first ? 0 : nearLines + 1;
  const after = last ? 0 : nearLines + 1;
  const hidden = lines.length - before - after;
  if (hidden <= 2) return [lines.join("\n")];
  const head = lines.slice(0, before);
  const tail = lines.slice(lines.length - after);
  return [[...head, `… ${counted(hidden, "line")} unchanged …`, ...tail].join("\n")];
}

/** What was removed or added. White space alone is drawn, for nobody sees it otherwise. */
function changed({ kind, text }: Part, style: Style): string {
  const shown = /^\s+$/.test(text)
    ? text.replaceAll(" ", "␣").replaceAll("\t", "⇥").replaceAll("\n", "↵\n")
    : visibleLines(text);
  const [open, close, paint] =
    kind === "removed" ? (["[-", "-]", style.removed] as const) : (["{+", "+}", style.added] as const);
  // The line end stays outside of the marks, so that each line can be read alone.
  const [, body = "", end = ""] = /^(.*?)(\n*)$/s.exec(shown) ?? [];
  return `${paint(open + body + close)}${end}`;
}
