/**
 * The nodes of the Merkle tree by their place. Node (level, index) is the root of the perfect subtree over the leaves
 * [index × 2^level, (index + 1) × 2^level). Such a node, once complete, is the same in every larger tree; whatever else a proof needs is
 * a hash over a few of them. Sizes go to 2^53 - 1, so everything is divided, never shifted.
 */
import { hashNode } from "./tree.js";

export interface Node {
  readonly level: number;
  readonly index: number;
}

/** One hash of a proof: the root over neighbouring perfect subtrees, largest first, joined from the right as a tree's peaks are. */
export type Part = readonly Node[];

/** Where the hash of a node is to be had. */
export type HashOf = (node: Node) => Uint8Array;

/** The perfect subtrees that cover the leaves [start, end), largest first. `start` must be a multiple of the largest one's width. */
export function cover(start: number, end: number): Part {
  const nodes: Node[] = [];
  for (let at = start; at < end; ) {
    let level = 0;
    for (let width = 2; width <= end - at; width *= 2) level++;
    nodes.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return nodes;
}

/** The root over a part (RFC 6962 section 2.1). */
export function rootOfPart(part: Part, hashOf: HashOf): Uint8Array {
  const last = part.at(-1);
  if (last === undefined) throw new RangeError("a part of no nodes has no root");
  let root = hashOf(last);
  for (let i = part.length - 2; i >= 0; i--) root = hashNode(hashOf(part[i] as Node), root);
  return root;
}

/** The width of the left subtree of `size` leaves: the largest power of two below it. */
export function splitOf(size: number): number {
  let width = 1;
  while (width * 2 < size) width *= 2;
  return width;
}
