/** Commitments, pinned for ever: another value here means that no content of an old ledger can be checked any more. */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commitContent, commitNorm, commitUnit, saltSize } from "../../src/events/commitment.js";

const test = suite("commitments");
const salt = Uint8Array.from({ length: saltSize }, (_, i) => i);
const bytes = new TextEncoder().encode("Điều 1");
const norm = createHash("sha256").update(bytes).digest("hex");

test("content, unit and norm commit to the same bytes under labels of their own", () => {
  assert.is(commitContent(salt, bytes), "fcf622a2ca76b9f0fcd35fdb4b4aaed2c16b05128ccfd857e00507ed1aa02fd6");
  assert.is(commitUnit(salt, bytes), "94342f5ad9dd4eaa0918c4afb12be4823f81b8762996261ca81a9ef833db1bbd");
  assert.is(commitNorm(salt, norm), "8b8e3f74205f4970ccc94a2305b16db70b099af57381a8cefac48ee36ebb11c7");
});

test("what is hashed: label, a zero byte, the salt, the bytes", () => {
  for (const [label, made, over] of [
    ["iu-ledger/content/v1", commitContent(salt, bytes), bytes],
    ["iu-ledger/unit/v1", commitUnit(salt, bytes), bytes],
    ["iu-ledger/norm/v1", commitNorm(salt, norm), Buffer.from(norm, "hex")],
  ] as const) {
    const whole = Buffer.concat([Buffer.from(label), Buffer.of(0), salt, over]);
    assert.is(made, createHash("sha256").update(whole).digest("hex"));
  }
});

test("no bytes at all are committed to as well; another salt is another commitment", () => {
  assert.is(commitContent(salt, new Uint8Array()), "2d94c57d9cbc51a387290422d193abb2bf1b2f18194e3c4d5eb783128c54b989");
  assert.is.not(commitContent(new Uint8Array(saltSize), bytes), commitContent(salt, bytes));
});

test("a salt of another length is a bug", () => {
  for (const size of [0, 31, 33, 64]) assert.throws(() => commitContent(new Uint8Array(size), bytes), /32 bytes, not/);
});

test.run();
