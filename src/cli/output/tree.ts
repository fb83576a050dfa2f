/** Trees, drawn from a list in document order in which every item says how deep it lies. Linear: 10,000 units are no effort. */
import type { Style } from "./style.js";

export interface Branch {
  /** 0 is a root; an item lies in the nearest one before it that is less deep. */
  readonly depth: number;
  readonly text: string;
}

/** The lines of a tree. The guides stand in front of each text; a text must be one line. */
export function tree(branches: readonly Branch[], style: Style, indent = ""): string[] {
  const guides = guidesOf(branches.map(({ depth }) => depth));
  return branches.map(({ text }, index) => indent + style.faint(guides[index] ?? "") + text);
}

/** The guide before each item of a tree, like `│  └─ `: for those who align something behind it. */
export function guidesOf(depths: readonly number[]): string[] {
  // From the end: at each depth, whether a later sibling is still to come.
  const later: boolean[] = [];
  const guides: string[] = new Array(depths.length).fill("");
  for (let index = depths.length - 1; index >= 0; index -= 1) {
    const depth = depths[index] ?? 0;
    let guide = "";
    for (let level = 1; level < depth; level += 1) guide += later[level] === true ? "│  " : "   ";
    if (depth > 0) guide += later[depth] === true ? "├─ " : "└─ ";
    guides[index] = guide;
    later.length = depth + 1;
    later[depth] = true;
  }
  return guides;
}
