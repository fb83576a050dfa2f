// What becomes a unit, at which address, and what is only found: structure in small.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cut } from "../../src/documents/cut.js";
import type { Plan } from "../../src/documents/Plan.js";
import { planCut } from "../../src/documents/planCut.js";

const test = suite("documents/outline");

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
