/**
 * The engine of both grammars: walks the candidate lines once, decides which of them open a unit and which end a list. Driven by a
 * profile; knows no language. It keeps the stack of open units and looks ahead a bounded number of lines, so its time is linear and
 * no nesting can exhaust the call stack.
 *
 * How a line without a keyword is read (`1.` may be a section or a point): what continues an open list, in its column, wins; then
 * what continues the divisions; then what may begin a list; then, with a finding, what stands apart but out of sequence. Anything
 * else that looks like a label is text, and is reported as such.
 */
import { type Candidate, ruleCharacter } from "./Candidate.js";
import { divisionsOf } from "./divisions.js";
import { collectFindings } from "./findings.js";
import type { Lines } from "./Lines.js";
import { type Hit, labelsOf, type Marker, TITLE_MAX, titleFrom } from "./labels.js";
import { type ListPlace, listsOf, sequenceKey } from "./lists.js";
import { lookalikesOf } from "./lookalikes.js";
import type { Step } from "./numbers.js";
import type { Finding } from "./Plan.js";
import type { Division, Profile } from "./Profile.js";
import { quotedLines, unclosedQuotations } from "./quotations.js";
import { DEPTH_MAX, growTree, type Last, type Node } from "./tree.js";

const ITEM_RANK = 1000;
/** Inner to every division, outer to list items. */
const FLAT_RANK = 999;
/** Underlined and centred headings rank with the sections, deeper underlines below them. */
const TYPEWRITER_RANK = 30;
const CENTRED_COLUMN_MIN = 10;
const CENTRED_TEXT_MAX = 70;
/** Punctuation after which a line may begin a new paragraph without a blank line before it. */
const SENTENCE_ENDS = [...'.;:,!?")'].map((character) => character.charCodeAt(0));
const SECTIONS = [
  { kind: "section", abbreviation: "sec" },
  { kind: "subsection", abbreviation: "subsec" },
  { kind: "subsubsection", abbreviation: "subsubsec" },
] as const;

export interface Outline {
  /** In document order, the root first. */
  nodes: Node[];
  findings: Finding[];
}

export interface OutlineOptions {
  /** The root's title. */
  title: string | null;
  /** Whether a keyword in running text opens a division. Off in Markdown, where divisions are headings. */
  divisionsInText: boolean;
}

/** Builds the outline. `candidates` in ascending order of lines. */
export function outline(
  lines: Lines,
  profile: Profile,
  candidates: Iterable<Candidate>,
  options: OutlineOptions,
): Outline {
  const findings = collectFindings();
  const quoted = quotedLines(lines);
  const labels = labelsOf(profile);
  const tree = growTree(lines, options.title, findings);
  const lists = listsOf(lines, profile, labels, tree);
  const divisions = divisionsOf(lines, profile, labels, tree);
  const seen = new Set<string>();
  const underlines: string[] = [];
  const lookalikes = lookalikesOf(labels, seen);
  const decoys = { count: 0, line: 0 };
  const lookingAlike = { count: 0, line: 0 };
  const doubtful = { count: 0, line: 0 };
  let inQuotes = 0;
  let after = 0; // where the previous candidate line ended

  for (const candidate of candidates) {
    if (!candidate.opens || quoted(candidate.line)) {
      if (candidate.opens && readQuoted(candidate)) inQuotes++;
      else closeByColumn(candidate);
    } else if (candidate.heading > 0) openHeading(candidate);
    else if (!openBody(candidate)) closeByColumn(candidate);
    after = lines.stop(candidate.line);
  }
  tree.closeWhile(lines.bytes.length, () => true);
  summarise();
  return { nodes: tree.nodes, findings: findings.list() };

  /** Whether a quoted line looks like a label. One that goes on with this document's own numbers makes it doubtful that it is quoted. */
  function readQuoted(candidate: Candidate): boolean {
    const hit = labels.division(candidate, seen);
    if (hit && !hit.division.bare && !hit.division.prefixed && hit.ordinal) {
      const rank = candidate.heading || divisions.rank(hit.division, candidate.line);
      const parent = tree.parentFor(rank);
      if (
        divisions.scope(hit.division, parent).sequences?.has(hit.division.kind) &&
        divisions.step(hit, parent) === "next"
      )
        if (doubtful.count++ === 0) doubtful.line = candidate.line + 1;
    }
    return hit !== null || labels.marker(candidate) !== null;
  }

  /** A Markdown heading always opens a unit; the profile only names it. */
  function openHeading(candidate: Candidate): void {
    const { heading, text } = candidate;
    tree.closeWhile(candidate.start, (node) => node.item !== null || node.heading === 0 || node.heading >= heading);
    const hit = labels.division(candidate, seen);
    lookAt(candidate, hit);
    if (hit && !hit.division.bare && !hit.division.prefixed) {
      openDivision(candidate, hit, tree.top());
      return;
    }
    const numbered = labels.heading(text);
    if (numbered) {
      const depth = tree.stack.filter((node) => SECTIONS.some(({ kind }) => kind === node.kind)).length;
      const kind = SECTIONS[Math.min(depth, SECTIONS.length - 1)] ?? SECTIONS[0];
      const division: Division = { ...kind, rank: heading, pattern: "", systems: [], scope: "parent", title: "line" };
      openDivision(candidate, { ...numbered, division, dot: 0 }, tree.top());
      return;
    }
    const opening = { kind: "heading", abbreviation: "hdg", label: null, title: titleFrom(text, true) };
    const node = tree.open(candidate, tree.top(), { ...opening, rank: heading, heading });
    if (!node || !labels.mentioned(text)) return;
    findings.add({
      rule: "label",
      address: node.address,
      detail: "odd-heading",
      message: `the heading on line ${candidate.line + 1} names a label, or several, but is not one of the numbered units`,
      blocking: true,
    });
  }

  function openBody(candidate: Candidate): boolean {
    const found = labels.division(candidate, seen);
    const hit = options.divisionsInText || found?.division.prefixed ? found : null;
    lookAt(candidate, found);
    if (hit?.division.prefixed) return openPrefixed(candidate, hit);
    if (hit && !hit.division.bare) {
      const parent = tree.parentFor(divisions.rank(hit.division, candidate.line));
      if (!follows(divisions.step(hit, parent)) && !fresh(candidate)) return decoy(candidate);
      openDivision(candidate, hit, parent);
      return true;
    }
    const marker = labels.marker(candidate);
    const list = marker && lists.place(candidate, marker);
    if (marker && list?.step === "next") return openItem(candidate, marker, list);
    const section = hit && divisions.placeBare(candidate, hit);
    if (hit && section && follows(section.step)) {
      openDivision(candidate, hit, section.parent);
      return true;
    }
    if (marker && list?.step === "first" && mayBegin(candidate, marker, list)) return openItem(candidate, marker, list);
    if (hit && section && fresh(candidate)) {
      openDivision(candidate, hit, section.parent);
      return true;
    }
    if (marker && list && list.step !== "first" && fresh(candidate)) return openItem(candidate, marker, list);
    if (profile.typewriter && openTypewriter(candidate)) return true;
    return hit || marker ? decoy(candidate) : false;
  }

  /** 2.1 under 2, A.1 under A. */
  function openPrefixed(candidate: Candidate, hit: Hit): boolean {
    const parent = divisions.prefixOf(hit.label ?? "", seen);
    if (!parent) return decoy(candidate);
    const named: Hit = { ...hit, division: { ...hit.division, ...hit.division.under?.[parent.kind] } };
    if (!follows(divisions.step(named, parent)) && (parent === tree.root || !fresh(candidate))) return decoy(candidate);
    openDivision(candidate, named, parent);
    return true;
  }

  /** Underlined or centred lines: headings without a number. */
  function openTypewriter(candidate: Candidate): boolean {
    const { afterBlank, alone, text, underline, column } = candidate;
    if (!afterBlank || !alone || text.length > TITLE_MAX || ruleCharacter(text) !== "") return false;
    let rank = TYPEWRITER_RANK;
    if (underline !== "") {
      if (lines.text(candidate.line + 1).length * 5 < text.length * 4) return false;
      if (!underlines.includes(underline)) underlines.push(underline);
      rank += underlines.indexOf(underline);
    } else if (column < CENTRED_COLUMN_MIN || text.length > CENTRED_TEXT_MAX || tree.top().item !== null) return false;
    const opening = { kind: "heading", abbreviation: "hdg", label: null, title: titleFrom(text, true) };
    return tree.open(candidate, tree.parentFor(rank), { ...opening, rank, heading: 0 }) !== null;
  }

  function openDivision(candidate: Candidate, hit: Hit, parent: Node): void {
    const { division, label, ordinal, system } = hit;
    const { kind, abbreviation } = division;
    const { heading } = candidate;
    const title = labels.title(lines, candidate, hit);
    const rank = heading || divisions.rank(division, candidate.line);
    const node = tree.open(candidate, parent, { kind, abbreviation, label, title, rank, heading });
    if (!node) return;
    if (division.flat && heading === 0) node.rank = FLAT_RANK;
    seen.add(kind);
    if (ordinal === null || label === null) return;
    const scope = divisions.scope(division, parent);
    scope.sequences ??= new Map();
    const last = scope.sequences.get(kind);
    report(node, last, divisions.step(hit, parent), label);
    const { column, dot } = candidate.boxed && last ? last : { column: candidate.column, dot: hit.dot };
    scope.sequences.set(kind, { ordinal, system, label, column, dot });
  }

  function openItem(candidate: Candidate, marker: Marker, place: ListPlace): boolean {
    const { kinds, nesting } = profile.items;
    const { style, label, dot, content } = marker;
    const { system, ordinal, parent, step } = place;
    const { column, hang } = candidate;
    let depth = 0;
    for (let node: Node | null = parent; node?.item; node = node.parent) depth++;
    const kind = kinds[Math.min(nesting === "fixed" ? style : depth, kinds.length - 1)];
    if (!kind) throw new Error(`profile ${profile.name} names no kind for its list items`);
    const node = tree.open(candidate, parent, { ...kind, label, title: null, rank: ITEM_RANK, heading: 0 });
    if (!node) return true;
    node.item = { style, system, column, dot, content, hanging: place.hanging || hang !== null };
    parent.sequences ??= new Map();
    report(node, parent.sequences.get(sequenceKey(style)), step, label);
    parent.sequences.set(sequenceKey(style), { ordinal, system, label, column, dot });
    return true;
  }

  /** A paragraph indented less than the text of a list item is no part of it. */
  function closeByColumn({ column, afterBlank, start }: Candidate): void {
    const { item } = tree.top();
    if (item && !afterBlank && column >= item.content) item.hanging = true;
    if (!profile.items.closesByColumn || !afterBlank) return;
    tree.closeWhile(start, (node) => {
      return node.item !== null && (column < node.item.column || (node.item.hanging && column < node.item.content));
    });
  }

  function mayBegin(candidate: Candidate, marker: Marker, place: ListPlace): boolean {
    const indented = candidate.line > 0 && candidate.column > lines.column(candidate.line - 1);
    return apart(candidate) || indented || lists.hasSecond(candidate, marker, place);
  }

  /** A line that begins a paragraph, as far as plain text shows: apart from the line above, or behind the end of a sentence. */
  function fresh(candidate: Candidate): boolean {
    const last = lines.bytes[after - 1];
    return apart(candidate) || (last !== undefined && SENTENCE_ENDS.includes(last));
  }

  function apart({ afterBlank, hang, line }: Candidate): boolean {
    return afterBlank || hang !== null || tree.openedLine === line - 1;
  }

  function lookAt(candidate: Candidate, hit: Hit | null): void {
    if (lookalikes.found(candidate, hit) && lookingAlike.count++ === 0) lookingAlike.line = candidate.line + 1;
  }

  function decoy({ line }: Candidate): false {
    if (decoys.count++ === 0) decoys.line = line + 1;
    return false;
  }

  /** L5: whatever does not follow its predecessor is a finding; a repeat under one parent was reported with its address. */
  function report(node: Node, last: Last | undefined, step: Step | "first", label: string): void {
    if (follows(step) || (step === "repeat" && node.address.includes("~", node.address.lastIndexOf("__")))) return;
    const before = last ? `${label} follows ${last.label}` : `the first is ${label}`;
    const message = `${step} in the numbering of ${node.kind} units: ${before}`;
    findings.add({ rule: "L5", address: node.address, detail: step, message, blocking: true });
  }

  function summarise(): void {
    const note = (rule: string, detail: string, message: string) =>
      findings.add({ rule, address: null, detail, message, blocking: false });
    const { count, line } = decoys;
    if (count > 0) {
      note(
        "decoy",
        "lines",
        `${count} line(s) look like labels but continue no sequence and stay text, the first on line ${line}`,
      );
    }
    if (inQuotes > 0) note("L8", "quoted", `${inQuotes} line(s) look like labels inside quoted text and open no unit`);
    const doubt = (rule: string, detail: string, message: string) =>
      findings.add({ rule, address: null, detail, message, blocking: true });
    if (lookingAlike.count > 0) {
      doubt(
        "label",
        "lookalike",
        `${lookingAlike.count} line(s) look like labels once folded (letters of another alphabet, full-width digits, unseen characters), and are text; the first is line ${lookingAlike.line}`,
      );
    }
    if (doubtful.count > 0) {
      doubt(
        "L8",
        "doubtful",
        `${doubtful.count} line(s) inside quoted text go on with this document's own numbers and open no unit, the first is line ${doubtful.line}: a quotation before it may never have been closed`,
      );
    }
    // Only units behind it may be meant as quoted.
    const lastStart = tree.nodes.at(-1)?.start ?? 0;
    const unclosed = unclosedQuotations(lines).filter((line) => lines.start(line) < lastStart);
    const [opened] = unclosed;
    if (opened !== undefined) {
      doubt(
        "L8",
        "unclosed",
        `${unclosed.length} quotation(s) never close, and quote nothing; the first is opened on line ${opened + 1}`,
      );
    }
    if (tree.tooDeep > 0) {
      note("depth", "deep", `${tree.tooDeep} unit(s) nested more than ${DEPTH_MAX} deep stay text of their ancestor`);
    }
  }
}

function follows(step: Step | "first"): boolean {
  return step === "next" || step === "first";
}
