/**
 * The tree of a plan in a few lines, however many units there are: all of a small one; of a large one the upper levels and one branch opened
 * to the bottom, so that the shape is seen, with how much is left out and where.
 */
import type { Plan, Unit } from "../../documents/Plan.js";
import type { Style } from "../output/style.js";
import { grouped, pad, shorten, visible, widthOf } from "../output/text.js";
import { guidesOf } from "../output/tree.js";

/** Above this many units a tree is shortened. */
const wholeMax = 24;
/** So many units of the upper levels are shown. */
const upperMax = 12;
/** So many children of each unit of the opened branch, and so many levels of it. */
const openedMax = 3;
const levelsMax = 4;
/** Deeper than this nothing is shown: the guides alone would fill the line. */
const depthMax = 8;

interface Row {
  readonly depth: number;
  /** Null: a row for units that are left out beside the one above. */
  readonly unit: Unit | null;
  /** Units left out: within the unit, or those the row stands for. */
  hidden: number;
}

/** The lines of the tree: address, heading or first words, how many units are left out within, and the span in bytes. */
export function planTree({ units }: Plan, bytes: Uint8Array, style: Style, width: number): string[] {
  const rows = rowsOf(units, shownOf(units));
  const guides = guidesOf(rows.map(({ depth }) => depth));
  const names = rows.map(({ unit, hidden }) => unit?.address ?? `… ${grouped(hidden)} more`);
  const spans = rows.map(({ unit }) => (unit === null ? "" : `${grouped(unit.span.start)}–${grouped(unit.span.end)}`));
  const right = Math.max(...spans.map((span) => span.length));
  const left = Math.min(
    Math.max(...names.map((name, i) => widthOf((guides[i] ?? "") + name))),
    Math.floor((width - right) * 0.6),
  );
  const room = width - left - right - 4;
  return rows.map(({ unit, hidden }, i) => {
    const guide = guides[i] ?? "";
    const name = shorten(names[i] ?? "", left - widthOf(guide));
    const where = pad(name, left - widthOf(guide));
    if (unit === null) return (style.faint(guide) + style.faint(where)).trimEnd();
    const more = hidden === 0 ? "" : ` +${grouped(hidden)}`;
    const words = shorten(wordsOf(unit, bytes), room - more.length);
    const rest = " ".repeat(Math.max(0, room - widthOf(words) - more.length));
    return `${style.faint(guide)}${where}  ${words}${style.open(more)}${rest}  ${style.faint(pad(spans[i] ?? "", right, "right"))}`;
  });
}

/** A unit's heading, or how its text begins behind the label. */
function wordsOf({ title, label, span }: Unit, bytes: Uint8Array): string {
  if (title !== null) return visible(title);
  const text = new TextDecoder().decode(bytes.subarray(span.start, Math.min(span.end, span.start + 200)));
  const own =
    label !== null && text.includes(label)
      ? text.slice(text.indexOf(label) + label.length).replace(/^[.):\s]+/, "")
      : text;
  return visible(own.replace(/^#+\s*/, ""));
}

/** The addresses that are shown. */
function shownOf(units: readonly Unit[]): Set<string> {
  const depth = units.length <= wholeMax ? depthMax : depthThatFits(units);
  const upper = units.filter((unit) => unit.depth <= depth).map(({ address }) => address);
  if (units.length <= wholeMax) return new Set(upper);
  // Where the first level alone is too long, its first ones stand for it.
  const shown = new Set(upper.slice(0, upperMax));
  openBranch(units, shown);
  return shown;
}

function depthThatFits(units: readonly Unit[]): number {
  let depth = 1;
  while (depth < depthMax - levelsMax && units.filter((unit) => unit.depth <= depth + 1).length <= upperMax) depth++;
  return depth;
}

/** Shows one branch further down: the first unit that has something hidden in it, its first children, and theirs. */
function openBranch(units: readonly Unit[], shown: Set<string>): void {
  const children = new Map<string, Unit[]>();
  for (const unit of units) {
    if (unit.parent === null) continue;
    const siblings = children.get(unit.parent);
    if (siblings === undefined) children.set(unit.parent, [unit]);
    else siblings.push(unit);
  }
  const hides = ({ address, parent }: Unit) =>
    parent !== null && (children.get(address) ?? []).some((child) => !shown.has(child.address));
  let at = units.find((unit) => shown.has(unit.address) && hides(unit));
  for (let level = 0; at !== undefined && level < levelsMax; level++) {
    const below: readonly Unit[] = (children.get(at.address) ?? []).slice(0, openedMax);
    for (const { address } of below) shown.add(address);
    at = below.find(({ address }) => children.has(address));
  }
}

/** The rows in document order. What is hidden is counted on the unit it lies in, or on a row of its own beside those it follows. */
function rowsOf(units: readonly Unit[], shown: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  for (const unit of units) {
    const last = rows.at(-1);
    if (shown.has(unit.address)) rows.push({ depth: unit.depth, unit, hidden: 0 });
    else if (last !== undefined && (last.unit === null ? unit.depth >= last.depth : unit.depth > last.depth))
      last.hidden++;
    else rows.push({ depth: unit.depth, unit: null, hidden: 1 });
  }
  return rows;
}
