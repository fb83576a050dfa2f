// The small parts under the cutter: UTF-8, lines, white space, norm digests, quotations.
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { linesOf } from "../../src/documents/Lines.js";
import { normDigest, normText } from "../../src/documents/normDigest.js";
import { quotationsOf } from "../../src/documents/quotations.js";
import { findUtf8Fault } from "../../src/documents/utf8.js";
import { trimEnd, trimStart, WHITE } from "../../src/documents/whiteSpace.js";
import { holds } from "../support/property.js";

const test = suite("documents/text");

const bytes = (text: string): Uint8Array => Buffer.from(text, "utf8");

test("strict UTF-8 agrees with the platform's decoder, and names the first wrong byte", () => {
  const decodes = (value: Uint8Array): boolean => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(value);
      return true;
    } catch {
      return false;
    }
  };
  const byte = fc.oneof(
    fc.integer({ min: 1, max: 255 }),
    fc.constantFrom(0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f, 0xa0, 0xbf),
  );
  holds(
    fc.property(fc.array(byte, { maxLength: 8 }), (values) => {
      const value = Uint8Array.from(values);
      const fault = findUtf8Fault(value);
      assert.is(fault === null, decodes(value));
      if (fault) assert.ok(decodes(value.subarray(0, fault.offset)), "everything before the fault is UTF-8");
    }),
    2000,
  );
});

test("lines end at LF, CRLF and CR; their starts and ends tile the bytes", () => {
  const lines = linesOf(bytes("\ufeffa\r\nb\rc\n\n d"));
  assert.is(lines.bom, 3);
  assert.equal(
    Array.from({ length: lines.count }, (_, line) => lines.text(line)),
    ["a", "b", "c", "", "d"],
  );
  assert.equal(
    Array.from({ length: lines.count }, (_, line) => [lines.start(line), lines.end(line)]),
    [
      [3, 4],
      [6, 7],
      [8, 9],
      [10, 10],
      [11, 13],
    ],
  );
  assert.equal(
    [3, 4, 5, 6, 12].map((offset) => lines.at(offset)),
    [0, 0, 0, 1, 4],
  );
  assert.equal([lines.column(4), linesOf(bytes("  \tx")).column(0)], [1, 4]);
});

test("white space is Unicode's White_Space, and no engine's opinion", () => {
  const all = Array.from({ length: 0x3100 }, (_, code) => String.fromCharCode(code));
  const listed = new RegExp(`^[${WHITE}]$`, "u");
  for (const character of all) {
    const white = /^\p{White_Space}$/u.test(character);
    assert.is(listed.test(character), white, character.charCodeAt(0).toString(16));
    const text = bytes(`x${character}`);
    if (character !== "\ufeff") assert.is(trimEnd(text, 0, text.length) === 1, white);
    const turned = bytes(`${character}x`);
    assert.is(trimStart(turned, 0, turned.length) === turned.length - 1, white);
  }
});

test("the norm ignores Unicode form, white space and a BOM, and nothing else", () => {
  assert.is(normText(bytes("\ufeff  Đie\u0302\u0300u\u00a01.\r\n\r\n x ")), "Điều 1. x");
  assert.is(normDigest(bytes("a b")), normDigest(bytes("\ta\n\n  b\r\n")));
  assert.is.not(normDigest(bytes("a b")), normDigest(bytes("ab")));
  assert.is.not(normDigest(bytes("a b")), normDigest(bytes("A b")));
});

test("quotations that span lines", () => {
  const spans = (text: string) => quotationsOf(linesOf(bytes(text))).map(({ from, to }) => [from, to]);
  assert.equal(spans("a “b\nc” d\n"), [[0, 1]]);
  assert.equal(spans("„eins\nzwei“\n„drei“\n"), [[0, 1]]);
  assert.equal(spans("“one\n\n“two\n\nthree”\nx\n"), [[0, 4]]);
  assert.equal(spans("“a “b” c\nd”\n"), [[0, 1]]);
  assert.equal(spans("“never closed\n\n1. a\n"), []);
  assert.equal(spans('"Article 5\n(1) x\n"\n'), [[0, 2]]);
  assert.equal(spans('the "word"\nand "another\nline"\n'), []);
  assert.equal(spans("« a\nb »"), [[0, 1]]);
  assert.equal(spans(`"open\n${"x\n".repeat(300)}"`), []);
});

test.run();
