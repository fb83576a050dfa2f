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

const addresses = (text: string, options?: { grammar?: string; profile?: string }): string[] =>
  planOf(text, options)
    .units.slice(1)
    .map(({ address }) => address);

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

test("the three spellings of Điều are one", () => {
  const spelled = [
    "\u0110i\u1ec1u 1.\n\nx\n",
    "\u0110i\u00ea\u0300u 2.\n\nx\n",
    "\u0110ie\u0302\u0300u 3.\n\nx\n",
  ].join("\n");
  assert.equal(addresses(spelled), ["art_1", "art_2", "art_3"]);
});

test("Vietnamese points: đ follows d, f is left out", () => {
  const points = ["a", "b", "c", "d", "đ", "e", "g"].map((letter) => `${letter}) x;\n`).join("\n");
  const plan = planOf(`Điều 1. Tên\n\n1. Gồm:\n\n${points}`, { profile: "vi" });
  assert.equal(
    plan.units.slice(3).map(({ label }) => label),
    ["a", "b", "c", "d", "đ", "e", "g"],
  );
  assert.is(plan.units[7]?.address, "art_1__cl_1__pt_đ");
  assert.equal(plan.findings, []);
});

test("gap, repeat, disorder and restart are blocking findings, each with its own id", () => {
  const findings = (numbers: number[]) =>
    planOf(numbers.map((n) => `Điều ${n}. Tên\n\nx.\n`).join("\n"), { profile: "vi" }).findings;
  const seen = (numbers: number[]) =>
    findings(numbers).map(({ rule, address, blocking }) => `${rule} ${address} ${blocking}`);
  assert.equal(seen([1, 2, 4]), ["L5 art_4 true"]);
  assert.match(findings([1, 2, 4])[0]?.message ?? "", /^gap .*4 follows 2$/);
  assert.equal(seen([1, 2, 2, 3]), ["L5 art_2~2 true"]);
  assert.equal(seen([1, 5, 3]), ["L5 art_5 true", "L5 art_3 true"]);
  assert.match(findings([1, 2, 1])[1]?.message ?? "", /^restart/);
  assert.is(new Set(findings([1, 1, 1, 1]).map(({ id }) => id)).size, findings([1, 1, 1, 1]).length);
});

test("inserted articles are no gaps", () => {
  const content = ["1", "2", "2a", "2b", "3"].map((n) => `§ ${n}\n\nText.\n`).join("\n");
  const plan = planOf(content, { profile: "de" });
  assert.equal(
    plan.units.slice(1).map(({ address }) => address),
    ["art_1", "art_2", "art_2a", "art_2b", "art_3"],
  );
  assert.equal(plan.findings, []);
});

test("a quotation or an amendment block opens no unit", () => {
  const content =
    "Điều 1. Sửa đổi\n\nĐiều 5 được sửa đổi như sau:\n\n“Điều 5. Tên mới\n\n1. Khoản một.\n\nĐiều 6. Tên khác.”\n\nĐiều 2. Hiệu lực\n\nx.\n";
  const plan = planOf(content, { profile: "vi" });
  assert.equal(
    plan.units.slice(1).map(({ address }) => address),
    ["art_1", "art_2"],
  );
  assert.ok(plan.findings.some(({ rule, blocking }) => rule === "L8" && !blocking));
});

test("a blank line between units is nobody's but the parent's; a unit ends at its last letter", () => {
  const content = "# T\n\n## 1. One  \n\ntext  \n\n\n## 2. Two\n";
  const plan = planOf(content);
  const leaves = cut(bytesOf(content), plan);
  assert.equal(
    leaves.map(({ address, trivia }) => `${address}${trivia ? " trivia" : ""}`),
    ["doc", "sec_1", "doc trivia", "sec_2", "doc trivia"],
  );
});

test("sections may hold articles, and articles sections", () => {
  const us = [
    "Article I.\n",
    "Section 1.\n\nText.\n",
    "Section 2.\n\nText.\n",
    "Article II.\n",
    "Section 1.\n\nText.\n",
  ].join("\n");
  assert.equal(addresses(us, { profile: "en" }), ["art_I", "art_I__sec_1", "art_I__sec_2", "art_II", "art_II__sec_1"]);
  const eu = [
    "CHAPTER I\n",
    "Article 1\n\nText.\n",
    "SECTION 1\n",
    "Article 2\n\nText.\n",
    "SECTION 2\n",
    "Article 3\n\nText.\n",
  ].join("\n");
  assert.equal(addresses(eu, { profile: "en" }), [
    "chp_I",
    "chp_I__art_1",
    "chp_I__sec_1",
    "chp_I__sec_1__art_2",
    "chp_I__sec_2",
    "chp_I__sec_2__art_3",
  ]);
});

test("laws as they are printed elsewhere", () => {
  const german =
    "Abschnitt 1\nAllgemeines\n\n§ 1 Zweck\n\n(1) Text.\n\n(2) Es gilt für\n1. Beete,\n2. Bäume:\na) hohe,\nb) niedrige.\n\n§ 2a Neues\n\nText gemäß\n§ 1 Absatz 2.\n\nAnlage 1\n";
  assert.equal(addresses(german), [
    "sec_1",
    "sec_1__art_1",
    "sec_1__art_1__cl_1",
    "sec_1__art_1__cl_2",
    "sec_1__art_1__cl_2__pt_1",
    "sec_1__art_1__cl_2__pt_2",
    "sec_1__art_1__cl_2__pt_2__subpt_a",
    "sec_1__art_1__cl_2__pt_2__subpt_b",
    "sec_1__art_2a",
    "anx_1",
  ]);
  const vietnamese =
    "Chương I\nQUY ĐỊNH CHUNG\nĐiều 1. Phạm vi\nLuật này quy định về vườn.\nĐiều 2. Giải thích\n1. Vườn là đất.\n2. Cây gồm:\na) Cây cao;\nb) Cây thấp.\nPHỤ LỤC I\nDANH MỤC\n1. Một\n2. Hai\n";
  assert.equal(
    planOf(vietnamese)
      .units.slice(1)
      .map(({ address, title }) => `${address} ${title ?? ""}`),
    [
      "chp_I QUY ĐỊNH CHUNG",
      "chp_I__art_1 Phạm vi",
      "chp_I__art_2 Giải thích",
      "chp_I__art_2__cl_1 ",
      "chp_I__art_2__cl_2 ",
      "chp_I__art_2__cl_2__pt_a ",
      "chp_I__art_2__cl_2__pt_b ",
      "app_I DANH MỤC",
      "app_I__cl_1 ",
      "app_I__cl_2 ",
    ],
  );
  const british =
    "1. Short title\n\nThis Act may be cited.\n\n2. Extent\n\n(1) Wales.\n\n(2) Not\n\n   (a) hills;\n\n   (b) vales:\n\n      (i) deep;\n\n      (ii) flat.\n\nSCHEDULE 1\n\nList\n";
  assert.equal(addresses(british), [
    "sec_1",
    "sec_2",
    "sec_2__pt_1",
    "sec_2__pt_2",
    "sec_2__pt_2__pt_a",
    "sec_2__pt_2__pt_b",
    "sec_2__pt_2__pt_b__pt_i",
    "sec_2__pt_2__pt_b__pt_ii",
    "app_1",
  ]);
});

test("nested Markdown lists go on where they left off", () => {
  const content = "# T\n\n## Rules\n\n1. One\n2. Two\n   1. a\n   2. b\n3. Three\n\ntail\n\n## More\n\n1) a\n2) b\n";
  assert.equal(addresses(content), [
    "hdg_n1",
    "hdg_n1__pt_1",
    "hdg_n1__pt_2",
    "hdg_n1__pt_2__pt_1",
    "hdg_n1__pt_2__pt_2",
    "hdg_n1__pt_3",
    "hdg_n2",
    "hdg_n2__pt_1",
    "hdg_n2__pt_2",
  ]);
  const clauses =
    "# Agreement\n\n## 1. Definitions\n\n1.1 Alpha.\n\n1.2 Beta.\n\n## 2. Term\n\n2.1 One year.\n\n   (a) x\n\n   (b) y\n";
  assert.equal(addresses(clauses), [
    "sec_1",
    "sec_1__subsec_1.1",
    "sec_1__subsec_1.2",
    "sec_2",
    "sec_2__subsec_2.1",
    "sec_2__subsec_2.1__pt_a",
    "sec_2__subsec_2.1__pt_b",
  ]);
});

test("findings and addresses hold no word of the text", () => {
  const plan = planOf("# Secret Treaty\n\n## Poisonword\n\ntext\n\n## 1. Poisonword\n\n## 1. Poisonword\n");
  const ledger = JSON.stringify([plan.units.map(({ address, kind, label }) => [address, kind, label]), plan.findings]);
  assert.not.ok(/Poisonword|Secret/.test(ledger));
});

test.run();
