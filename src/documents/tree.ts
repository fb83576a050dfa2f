/**
 * The tree of units as it grows: a stack of open units, the list of all of them in document order, their addresses. Addresses are
 * made here and only here, of kind abbreviations, printed numbers and counters; never of words.
 */
import type { Candidate } from "./Candidate.js";
import type { Findings } from "./findings.js";
import type { Lines } from "./Lines.js";
import type { NumberSystem, Ordinal } from "./numbers.js";
import { trimEnd } from "./whiteSpace.js";

/** Units deeper than this stay text of their ancestor: addresses must fit in events, and stay linear in the text. */
export const DEPTH_MAX = 32;

/** A unit before its digests are taken. `end` holds once the unit is closed. */
export interface Node {
  kind: string;
  label: string | null;
  title: string | null;
  address: string;
  parent: Node | null;
  depth: number;
  start: number;
  end: number;
  /** Smaller is outer. */
  rank: number;
  /** Rank of the Markdown heading that opened it, else 0. */
  heading: number;
  /** For list items: style, and the columns where marker and text stand. */
  item: Item | null;
  /** The last number of each sequence whose scope this unit is; null until there is one, since most units have no children. */
  sequences: Map<string, Last> | null;
  /** How often each address segment was given to a child; unnumbered ones by abbreviation. */
  segments: Map<string, number> | null;
}

export interface Item {
  style: number;
  system: NumberSystem;
  column: number;
  /** Column behind the number, where right-aligned numbers line up. */
  dot: number;
  content: number;
  hanging: boolean;
}

export interface Last {
  ordinal: Ordinal;
  system: NumberSystem;
  label: string;
  column: number;
  dot: number;
}

/** What is known of a unit when it opens. */
export interface Opening {
  kind: string;
  abbreviation: string;
  label: string | null;
  title: string | null;
  rank: number;
  heading: number;
}

export interface Tree {
  root: Node;
  /** In document order, the root first. */
  nodes: Node[];
  /** Open units, the root at the bottom. */
  stack: Node[];
  /** The line of the youngest unit. */
  openedLine: number;
  tooDeep: number;
  top(): Node;
  /** The innermost open unit that is outer to the rank. */
  parentFor(rank: number): Node;
  /** Closes open units, innermost first, while the test holds; each ends before `at`, without trailing white space. */
  closeWhile(at: number, test: (node: Node) => boolean): void;
  /** Opens a unit under an open one, closing what is inside that; null where no unit may begin. */
  open(candidate: Candidate, parent: Node, opening: Opening): Node | null;
}

export function growTree(lines: Lines, title: string | null, findings: Findings): Tree {
  const root = newNode(null, "doc", 0, { kind: "document", label: null, title, rank: -1, heading: 0 });
  root.end = lines.bytes.length;
  const stack = [root];
  const tree: Tree = {
    root,
    nodes: [root],
    stack,
    openedLine: -1,
    tooDeep: 0,
    top: () => stack[stack.length - 1] ?? root,
    parentFor(rank) {
      let at = stack.length - 1;
      while (at > 0 && (stack[at]?.rank ?? 0) >= rank) at--;
      return stack[at] ?? root;
    },
    closeWhile(at, test) {
      while (stack.length > 1 && test(tree.top())) {
        const node = stack.pop();
        if (node) node.end = trimEnd(lines.bytes, node.start, at);
      }
    },
    open(candidate, parent, opening) {
      tree.closeWhile(candidate.start, (node) => node !== parent);
      if (/^(?:\p{M}|\u200d)/u.test(candidate.text)) return null; // L10: never inside a combining sequence
      if (parent.depth >= DEPTH_MAX) {
        tree.tooDeep++;
        return null;
      }
      const { segment, count } = nextSegment(parent, opening);
      const address = parent === root ? segment : `${parent.address}__${segment}`;
      const node = newNode(parent, address, candidate.start, opening);
      tree.openedLine = candidate.line;
      tree.nodes.push(node);
      stack.push(node);
      if (count > 1) {
        findings.add({
          rule: "L5",
          address,
          detail: "repeat",
          message: `the label ${opening.label} is printed ${count} times under ${parent.address}: this one is addressed ${address}`,
          blocking: true,
        });
      }
      return node;
    },
  };
  return tree;
}

/** `art_64`; `pre_n1` for the first without a number; `sec_A.1~2` for the second of one label. */
function nextSegment(parent: Node, { abbreviation, label }: Opening): { segment: string; count: number } {
  const base = label === null ? `${abbreviation}_n` : `${abbreviation}_${label}`;
  parent.segments ??= new Map();
  const count = (parent.segments.get(base) ?? 0) + 1;
  parent.segments.set(base, count);
  if (label === null) return { segment: `${base}${count}`, count: 1 };
  return { segment: count > 1 ? `${base}~${count}` : base, count };
}

function newNode(
  parent: Node | null,
  address: string,
  start: number,
  { kind, label, title, rank, heading }: Omit<Opening, "abbreviation">,
): Node {
  return {
    kind,
    label,
    title,
    address,
    parent,
    depth: parent ? parent.depth + 1 : 0,
    start,
    end: start,
    rank,
    heading,
    item: null,
    sequences: null,
    segments: null,
  };
}
