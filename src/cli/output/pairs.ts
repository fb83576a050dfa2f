/** Facts about one thing: a name, a value, one a line, aligned. A value that is null or undefined is left out, not shown as nothing. */
import type { Style } from "./style.js";
import { pad, widthOf } from "./text.js";

export type Pair = readonly [name: string, value: string | number | null | undefined];

/** The lines of the pairs. A value of several lines keeps its column. */
export function pairs(list: readonly Pair[], style: Style, indent = "  "): string[] {
  const shown = list.filter(([, value]) => value !== null && value !== undefined);
  const width = shown.reduce((widest, [name]) => Math.max(widest, widthOf(name)), 0);
  return shown.flatMap(([name, value]) =>
    String(value)
      .split("\n")
      .map((line, index) => `${indent}${style.faint(pad(index === 0 ? name : "", width))}  ${line}`.trimEnd()),
  );
}
