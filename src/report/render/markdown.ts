/**
 * Markdown (CommonMark with GFM tables) for people, from values that others may have written. Text is escaped so that it stays text: it
 * cannot end a cell, open a heading, a link, an image or a tag, nor move a reader's cursor. Pure: the same value, the same bytes.
 */

/** Controls, separators, and the marks that reorder or hide text. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|[\ufe00-\ufe0f]/gu;

/** What CommonMark or GFM gives a meaning to in the middle of a line: marks, and what makes a link of a word. */
const meaning = /[\\`*[\]<>#|~&@$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=\/\/)|(?<=www)\./gi;

/**
 * Text of others, on one line, as text: each character that could be more is escaped, one that cannot be seen is written out. For the middle of a
 * line: it must not stand first on one.
 */
export function md(text: string): string {
  return text
    .replace(/[\t\n\r\f\v ]+/g, " ")
    .trim()
    .replace(unseen, (char) => `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`)
    .replace(meaning, (char) => entities[char] ?? `\\${char}`);
}

/** In HTML these open something whatever stands before them. */
const entities: Readonly<Record<string, string>> = { "<": "&lt;", ">": "&gt;", "&": "&amp;" };

/** A word of ours that stands as it is: a digest, an id, a type. Throws on anything that could end the code span or the cell. */
export function code(word: string): string {
  if (!/^[\w ./:#=+,;?…-]+$/.test(word)) return md(word);
  return `\`${word}\``;
}

/** 1 unit, 1,204 units. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** 1204 as 1,204. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** 2026-01-05 09:30:00 UTC. */
export function moment(instant: string): string {
  return instant.replace("T", " ").replace(/\.\d+Z$/, " UTC");
}

export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
}

/** A table whose columns are aligned in the source too. Cells are Markdown already. No rows: no table. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const widths = columns.map(({ title }, i) =>
    Math.max(3, widthOf(title), ...rows.map((row) => widthOf(row[i] ?? ""))),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title, align }, i) => pad(title, widths[i] as number, align))),
    line(
      columns.map(({ align }, i) =>
        align === "right" ? `${"-".repeat((widths[i] as number) - 1)}:` : "-".repeat(widths[i] as number),
      ),
    ),
    ...rows.map((row) => line(columns.map(({ align }, i) => pad(row[i] ?? "", widths[i] as number, align)))),
  ];
}

function pad(text: string, width: number, align: Column["align"]): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "right" ? space + text : text + space;
}

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns of a fixed-width font. */
function widthOf(text: string): number {
  let width = 0;
  for (const char of text) width += /^\p{M}$/u.test(char) ? 0 : wide.test(char) ? 2 : 1;
  return width;
}
