/** `plan FILE`: how a document would be cut. Needs no ledger and writes nothing. */
import type { Finding, Unit } from "../../documents/Plan.js";
import { type PlanOutcome, planCut } from "../../documents/planCut.js";
import { answer, type Context } from "../Context.js";
import { type ExitCode, malformedStop, refusedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { marks, type Style } from "../output/style.js";
import { counted, grouped, pad, shorten, visible, widthOf } from "../output/text.js";
import { guidesOf } from "../output/tree.js";
import { readInput } from "../readInput.js";

export interface PlanWords {
  readonly grammar?: string;
  readonly profile?: string;
  readonly depth?: number;
}

type Planned = Extract<PlanOutcome, { ok: true }>;

export async function plan(context: Context, file: string, { grammar, profile, depth }: PlanWords): Promise<ExitCode> {
  const content = await readInput(context, file);
  context.terminal.redraw(`planning ${counted(content.length, "byte")} …`);
  const outcome = planCut(content, { grammar, profile });
  if (!outcome.ok) throw uncuttable(outcome);
  const { plan: made, digest, chosen } = outcome;
  const json = {
    contentDigest: made.contentDigest,
    length: made.length,
    cutter: made.cutter,
    grammar: made.grammar,
    profile: made.profile,
    planDigest: digest,
    chosen: chosen.why,
    units: made.units,
    findings: made.findings,
  };
  answer(context, json, () => planLines(outcome, context, depth));
  return made.findings.some((finding) => finding.blocking) ? 1 : 0;
}

/** The refusal of a content that cannot be cut. */
export function uncuttable(outcome: Extract<PlanOutcome, { ok: false }>): Error {
  const { code, message, offset, next } = outcome;
  const said = `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  const step = `${next.charAt(0).toUpperCase()}${next.slice(1)}.`;
  if (code.startsWith("UNKNOWN_")) return malformedStop(code, said, step);
  return refusedStop(code, said, step, { offset });
}

/** A plan for people: what it is, the tree, the counts, the findings. */
export function planLines(
  { plan: made, digest, chosen }: Planned,
  { style, terminal }: Context,
  depth?: number,
): string[] {
  return [
    ...pairs(
      [
        ["plan", digest],
        ["content", made.contentDigest],
        ["length", counted(made.length, "byte")],
        ["grammar", `${made.grammar}, profile ${made.profile}  ${style.faint(`(${chosen.why})`)}`],
        ["cutter", made.cutter],
        ["units", `${grouped(made.units.length)}: ${kindsOf(made.units)}`],
      ],
      style,
      "",
    ),
    "",
    ...unitTree(made.units, style, terminal.width, depth),
    "",
    ...findingLines(made.findings, style),
  ];
}

/** Units per kind in words, the most frequent first: `120 article, 11 chapter`. */
function kindsOf(units: readonly Unit[]): string {
  const kinds = new Map<string, number>();
  for (const { kind } of units) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [...kinds]
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .map(([kind, count]) => `${grouped(count)} ${kind}`)
    .join(", ");
}

/** The tree of units: address, span in bytes, title. What an address takes from its parent's is faint. */
function unitTree(
  all: readonly Unit[],
  style: Style,
  width: number | undefined,
  depth = Number.POSITIVE_INFINITY,
): string[] {
  const units = all.filter((unit) => unit.depth <= depth);
  const guides = guidesOf(units.map((unit) => unit.depth));
  const nameWidth = Math.min(
    48,
    Math.max(...units.map(({ address }, index) => widthOf((guides[index] ?? "") + address))),
  );
  const spans = units.map(({ span }) => `${span.start}–${span.end}`);
  const spanWidth = Math.max(...spans.map(widthOf));
  const lines = units.map((unit, index) => {
    const guide = guides[index] ?? "";
    const inherited = inheritedOf(unit);
    const own = unit.address.slice(inherited.length);
    const space = " ".repeat(Math.max(0, nameWidth - widthOf(guide + unit.address)));
    const span = pad(spans[index] ?? "", spanWidth, "right");
    const room = width === undefined ? Number.POSITIVE_INFINITY : width - nameWidth - spanWidth - 4;
    const title = unit.title === null ? "" : shorten(visible(unit.title), Math.max(12, room));
    return `${style.faint(guide + inherited)}${own}${space}  ${style.faint(span)}  ${title}`.trimEnd();
  });
  const hidden = all.length - units.length;
  return hidden === 0 ? lines : [...lines, style.faint(`${counted(hidden, "unit")} deeper than ${depth}`)];
}

/** The part of an address that is its parent's. */
function inheritedOf({ address, parent }: Unit): string {
  return parent !== null && address.startsWith(`${parent}__`) ? `${parent}__` : "";
}

/** Findings, those that must be acknowledged first. */
export function findingLines(findings: readonly Finding[], style: Style): string[] {
  if (findings.length === 0) return [`${style.good(marks.good)} nothing odd was found`];
  const blocking = findings.filter((finding) => finding.blocking);
  const others = findings.filter((finding) => !finding.blocking);
  const line = (finding: Finding, mark: string) =>
    `${mark} ${finding.id}  ${visible(finding.message)}${finding.address === null || finding.message.includes(finding.address) ? "" : `  ${style.faint(`at ${finding.address}`)}`}`;
  return [
    ...(blocking.length === 0
      ? []
      : [style.strong(`${counted(blocking.length, "finding")} to acknowledge before a cut`)]),
    ...blocking.map((finding) => line(finding, style.open(marks.open))),
    ...(others.length === 0 ? [] : [style.strong(`${counted(others.length, "note")}`)]),
    ...others.map((finding) => line(finding, style.faint(marks.point))),
  ];
}
