/** The Merkle tree: RFC 6962's own vectors, and the compact range against the recursive definition. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { leafHash } from "../../src/events/envelope.js";
import { emptyRange, extendRange, hashLeaf, hashNode, rootHex, rootOf } from "../../src/tlog/tree.js";
import { holds } from "../support/property.js";
import { shared } from "../support/shared.js";

const test = suite("the Merkle tree");
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** RFC 6962 section 2.1, word by word: split at the largest power of two below the size. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return createHash("sha256").digest();
  if (leaves.length === 1) return createHash("sha256").update(Buffer.of(0)).update(leaves[0]!).digest();
  let k = 1;
  while (k * 2 < leaves.length) k *= 2;
  return createHash("sha256")
    .update(Buffer.of(1))
    .update(mth(leaves.slice(0, k)))
    .update(mth(leaves.slice(k)))
    .digest();
}

const leaf = (i: number) => Buffer.from(`leaf ${i}`);
const leaves = (size: number, from = 0) => Array.from({ length: size }, (_, i) => leaf(from + i));

test("the published leaf hashes and the roots of sizes 0 to 8", () => {
  const { rfc6962 } = JSON.parse(readFileSync(shared("vectors", "golden", "golden.json"), "utf8")) as {
    rfc6962: { leafInputsHex: string[]; leafHashesHex: string[]; rootBySizeHex: string[]; helloWorldLeafB64: string };
  };
  const inputs = rfc6962.leafInputsHex.map((hex) => Buffer.from(hex, "hex"));
  assert.equal(
    inputs.map((input) => hexOf(hashLeaf(input))),
    rfc6962.leafHashesHex,
  );
  assert.equal(inputs.map(leafHash), rfc6962.leafHashesHex);
  assert.is(Buffer.from(hashLeaf(Buffer.from("hello world"))).toString("base64"), rfc6962.helloWorldLeafB64);
  const roots = rfc6962.rootBySizeHex.map((_, size) =>
    rootHex(extendRange(emptyRange, inputs.slice(0, size).map(hashLeaf))),
  );
  assert.equal(roots, rfc6962.rootBySizeHex);
});

test("a published inclusion proof leads to its root with this tree's node hash", () => {
  const vector = JSON.parse(
    readFileSync(shared("vectors", "transparency-dev-merkle", "inclusion", "3", "happy-path.json"), "utf8"),
  ) as { leafIdx: number; treeSize: number; root: string; leafHash: string; proof: string[] };
  assert.equal([vector.leafIdx, vector.treeSize, vector.proof.length], [2, 3, 1]);
  // Leaf 2 of 3 is the last, alone on the right: the root is its sibling's node beside it.
  const root = hashNode(Buffer.from(vector.proof[0]!, "base64"), Buffer.from(vector.leafHash, "base64"));
  assert.is(Buffer.from(root).toString("base64"), vector.root);
});

test("sizes 0 to 130: the compact range has the root of the recursive definition and one peak for each set bit", () => {
  let range = emptyRange;
  for (let size = 0; size <= 130; size++) {
    assert.is(rootHex(range), hexOf(mth(leaves(size))), `size ${size}`);
    assert.is(range.size, size);
    assert.is(range.peaks.length, size.toString(2).replaceAll("0", "").length);
    range = extendRange(range, [hashLeaf(leaf(size))]);
  }
});

test("law: however the leaves come, in one batch or many, the range is the same; the old range is untouched", () => {
  holds(
    fc.property(fc.array(fc.nat(40), { maxLength: 6 }), (batches) => {
      let range = emptyRange;
      let size = 0;
      for (const batch of batches) {
        const before = { size: range.size, peaks: range.peaks.map(hexOf) };
        const next = extendRange(range, leaves(batch, size).map(hashLeaf));
        assert.equal({ size: range.size, peaks: range.peaks.map(hexOf) }, before);
        range = next;
        size += batch;
      }
      const whole = extendRange(emptyRange, leaves(size).map(hashLeaf));
      assert.equal(range.peaks.map(hexOf), whole.peaks.map(hexOf));
      assert.is(hexOf(rootOf(range)), hexOf(mth(leaves(size))));
    }),
    40,
  );
});

test("law: another leaf anywhere is another root, and leaves and nodes never hash alike", () => {
  holds(
    fc.property(fc.integer({ min: 1, max: 70 }), fc.nat(), (size, pick) => {
      const all = leaves(size);
      const root = rootHex(extendRange(emptyRange, all.map(hashLeaf)));
      all[pick % size] = Buffer.from("another leaf");
      assert.is.not(rootHex(extendRange(emptyRange, all.map(hashLeaf))), root);
    }),
    40,
  );
  const [left, right] = [hashLeaf(leaf(0)), hashLeaf(leaf(1))];
  assert.is.not(hexOf(hashNode(left, right)), hexOf(hashLeaf(Buffer.concat([left, right]))));
});

test("sizes beyond 32 bits are counted right: the bits of the size are taken by division, not by shifts", () => {
  // A log of 2^32 - 1 leaves has 32 peaks; one leaf more joins them all into one.
  const peaks = Array.from({ length: 32 }, (_, i) => hashLeaf(leaf(i)));
  const next = extendRange({ size: 2 ** 32 - 1, peaks }, [hashLeaf(leaf(99))]);
  assert.is(next.size, 2 ** 32);
  assert.is(next.peaks.length, 1);
  const beyond = extendRange(next, [hashLeaf(leaf(100))]);
  assert.equal([beyond.size, beyond.peaks.length], [2 ** 32 + 1, 2]);
});

test.run();
