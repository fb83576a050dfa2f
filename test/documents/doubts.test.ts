// What a person would read otherwise than the cutter does is never passed over: look-alike labels, quotations that never close. And nothing
// is found in ordinary text of other alphabets, with other quotation marks.

import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LINES_MAX, lineBeyond } from "../../src/documents/Lines.js";
import { folded } from "../../src/documents/lookalikes.js";
import { planCut } from "../../src/documents/planCut.js";
import { projectFile } from "../support/project.js";

const test = suite("documents: doubts");

function planOf(text: string, options = {}) {
  const outcome = planCut(Buffer.from(text, "utf8"), options);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.plan;
}

const doubtsIn = (text: string, options = {}) =>
  planOf(text, options)
    .findings.filter(({ blocking }) => blocking)
    .map(({ rule, message }) => [rule, Number(/line (\d+)/.exec(message)?.[1])] as const);

const english = (label: string) => `Article 1. One.\n\nText.\n\n${label} Two.\n\nText.\n\nArticle 3. Three.\n\nText.\n`;

test("a label in look-alike characters is text, and a human is told on which line", () => {
  for (const label of [
    "\u0410rticle 2.", // Cyrillic A
    "Art\u0456cle 2.", // Ukrainian i
    "\u0391rticle 2.", // Greek Alpha
    "Article \uff12.", // full-width digit
    "\uff21\uff52\uff54\uff49\uff43\uff4c\uff45 2.",
    "Article \u2161.", // the one character II
    "Art\u200dicle 2.", // zero width joiner
    "\u2060Article 2.", // word joiner
    "Arti\u00adcle 2.", // soft hyphen
    "\u{1d400}rticle 2.", // mathematical bold A
  ]) {
    const doubts = doubtsIn(english(label));
    assert.ok(
      doubts.some(([rule, line]) => rule === "label" && line === 5),
      `${label}: ${JSON.stringify(doubts)}`,
    );
    assert.equal(
      planOf(english(label))
        .units.map((unit) => unit.label)
        .filter((each) => each !== null),
      ["1", "3"],
    );
  }
});

test("so is one in Vietnamese, one in a list, one in a Markdown heading, and a text of nothing else", () => {
  const vi = "\u0110i\u1ec1u 1. M\u1ed9t\n\nx.\n\n\u00d0i\u1ec1u 2. Hai\n\nx.\n\n\u0110i\u1ec1u \uff13. Ba\n";
  assert.equal(doubtsIn(vi, { profile: "vi" }), [["label", 5]]);
  const list = doubtsIn("Article 1.\n\n(a) one\n\n(\uff42) two\n\n(\u0441) three\n", { profile: "en" });
  assert.equal(list, [["label", 5]]);
  assert.ok(
    doubtsIn("# T\n\n## Article 1\n\nx\n\n## \u0410rticle 2\n\nx\n").some(
      ([rule, line]) => rule === "label" && line === 7,
    ),
  );
  const all = [1, 2, 3].map((n) => `\u0410rticle ${n}. Text.\n`).join("\n");
  assert.equal(doubtsIn(all), [["label", 1]]);
});

test("ordinary text is not suspected: other alphabets, notes, bullets, accents, emoji", () => {
  const samples = readdirSync(projectFile("samples")).map((name) => readFileSync(projectFile("samples", name), "utf8"));
  const ordinary = [
    "Статья 1. Общие положения\n\nа) первое;\n\nб) второе.\n\n1. Текст.\n",
    "Άρθρο 1. Γενικά\n\nα) πρώτο\n\nβ) δεύτερο\n",
    "第１条　総則\n\n　この法律は。\n",
    "Article 1. One\n\n² See note.\n\n① first\n\n⑵ second\n\n👩‍👩‍👧 family\n\nMüller & Søn, naïve café.\n",
    "Điều 1. Một\n\nĐiều 2. Hai\n".normalize("NFD"),
    ...samples,
  ];
  for (const text of ordinary) {
    const { findings } = planOf(text);
    assert.not.ok(
      findings.some(({ rule, message }) => rule === "label" && message.includes("folded")),
      text.slice(0, 60),
    );
    assert.not.ok(
      findings.some(({ rule, blocking }) => rule === "L8" && blocking),
      text.slice(0, 60),
    );
  }
});

test("folding is stable, keeps the rest of the line, and leaves plain text alone", () => {
  assert.is(folded("Article 2. Text"), "Article 2. Text");
  assert.is(folded("\u0410rticle \uff12. Text"), "Article 2. Text");
  const long = `\u0410rticle 2. ${"x".repeat(1000)}`;
  assert.is(folded(folded(long)), folded(long));
  assert.is(folded(long).length, long.length);
});

test("a quotation that never closes is found where units stand behind it", () => {
  const open = "Article 1. One.\n\nIt says \u201cas follows.\n\nArticle 2. Two.\n\nText.\n";
  assert.equal(doubtsIn(open), [["L8", 3]]);
  assert.equal(doubtsIn(open.replace("follows.", "follows.\u201d")), []);
  // „so" is closed by the straight mark.
  assert.equal(doubtsIn(open.replace("\u201cas follows.", '\u201eas follows".')), []);
  assert.equal(doubtsIn("Text.\n\nIt says \u201cas follows.\n"), []);
  const straight = `Article 1. One.\n\n"He began\n\n${"x\n".repeat(210)}\nArticle 2. Two.\n\nText.\n`;
  assert.equal(doubtsIn(straight), [["L8", 3]]);
});

test("where it swallows labels that go on with the document's own numbers, that is found too", () => {
  const swallowed =
    "Article 1. One.\n\n\u201cNever closed.\n\nArticle 2. Two.\n\nArticle 3. Three.\n\n\u201cQuoted.\u201d\n";
  const doubts = doubtsIn(swallowed);
  assert.ok(
    doubts.some(([rule, line]) => rule === "L8" && line === 5),
    JSON.stringify(doubts),
  );
  // An amendment quotes other numbers.
  const amendment = "Article 1. One.\n\n\u201cArticle 17. New.\n\nArticle 18. New.\u201d\n\nArticle 2. Two.\n";
  assert.equal(doubtsIn(amendment), []);
});

test("too many lines are refused, at the byte where they begin", () => {
  assert.is(lineBeyond(Buffer.from("a\r\nb\rc\nd"), 3), 7);
  assert.is(lineBeyond(Buffer.from("a\nb\n"), 3), null);
  const outcome = planCut(Buffer.alloc(2 * LINES_MAX + 2, "x\n"));
  assert.equal(
    [outcome.ok, !outcome.ok && outcome.code, !outcome.ok && outcome.offset],
    [false, "TOO_MANY_LINES", 2 * LINES_MAX],
  );
});

test.run();
