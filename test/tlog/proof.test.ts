/** Inclusion and consistency proofs: RFC 6962 word by word, the published vectors, and every way to spoil a proof that we know. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cover, rootOfPart } from "../../src/tlog/nodes.js";
import {
  checkConsistency,
  checkInclusion,
  emptyRoot,
  type Proof,
  planConsistency,
  planInclusion,
  planRoot,
  prove,
} from "../../src/tlog/proof.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import { hashLeaf } from "../../src/tlog/tree.js";
import { holds } from "../support/property.js";
import { shared } from "../support/shared.js";
import { leafHashes, nodesOf, rootOver } from "./leaves.js";

const test = suite("Merkle proofs");
const hex = (hashes: Proof) => hashes.map((hash) => Buffer.from(hash).toString("hex"));

/** RFC 6962 section 2.1.1: PATH(m, D[n]). */
function path(m: number, start: number, end: number): Proof {
  if (end - start === 1) return [];
  let k = 1;
  while (k * 2 < end - start) k *= 2;
  return m < start + k
    ? [...path(m, start, start + k), rootOver(start + k, end)]
    : [...path(m, start + k, end), rootOver(start, start + k)];
}

/** RFC 6962 section 2.1.2: SUBPROOF(m, D[n], b). */
function subproof(m: number, start: number, end: number, b: boolean): Proof {
  if (m === end) return b ? [] : [rootOver(start, end)];
  let k = 1;
  while (k * 2 < end - start) k *= 2;
  return m <= start + k
    ? [...subproof(m, start, start + k, b), rootOver(start + k, end)]
    : [...subproof(m, start + k, end, false), rootOver(start, start + k)];
}

const tree = (size: number) => ({ size, root: rootOver(0, size) });
const leaf = (index: number) => ({ index, hash: leafHashes[index] as Uint8Array });
const inclusion = (index: number, size: number) => prove(planInclusion(index, size), nodesOf(size));
const consistency = (from: number, to: number) => prove(planConsistency(from, to), nodesOf(to));

test("every leaf of every size to 70: the proof is RFC 6962's and holds", () => {
  for (let size = 1; size <= 70; size++)
    for (let index = 0; index < size; index++) {
      const proof = inclusion(index, size);
      assert.equal(hex(proof), hex(path(index, 0, size)), `${index} of ${size}`);
      assert.equal(checkInclusion(leaf(index), tree(size), proof), { ok: true }, `${index} of ${size}`);
    }
});

test("every pair of sizes to 70: the proof is RFC 6962's and holds", () => {
  for (let to = 0; to <= 70; to++)
    for (let from = 0; from <= to; from++) {
      const proof = consistency(from, to);
      assert.equal(hex(proof), from === 0 ? [] : hex(subproof(from, 0, to, true)), `${from} to ${to}`);
      assert.equal(checkConsistency(tree(from), tree(to), proof), { ok: true }, `${from} to ${to}`);
    }
});

test("the root is the peaks joined, in every size to 300", () => {
  for (let size = 1; size <= 300; size++)
    assert.equal(hex([rootOfPart(planRoot(size), nodesOf(size))]), hex([rootOver(0, size)]));
  assert.equal(planRoot(0), []);
  assert.equal(hex([emptyRoot()]), [createHash("sha256").digest("hex")]);
});

/** What somebody could do to a proof: each with its name. */
function* spoilt(proof: Proof): Generator<readonly [string, Proof]> {
  const other = hashLeaf(Buffer.from("another"));
  for (let i = 0; i <= proof.length; i++) {
    yield [`extra hash at ${i}`, proof.toSpliced(i, 0, other)];
    if (i === proof.length) break;
    const hash = proof[i] as Uint8Array;
    yield [`hash ${i} twice`, proof.toSpliced(i, 0, hash)];
    yield [`hash ${i} missing`, proof.toSpliced(i, 1)];
    yield [`hash ${i} another`, proof.with(i, other)];
    yield [`hash ${i} cut short`, proof.with(i, hash.slice(0, 31))];
    yield [`hash ${i} empty`, proof.with(i, new Uint8Array(0))];
    yield [`hash ${i} longer`, proof.with(i, Buffer.concat([hash, Buffer.of(0)]))];
    for (let bit = 0; bit < 256; bit++) {
      const flipped = Uint8Array.from(hash);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      yield [`hash ${i}, bit ${bit}`, proof.with(i, flipped)];
    }
    if (i > 0) yield [`hashes ${i - 1} and ${i} swapped`, proof.with(i, proof[i - 1] as Uint8Array).with(i - 1, hash)];
  }
}

test("law: no spoilt inclusion proof holds, nor the same proof for another leaf, index or size", () => {
  holds(
    fc.property(fc.integer({ min: 1, max: 1100 }), fc.nat(), (size, pick) => {
      const index = pick % size;
      const proof = inclusion(index, size);
      const is = tree(size);
      assert.ok(checkInclusion(leaf(index), is, proof).ok);
      for (const [what, bad] of spoilt(proof)) assert.not.ok(checkInclusion(leaf(index), is, bad).ok, what);
      assert.not.ok(checkInclusion({ index, hash: hashLeaf(Buffer.from("x")) }, is, proof).ok);
      assert.not.ok(checkInclusion(leaf(index), { size, root: hashLeaf(Buffer.from("x")) }, proof).ok);
      for (const other of [index - 1, index + 1, size, size * 2, -1, 0.5, 2 ** 53])
        assert.not.ok(checkInclusion({ index: other, hash: leaf(index).hash }, is, proof).ok, `index ${other}`);
      for (const other of [index, 0, -1, 1.5, 2 ** 53, Number.NaN])
        assert.not.ok(checkInclusion(leaf(index), { size: other, root: is.root }, proof).ok, `size ${other}`);
    }),
    25,
  );
});

test("law: no spoilt consistency proof holds, nor the same proof between other sizes or roots", () => {
  holds(
    fc.property(fc.integer({ min: 2, max: 1100 }), fc.nat(), (to, pick) => {
      const from = 1 + (pick % (to - 1));
      const proof = consistency(from, to);
      const [older, newer] = [tree(from), tree(to)];
      assert.ok(checkConsistency(older, newer, proof).ok);
      for (const [what, bad] of spoilt(proof)) assert.not.ok(checkConsistency(older, newer, bad).ok, what);
      const odd = hashLeaf(Buffer.from("x"));
      assert.not.ok(checkConsistency({ size: from, root: odd }, newer, proof).ok);
      assert.not.ok(checkConsistency(older, { size: to, root: odd }, proof).ok);
      assert.not.ok(checkConsistency(newer, older, proof).ok, "the other way round");
      assert.not.ok(checkConsistency({ size: 0, root: older.root }, newer, proof).ok);
      assert.not.ok(checkConsistency({ size: from, root: older.root.slice(1) }, newer, proof).ok);
      for (const size of [-1, 0.5, 2 ** 53, Number.NaN]) {
        assert.not.ok(checkConsistency({ size, root: older.root }, newer, proof).ok, `from ${size}`);
        assert.not.ok(checkConsistency(older, { size, root: newer.root }, proof).ok, `to ${size}`);
      }
    }),
    25,
  );
});

test("a rewritten history has no consistency proof made of its own nodes", () => {
  const rewritten = leafHashes.with(3, hashLeaf(Buffer.from("rewritten")));
  const hashOf = ({ level, index }: { level: number; index: number }) =>
    rootOver(index * 2 ** level, (index + 1) * 2 ** level, rewritten);
  for (const to of [8, 9, 20, 33]) {
    const proof = prove(planConsistency(8, to), hashOf);
    const newer = { size: to, root: rootOver(0, to, rewritten) };
    assert.not.ok(checkConsistency(tree(8), newer, proof).ok);
  }
});

test("equal sizes need equal roots and no proof; from 0 only the empty tree's root", () => {
  assert.ok(checkConsistency(tree(5), tree(5), []).ok);
  assert.equal(checkConsistency(tree(5), { size: 5, root: tree(6).root }, []), {
    ok: false,
    why: "there are two roots of size 5",
  });
  assert.not.ok(checkConsistency(tree(5), tree(5), [tree(5).root]).ok);
  assert.ok(checkConsistency(tree(0), tree(9), []).ok);
  assert.not.ok(checkConsistency({ size: 0, root: tree(1).root }, tree(9), []).ok);
  assert.not.ok(checkConsistency(tree(0), tree(9), [tree(1).root]).ok);
});

test("what is asked for beyond the tree or beyond 2^53 - 1 is refused by code", () => {
  const refused = (ask: () => unknown) => {
    try {
      ask();
    } catch (error) {
      return error instanceof TlogError ? error.code : String(error);
    }
    return "answered";
  };
  for (const ask of [
    () => planInclusion(5, 5),
    () => planInclusion(0, 0),
    () => planInclusion(-1, 5),
    () => planInclusion(1.5, 5),
    () => planInclusion(1, 2 ** 53),
    () => planConsistency(6, 5),
    () => planConsistency(5, 2 ** 53),
    () => planConsistency(-1, 5),
    () => planRoot(2 ** 53),
  ])
    assert.is(refused(ask), "OUT_OF_RANGE", String(ask));
});

test("sizes beyond 32 bits are planned and checked: by division, not by shifts", () => {
  // A tree of equal leaves: every node of a level has the same hash, so huge trees can be computed.
  const levels = [hashLeaf(Buffer.from("same"))];
  for (let level = 1; level <= 53; level++)
    levels.push(rootOver(0, 2, [levels[level - 1] as Uint8Array, levels[level - 1] as Uint8Array]));
  const hashOf = ({ level }: { level: number }) => levels[level] as Uint8Array;
  const root = (size: number) => rootOfPart(planRoot(size), hashOf);
  for (const size of [2 ** 32, 2 ** 32 + 1, 2 ** 40 + 12_345, Number.MAX_SAFE_INTEGER]) {
    for (const index of [0, 2 ** 31, size - 1]) {
      const proof = prove(planInclusion(index, size), hashOf);
      const first = { index, hash: levels[0] as Uint8Array };
      assert.ok(checkInclusion(first, { size, root: root(size) }, proof).ok, `${index} of ${size}`);
      assert.not.ok(checkInclusion(first, { size, root: root(size) }, proof.slice(1)).ok);
    }
    for (const from of [1, 2 ** 31 + 7, 2 ** 32 - 1]) {
      const proof = prove(planConsistency(from, size), hashOf);
      assert.ok(checkConsistency({ size: from, root: root(from) }, { size, root: root(size) }, proof).ok);
    }
  }
});

type Inclusion = {
  leafIdx: number;
  treeSize: number;
  root: string;
  leafHash: string;
  proof: string[] | null;
  desc: string;
  wantErr: boolean;
};
type Consistency = {
  size1: number;
  size2: number;
  root1: string;
  root2: string;
  proof: string[] | null;
  wantErr: boolean;
};
const bytesOf = (text: string | null) => Buffer.from(text ?? "", "base64");

function vectors<T>(kind: string): [string, T][] {
  const folder = shared("vectors", "transparency-dev-merkle", kind);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".json"))
    .map((file) => [file, JSON.parse(readFileSync(join(folder, file), "utf8")) as T]);
}

test("the published inclusion vectors", () => {
  const all = vectors<Inclusion>("inclusion");
  for (const [file, { leafIdx, treeSize, root, leafHash, proof, wantErr }] of all) {
    const verdict = checkInclusion(
      { index: leafIdx, hash: bytesOf(leafHash) },
      { size: treeSize, root: bytesOf(root) },
      (proof ?? []).map(bytesOf),
    );
    assert.is(verdict.ok, !wantErr, file);
  }
  assert.ok(all.length >= 90 && all.some(([, { wantErr }]) => !wantErr), `${all.length} vectors`);
});

test("the published consistency vectors", () => {
  const all = vectors<Consistency>("consistency");
  for (const [file, { size1, size2, root1, root2, proof, wantErr }] of all) {
    const older = { size: size1, root: bytesOf(root1) };
    const verdict = checkConsistency(older, { size: size2, root: bytesOf(root2) }, (proof ?? []).map(bytesOf));
    assert.is(verdict.ok, !wantErr, file);
  }
  assert.ok(all.length >= 90 && all.some(([, { wantErr }]) => !wantErr), `${all.length} vectors`);
});

test("the accumulated vectors of subtrees: the root and every inclusion proof of every valid one of up to 130 leaves", () => {
  const { subtreeAccumulated } = JSON.parse(readFileSync(shared("vectors", "golden", "golden.json"), "utf8")) as {
    subtreeAccumulated: { max: number; subtreeHash: string; inclusion: string };
  };
  const hashes = Array.from({ length: subtreeAccumulated.max }, (_, i) => hashLeaf(Buffer.of(i)));
  const known = new Map<string, Uint8Array>();
  const hashOf = ({ level, index }: { level: number; index: number }) => {
    const name = `${level}/${index}`;
    const hash = known.get(name) ?? rootOver(index * 2 ** level, (index + 1) * 2 ** level, hashes);
    known.set(name, hash);
    return hash;
  };
  const roots = createHash("sha256");
  const proofs = createHash("sha256");
  for (let end = 0; end <= subtreeAccumulated.max; end++)
    for (let start = 0; start <= end; start++) {
      // Valid: the start is a multiple of the smallest power of two that the length fits in.
      let ceiling = 1;
      while (ceiling < end - start) ceiling *= 2;
      if (start % ceiling !== 0) continue;
      const root = start === end ? emptyRoot() : rootOfPart(cover(start, end), hashOf);
      roots.update(`[${start}, ${end}) ${hex([root])}\n`);
      for (let index = start; index < end; index++) {
        const shifted = ({ level, index: at }: { level: number; index: number }) =>
          hashOf({ level, index: at + start / 2 ** level });
        const proof = hex(prove(planInclusion(index - start, end - start), shifted));
        proofs.update(`${[`${index} [${start}, ${end})`, ...proof].join(" ")}\n`);
      }
    }
  assert.is(roots.digest("hex"), subtreeAccumulated.subtreeHash);
  assert.is(proofs.digest("hex"), subtreeAccumulated.inclusion);
});

test.run();
