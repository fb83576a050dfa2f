// Text of others stays text, whatever it is: parsed by a Markdown reader that is not ours, a cell is one cell and says what was written.
import fc from "fast-check";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { code, counted, md, table } from "../../src/report/render/markdown.js";
import { renderPackage } from "../../src/report/render/renderPackage.js";
import { statement as statementShape } from "../../src/report/Statement.js";
import { holds } from "../support/property.js";
import { reportedRun, reportOn } from "./reported.js";

const markdown = suite("report: markdown");

interface Node {
  readonly type: string;
  readonly value?: string;
  readonly url?: string;
  readonly children?: readonly Node[];
}

function parse(text: string): Node {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }) as Node;
}

/** What a reader sees in a cell; throws on anything that is not text. */
function textOf(node: Node): string {
  if (node.type === "text") return node.value ?? "";
  // An address written out in full may be made a link to itself by a reader: it shows where it leads.
  if (node.type === "link") {
    const shown = (node.children ?? []).map(textOf).join("");
    if (!(node.url ?? "").endsWith(shown)) throw new Error(`a link that shows ${shown} and leads to ${node.url}`);
    return shown;
  }
  throw new Error(`a ${node.type} in what must be text`);
}

/** As it must be shown: white space folded, what cannot be seen written out. */
function shown(text: string): string {
  return text
    .replace(/[\t\n\r\f\v ]+/g, " ")
    .trim()
    .replace(
      /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115f\u1160\u3164\uffa0]|[\ufe00-\ufe0f]/gu,
      (char) => `<U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}>`,
    );
}

function assertText(text: string): void {
  const lines = table(
    [{ title: "What" }, { title: "Said" }],
    [
      ["reason", md(text)],
      ["next", "row"],
    ],
  );
  const { children = [] } = parse(`# Title\n\n${lines.join("\n")}\n\nEnd.\n`);
  assert.equal(
    children.map(({ type }) => type),
    ["heading", "table", "paragraph"],
    JSON.stringify(text),
  );
  const rows = children[1]?.children ?? [];
  assert.is(rows.length, 3);
  for (const row of rows) assert.is(row.children?.length, 2);
  const cell = rows[1]?.children?.[1]?.children ?? [];
  assert.is(cell.map(textOf).join(""), shown(text), JSON.stringify(text));
}

const hostile = [
  "a | b",
  "a \\| b",
  "\\",
  "\\\\|",
  "`code` and ``more`` `",
  "<script>alert(1)</script>",
  "<!-- gone -->",
  "&lt;b&gt; &amp; &#124; &copy;",
  "**bold** __strong__ _em_ ~~gone~~ ~x~",
  "[click](https://example.com/evil)",
  "![img](https://example.com/x.png)",
  "[ref]: https://example.com",
  "[^1] [x] - [ ] task",
  "http://example.com www.example.com a@example.com",
  "first\n\n# A heading\n\n| a | b |\n|---|---|\n| x | y |",
  "line\r\nline\u2028line\u2029line\u0085line",
  "\u001b[31mred\u001b[0m \u202eover\u202c zero\u200bwidth",
  "$x_1$ a_b_c SG_1/1 __x",
  "1. one - two + three > quoted",
  "<https://example.com>",
  "trailing \\",
  "",
];

for (const text of hostile) markdown(`stays text: ${JSON.stringify(text)}`, () => assertText(text));

markdown("random text made of its own marks stays text", () => {
  const marks = fc.constantFrom(
    ..."\\`*_{}[]()<>#+-.!|~&:;@/$\"'=^ \n\ta1é字".split(""),
    "&lt;",
    "](",
    "://",
    "<a",
    "\u202e",
    "```",
  );
  holds(
    fc.property(fc.array(marks, { maxLength: 30 }), (parts) => assertText(parts.join(""))),
    300,
  );
});

markdown("random text stays text", () => {
  holds(fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), (text) => assertText(text.toWellFormed())));
});

/** Every text that may be there instead of what is, in all members at once: what the shape takes. */
function poisoned(value: unknown, text: string, accepts: (path: readonly string[], value: string) => boolean): unknown {
  const walk = (one: unknown, path: readonly string[]): unknown => {
    if (typeof one === "string") return accepts(path, text) ? text : one;
    if (Array.isArray(one)) return one.map((member, i) => walk(member, [...path, String(i)]));
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([name, member]) => [name, walk(member, [...path, name])]));
  };
  return walk(value, []);
}

/** The statement with that text at a path. */
function replaced(value: unknown, [name, ...rest]: readonly string[], text: string): unknown {
  if (name === undefined) return text;
  if (Array.isArray(value))
    return value.map((member, i) => (String(i) === name ? replaced(member, rest, text) : member));
  const object = value as Record<string, unknown>;
  return { ...object, [name]: replaced(object[name], rest, text) };
}

function kinds(node: Node): string[] {
  return [node.type, ...(node.children ?? []).flatMap(kinds)];
}

markdown("whatever stands in a statement, a document keeps its shape", async () => {
  const reported = await reportedRun({ until: "reverted" });
  const statement = await reportOn(reported, reported.store, reported.runId);
  const free = new Map<string, boolean>();
  const accepts = (path: readonly string[]) => {
    // Members of a list are all of one shape: the first one tells.
    const shape = path.map((name) => (/^\d+$/.test(name) ? "0" : name));
    const key = shape.join(".");
    const known = free.get(key) ?? statementShape.safeParse(replaced(statement, path, "x|y")).success;
    free.set(key, known);
    return known;
  };
  const evil = "a\n\n# Head\n\n| x | y |\n|---|---|\n<b>`c` ![i](http://x/y) **z** [l](http://x) \u202e \\|";
  const hostileStatement = statementShape.parse(poisoned(statement, evil, accepts));
  if (hostileStatement.predicate.cut !== null)
    Object.assign(hostileStatement.predicate.cut, { classes: { [evil]: 1 }, kinds: { [evil]: 1 } });
  if (hostileStatement.predicate.plan !== null) hostileStatement.predicate.plan.classes = { [evil]: 1 };
  if (hostileStatement.predicate.compensation.planned !== null)
    hostileStatement.predicate.compensation.planned.before = { [evil]: 1 };
  assert.ok([...free.values()].filter(Boolean).length > 40, "many members are free text");
  for (const { name, text } of renderPackage(hostileStatement)) {
    const found = new Set(kinds(parse(text)));
    for (const kind of ["html", "image", "linkReference", "definition", "code", "blockquote", "thematicBreak"])
      assert.is(found.has(kind), kind === "thematicBreak", `${name}: ${kind}`);
    assert.not.match(text, /^# Head/m, name);
    for (const link of parse(text).children?.flatMap(linksOf) ?? []) assert.ok(link.shown, name);
  }
});

/** Links, and whether each shows where it leads. */
function linksOf(node: Node): { readonly shown: boolean }[] {
  if (node.type === "link")
    return [{ shown: (node.url ?? "").endsWith((node.children ?? []).map(({ value }) => value).join("")) }];
  return (node.children ?? []).flatMap(linksOf);
}

markdown("columns are aligned in the source too", () => {
  const lines = table(
    [{ title: "A" }, { title: "Numbers", align: "right" }],
    [
      ["字字", "1"],
      ["a", "1,204"],
    ],
  );
  assert.equal(lines, ["| A    | Numbers |", "| ---- | ------: |", "| 字字 |       1 |", "| a    |   1,204 |"]);
  assert.equal(table([{ title: "A" }], []), []);
});

markdown("counts and words", () => {
  assert.equal(
    [counted(1, "unit"), counted(2, "unit"), counted(1204, "entry", "entries")],
    ["1 unit", "2 units", "1,204 entries"],
  );
  assert.is(code("5f3a…"), "`5f3a…`");
  assert.is(code("a`b"), "a\\`b");
});

markdown.run();
