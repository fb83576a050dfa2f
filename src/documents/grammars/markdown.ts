/**
 * Markdown: finds the lines at which a block begins, and which of them are headings, list items or paragraphs that may open a unit.
 * Nothing inside a block quote, code, HTML, front matter or a table opens one (L8).
 *
 * It is the block phase of CommonMark 0.31 (section "Phase 1: block structure") and no inline phase: one pass over the lines, no
 * tree, at most ITEMS_MAX open list items. A full parser was measured first and is not usable on untrusted bytes: micromark needs
 * 219 s for 100 kB of one-column tables, 53 s for a list nested 1,000 deep and 2.4 s for each clean megabyte. Tests hold this pass
 * against mdast-util-from-markdown on real and random documents.
 */
import { type Candidate, candidateOf } from "../Candidate.js";
import type { Lines } from "../Lines.js";

/** List items nested deeper than this are text of the innermost one. */
const ITEMS_MAX = 64;

export interface MarkdownBlocks {
  candidates: Candidate[];
  /** The words of the title: the only heading of the first rank, when it comes before all others. It is no unit. */
  title: string | null;
  /** Ordered lists whose source numbers are all the same: their numbers exist only when rendered, so they hold no units. */
  lazyLists: number;
}

type Leaf =
  | { type: "none" }
  | { type: "paragraph"; depth: number; candidate: Candidate | null; header: string }
  | { type: "table" }
  | { type: "fence"; depth: number; mark: string; size: number }
  | { type: "html"; depth: number; end: string[] }
  | { type: "quote"; lazy: boolean };

const nothing: Leaf = { type: "none" };

export function markdownBlocks(lines: Lines): MarkdownBlocks {
  const candidates: Candidate[] = [];
  const items: { content: number; empty: boolean }[] = [];
  const lists: { id: number; mark: string }[] = [];
  const numbers = new Map<number, Candidate[]>();
  let listId = 0;
  let leaf: Leaf = nothing;
  let inner: Candidate | null = null;

  for (let line = frontMatterEnd(lines); line < lines.count; line++) {
    if (lines.blank(line)) {
      if (
        leaf.type === "paragraph" ||
        leaf.type === "table" ||
        leaf.type === "quote" ||
        (leaf.type === "html" && leaf.end.length === 0)
      )
        leaf = nothing;
      if (items.at(-1)?.empty) items.pop(); // an item may begin with one blank line, not two
      continue;
    }
    let column = lines.column(line);
    let matched = 0;
    while (matched < items.length && column >= (items[matched]?.content ?? 0)) matched++;
    for (const item of items.slice(0, matched)) item.empty = false;
    const base = matched === 0 ? 0 : (items[matched - 1]?.content ?? 0);
    let indent = column - base;
    let text = lines.text(line);

    if ((leaf.type === "fence" || leaf.type === "html") && leaf.depth <= matched) {
      if (leaf.type === "fence" ? closesFence(text, indent, leaf) : endsHtml(lines, line, leaf.end)) leaf = nothing;
      continue;
    }
    if (leaf.type === "fence" || leaf.type === "html") leaf = nothing;

    const within: boolean = leaf.type === "paragraph" && leaf.depth === matched && matched === items.length;
    if (leaf.type === "paragraph" && within && indent < 4) {
      const setext = /^(?:=+|-+)\s*$/u.exec(text);
      if (setext) {
        if (leaf.candidate && leaf.depth === 0)
          asHeading(leaf.candidate, text.startsWith("=") ? 1 : 2, leaf.candidate.text);
        leaf = nothing;
        inner = null;
        continue;
      }
    }
    if (leaf.type === "paragraph" && within && indent < 4 && isDelimiterRow(text, leaf.header)) {
      leaf = { type: "table" };
      continue;
    }
    if (leaf.type === "paragraph") leaf.header = text;
    const continues =
      leaf.type === "paragraph" ||
      (leaf.type === "table" && matched === items.length) ||
      (leaf.type === "quote" && leaf.lazy);
    const starts = indent < 4 && startsBlock(text, within, continues);
    if (continues && !starts) {
      // A paragraph's next line, lazy or not. A first clause may begin there, if the next block turns out to be the second.
      if (leaf.type === "paragraph" && leaf.depth === 0 && items.length === 0 && text.startsWith("(1)")) {
        inner = candidateOf(lines, line);
      }
      continue;
    }

    items.length = matched;
    lists.length = Math.min(lists.length, matched + 1);
    const candidate = candidateOf(lines, line);
    candidate.opens = false;
    if (inner && items.length === 0 && text.startsWith("(2)")) candidates.push({ ...inner, afterBlank: true });
    inner = null;
    candidates.push(candidate);
    leaf = nothing;

    for (let first = true; ; first = false) {
      const depth = items.length;
      if (indent >= 4) break; // indented code
      const marker = items.length < ITEMS_MAX && !isThematicBreak(text) ? listMarker(text) : null;
      if (!marker) {
        lists.length = Math.min(lists.length, depth);
        leaf = leafFrom(lines, line, text, depth, first ? candidate : null);
        break;
      }
      const list = lists[depth];
      const mark = marker.mark;
      if (!list || list.mark !== mark) {
        lists.length = depth;
        lists.push({ id: listId++, mark });
      } else {
        lists.length = depth + 1;
      }
      const after = text.slice(marker.width);
      const blanks = /^[ \t]*/u.exec(after)?.[0] ?? "";
      const spaces = columnsOf(blanks, column + marker.width);
      const rest = after.slice(blanks.length);
      const content = column + marker.width + (rest === "" || spaces > 4 ? 1 : spaces);
      items.push({ content, empty: rest === "" });
      if (first && marker.number !== null) {
        candidate.opens = true;
        candidate.hang = content;
        const id = lists[depth]?.id ?? 0;
        const siblings = numbers.get(id);
        if (siblings) siblings.push(candidate);
        else numbers.set(id, [candidate]);
      }
      if (rest === "") break;
      column = content;
      indent = spaces > 4 ? spaces - 1 : 0;
      text = rest;
    }
  }

  let lazyLists = 0;
  for (const siblings of numbers.values()) {
    const printed = siblings.map(({ text }) => /^\d+/u.exec(text)?.[0]);
    if (siblings.length < 2 || printed.some((number) => number !== printed[0])) continue;
    lazyLists++;
    for (const sibling of siblings) sibling.opens = false;
  }
  return { candidates, title: takeTitle(candidates), lazyLists };
}

/** Columns that blanks take from a column on; tab stops of 4. */
function columnsOf(blanks: string, from: number): number {
  let column = from;
  for (const blank of blanks) column = blank === "\t" ? column - (column % 4) + 4 : column + 1;
  return column - from;
}

function takeTitle(candidates: Candidate[]): string | null {
  const headings = candidates.filter(({ heading }) => heading > 0);
  const first = headings[0];
  if (first?.heading !== 1 || headings.some((other) => other !== first && other.heading === 1)) return null;
  first.heading = 0;
  first.opens = false;
  return first.text === "" ? null : first.text.slice(0, 200);
}

function leafFrom(lines: Lines, line: number, text: string, depth: number, candidate: Candidate | null): Leaf {
  const atx = /^(#{1,6})(?:[ \t]+(.*))?$/su.exec(text);
  if (atx) {
    if (candidate && depth === 0)
      asHeading(candidate, atx[1]?.length ?? 1, (atx[2] ?? "").replace(/(?:^|[ \t]+)#+[ \t]*$/u, ""));
    return nothing;
  }
  const fence = fenceOf(text);
  if (fence) return { type: "fence", depth, ...fence };
  if (text.startsWith(">"))
    return { type: "quote", lazy: !/^>[ >\t]*(?:$|#{1,6}[ \t]|```|~~~|(?:[-*_][ \t]*){3,}$)/u.test(text) };
  if (isThematicBreak(text)) return nothing;
  const end = htmlEnd(text, false);
  if (end) return endsHtml(lines, line, end) ? nothing : { type: "html", depth, end };
  if (candidate) candidate.opens = true;
  return { type: "paragraph", depth, candidate, header: text };
}

/**
 * Whether the text begins a block that is no paragraph. A list item must be stricter to interrupt the paragraph it stands `within`;
 * a lone HTML tag interrupts no open paragraph at all, not even a lazy one.
 */
function startsBlock(text: string, within: boolean, open: boolean): boolean {
  if (/^(?:#{1,6}(?:[ \t]|$)|>)/u.test(text) || fenceOf(text) || isThematicBreak(text) || htmlEnd(text, open))
    return true;
  const marker = listMarker(text);
  if (!marker) return false;
  return !within || ((marker.number === null || marker.number === 1) && text.slice(marker.width).trim() !== "");
}

/** Whether the line turns the line of the paragraph above it into the head of a GFM table: as many cells, each of dashes. */
function isDelimiterRow(text: string, header: string): boolean {
  if (!header.includes("|") || !/^[ \t|:-]*-[ \t|:-]*$/u.test(text) || !text.includes("|")) return false;
  const cells = cellsOf(text);
  return cells.every((cell) => /^[ \t]*:?-+:?[ \t]*$/u.test(cell)) && cells.length === cellsOf(header).length;
}

function cellsOf(row: string): string[] {
  return row
    .trim()
    .replace(/^\||(?<!\\)\|$/gu, "")
    .split(/(?<!\\)\|/u);
}

function listMarker(text: string): { mark: string; width: number; number: number | null } | null {
  const match = /^(?:([-+*])|(\d{1,9})([.)]))(?=[ \t]|$)/u.exec(text);
  if (!match) return null;
  const [whole, bullet, digits, delimiter] = match;
  return { mark: bullet ?? delimiter ?? "", width: whole.length, number: digits === undefined ? null : Number(digits) };
}

function isThematicBreak(text: string): boolean {
  return /^(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/u.test(text);
}

function fenceOf(text: string): { mark: string; size: number } | null {
  const match = /^(?:(`{3,})[^`]*$|(~{3,}))/u.exec(text);
  const marks = match?.[1] ?? match?.[2];
  return marks === undefined ? null : { mark: marks.charAt(0), size: marks.length };
}

function closesFence(text: string, indent: number, fence: { mark: string; size: number }): boolean {
  const match = /^(`+|~+)[ \t]*$/u.exec(text);
  return indent < 4 && match?.[1]?.charAt(0) === fence.mark && match[1].length >= fence.size;
}

const htmlBlocks =
  "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul";
const attribute = "[ \\t]+[A-Za-z_:][A-Za-z0-9_.:-]*(?:[ \\t]*=[ \\t]*(?:[^ \\t\"'=<>`]+|'[^']*'|\"[^\"]*\"))?";
const htmlBlock = new RegExp(`^</?(?:${htmlBlocks})(?:[ \\t]|/?>|$)`, "iu");
const htmlTag = new RegExp(
  `^(?:<[A-Za-z][A-Za-z0-9-]*(?:${attribute})*[ \\t]*/?>|</[A-Za-z][A-Za-z0-9-]*[ \\t]*>)[ \\t]*$`,
  "u",
);

/** What ends the HTML block that begins here: one of the strings, or a blank line (empty list); null when none begins. */
function htmlEnd(text: string, open: boolean): string[] | null {
  if (!text.startsWith("<")) return null;
  if (/^<(?:script|pre|style|textarea)(?:[ \t>]|$)/iu.test(text))
    return ["</script>", "</pre>", "</style>", "</textarea>"];
  if (text.startsWith("<!--")) return ["-->"];
  if (text.startsWith("<?")) return ["?>"];
  if (text.startsWith("<![CDATA[")) return ["]]>"];
  if (/^<![A-Za-z]/u.test(text)) return [">"];
  return htmlBlock.test(text) || (!open && htmlTag.test(text)) ? [] : null;
}

function endsHtml(lines: Lines, line: number, end: readonly string[]): boolean {
  if (end.length === 0) return false;
  const { bytes } = lines;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + lines.start(line), lines.end(line) - lines.start(line))
    .toString("latin1")
    .toLowerCase();
  return end.some((mark) => text.includes(mark));
}

function asHeading(candidate: Candidate, depth: number, text: string): void {
  candidate.heading = depth;
  candidate.opens = true;
  candidate.alone = true;
  candidate.text = text.trim().replace(/^(?:\*{1,3}|_{1,3})(.*?)(?:\*{1,3}|_{1,3})$/su, "$1");
}

/** The first line behind YAML (---) or TOML (+++) front matter, or 0. Unclosed front matter is none. */
function frontMatterEnd(lines: Lines): number {
  if (lines.column(0) > 0) return 0;
  const fence = lines.text(0);
  if (fence !== "---" && fence !== "+++") return 0;
  for (let line = 1; line < lines.count; line++) {
    if (lines.column(line) === 0 && lines.end(line) - lines.start(line) < 64 && lines.text(line) === fence)
      return line + 1;
  }
  return 0;
}
