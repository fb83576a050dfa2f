/** Aligned tables, without frames. On a terminal the last column that may be shortened gives way; in a pipe nothing is ever shortened. */
import type { Paint, Style } from "./style.js";
import { pad, shorten, widthOf } from "./text.js";

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** May be shortened when the table is wider than the terminal. */
  readonly shrink?: boolean;
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
const shrunkMin = 8;

/** The lines of a table. Rows may be shorter than the columns. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], options: TableOptions): string[] {
  const { style, indent = "", bare = false } = options;
  const texts = rows.map((row) => columns.map((_, index) => textOf(row[index])));
  const widths = columns.map(({ title }, index) =>
    texts.reduce((widest, row) => Math.max(widest, widthOf(row[index] ?? "")), bare ? 0 : widthOf(title)),
  );
  if (options.width !== undefined) fit(columns, widths, options.width - widthOf(indent));
  const line = (cells: readonly string[], paints: readonly (Paint | undefined)[]) => {
    const last = cells.findLastIndex((cell) => cell !== "");
    const parts = cells.slice(0, last + 1).map((cell, index) => {
      const width = widths[index] ?? 0;
      const text = shorten(cell, width);
      const padded =
        index === last && columns[index]?.align !== "right" ? text : pad(text, width, columns[index]?.align);
      const paint = paints[index];
      // Paint the words only: underlined or struck spaces look odd.
      return paint === undefined || text === "" ? padded : padded.replace(text, () => paint(text));
    });
    return (indent + parts.join(gap)).trimEnd();
  };
  const lines = rows.map((row, index) =>
    line(
      texts[index] ?? [],
      columns.map((column, at) => paintOf(row[at]) ?? column.paint),
    ),
  );
  if (bare) return lines;
  const titles = columns.map(({ title }) => title);
  return [
    line(
      titles,
      columns.map(() => style.faint),
    ),
    ...lines,
  ];
}

function textOf(cell: Cell | undefined): string {
  return cell === undefined ? "" : typeof cell === "string" ? cell : cell.text;
}

function paintOf(cell: Cell | undefined): Paint | undefined {
  return cell === undefined || typeof cell === "string" ? undefined : cell.paint;
}

/** Narrows the columns that may be, the widest first, until the table fits or none can give more. */
function fit(columns: readonly Column[], widths: number[], width: number): void {
  let over = widths.reduce((sum, each) => sum + each, 0) + gap.length * (columns.length - 1) - width;
  while (over > 0) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      if (column.shrink !== true || (widths[index] ?? 0) <= shrunkMin) continue;
      if (widest < 0 || (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index;
    }
    if (widest < 0) return;
    const second = Math.max(
      shrunkMin,
      ...widths.filter(
        (each, index) => index !== widest && columns[index]?.shrink === true && each < (widths[widest] ?? 0),
      ),
    );
    const give = Math.max(1, Math.min(over, (widths[widest] ?? 0) - second));
    widths[widest] = (widths[widest] ?? 0) - give;
    over -= give;
  }
}
