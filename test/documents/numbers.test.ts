// Labels as numbers: what each system reads, and how one label follows another.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Alphabet,
  isFirst,
  type NumberSystem,
  parseNumber,
  type Step,
  stepFrom,
} from "../../src/documents/numbers.js";
import { de } from "../../src/documents/profiles/de.js";
import { en } from "../../src/documents/profiles/en.js";
import { vi } from "../../src/documents/profiles/vi.js";

const test = suite("documents/numbers");

const read = (label: string, system: NumberSystem, alphabet: Alphabet = en.alphabet): [number, number] | null => {
  const value = parseNumber(label, system, alphabet);
  return value && [value.main, value.insert];
};

const step = (from: string, to: string, system: NumberSystem, alphabet: Alphabet = en.alphabet): Step => {
  const [a, b] = [parseNumber(from, system, alphabet), parseNumber(to, system, alphabet)];
  if (!a || !b) throw new Error(`${from} or ${to} is no ${system} number`);
  return stepFrom(a, b, system, alphabet);
};

test("arabic, with what was inserted", () => {
  assert.equal(
    [
      read("64", "arabic"),
      read("16a", "arabic"),
      read("16 a", "arabic"),
      read("2bis", "arabic"),
      read("36-2", "arabic"),
    ],
    [
      [64, 0],
      [16, 1],
      [16, 1],
      [2, 2],
      [36, 2],
    ],
  );
  assert.equal(
    [read("", "arabic"), read("x", "arabic"), read("1.2", "arabic"), read("12345678", "arabic")],
    [null, null, null, null],
  );
});

test("roman, canonical only", () => {
  assert.equal(
    [read("IV", "roman"), read("XIX", "roman"), read("IVa", "roman"), read("iii", "roman")],
    [
      [4, 0],
      [19, 0],
      [4, 1],
      [3, 0],
    ],
  );
  assert.equal(
    [read("IIII", "roman"), read("IC", "roman"), read("VX", "roman"), read("", "roman")],
    [null, null, null, null],
  );
});

test("letters in the alphabet of the profile", () => {
  assert.equal(
    [read("a", "letters"), read("z", "letters"), read("aa", "letters"), read("B", "letters")],
    [
      [1, 0],
      [26, 0],
      [27, 0],
      [2, 0],
    ],
  );
  assert.equal(
    [read("d", "letters", vi.alphabet), read("đ", "letters", vi.alphabet), read("e", "letters", vi.alphabet)],
    [
      [4, 0],
      [5, 0],
      [6, 0],
    ],
  );
  assert.equal([read("đ", "letters"), read("ab", "letters"), read("Aa", "letters")], [null, null, null]);
  assert.equal(
    [read("aa", "double", de.alphabet), read("bb", "double", de.alphabet), read("ab", "double", de.alphabet)],
    [[1, 0], [2, 0], null],
  );
});

test("decimals count by their last number", () => {
  assert.equal(
    [
      read("2.1", "decimal"),
      read("1.10", "decimal"),
      read("A.3", "decimal"),
      read("1.2.3", "decimal"),
      read("2", "decimal"),
    ],
    [[1, 0], [10, 0], [3, 0], [3, 0], null],
  );
});

test("what follows what", () => {
  const cases: [string, string, NumberSystem, Step][] = [
    ["1", "2", "arabic", "next"],
    ["16", "16a", "arabic", "next"],
    ["16a", "16b", "arabic", "next"],
    ["16b", "17", "arabic", "next"],
    ["16", "16b", "arabic", "gap"],
    ["16", "17a", "arabic", "gap"],
    ["2", "2bis", "arabic", "gap"],
    ["1", "3", "arabic", "gap"],
    ["2", "2", "arabic", "repeat"],
    ["16a", "16", "arabic", "disorder"],
    ["5", "3", "arabic", "disorder"],
    ["5", "1", "arabic", "restart"],
    ["IX", "X", "roman", "next"],
    ["z", "aa", "letters", "next"],
    ["h", "i", "letters", "next"],
    ["i", "k", "letters", "gap"],
    ["1.9", "1.10", "decimal", "next"],
  ];
  for (const [from, to, system, expected] of cases) assert.is(step(from, to, system), expected, `${from} → ${to}`);
});

test("letters that a tradition leaves out leave no gap", () => {
  assert.is(step("115i", "115k", "arabic", de.alphabet), "next");
  assert.is(step("i", "k", "letters", de.alphabet), "next");
  assert.is(step("e", "g", "letters", vi.alphabet), "next");
  assert.is(step("d", "e", "letters", vi.alphabet), "gap");
});

test("what may come first", () => {
  const first = (label: string, system: NumberSystem) => {
    const value = parseNumber(label, system, en.alphabet);
    return value !== null && isFirst(value, system);
  };
  assert.equal(
    [first("1", "arabic"), first("0", "arabic"), first("a", "letters"), first("I", "roman"), first("2.0", "decimal")],
    [true, true, true, true, true],
  );
  assert.equal([first("2", "arabic"), first("1a", "arabic"), first("b", "letters")], [false, false, false]);
});

test.run();
