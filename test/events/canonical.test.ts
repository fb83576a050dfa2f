/** One way from value to bytes: RFC 8785 where the ledger stores a value, a loud no where it does not. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalBytes, canonicalText, digestOf, isCanonical, sha256Hex } from "../../src/events/canonical.js";
import { parseStrictJson } from "../../src/events/strictJson.js";
import { holds } from "../support/property.js";
import { shared } from "../support/shared.js";

const test = suite("canonical JSON");

/** Values as the ledger stores them: no floats, no lone surrogates. */
const { value: storable } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((n) => (Object.is(n, -0) ? 0 : n)),
    fc.string({ unit: "grapheme" }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ unit: "grapheme" }), tie("value"), { maxKeys: 4 }),
  ),
}));

test("the reference vectors of RFC 8785: the same bytes, or a number the ledger does not store", () => {
  const folder = shared("vectors", "jcs-cyberphone");
  let same = 0;
  let refused = 0;
  for (const name of readdirSync(join(folder, "input"))) {
    const value = JSON.parse(readFileSync(join(folder, "input", name), "utf8")) as unknown;
    if (name === "values.json") {
      assert.throws(
        () => canonicalBytes(value),
        (error: Error) => error instanceof TypeError && error.message.includes("$.numbers[0]"),
      );
      refused++;
      continue;
    }
    assert.is(
      Buffer.from(canonicalBytes(value)).toString("hex"),
      readFileSync(join(folder, "outhex", name.replace(".json", ".txt")), "utf8").replace(/\s/g, ""),
      name,
    );
    same++;
  }
  assert.equal({ same, refused }, { same: 5, refused: 1 });
});

test("the published reject cases: as input malformed, as a value a TypeError that names the place", () => {
  const { jcsErrors } = JSON.parse(readFileSync(shared("vectors", "golden", "golden.json"), "utf8")) as {
    jcsErrors: { mustReject: string[]; mustRejectHexUtf8: string[]; mustAccept: string[] };
  };
  for (const text of jcsErrors.mustReject) {
    assert.is(parseStrictJson(text).ok, false, text);
    assert.throws(
      () => canonicalText(JSON.parse(text)),
      (error: Error) => error instanceof TypeError && error.message.startsWith("$"),
    );
    assert.is(isCanonical(text), false, text);
  }
  for (const hex of jcsErrors.mustRejectHexUtf8) {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    assert.throws(() => decoder.decode(Buffer.from(hex, "hex")), TypeError);
  }
  for (const text of jcsErrors.mustAccept) {
    const parsed = parseStrictJson(text);
    assert.ok(parsed.ok);
    assert.is(canonicalText(parsed.ok && parsed.value), '{"k":"\u{10000}"}');
  }
});

const never: [string, unknown, string][] = [
  ["a fraction", { a: [1.5] }, "$.a[0]"],
  ["minus zero", -0, "$"],
  ["not a number", { n: Number.NaN }, "$.n"],
  ["infinity", [Number.POSITIVE_INFINITY], "$[0]"],
  ["2^53", { n: 2 ** 53 }, "$.n"],
  ["a BigInt", { n: 1n }, "$.n"],
  ["undefined", { a: { b: undefined } }, "$.a.b"],
  ["a hole in an array", Object.assign([1], { length: 2 }), "$[1]"],
  ["a date", { at: new Date(0) }, "$.at"],
  ["a map", { m: new Map() }, "$.m"],
  ["bytes", { b: new Uint8Array(2) }, "$.b"],
  ["a function", { toJSON: () => 1 }, "$.toJSON"],
  ["a symbol", [Symbol("s")], "$[0]"],
  ["a lone surrogate", { s: "a\ud800" }, "$.s"],
  ["a key with a lone surrogate", { "\udc00": 1 }, "$"],
];
for (const [what, value, at] of never) {
  test(`${what} has no canonical form, and the error says where it stands`, () => {
    assert.throws(
      () => canonicalText(value),
      (error: Error) => error instanceof TypeError && error.message.startsWith(`${at}:`),
    );
  });
}

test("law: canonical text parses back to the value, and is the only text of it that is canonical", () => {
  holds(
    fc.property(storable, (value) => {
      const text = canonicalText(value);
      assert.equal(JSON.parse(text), JSON.parse(JSON.stringify(value)));
      assert.ok(isCanonical(text));
      const spaced = JSON.stringify(JSON.parse(text), null, 1);
      assert.is(isCanonical(spaced), spaced === text);
      const strict = parseStrictJson(text);
      assert.ok(strict.ok && canonicalText(strict.value) === text);
      assert.is(digestOf(value), sha256Hex(canonicalBytes(value)));
    }),
  );
});

test("key order, duplicate keys, escapes and number forms are told from the canonical text", () => {
  assert.ok(isCanonical('{"a":1,"b":2}'));
  for (const text of [
    '{"b":2,"a":1}',
    '{"a":1,"a":1}',
    '{"\\u0061":1}',
    '{"a":1.0}',
    '{"a":1e0}',
    " 1",
    "-0",
    "",
    "{",
  ]) {
    assert.is(isCanonical(text), false, text);
  }
});

test("keys are sorted by UTF-16 code units, not by code points, and __proto__ is a key like any other", () => {
  assert.is(canonicalText({ "\ufb33": 1, "\u{1f602}": 2 }), '{"\u{1f602}":2,"\ufb33":1}');
  assert.is(canonicalText(JSON.parse('{"b":1,"__proto__":{"a":1}}')), '{"__proto__":{"a":1},"b":1}');
});

test.run();
