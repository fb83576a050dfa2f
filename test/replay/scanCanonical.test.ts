// The scanner says what `isCanonical` says, for any text; and names the byte.
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalText, isCanonical } from "../../src/events/canonical.js";
import { scanCanonical, scanned } from "../../src/replay/scanCanonical.js";
import { holds } from "../support/property.js";

const scan = suite("scanCanonical");

const fault = (text: string) => scanCanonical(Buffer.from(text, "utf8"));
const agrees = (text: string) => assert.is(fault(text) === null, isCanonical(text), JSON.stringify(text));

scan("every canonical text passes", () => {
  holds(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      let text: string;
      try {
        text = canonicalText(value);
      } catch {
        return;
      }
      assert.is(fault(text), null, text);
    }),
    500,
  );
});

scan("a canonical text with one character changed is judged as isCanonical judges it", () => {
  const events = fc.record({
    data: fc.dictionary(
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.oneof(fc.string({ unit: "binary" }), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)),
    ),
    revision: fc.nat(),
    "é\u{1f600}": fc.array(fc.nat(9)),
  });
  const odd = fc.constantFrom(...' \t\n\u0001\u007f"\\/{}[]:,.-+eE0123456789abtnfru\u00e9\u{1f600}\ufeff');
  holds(
    fc.property(events, fc.nat(), odd, fc.constantFrom("insert", "replace", "delete"), (value, place, char, how) => {
      let text: string;
      try {
        text = canonicalText(value);
      } catch {
        return;
      }
      const at = place % text.length;
      const rest = text.slice(how === "insert" ? at : at + 1);
      const changed = text.slice(0, at) + (how === "delete" ? "" : char) + rest;
      if (changed.isWellFormed()) agrees(changed);
    }),
    2000,
  );
});

scan("keys stand in the order of UTF-16 code units, not of bytes", () => {
  // U+E000 comes before U+1F600 in UTF-8 and in code points, and after it in UTF-16.
  assert.is(fault('{"\u{1f600}":1,"\ue000":2}'), null);
  assert.equal(fault('{"\ue000":2,"\u{1f600}":1}'), { at: 9, message: "a key that is out of order or stands twice" });
});

for (const [text, at] of [
  ["", 0],
  [" 1", 0],
  ["1 ", 1],
  ['{"a":1, "b":2}', 7],
  ['{"b":1,"a":2}', 7],
  ['{"a":1,"a":2}', 7],
  ["-0", 0],
  ["1.0", 0],
  ["1e3", 0],
  ["01", 0],
  ["-", 0],
  ["9007199254740993", 0],
  ['"\\/"', 1],
  ['"\\u0041"', 1],
  ['"\\u000A"', 1],
  ['"\\u000a"', 1],
  ['"\\ud800"', 1],
  ['"a', 0],
  ["[1,]", 3],
  ["[1 ]", 2],
  ["nul", 0],
  ["{}{}", 2],
  ["[".repeat(65), 64],
  ["[".repeat(60_000), 64],
] as const) {
  scan(`${JSON.stringify(text.slice(0, 20))} is not canonical from byte ${at} on`, () => {
    assert.is(fault(text)?.at, at);
  });
}

scan("bytes that are not UTF-8 are named by their offset", () => {
  const good = Buffer.from('"é😀ok"');
  for (let at = 0; at < good.length; at++) {
    const bytes = Uint8Array.from(good, (byte, i) => (i === at ? 0xff : byte));
    const found = scanCanonical(bytes);
    assert.is(found?.message, "not UTF-8");
    // The offset is that of the character the byte belongs to.
    assert.ok((found?.at ?? -1) <= at && at - (found?.at ?? 0) < 4);
  }
  assert.is(scanCanonical(new Uint8Array([0x22, 0xff]))?.at, 1);
});

scan("the members of the envelope are found, at the top only", () => {
  const text = '{"data":{"prev":1,"revision":2,"stream":3},"prev":null,"revision":7,"stream":"run-1"}';
  assert.is(fault(text), null);
  const member = (start: number, end: number) => text.slice(start, end);
  assert.is(member(scanned.prevStart, scanned.prevEnd), "null");
  assert.is(member(scanned.revisionStart, scanned.revisionEnd), "7");
  assert.is(member(scanned.streamStart, scanned.streamEnd), '"run-1"');
  assert.is(fault("{}"), null);
  assert.is(scanned.prevStart, -1);
});

scan.run();
