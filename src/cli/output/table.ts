/**
 * Aligned tables, without frames. Where a terminal is too narrow, columns that may give way do: first those that may be left out, the
 * last first, then those that may be shortened, the widest first. In a pipe nothing ever gives way.
 */
import type { Paint, Style } from "./style.js";
import { pad, shorten, widthOf } from "./text.js";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** May be shortened: to this many columns, or to 8. */
  readonly shrink?: boolean | number;
  /** May be left out. */
  readonly optional?: boolean;
  readonly paint?: Paint;
}

/** Plain text, or text with its own paint (put on after shortening). */
export type Cell = string | { readonly text: string; readonly paint: Paint };

export interface TableOptions {
  readonly style: Style;
  /** Columns there are; undefined: as many as needed. */
  readonly width: number | undefined;
  readonly indent?: string;
  /** Leave the line of titles out. */
  readonly bare?: boolean;
}

const gap = "  ";

/** The lines of a table. Rows may be shorter than the columns. */
export function table(all: readonly Column[], rows: readonly (readonly Cell[])[], options: TableOptions): string[] {
  const { style, indent = "", bare = false } = options;
  const natural = all.map(({ title }, index) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(textOf(row[index]))), bare ? 0 : widthOf(title)),
  );
  const room = options.width === undefined ? undefined : options.width - widthOf(indent);
  const kept = keptOf(all, natural, room);
  const columns = kept.map((index) => all[index] as Column);
  const widths = kept.map((index) => natural[index] ?? 0);
  if (room !== undefined) fit(columns, widths, room);
  const line = (cells: readonly string[], paints: readonly (Paint | undefined)[]) => {
    const last = cells.findLastIndex((cell) => cell !== "");
    const parts = cells.slice(0, last + 1).map((cell, index) => {
      const width = widths[index] ?? 0;
      const text = shorten(cell, width);
      const align = columns[index]?.align;
      const padded = index === last && align !== "right" ? text : pad(text, width, align);
      const paint = paints[index];
      // Paint the words only: underlined or struck spaces look odd.
      return paint === undefined || text === "" ? padded : padded.replace(text, () => paint(text));
    });
    return (indent + parts.join(gap)).trimEnd();
  };
  const lines = rows.map((row) =>
    line(
      kept.map((index) => textOf(row[index])),
      kept.map((index) => paintOf(row[index]) ?? all[index]?.paint),
    ),
  );
  if (bare) return lines;
  const titles = columns.map(({ title }) => title);
  const faint = columns.map(() => style.faint);
  return [line(titles, faint), ...lines];
}

/** Which columns are shown: all, or without optional ones until the rest fits when shortened as far as it may be. */
function keptOf(all: readonly Column[], natural: readonly number[], room: number | undefined): number[] {
  const kept = all.map((_, index) => index);
  const least = (index: number) => Math.min(natural[index] ?? 0, shrinkMinOf(all[index]) ?? Number.POSITIVE_INFINITY);
  const needed = () => kept.reduce((sum, index) => sum + least(index) + gap.length, -gap.length);
  while (room !== undefined && needed() > room) {
    const dropped = kept.findLast((index) => all[index]?.optional === true);
    if (dropped === undefined) break;
    kept.splice(kept.indexOf(dropped), 1);
  }
  return kept;
}

/** To how many columns a column may be shortened; undefined: not at all. */
function shrinkMinOf(column: Column | undefined): number | undefined {
  const shrink = column?.shrink;
  return shrink === undefined || shrink === false ? undefined : shrink === true ? 8 : shrink;
}

function textOf(cell: Cell | undefined): string {
  return cell === undefined ? "" : typeof cell === "string" ? cell : cell.text;
}

function paintOf(cell: Cell | undefined): Paint | undefined {
  return cell === undefined || typeof cell === "string" ? undefined : cell.paint;
}

/** Narrows the columns that may be, the widest first, until the table fits or none can give more. */
function fit(columns: readonly Column[], widths: number[], room: number): void {
  const spare = (index: number) => (widths[index] ?? 0) - (shrinkMinOf(columns[index]) ?? Number.POSITIVE_INFINITY);
  let over = widths.reduce((sum, each) => sum + each, 0) + gap.length * (columns.length - 1) - room;
  for (; over > 0; over -= 1) {
    let widest = -1;
    for (const index of columns.keys()) {
      if (spare(index) > 0 && (widest < 0 || (widths[index] ?? 0) > (widths[widest] ?? 0))) widest = index;
    }
    if (widest < 0) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}
