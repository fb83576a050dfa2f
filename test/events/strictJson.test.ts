/** Input is parsed strictly: what two parsers could read differently is malformed, and the place is named. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { depthMax, parseStrictJson } from "../../src/events/strictJson.js";
import { holds } from "../support/property.js";

const test = suite("strict JSON");

/** Text, the UTF-16 unit that is named, words of the message. */
const malformed: [string, number, RegExp][] = [
  ['{"a":1,"a":2}', 7, /stands twice/],
  ['{"a":1,"\\u0061":2}', 7, /stands twice/],
  ['{"x":{"__proto__":1,"__proto__":2}}', 20, /stands twice/],
  ['{"k":"\\ud800"}', 5, /surrogate/],
  ['{"\\udc00":1}', 1, /surrogate/],
  ['"\ud800"', 0, /surrogate/],
  ["1.5", 0, /not an integer/],
  ["1e3", 0, /not an integer/],
  ["-0", 0, /not an integer/],
  ["9007199254740992", 0, /not an integer/],
  [`[${"9".repeat(1000)}]`, 1, /not an integer/],
  ["01", 1, /after the end/],
  ["+1", 0, /not a JSON value/],
  ["NaN", 0, /not a JSON value/],
  ["[1,]", 3, /not a JSON value/],
  ['{"a":1,}', 7, /expected a key/],
  ["{a:1}", 1, /expected a key/],
  ["{'a':1}", 1, /expected a key/],
  ['{"a" 1}', 5, /expected ':'/],
  ['{"a":1 "b":2}', 7, /expected ',' or '}'/],
  ["[1 2]", 3, /expected ',' or ']'/],
  ['"abc', 0, /not closed/],
  ['"a\\"', 0, /not closed/],
  ['"a\nb"', 0, /control character/],
  ['"\\x41"', 0, /unknown escape/],
  ["", 0, /ends too early/],
  ["[", 1, /ends too early/],
  ["{} {}", 3, /after the end/],
  ["\ufeff{}", 0, /not a JSON value/],
  ["\u00a01", 0, /not a JSON value/],
  ["tru", 0, /not a JSON value/],
  ["truefalse", 4, /after the end/],
  ["// a\n1", 0, /not a JSON value/],
];
for (const [text, at, message] of malformed) {
  test(`${JSON.stringify(text.slice(0, 40))} is malformed at ${at}`, () => {
    const parsed = parseStrictJson(text);
    assert.ok(!parsed.ok);
    if (parsed.ok) return;
    assert.is(parsed.at, at);
    assert.match(parsed.message, message);
  });
}

test(`nesting ${depthMax} deep is read, one more is malformed, and a million deep does no harm`, () => {
  const nested = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  assert.ok(parseStrictJson(nested(depthMax)).ok);
  for (const depth of [depthMax + 1, 1_000_000]) {
    const parsed = parseStrictJson(nested(depth));
    assert.ok(!parsed.ok && parsed.at === depthMax && /deeper than 64/.test(parsed.message));
  }
  assert.is(parseStrictJson(`${'{"a":'.repeat(depthMax + 1)}1${"}".repeat(depthMax + 1)}`).ok, false);
});

test("__proto__ is a member like any other and reaches no prototype", () => {
  const parsed = parseStrictJson('{"__proto__":{"admin":true},"constructor":1}');
  assert.ok(parsed.ok);
  const value = parsed.ok ? (parsed.value as Record<string, unknown>) : {};
  assert.equal(Object.keys(value), ["__proto__", "constructor"]);
  assert.is(Object.getPrototypeOf(value), Object.prototype);
  assert.is(({} as Record<string, unknown>)["admin"], undefined);
});

test("law: what it accepts, JSON.parse reads the same", () => {
  holds(
    fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const parsed = parseStrictJson(text);
      if (parsed.ok) assert.equal(JSON.stringify(parsed.value), JSON.stringify(JSON.parse(text)));
      else assert.match(parsed.message, /integer|surrogate|deeper/);
    }),
    300,
  );
});

test("law: any text is parsed or malformed inside itself; it never throws", () => {
  const scraps = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    '"',
    ",",
    ":",
    "1",
    "-",
    "a",
    "\\",
    "\\u",
    "d800",
    " ",
    "é",
    "null",
    "😀",
  );
  holds(
    fc.property(fc.array(scraps, { maxLength: 20 }), (parts) => {
      const text = parts.join("");
      const parsed = parseStrictJson(text);
      if (parsed.ok) assert.equal(parsed.value, JSON.parse(text));
      else assert.ok(parsed.at >= 0 && parsed.at <= text.length);
    }),
    500,
  );
});

test.run();
