/** A tree for the tests, worked out the slow way: every leaf hash in memory, roots by RFC 6962's own recursion. */
import { createHash } from "node:crypto";
import type { HashOf } from "../../src/tlog/nodes.js";
import { hashLeaf, hashNode } from "../../src/tlog/tree.js";

export const leafAt = (index: number): Uint8Array => Buffer.from(`leaf ${index}`);

export const leafHashes: readonly Uint8Array[] = Array.from({ length: 1200 }, (_, i) => hashLeaf(leafAt(i)));

/** RFC 6962 section 2.1: the root over the leaves [start, end). */
export function rootOver(start: number, end: number, hashes: readonly Uint8Array[] = leafHashes): Uint8Array {
  if (start === end) return createHash("sha256").digest();
  if (end - start === 1) return hashes[start] as Uint8Array;
  let k = 1;
  while (k * 2 < end - start) k *= 2;
  return hashNode(rootOver(start, start + k, hashes), rootOver(start + k, end, hashes));
}

/** The node, from its leaves; throws where it reaches beyond `size`. */
export function nodesOf(size: number): HashOf {
  return ({ level, index }) => {
    const end = (index + 1) * 2 ** level;
    if (end > size) throw new Error(`node ${level}/${index} is not complete in a tree of ${size}`);
    return rootOver(index * 2 ** level, end);
  };
}
