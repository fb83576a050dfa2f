// Word diffs: they say what changed, lose nothing, and stay quick on texts that have nothing in common.

import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Part, wordDiff } from "../../../src/cli/unit/wordDiff.js";
import { holds } from "../../support/property.js";

const diffs = suite("cli/unit: word diff");

const joined = (parts: readonly Part[], without: Part["kind"]) =>
  parts
    .filter(({ kind }) => kind !== without)
    .map(({ text }) => text)
    .join("");
const marked = (before: string, after: string) =>
  wordDiff(before, after)
    .map(({ kind, text }) => (kind === "same" ? text : kind === "removed" ? `[-${text}-]` : `{+${text}+}`))
    .join("");

diffs("a changed word is a changed word, not a changed line", () => {
  assert.is(marked("The fine is 500 euro.", "The fine is 900 euro."), "The fine is [-500-]{+900+} euro.");
});

diffs("neighbouring changed words are one change", () => {
  assert.is(
    marked("by two thirds of the votes", "by three quarters of the votes"),
    "by [-two thirds-]{+three quarters+} of the votes",
  );
});

diffs("a line put in or taken out is whole", () => {
  assert.is(marked("1. a\n3. c\n", "1. a\n2. b\n3. c\n"), "1. a\n{+2. b\n+}3. c\n");
});

diffs("ideographs change one by one; marks belong to their letter", () => {
  assert.is(marked("第一条の規定", "第二条の規定"), "第[-一-]{+二+}条の規定");
  assert.is(marked("Điều 1", "Điểm 1"), "[-Điều-]{+Điểm+} 1");
});

diffs("equal texts have no change; empty ones are all change", () => {
  assert.equal(wordDiff("a b", "a b"), [{ kind: "same", text: "a b" }]);
  assert.equal(wordDiff("", ""), []);
  assert.equal(wordDiff("", "a"), [{ kind: "added", text: "a" }]);
});

const words = fc
  .array(fc.constantFrom("the", "a", "fine", "500", " ", " ", "\n", "Điều", "条", ".", "\t"), { maxLength: 60 })
  .map((list) => list.join(""));

diffs("law: nothing is lost, neighbours differ in kind, no part is empty", () => {
  holds(
    fc.property(words, words, (before, after) => {
      const parts = wordDiff(before, after);
      assert.is(joined(parts, "added"), before);
      assert.is(joined(parts, "removed"), after);
      for (const [at, part] of parts.entries()) {
        assert.is.not(part.text, "");
        assert.is.not(part.kind, parts[at + 1]?.kind);
      }
    }),
    500,
  );
});

diffs("texts with nothing in common come out as one replacement, quickly", () => {
  const before = Array.from({ length: 20_000 }, (_, at) => `old${at}`).join(" ");
  const after = Array.from({ length: 20_000 }, (_, at) => `new${at}`).join(" ");
  const parts = wordDiff(before, after);
  assert.is(joined(parts, "added"), before);
  assert.is(joined(parts, "removed"), after);
});

diffs.run();
