// The linear block pass against mdast-util-from-markdown: the same headings, at the same lines, of the same rank.

import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { fromMarkdown } from "mdast-util-from-markdown";
import { frontmatterFromMarkdown } from "mdast-util-frontmatter";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { frontmatter } from "micromark-extension-frontmatter";
import { gfm } from "micromark-extension-gfm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { markdownBlocks } from "../../../src/documents/grammars/markdown.js";
import { linesOf } from "../../../src/documents/Lines.js";
import { projectFile } from "../../support/project.js";
import { holds } from "../../support/property.js";
import { shared } from "../../support/shared.js";

const test = suite("documents/grammars/markdown");

/** Headings and ordered list items at the top, as [line, heading rank or 0]. */
function oracle(text: string): [number, number][] {
  const tree = fromMarkdown(text, {
    extensions: [frontmatter(["yaml", "toml"]), gfm()],
    mdastExtensions: [frontmatterFromMarkdown(["yaml", "toml"]), gfmFromMarkdown()],
  });
  const found: [number, number][] = [];
  for (const node of tree.children) {
    const line = (node.position?.start.line ?? 0) - 1;
    if (node.type === "heading") found.push([line, node.depth]);
  }
  return found;
}

function ours(text: string): [number, number][] {
  const { candidates, title } = markdownBlocks(linesOf(Buffer.from(text)));
  return candidates.flatMap(({ line, heading }, at): [number, number][] => {
    if (heading > 0) return [[line, heading]];
    return title !== null && candidates.slice(0, at).every((one) => one.heading === 0) && isTitle(text, line, title)
      ? [[line, 1]]
      : [];
  });
}

/** The title is no heading to the engine; the oracle knows it as one. */
function isTitle(text: string, line: number, title: string): boolean {
  return (text.split(/\r\n|\r|\n/u)[line] ?? "").includes(title.split(/\s/u)[0] ?? title);
}

test("real documents", () => {
  const texts = [
    readFileSync(projectFile("samples", "charter.md"), "utf8"),
    readFileSync(projectFile("samples", "charter-rev2.md"), "utf8"),
  ];
  for (const name of ["github-terms-of-service.md", "de-grundgesetz-2012.md"])
    texts.push(readFileSync(shared("corpus", name), "utf8"));
  for (const text of texts) assert.equal(ours(text), oracle(text));
});

const line = fc.constantFrom(
  "# h",
  "## h",
  "###### h ##",
  "####### x",
  "#x",
  "text",
  "more text",
  "    code",
  "  # h",
  "   ## h",
  "    # no",
  "===",
  "---",
  "- item",
  "- ",
  "* item",
  "  - nested",
  "    - nested",
  "1. one",
  "2. two",
  "3) three",
  "   para",
  "  lazy",
  "> quote",
  "> # quoted",
  ">",
  "```",
  "~~~",
  "   ```",
  "````",
  "``` a`b",
  "<div>",
  "</div>",
  "<!-- c",
  "-->",
  "<pre>",
  "***",
  "- - -",
  "+++",
  "- # in item",
  "1. # in item",
  "\t# tab",
  "-\ttab",
  "| a | b |",
  "| - | - |",
  "",
  "",
  "",
  "   ",
);

test("random documents made of block starts", () => {
  holds(
    fc.property(fc.array(line, { minLength: 2, maxLength: 12 }), (parts) => {
      // Behind indented code micromark takes lists that could not interrupt a paragraph for text; CommonMark (section 5.2) does not.
      fc.pre(!/(?:^|\n)(?: {4}|\t)[^\n]*\n\s*(?:- (?:\n|$)|[23][.)])/u.test(parts.join("\n")));
      const text = `# a\n\n# b\n\n${parts.join("\n")}`; // two first-rank headings: no title
      assert.equal(ours(text), oracle(text), JSON.stringify(text));
    }),
    800,
  );
});

test("a lone HTML tag begins a block, but interrupts no paragraph", () => {
  // Not among the random lines: micromark lets one interrupt a lazy paragraph, which CommonMark (section 4.6) does not.
  assert.equal(ours("# a\n\n# b\n\n<a b='c'>\n# c\n"), [
    [0, 1],
    [2, 1],
  ]);
  assert.equal(ours("# a\n\n# b\n\ntext\n<a b='c'>\n# c\n"), [
    [0, 1],
    [2, 1],
    [6, 1],
  ]);
});

test("front matter is no heading and holds none", () => {
  const text = "---\na: b\n# c\n---\n# One\n\n# Two\n";
  assert.equal(ours(text), [
    [4, 1],
    [6, 1],
  ]);
  assert.equal(ours(text), oracle(text));
});

test("ordered items with one and the same number open nothing", () => {
  const { candidates, lazyLists } = markdownBlocks(linesOf(Buffer.from("1. a\n1. b\n\ntext\n\n1. c\n2. d\n")));
  assert.is(lazyLists, 1);
  assert.equal(
    candidates.filter(({ opens, hang }) => opens && hang !== null).map(({ text }) => text),
    ["1. c", "2. d"],
  );
});

test.run();
