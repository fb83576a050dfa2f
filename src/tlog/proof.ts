/**
 * Inclusion and consistency proofs of RFC 6962 section 2.1 (RFC 9162 sections 2.1.3 and 2.1.4). Making one is: plan (which nodes), read
 * them once, compute. Checking one is the algorithm of RFC 9162, step by step, and needs nothing but the numbers and the hashes.
 */
import { createHash } from "node:crypto";
import { cover, type HashOf, type Part, rootOfPart, splitOf } from "./nodes.js";
import { fails, holds, isCount, requireCount, TlogError, type Verdict } from "./TlogError.js";
import { hashNode } from "./tree.js";

/** A proof: SHA-256 hashes of 32 bytes each, in the order of RFC 6962. */
export type Proof = readonly Uint8Array[];

/**
 * What an inclusion proof of the leaf at `index` in the tree of `size` leaves is made of (RFC 6962 section 2.1.1), leaf's sibling first.
 * Throws `OUT_OF_RANGE` where there is no such leaf.
 */
export function planInclusion(index: number, size: number): Part[] {
  requireCount(index, "the index");
  requireCount(size, "the size");
  if (index >= size)
    throw new TlogError(
      "OUT_OF_RANGE",
      `index ${index} is not in a tree of size ${size}`,
      "Indexes are counted from 0.",
    );
  const parts: Part[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      parts.push(cover(middle, end));
      end = middle;
    } else {
      parts.push(cover(start, middle));
      start = middle;
    }
  }
  return parts.reverse();
}

/**
 * What a consistency proof between the trees of `from` and `to` leaves is made of (RFC 6962 section 2.1.2). It is empty between equal
 * sizes and from the empty tree. Throws `OUT_OF_RANGE` where `from` is above `to`.
 */
export function planConsistency(from: number, to: number): Part[] {
  requireCount(from, "the older size");
  requireCount(to, "the newer size");
  if (from > to)
    throw new TlogError(
      "OUT_OF_RANGE",
      `the older size ${from} is above the newer one, ${to}`,
      "Give the smaller size first.",
    );
  if (from === 0 || from === to) return [];
  const parts: Part[] = [];
  let [start, end] = [0, to];
  // SUBPROOF(m, D[n], b): b says that what is left of the older tree is a whole subtree the verifier can name without help.
  let known = true;
  while (from !== end) {
    const middle = start + splitOf(end - start);
    if (from <= middle) {
      parts.push(cover(middle, end));
      end = middle;
    } else {
      parts.push(cover(start, middle));
      start = middle;
      known = false;
    }
  }
  if (!known) parts.push(cover(start, end));
  return parts.reverse();
}

/** What the root of the tree of `size` leaves is made of: its peaks. Empty for the empty tree. */
export function planRoot(size: number): Part {
  requireCount(size, "the size");
  return cover(0, size);
}

/** Computes a planned proof from the hashes of its nodes. */
export function prove(plan: readonly Part[], hashOf: HashOf): Proof {
  return plan.map((part) => rootOfPart(part, hashOf));
}

/** The root of the empty tree: SHA-256 of nothing. */
export function emptyRoot(): Uint8Array {
  return createHash("sha256").digest();
}

/** Checks that the leaf of that hash stands at `index` in the tree of `size` leaves with that root: RFC 9162 section 2.1.3.2. */
export function checkInclusion(
  leaf: { readonly index: number; readonly hash: Uint8Array },
  tree: { readonly size: number; readonly root: Uint8Array },
  proof: Proof,
): Verdict {
  if (!isCount(leaf.index) || !isCount(tree.size))
    return fails("an index or a size is not an integer from 0 to 2^53 - 1");
  if (leaf.index >= tree.size) return fails(`index ${leaf.index} is not in a tree of size ${tree.size}`);
  const odd = oddHash([leaf.hash, tree.root, ...proof]);
  if (odd !== null) return odd;
  let fn = leaf.index;
  let sn = tree.size - 1;
  let root = leaf.hash;
  for (const hash of proof) {
    if (sn === 0)
      return fails(`the proof has more hashes than a tree of size ${tree.size} has levels above index ${leaf.index}`);
    if (fn % 2 === 1 || fn === sn) {
      root = hashNode(hash, root);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      root = hashNode(root, hash);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0)
    return fails(`the proof has only ${proof.length} hashes, too few for index ${leaf.index} of ${tree.size}`);
  return same(root, tree.root) ? holds : fails("the proof leads to another root");
}

/** Checks that the newer tree is the older one with leaves added: RFC 9162 section 2.1.4.2. */
export function checkConsistency(
  older: { readonly size: number; readonly root: Uint8Array },
  newer: { readonly size: number; readonly root: Uint8Array },
  proof: Proof,
): Verdict {
  if (!isCount(older.size) || !isCount(newer.size)) return fails("a size is not an integer from 0 to 2^53 - 1");
  if (older.size > newer.size) return fails(`the older size ${older.size} is above the newer one, ${newer.size}`);
  const odd = oddHash([older.root, newer.root, ...proof]);
  if (odd !== null) return odd;
  if (older.size === 0 && !same(older.root, emptyRoot()))
    return fails("the root of size 0 is not that of the empty tree");
  if (older.size === 0 || older.size === newer.size) {
    if (proof.length > 0) return fails("the proof must be empty between equal sizes and from size 0");
    if (older.size === newer.size && !same(older.root, newer.root))
      return fails(`there are two roots of size ${older.size}`);
    return holds;
  }
  if (proof.length === 0) return fails("the proof is empty");
  // Where the older tree is a perfect subtree of the newer one, its root is the hash to begin with.
  const hashes = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  let fn = older.size - 1;
  let sn = newer.size - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  let olderRoot = hashes[0] as Uint8Array;
  let newerRoot = olderRoot;
  for (const hash of hashes.slice(1)) {
    if (sn === 0) return fails(`the proof has more hashes than sizes ${older.size} and ${newer.size} need`);
    if (fn % 2 === 1 || fn === sn) {
      olderRoot = hashNode(hash, olderRoot);
      newerRoot = hashNode(hash, newerRoot);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      newerRoot = hashNode(newerRoot, hash);
    }
    fn = half(fn);
    sn = half(sn);
  }
  if (sn !== 0)
    return fails(`the proof has only ${proof.length} hashes, too few for sizes ${older.size} and ${newer.size}`);
  if (!same(olderRoot, older.root)) return fails(`the proof leads to another root of size ${older.size}`);
  return same(newerRoot, newer.root) ? holds : fails(`the proof leads to another root of size ${newer.size}`);
}

/** Whether two hashes are the same bytes. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function oddHash(hashes: readonly Uint8Array[]): Verdict | null {
  const odd = hashes.find((hash) => hash.length !== 32);
  return odd === undefined ? null : fails(`a hash of ${odd.length} bytes; every hash has 32`);
}

function half(value: number): number {
  return Math.floor(value / 2);
}

function isPowerOfTwo(value: number): boolean {
  let rest = value;
  while (rest > 1 && rest % 2 === 0) rest /= 2;
  return rest === 1;
}
