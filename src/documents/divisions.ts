/**
 * Divisions in sequence: in which scope a number counts, how it follows the one before it, how divisions rank. Reads the stack of
 * open units; remembers only which kinds have traded places.
 */
import type { Candidate } from "./Candidate.js";
import type { Lines } from "./Lines.js";
import type { Hit, Labels } from "./labels.js";
import { GAP_MAX, inColumn } from "./lists.js";
import { isFirst, parseNumber, type Step, stepFrom } from "./numbers.js";
import type { Division, Profile } from "./Profile.js";
import type { Node, Tree } from "./tree.js";

/** Rank of appendices, annexes and exhibits, in every profile. */
const APPENDIX_RANK = 5;

export interface Place {
  parent: Node;
  step: Step | "first";
}

export interface Divisions {
  /** The rank of a division met at a line. */
  rank(division: Division, line: number): number;
  /** The unit whose sequence the number belongs to. */
  scope(division: Division, parent: Node): Node;
  step(hit: Hit, parent: Node): Step | "first";
  /** How a number without a keyword would continue the divisions of its kind; null when it cannot. */
  placeBare(candidate: Candidate, hit: Hit): Place | null;
  /** The open unit that a number like 2.1 continues, the root where sections do not exist; else null. */
  prefixOf(label: string, seen: ReadonlySet<string>): Node | null;
}

export function divisionsOf(lines: Lines, profile: Profile, labels: Labels, tree: Tree): Divisions {
  const { alphabet } = profile;
  const swapped = new Map<string, number>();

  /** Whether the next division below the line is of the kind: a section that begins with an article holds articles. */
  function followedBy(kind: string, line: number): boolean {
    for (let below = line + 1; below < Math.min(lines.count, line + 8); below++) {
      const next = labels.kindOf(lines.text(below));
      if (next !== null) return next === kind;
    }
    return false;
  }

  const divisions: Divisions = {
    /**
     * Two kinds may nest either way round. The first time that the inner by default stands open when its partner comes, and what
     * follows is not another of the open kind, the two trade places for the rest of the document.
     */
    rank(division, line) {
      if (division.swaps === undefined) return division.rank;
      const known = swapped.get(division.kind);
      if (known !== undefined) return known;
      const other = profile.divisions.find(({ kind }) => kind === division.swaps);
      const inside = other && tree.stack.some((node) => node.kind === other.kind);
      if (!other || !inside || division.rank > other.rank || followedBy(other.kind, line)) return division.rank;
      swapped.set(division.kind, other.rank);
      swapped.set(other.kind, division.rank);
      for (const node of tree.stack) if (node.kind === other.kind) node.rank = division.rank;
      return other.rank;
    },
    /** Numbers that run through the document start anew in each appendix. */
    scope(division, parent) {
      if (division.scope === "parent") return parent;
      for (let node: Node | null = parent; node; node = node.parent) {
        if (node.rank === APPENDIX_RANK && node.label !== null && division.rank !== APPENDIX_RANK) return node;
      }
      return tree.root;
    },
    step(hit, parent) {
      const { ordinal, label, system } = hit;
      if (!ordinal || label === null) return "next";
      const last = divisions.scope(hit.division, parent).sequences?.get(hit.division.kind);
      if (!last) return isFirst(ordinal, system) ? "first" : "gap";
      const comparable = last.system === system ? ordinal : parseNumber(label, last.system, alphabet);
      if (comparable) return stepFrom(last.ordinal, comparable, last.system, alphabet);
      return isFirst(ordinal, system) ? "restart" : "disorder";
    },
    placeBare(candidate, hit) {
      if (!candidate.alone || !hit.ordinal) return null;
      const parent = tree.parentFor(divisions.rank(hit.division, candidate.line));
      const { sequences } = divisions.scope(hit.division, parent);
      const last = sequences?.get(hit.division.kind);
      const model = last ?? (hit.division.after === undefined ? undefined : sequences?.get(hit.division.after));
      if (model && !inColumn(candidate, hit.dot, model)) return null;
      if (!last) return isFirst(hit.ordinal, hit.system) ? { parent, step: "first" } : null;
      const step = stepFrom(last.ordinal, hit.ordinal, hit.system, alphabet);
      return step === "gap" && hit.ordinal.main - last.ordinal.main > GAP_MAX ? null : { parent, step };
    },
    prefixOf(label, seen) {
      const prefix = label.slice(0, label.lastIndexOf("."));
      for (let at = tree.stack.length - 1; at > 0; at--) {
        const node = tree.stack[at];
        if (node?.item === null && node.label === prefix) return node;
      }
      return seen.has("section") ? null : tree.root;
    },
  };
  return divisions;
}
