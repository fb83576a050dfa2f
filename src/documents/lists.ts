/**
 * Lists of numbered items: which list a marker continues or begins. Reads the stack of open units, changes nothing.
 */
import type { Candidate } from "./Candidate.js";
import type { Lines } from "./Lines.js";
import type { Labels, Marker, Reading } from "./labels.js";
import { isFirst, type Step, stepFrom } from "./numbers.js";
import type { Profile } from "./Profile.js";
import type { Item, Node, Tree } from "./tree.js";

/** A jump of more than this is taken for a number in the text, not for a gap in the numbering. */
export const GAP_MAX = 30;
/** How far a list that begins inside a paragraph is followed to its second item, and how many lines a whole document may cost. */
const SECOND_ITEM_LINES_MAX = 40;
const SECOND_ITEM_BUDGET = 100_000;

/** Where an item would stand, and how it follows the one before it. */
export interface ListPlace extends Reading {
  parent: Node;
  step: Step | "first";
  hanging: boolean;
}

export interface Lists {
  place(candidate: Candidate, marker: Marker): ListPlace | null;
  /** Whether a list that would begin on the next line of a paragraph goes on: `(1) the one` in running text has no second line. */
  hasSecond(candidate: Candidate, marker: Marker, place: ListPlace): boolean;
}

export function listsOf(lines: Lines, profile: Profile, labels: Labels, tree: Tree): Lists {
  const { alphabet, items } = profile;
  const free = items.nesting === "free";
  let budget = SECOND_ITEM_BUDGET;

  /** The place in a list that is open, by the innermost item of the marker's style that stands in its column. */
  function inOpenList(candidate: Candidate, marker: Marker): ListPlace | null {
    let weak: ListPlace | null = null;
    for (let at = tree.stack.length - 1; at > 0; at--) {
      const node = tree.stack[at];
      if (!node?.item) break;
      if (node.item.style !== marker.style || !node.parent) continue;
      if (free && !isSibling(candidate, marker, node, node.item)) continue;
      const last = node.parent.sequences?.get(sequenceKey(marker.style));
      const reading = marker.readings.find(({ system }) => system === last?.system);
      if (!last || !reading) continue;
      const step = stepFrom(last.ordinal, reading.ordinal, reading.system, alphabet);
      const place: ListPlace = { parent: node.parent, ...reading, step, hanging: node.item.hanging };
      if (step === "next") return place;
      if (step !== "gap" || reading.ordinal.main - last.ordinal.main <= GAP_MAX) weak ??= place;
    }
    return weak;
  }

  /** Where a new list hangs: a free one under the innermost item that is indented less; a fixed one under the outer styles. */
  function newListParent(candidate: Candidate, marker: Marker): Node {
    let at = tree.stack.length - 1;
    for (; at > 0; at--) {
      const item = tree.stack[at]?.item;
      if (!item) break;
      if (!free && item.style < marker.style) break;
      if (free && item.column < candidate.column) break;
      if (free && item.column === candidate.column && item.style !== marker.style) break;
    }
    return tree.stack[at] ?? tree.root;
  }

  return {
    place(candidate, marker) {
      const open = inOpenList(candidate, marker);
      if (open?.step === "next") return open;
      const first = marker.readings.find(({ system, ordinal }) => isFirst(ordinal, system) && ordinal.main === 1);
      if (first && open?.system !== first.system) {
        const parent = newListParent(candidate, marker);
        const again = parent.sequences?.has(sequenceKey(marker.style));
        return { parent, ...first, step: again ? "restart" : "first", hanging: false };
      }
      if (open || free) return open;
      // Fixed styles need no first item: an excerpt may begin with (2).
      const reading = marker.readings[0];
      if (!reading || reading.ordinal.main > GAP_MAX) return null;
      const parent = newListParent(candidate, marker);
      const last = parent.sequences?.get(sequenceKey(marker.style));
      const step = last ? stepFrom(last.ordinal, reading.ordinal, reading.system, alphabet) : "gap";
      return { parent, ...reading, step, hanging: false };
    },
    hasSecond(candidate, marker, { system, ordinal }) {
      const until = Math.min(lines.count, candidate.line + SECOND_ITEM_LINES_MAX);
      for (let line = candidate.line + 1; line < until && budget > 0; line++, budget--) {
        if (lines.blank(line) || lines.column(line) !== candidate.column) continue;
        const value = labels.markerIn(marker.style, lines.text(line), system);
        if (value && stepFrom(ordinal, value, system, alphabet) === "next") return true;
      }
      return false;
    },
  };
}

/** Whether the marker stands where the items of this one's list stand; in Markdown, where that list could go on. */
function isSibling(candidate: Candidate, marker: Marker, node: Node, item: Item): boolean {
  if (candidate.hang === null) return inColumn(candidate, marker.dot, item);
  const outer = node.parent?.item?.content ?? 0;
  return candidate.column >= outer && candidate.column < item.content;
}

/** The key of a list style's sequence in its scope. */
export function sequenceKey(style: number): string {
  return `item ${style}`;
}

/** Numbers of one list start, or end, in one column: "9." and "10." do one of the two. */
export function inColumn(candidate: Candidate, dot: number, other: { column: number; dot: number }): boolean {
  return candidate.boxed || candidate.column === other.column || dot === other.dot;
}
