// The cutter on real documents, against counts that others made independently (shared/corpus/expected.json).
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cut, join } from "../../src/documents/cut.js";
import { checkLossless } from "../../src/documents/lossless.js";
import type { Plan, Unit } from "../../src/documents/Plan.js";
import { parsePlan } from "../../src/documents/Plan.js";
import { planCut } from "../../src/documents/planCut.js";
import { sha256Hex } from "../../src/events/canonical.js";
import { shared, sharedIsHere } from "../support/shared.js";

const test = suite("documents/corpus");

type Expected = Record<string, Record<string, unknown>>;
const expected = (): Expected => JSON.parse(readFileSync(shared("corpus", "expected.json"), "utf8")) as Expected;
const names = sharedIsHere ? Object.keys(expected()) : ["(all)"];

interface Planned {
  content: Uint8Array;
  plan: Plan;
  chosen: { grammar: string; profile: string; why: string };
}

function planned(name: string): Planned {
  const content = readFileSync(shared("corpus", ...name.split("/")));
  const outcome = planCut(content);
  if (!outcome.ok) throw new Error(`${name}: ${outcome.message}`);
  assert.equal(parsePlan(outcome.bytes), outcome.plan);
  return { content, plan: outcome.plan, chosen: outcome.chosen };
}

const ofKind = (plan: Plan, kind: string): Unit[] => plan.units.filter((unit) => unit.kind === kind);
const labels = (units: readonly Unit[]): (string | null)[] => units.map(({ label }) => label);
const upTo = (last: number, first = 1): string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => String(first + at));
const blocking = (plan: Plan): [string, string | null][] =>
  plan.findings.filter((finding) => finding.blocking).map(({ rule, address }) => [rule, address]);

for (const name of names) {
  test(`${name}: nothing is lost, every rule holds`, () => {
    const { content, plan } = planned(name);
    assert.is(sha256Hex(content), expected()[name]?.["sha256"]);
    assert.is(Buffer.compare(join(cut(content, plan)), content), 0);
    for (const { rule, assertions, failures } of checkLossless(content, plan)) {
      assert.equal(failures, [], rule);
      assert.ok(assertions > 0, rule);
    }
  });
}

test("Vietnam's constitution: 11 chapters, 120 articles though 7 are spelled otherwise, 244 clauses", () => {
  const { plan, chosen } = planned("vn-hien-phap-2013.txt");
  assert.equal(chosen, { grammar: "statute", profile: "vi", why: "auto: 120 lines match Điều N." });
  assert.equal(labels(ofKind(plan, "chapter")), ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI"]);
  assert.is(ofKind(plan, "chapter")[2]?.title, "KINH TẾ, XÃ HỘI, VĂN HÓA, GIÁO DỤC, KHOA HỌC, CÔNG NGHỆ VÀ MÔI TRƯỜNG");
  assert.equal(labels(ofKind(plan, "article")), upTo(120));
  assert.is(ofKind(plan, "clause").length, 244);
  assert.ok(plan.units.some(({ address }) => address === "chp_III__art_63__cl_2"));
  assert.equal(plan.findings, []);
});

test("Grundgesetz: 195 articles, 458 paragraphs; the merged heading is a finding and no article", () => {
  const { plan, chosen } = planned("de-grundgesetz-2012.md");
  assert.equal([chosen.grammar, chosen.profile], ["markdown", "de"]);
  const articles = ofKind(plan, "article");
  assert.is(articles.length, 195);
  assert.is(articles.filter(({ label }) => /\p{L}/u.test(label ?? "")).length, 50);
  assert.is(ofKind(plan, "clause").length, 458);
  assert.is(ofKind(plan, "preamble").length + ofKind(plan, "section").length, 16);
  assert.is(ofKind(plan, "annex").length, 1);
  const merged = ofKind(plan, "heading");
  assert.equal(
    merged.map(({ title }) => title),
    ["(XXXX) Art 74a und 75 (weggefallen)"],
  );
  assert.equal(blocking(plan), [
    ["label", merged[0]?.address ?? ""],
    ["L5", "sec_VII__art_76"],
    ["L5", "sec_X__art_106__cl_2__pt_4"],
  ]);
  assert.ok(plan.units.some(({ address }) => address === "sec_IVa__art_53a__cl_1"));
});

test("GitHub's terms: 20 second-rank and 40 third-rank headings, 18 of them lettered", () => {
  const { plan } = planned("github-terms-of-service.md");
  assert.equal(labels(ofKind(plan, "section")), [..."ABCDEFGHIJKLMNOPQR"]);
  assert.is(ofKind(plan, "section").length + ofKind(plan, "heading").length, 20);
  assert.is(ofKind(plan, "subsection").length, 40);
  assert.equal(
    plan.findings.map(({ rule, blocking }) => [rule, blocking]),
    [["list", false]],
  );
});

test("PEP 13: reStructuredText cut as underlined plain text: 6, 6 and 12 headings", () => {
  const { plan, chosen } = planned("pep-0013.rst");
  assert.equal([chosen.grammar, chosen.profile], ["statute", "numbered"]);
  assert.equal(
    [1, 2, 3].map((depth) => ofKind(plan, "heading").filter((unit) => unit.depth === depth).length),
    [6, 6, 12],
  );
});

test("GPL: sections 0 to 17 and no decoy; the way to apply it is a unit of its own", () => {
  const { plan } = planned("gpl-3.0.txt");
  assert.equal(labels(ofKind(plan, "section")), upTo(17, 0));
  assert.is(ofKind(plan, "heading").at(-1)?.title, "How to Apply These Terms to Your New Programs");
  assert.equal(
    plan.findings.map(({ rule, blocking }) => [rule, blocking]),
    [["decoy", false]],
  );
});

test("MPL: 10 sections, two of them in boxes, 33 subsections, exhibits A and B", () => {
  const { content, plan } = planned("mpl-2.0.txt");
  assert.equal(labels(ofKind(plan, "section")), upTo(10));
  assert.is(ofKind(plan, "subsection").length, 33);
  assert.equal(labels(ofKind(plan, "exhibit")), ["A", "B"]);
  const boxed = ofKind(plan, "section").filter(({ span }) => content[span.start] === 0x2a);
  assert.equal(labels(boxed), ["6", "7"]);
  assert.equal(blocking(plan), []);
});

for (const version of ["v1.0", "v1.1", "v1.2", "v1.3", "v1.4"]) {
  test(`Debian's constitution ${version}: sections, subsections, and A.1 twice`, () => {
    const name = `debian-constitution/${version}.txt`;
    const { plan, chosen } = planned(name);
    assert.equal([chosen.grammar, chosen.profile], ["statute", "numbered"]);
    assert.equal(labels(ofKind(plan, "section")), upTo(9));
    assert.is(ofKind(plan, "subsection").length, expected()[name]?.["subsections"]);
    assert.equal(labels(ofKind(plan, "appendix")), expected()[name]?.["appendices"]);
    const inA = ofKind(plan, "appendix-section");
    assert.equal(
      inA.map(({ label, title }) => `${label} ${title}`),
      expected()[name]?.["appendix_A"],
    );
    assert.equal(blocking(plan), [["L5", "app_A__appsec_A.1~2"]]);
    assert.equal(
      labels(ofKind(plan, "point").filter(({ parent }) => parent === "sec_5__subsec_5.1")).slice(-2),
      version < "v1.3" ? ["9", "10"] : ["10", "11"],
    );
  });
}

test("Akoma Ntoso XML: no structure profile fits; it is one unit and says so", () => {
  const { plan } = planned("eu-com-2013-619.akn.xml");
  assert.is(plan.units.length, 1);
  assert.equal(
    plan.findings.map(({ rule }) => rule),
    ["structure"],
  );
});

test.run();
