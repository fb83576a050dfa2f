// Any bytes at all either cut losslessly or are refused with the byte offset and the reason.
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cut, join } from "../../src/documents/cut.js";
import { checkLossless } from "../../src/documents/lossless.js";
import type { Plan } from "../../src/documents/Plan.js";
import { planCut } from "../../src/documents/planCut.js";
import { holds } from "../support/property.js";

const test = suite("documents/planCut");

const bytesOf = (text: string): Uint8Array => Buffer.from(text, "utf8");

function planOf(text: string, options?: { grammar?: string; profile?: string }): Plan {
  const outcome = planCut(bytesOf(text), options);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.plan;
}

/** Lossless or refused, for every grammar and profile; returns how it ended. */
function survives(content: Uint8Array, options: { grammar?: string; profile?: string }): string {
  const outcome = planCut(content, options);
  if (!outcome.ok) {
    assert.ok(outcome.offset >= 0 && outcome.offset <= content.length && outcome.message !== "" && outcome.next !== "");
    return outcome.code;
  }
  assert.is(Buffer.compare(join(cut(content, outcome.plan)), content), 0, "join(cut) is not the content");
  for (const { rule, assertions, failures } of checkLossless(content, outcome.plan)) {
    assert.equal(failures, [], rule);
    assert.ok(assertions > 0, rule);
  }
  assert.equal(planCut(content, options), outcome, "planned twice");
  for (const { address, kind } of outcome.plan.units) {
    assert.match(address, /^(?:[a-z]+_(?:n\d+|[\p{L}\d.–-]{1,16})(?:~\d+)?(?:__|$))+$|^doc$/u);
    assert.match(kind, /^[a-z-]+$/);
  }
  return "planned";
}

const pieces = [
  "Điều 1.",
  "Điều 2. ",
  "\u0110i\u00ea\u0300u 3.",
  "\u0110ie\u0302\u0300u 4:",
  "Chương II",
  "Mục 1",
  "Phụ lục",
  "LỜI NÓI ĐẦU",
  "đ) ",
  "a) ",
  "b) ",
  "1. ",
  "2. ",
  "10. ",
  "(1) ",
  "(2)",
  "(a) ",
  "(i) ",
  "2.1. ",
  "1.1 ",
  "A. ",
  "A.1. ",
  "§ 5",
  "Art 16a",
  "Artikel 7",
  "Section 3.",
  "ARTICLE IV",
  "Chapter X",
  "Exhibit A - x",
  "Preamble",
  "Präambel",
  "# ",
  "## Art 1",
  "### 2. x",
  "---",
  "===",
  "~~~~",
  "```",
  "***",
  "* 6. x *",
  "> ",
  "- ",
  "| a | b |",
  "<div>",
  "<!--",
  "-->",
  "“",
  "”",
  "„",
  '"',
  "«",
  "»",
  "word",
  "Recht",
  "\u0301",
  "\u200d",
  "😀",
  "\ud83d\udc69\u200d\ud83d\udc67",
  "\u00a0",
  "\u3000",
  "\ufeff",
  "\t",
  "    ",
  " ",
  "\n",
  "\n\n",
  "\r\n",
  "\r",
  "\r\n\r\n",
  "\u2028",
  "\f",
];
const text = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => parts.join(""));
const options = fc.record(
  { grammar: fc.constantFrom("markdown", "statute"), profile: fc.constantFrom("vi", "de", "en", "numbered") },
  { requiredKeys: [] },
);

test("text made of the grammars' own keywords cuts losslessly", () => {
  holds(
    fc.property(text, options, (parts, chosen) => {
      const ended = survives(bytesOf(parts), chosen);
      assert.is(ended, parts === "" ? "EMPTY_CONTENT" : "planned");
    }),
    700,
  );
});

test("with a BOM, in NFD, with one kind of line ending: the same", () => {
  const forms = fc.constantFrom<(text: string) => string>(
    (value) => `\ufeff${value}`,
    (value) => value.normalize("NFD"),
    (value) => value.normalize("NFC").replace(/\r\n|\r|\n/gu, "\r\n"),
    (value) => value.replace(/\r\n|\r|\n/gu, "\r"),
  );
  holds(
    fc.property(text, forms, options, (parts, form, chosen) => {
      survives(bytesOf(form(parts)), chosen);
    }),
    300,
  );
});

test("random bytes cut losslessly or are refused at a byte", () => {
  const ended = new Set<string>();
  holds(
    fc.property(fc.uint8Array({ maxLength: 40 }), (content) => {
      ended.add(survives(content, {}));
    }),
    700,
  );
  assert.equal([...ended].sort(), ["EMPTY_CONTENT", "INVALID_UTF8", "NUL_BYTE", "planned"]);
});

test("every single byte is planned or refused at offset 0", () => {
  for (let byte = 0; byte < 256; byte++) {
    const ended = survives(Uint8Array.of(byte), {});
    assert.is(ended, byte === 0 ? "NUL_BYTE" : byte < 0x80 ? "planned" : "INVALID_UTF8");
  }
});

test("refusals name the byte", () => {
  const refusal = (content: Uint8Array) => {
    const outcome = planCut(content);
    return outcome.ok ? null : [outcome.code, outcome.offset];
  };
  assert.equal(refusal(new Uint8Array()), ["EMPTY_CONTENT", 0]);
  assert.equal(refusal(Uint8Array.of(0x61, 0xc3, 0xa9, 0)), ["NUL_BYTE", 3]);
  assert.equal(refusal(Uint8Array.of(0x61, 0x62, 0xc0, 0x80)), ["INVALID_UTF8", 2]);
  assert.equal(refusal(Uint8Array.of(0x61, 0xed, 0xa0, 0x80)), ["INVALID_UTF8", 1]);
  assert.equal(refusal(Uint8Array.of(0x61, 0xe2, 0x82)), ["INVALID_UTF8", 1]);
  assert.equal(refusal(Uint8Array.of(0xf4, 0x90, 0x80, 0x80)), ["INVALID_UTF8", 0]);
  const unknown = planCut(bytesOf("x"), { profile: "latin" });
  assert.ok(!unknown.ok && unknown.code === "UNKNOWN_PROFILE" && unknown.next.includes("vi, de, en, numbered"));
  const grammar = planCut(bytesOf("x"), { grammar: "pdf" });
  assert.ok(!grammar.ok && grammar.code === "UNKNOWN_GRAMMAR");
});

test("large and deep input costs linear time and no stack", () => {
  const million = 1_000_000;
  const inputs: [string, { grammar?: string; profile?: string }][] = [
    ["a".repeat(10 * million), {}],
    ["\n".repeat(million), {}],
    [`Điều 1. ${"chữ ".repeat(million)}`, {}],
    [">".repeat(million), { grammar: "markdown" }],
    ["- ".repeat(million / 2), { grammar: "markdown" }],
    ["1. ".repeat(million / 3), { grammar: "markdown" }],
    ["| a\n| -\n".repeat(20_000), { grammar: "markdown" }],
    ["“a\n".repeat(100_000), {}],
    ["[".repeat(million), { grammar: "markdown" }],
    [`e${"\u0301".repeat(million / 2)}`, {}],
  ];
  for (const [input, chosen] of inputs) {
    const content = bytesOf(input);
    const outcome = planCut(content, chosen);
    assert.ok(outcome.ok && Buffer.compare(join(cut(content, outcome.plan)), content) === 0);
  }
});

test("lists nested 1,000 deep: units to depth 32, the rest stays text, with a finding", () => {
  const nested = (indent: string) =>
    Array.from({ length: 1000 }, (_, depth) => `${indent.repeat(depth)}1. x\n`).join("");
  for (const [grammar, indent] of [
    ["statute", " "],
    ["markdown", "   "],
  ] as const) {
    const plan = planOf(nested(indent), { grammar, profile: "numbered" });
    assert.is(Math.max(...plan.units.map(({ depth }) => depth)), 32);
    assert.equal(
      plan.findings.map(({ rule }) => rule),
      ["depth"],
    );
    survives(bytesOf(nested(indent)), { grammar, profile: "numbered" });
  }
});

test("10,000 units", () => {
  const content = Array.from(
    { length: 3333 },
    (_, at) => `Điều ${at + 1}. Tên\n\n1. Khoản một.\n\n2. Khoản hai.\n`,
  ).join("\n");
  assert.is(planOf(content).units.length, 10_000);
});

test.run();
