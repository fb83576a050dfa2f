/**
 * The engine of both grammars: walks the candidate lines once, decides which of them open a unit and which end a list, and builds
 * the tree with addresses and findings. Driven by a profile; knows no language. It never looks back more than a line and keeps only
 * the stack of open units, so its time is linear and no nesting can exhaust the call stack.
 *
 * How a line without a keyword is read (`1.` may be a section or a point): what continues an open list, in its column, wins; then
 * what continues the divisions; then what may begin a list; then, with a finding, what stands apart but out of sequence. Anything
 * else that looks like a label is text, and is reported as such.
 */
import { type Candidate, ruleCharacter } from "./Candidate.js";
import { collectFindings } from "./findings.js";
import type { Lines } from "./Lines.js";
import { isFirst, type NumberSystem, type Ordinal, parseNumber, type Step, stepFrom } from "./numbers.js";
import type { Finding } from "./Plan.js";
import type { Division, Profile } from "./Profile.js";
import { quotedLines } from "./quotations.js";
import { trimEnd } from "./whiteSpace.js";

/** Units deeper than this stay text of their ancestor: addresses must fit in events, and stay linear in the text. */
export const DEPTH_MAX = 32;
/** A jump of more than this is taken for a number in the text, not for a gap in the numbering. */
const GAP_MAX = 30;
const TITLE_MAX = 160;
const ITEM_RANK = 1000;
/** Inner to every division, outer to list items. */
const FLAT_RANK = 999;
/** How far a list that begins inside a paragraph is followed to its second item, and how many lines a whole document may cost. */
const SECOND_ITEM_LINES_MAX = 40;
const SECOND_ITEM_BUDGET = 100_000;

/** A unit before its digests are taken. `end` is set when the unit is closed. */
export interface Node {
  kind: string;
  abbreviation: string;
  label: string | null;
  title: string | null;
  address: string;
  parent: Node | null;
  depth: number;
  start: number;
  end: number;
  rank: number;
  heading: number;
  /** For list items: style, and where marker and text stand. */
  item: { style: number; system: NumberSystem; column: number; dot: number; content: number; hanging: boolean } | null;
  segments: Map<string, number>;
  unnumbered: Map<string, number>;
  sequences: Map<string, Last>;
}

interface Last {
  ordinal: Ordinal;
  system: NumberSystem;
  label: string;
  column: number;
  dot: number;
}

interface Hit {
  division: Division;
  label: string | null;
  ordinal: Ordinal | null;
  system: NumberSystem;
  rest: string;
  /** Column behind the number, where right-aligned numbers line up. */
  dot: number;
}

interface Marker {
  style: number;
  label: string;
  /** What the number can be, one entry per system that reads it. */
  readings: { system: NumberSystem; ordinal: Ordinal }[];
  dot: number;
  content: number;
}

export interface Outline {
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
  const length = lines.bytes.length;
  const findings = collectFindings();
  const quoted = quotedLines(lines);
  const root: Node = newNode(null, "document", "doc", null, options.title, "doc", 0, -1);
  root.end = length;
  const nodes: Node[] = [root];
  const stack: Node[] = [root];
  const divisions = profile.divisions.map((division) => ({
    division,
    regex: new RegExp(`^(?:${division.pattern})`, "u"),
  }));
  const styles = profile.items.styles.map((style) => new RegExp(`^(?:${style.pattern})`, "u"));
  const headings = profile.headings.map((heading) => ({
    ...heading,
    regex: new RegExp(`^(?:${heading.pattern})`, "u"),
  }));
  const mention = new RegExp(profile.mention, "u");
  const kindsSeen = new Set<string>();
  const swapped = new Map<string, number>();
  const underlines: string[] = [];
  let decoys = 0;
  let decoyLine = 0;
  let inQuotes = 0;
  let tooDeep = 0;
  let current = 0;
  let openedLine = -1;
  let budget = SECOND_ITEM_BUDGET;
  let after = 0; // where the previous candidate line ended, for `fresh`

  const top = (): Node => stack[stack.length - 1] ?? root;
  const close = (at: number): void => {
    const node = stack.pop();
    if (node) node.end = trimEnd(lines.bytes, node.start, at);
  };
  const closeWhile = (at: number, test: (node: Node) => boolean): void => {
    while (stack.length > 1 && test(top())) close(at);
  };

  for (const candidate of candidates) {
    current = candidate.line;
    if (!candidate.opens || quoted(candidate.line)) {
      if (candidate.opens && (matchDivision(candidate) || matchMarker(candidate))) inQuotes++;
      else closeByColumn(candidate);
    } else if (candidate.heading > 0) openHeading(candidate);
    else if (!openBody(candidate)) closeByColumn(candidate);
    after = lines.stop(candidate.line);
  }
  while (stack.length > 1) close(length);

  if (decoys > 0) {
    findings.add({
      rule: "decoy",
      address: null,
      detail: "lines",
      message: `${decoys} line(s) look like labels but continue no sequence and stay text, the first on line ${decoyLine}`,
      blocking: false,
    });
  }
  if (inQuotes > 0) {
    findings.add({
      rule: "L8",
      address: null,
      detail: "quoted",
      message: `${inQuotes} line(s) look like labels inside quoted text and open no unit`,
      blocking: false,
    });
  }
  if (tooDeep > 0) {
    findings.add({
      rule: "depth",
      address: null,
      detail: "deep",
      message: `${tooDeep} unit(s) nested more than ${DEPTH_MAX} deep stay text of their ancestor`,
      blocking: false,
    });
  }
  return { nodes, findings: findings.list() };

  /** A Markdown heading always opens a unit; the profile only names it. */
  function openHeading(candidate: Candidate): void {
    closeWhile(
      candidate.start,
      (node) => node.item !== null || node.heading === 0 || node.heading >= candidate.heading,
    );
    const hit = matchDivision(candidate);
    if (hit && !(hit.division.bare || hit.division.prefixed)) {
      openDivision(candidate, hit, top(), candidate.heading);
      return;
    }
    for (const { regex, systems } of headings) {
      const match = regex.exec(candidate.text);
      const label = match?.groups?.["n"]?.replace(/[ \u00a0]/gu, "");
      if (!match || label === undefined) continue;
      const read = readNumber(label, systems);
      if (!read) continue;
      const [kind, abbreviation] = sectionKind();
      const division: Division = {
        kind,
        abbreviation,
        rank: candidate.heading,
        pattern: "",
        systems,
        scope: "parent",
        title: "line",
      };
      openDivision(
        candidate,
        { division, label, ...read, rest: candidate.text.slice(match[0].length), dot: 0 },
        top(),
        candidate.heading,
      );
      return;
    }
    const node = open(
      candidate,
      top(),
      "heading",
      "hdg",
      null,
      titleFrom(candidate.text, true),
      candidate.heading,
      candidate.heading,
    );
    if (node && mention.test(candidate.text)) {
      findings.add({
        rule: "label",
        address: node.address,
        detail: "odd-heading",
        message: `the heading on line ${candidate.line + 1} names a label, or several, but is not one of the numbered units`,
        blocking: true,
      });
    }
  }

  function sectionKind(): [string, string] {
    const names: [string, string][] = [
      ["section", "sec"],
      ["subsection", "subsec"],
      ["subsubsection", "subsubsec"],
    ];
    let depth = 0;
    for (const node of stack) if (names.some(([kind]) => kind === node.kind)) depth++;
    return names[Math.min(depth, 2)] ?? ["section", "sec"];
  }

  function openBody(candidate: Candidate): boolean {
    const matched = matchDivision(candidate);
    const hit = options.divisionsInText || matched?.division.prefixed ? matched : null;
    if (hit && !hit.division.bare && !hit.division.prefixed) {
      const parent = parentFor(rankOf(hit.division));
      const step = stepOf(hit, parent);
      if (step === "next" || step === "first" || fresh(candidate)) {
        closeTo(parent, candidate.start);
        openDivision(candidate, hit, parent, 0);
        return true;
      }
      decoy(candidate);
      return false;
    }
    const marker = matchMarker(candidate);
    if (hit?.division.prefixed) return openPrefixed(candidate, hit);
    const list = marker ? listFor(candidate, marker) : null;
    if (marker && list?.step === "next") return openItem(candidate, marker, list);
    const section = hit ? bareFor(candidate, hit) : null;
    if (hit && section && (section.step === "next" || section.step === "first")) {
      closeTo(section.parent, candidate.start);
      openDivision(candidate, hit, section.parent, 0);
      return true;
    }
    if (marker && list?.step === "first" && mayBegin(candidate, marker, list)) {
      return openItem(candidate, marker, list);
    }
    if (hit && section && fresh(candidate)) {
      closeTo(section.parent, candidate.start);
      openDivision(candidate, hit, section.parent, 0);
      return true;
    }
    if (marker && list && list.step !== "first" && fresh(candidate)) return openItem(candidate, marker, list);
    if (profile.typewriter && openTypewriter(candidate)) return true;
    if (hit || marker) decoy(candidate);
    return false;
  }

  function openPrefixed(candidate: Candidate, hit: Hit): boolean {
    const label = hit.label ?? "";
    const prefix = label.slice(0, label.lastIndexOf("."));
    let parent: Node | null = null;
    for (const node of stack) if (node.item === null && node.label === prefix) parent = node;
    if (!parent && !kindsSeen.has("section")) parent = root;
    if (parent) {
      const under = hit.division.under?.[parent.kind];
      const division = under ? { ...hit.division, ...under } : hit.division;
      const step = stepOf({ ...hit, division }, parent);
      if (step === "next" || step === "first" || (fresh(candidate) && parent !== root)) {
        closeTo(parent, candidate.start);
        openDivision(candidate, { ...hit, division }, parent, 0);
        return true;
      }
    }
    decoy(candidate);
    return false;
  }

  /** Underlined or centred lines: headings without a number. */
  function openTypewriter(candidate: Candidate): boolean {
    if (
      !candidate.afterBlank ||
      !candidate.alone ||
      candidate.text.length > TITLE_MAX ||
      ruleCharacter(candidate.text) !== ""
    )
      return false;
    let rank: number;
    if (candidate.underline !== "") {
      const rule = lines.text(candidate.line + 1);
      if (rule.length * 5 < candidate.text.length * 4) return false;
      if (!underlines.includes(candidate.underline) && underlines.length < 8) underlines.push(candidate.underline);
      rank = 30 + Math.max(0, underlines.indexOf(candidate.underline));
    } else {
      if (candidate.column < 10 || candidate.text.length > 70 || top().item !== null) return false;
      rank = 30;
    }
    const parent = parentFor(rank);
    closeTo(parent, candidate.start);
    return open(candidate, parent, "heading", "hdg", null, titleFrom(candidate.text, true), rank, 0) !== null;
  }

  function matchDivision(candidate: Candidate): Hit | null {
    for (const { division, regex } of divisions) {
      const match = regex.exec(candidate.text);
      if (!match) continue;
      if (division.after !== undefined && !kindsSeen.has(division.after)) continue;
      const label = match.groups?.["n"]?.replace(/[ \u00a0]/gu, "") ?? null;
      const read = label === null ? null : readNumber(label, division.systems);
      const rest = candidate.text.slice(match[0].length);
      const dot = candidate.column + match[0].length;
      if (read) return { division, label, ...read, rest, dot };
      if (!division.bare && !division.prefixed) {
        return {
          division,
          label: null,
          ordinal: null,
          system: "arabic",
          rest: label === null ? rest : candidate.text,
          dot,
        };
      }
    }
    return null;
  }

  function matchMarker(candidate: Candidate): Marker | null {
    for (const [style, regex] of styles.entries()) {
      const match = regex.exec(candidate.text);
      const label = match?.groups?.["n"];
      if (!match || label === undefined) continue;
      const readings = (profile.items.styles[style]?.systems ?? []).flatMap((system) => {
        const value = parseNumber(label, system, profile.alphabet);
        return value ? [{ system, ordinal: value }] : [];
      });
      if (readings.length === 0) continue;
      const dot = candidate.column + match[0].length;
      const gap = /^[ \t\u00a0]*/u.exec(candidate.text.slice(match[0].length))?.[0].length ?? 0;
      return { style, label, readings, dot, content: candidate.hang ?? dot + gap };
    }
    return null;
  }

  function readNumber(
    label: string,
    systems: readonly NumberSystem[],
  ): { ordinal: Ordinal; system: NumberSystem } | null {
    for (const system of systems) {
      const value = parseNumber(label, system, profile.alphabet);
      if (value) return { ordinal: value, system };
    }
    return null;
  }

  /** Which list a marker continues or begins, and how. */
  function listFor(candidate: Candidate, marker: Marker): ListPlace | null {
    const free = profile.items.nesting === "free";
    let weak: ListPlace | null = null;
    for (let at = stack.length - 1; at > 0; at--) {
      const node = stack[at];
      if (!node?.item) break;
      if (node.item.style !== marker.style || !node.parent) continue;
      if (free && !inColumn(candidate, marker.dot, node.item) && candidate.hang === null) continue;
      if (free && candidate.hang !== null && candidate.column >= node.item.content) continue;
      const last = node.parent.sequences.get(sequenceKey(marker.style));
      const reading = marker.readings.find(({ system }) => system === last?.system);
      if (!last || !reading) continue;
      const step = stepFrom(last.ordinal, reading.ordinal, reading.system, profile.alphabet);
      const place: ListPlace = { parent: node.parent, ...reading, step, hanging: node.item.hanging };
      if (step === "next") return place;
      if (step !== "gap" || reading.ordinal.main - last.ordinal.main <= GAP_MAX) weak ??= place;
    }
    const first = marker.readings.find(({ system, ordinal }) => isFirst(ordinal, system) && ordinal.main === 1);
    if (first && !(weak && weak.system === first.system)) {
      const parent = listParent(candidate, marker);
      const last = parent.sequences.get(sequenceKey(marker.style));
      return { parent, ...first, step: last ? "restart" : "first", hanging: false };
    }
    if (weak || free) return weak;
    const reading = marker.readings[0];
    if (!reading || reading.ordinal.main > GAP_MAX) return null;
    const parent = listParent(candidate, marker);
    const last = parent.sequences.get(sequenceKey(marker.style));
    const step = last ? stepFrom(last.ordinal, reading.ordinal, reading.system, profile.alphabet) : "gap";
    return { parent, ...reading, step, hanging: false };
  }

  /** Where a new list hangs: free lists under the innermost item that is indented less; fixed ones under the outer styles. */
  function listParent(candidate: Candidate, marker: Marker): Node {
    let at = stack.length - 1;
    while (at > 0) {
      const item = stack[at]?.item;
      if (!item) break;
      const outer =
        profile.items.nesting === "fixed"
          ? item.style < marker.style
          : item.column < candidate.column || (item.column === candidate.column && item.style !== marker.style);
      if (outer) break;
      at--;
    }
    return stack[at] ?? root;
  }

  function openItem(candidate: Candidate, marker: Marker, place: ListPlace): boolean {
    const { kinds, nesting } = profile.items;
    let depth = 0;
    for (let node: Node | null = place.parent; node?.item; node = node.parent) depth++;
    const kind = kinds[Math.min(nesting === "fixed" ? marker.style : depth, kinds.length - 1)] ?? {
      kind: "point",
      abbreviation: "pt",
    };
    closeTo(place.parent, candidate.start);
    const node = open(candidate, place.parent, kind.kind, kind.abbreviation, marker.label, null, ITEM_RANK, 0);
    if (!node) return true;
    const { system, ordinal } = place;
    node.item = {
      style: marker.style,
      system,
      column: candidate.column,
      dot: marker.dot,
      content: marker.content,
      hanging: place.hanging || candidate.hang !== null,
    };
    const key = sequenceKey(marker.style);
    report(node, place.parent.sequences.get(key), place.step, marker.label);
    place.parent.sequences.set(key, {
      ordinal,
      system,
      label: marker.label,
      column: candidate.column,
      dot: marker.dot,
    });
    return true;
  }

  function mayBegin(candidate: Candidate, marker: Marker, list: ListPlace): boolean {
    if (candidate.afterBlank || candidate.hang !== null || indented(candidate) || openedLine === candidate.line - 1)
      return true;
    return hasSecond(candidate, marker, list);
  }

  /** Whether a list that would begin on the next line of a paragraph goes on: `(1) the one` in running text has no second line. */
  function hasSecond(candidate: Candidate, marker: Marker, { system, ordinal }: ListPlace): boolean {
    const until = Math.min(lines.count, candidate.line + SECOND_ITEM_LINES_MAX);
    for (let line = candidate.line + 1; line < until && budget > 0; line++, budget--) {
      if (lines.blank(line) || lines.column(line) !== candidate.column) continue;
      const label = styles[marker.style]?.exec(lines.text(line))?.groups?.["n"];
      const value = label === undefined ? null : parseNumber(label, system, profile.alphabet);
      if (value && stepFrom(ordinal, value, system, profile.alphabet) === "next") return true;
    }
    return false;
  }

  /** How a bare number would continue the divisions of its kind; null when it cannot. */
  function bareFor(candidate: Candidate, hit: Hit): { parent: Node; step: Step | "first" } | null {
    if (!candidate.alone || !hit.ordinal) return null;
    const parent = parentFor(rankOf(hit.division));
    const scope = scopeOf(hit.division, parent);
    const last = scope.sequences.get(hit.division.kind) ?? null;
    if (!last) {
      if (!isFirst(hit.ordinal, hit.system)) return null;
      const model = hit.division.after === undefined ? undefined : scope.sequences.get(hit.division.after);
      return model && !candidate.boxed && !inColumn(candidate, hit.dot, model) ? null : { parent, step: "first" };
    }
    if (!candidate.boxed && !inColumn(candidate, hit.dot, last)) return null;
    const step = stepFrom(last.ordinal, hit.ordinal, hit.system, profile.alphabet);
    return step === "gap" && hit.ordinal.main - last.ordinal.main > GAP_MAX ? null : { parent, step };
  }

  function openDivision(candidate: Candidate, hit: Hit, parent: Node, heading: number): void {
    const { division } = hit;
    const node = open(
      candidate,
      parent,
      division.kind,
      division.abbreviation,
      hit.label,
      titleOf(candidate, hit),
      rankOf(division),
      heading,
    );
    if (!node) return;
    if (division.flat && heading === 0) node.rank = FLAT_RANK;
    kindsSeen.add(division.kind);
    if (hit.ordinal === null || hit.label === null) return;
    const scope = scopeOf(division, parent);
    const last = scope.sequences.get(division.kind);
    report(node, last, stepOf(hit, parent), hit.label);
    const column = candidate.boxed && last ? last.column : candidate.column;
    const dot = candidate.boxed && last ? last.dot : hit.dot;
    scope.sequences.set(division.kind, { ordinal: hit.ordinal, system: hit.system, label: hit.label, column, dot });
  }

  function stepOf(hit: Hit, parent: Node): Step | "first" {
    const last = scopeOf(hit.division, parent).sequences.get(hit.division.kind);
    if (!hit.ordinal) return "next";
    if (!last) return isFirst(hit.ordinal, hit.system) ? "first" : "gap";
    if (last.system !== hit.system) {
      const [read] = [hit.label].flatMap((label) =>
        label ? (parseNumber(label, last.system, profile.alphabet) ?? []) : [],
      );
      if (read) return stepFrom(last.ordinal, read, last.system, profile.alphabet);
      return isFirst(hit.ordinal, hit.system) ? "restart" : "disorder";
    }
    return stepFrom(last.ordinal, hit.ordinal, hit.system, profile.alphabet);
  }

  /** Numbers that run through the document start anew in each appendix. */
  function scopeOf(division: Division, parent: Node): Node {
    if (division.scope === "parent") return parent;
    for (let node: Node | null = parent; node; node = node.parent) {
      if (node.rank === 5 && node.label !== null && division.rank !== 5) return node;
    }
    return root;
  }

  /**
   * Two kinds may nest either way round. The first time the inner-by-default stands open when its partner comes, and what follows
   * is not another of the open kind, the two trade places for the rest of the document.
   */
  function rankOf(division: Division): number {
    if (division.swaps === undefined) return division.rank;
    const known = swapped.get(division.kind);
    if (known !== undefined) return known;
    const other = divisions.find(({ division: { kind } }) => kind === division.swaps)?.division;
    const inside = other && stack.some((node) => node.kind === other.kind);
    if (!other || !inside || division.rank > other.rank || followedBy(other.kind)) return division.rank;
    swapped.set(division.kind, other.rank);
    swapped.set(other.kind, division.rank);
    for (const node of stack) if (node.kind === other.kind) node.rank = division.rank;
    return other.rank;
  }

  /** Whether the next division below the current line is of the kind: a section that begins with an article holds articles. */
  function followedBy(kind: string): boolean {
    for (let line = current + 1; line < Math.min(lines.count, current + 8); line++) {
      const text = lines.text(line);
      for (const { division, regex } of divisions) if (regex.test(text)) return division.kind === kind;
    }
    return false;
  }

  function parentFor(rank: number): Node {
    let at = stack.length - 1;
    while (at > 0 && (stack[at]?.rank ?? 0) >= rank) at--;
    return stack[at] ?? root;
  }

  function closeTo(parent: Node, at: number): void {
    closeWhile(at, () => top() !== parent);
  }

  /** A paragraph indented less than the text of a list item is no part of it. */
  function closeByColumn(candidate: Candidate): void {
    const item = top().item;
    if (item && !candidate.afterBlank && candidate.column >= item.content) item.hanging = true;
    if (!profile.items.closesByColumn || !candidate.afterBlank) return;
    closeWhile(candidate.start, ({ item: open }) => {
      return open !== null && (candidate.column < open.column || (open.hanging && candidate.column < open.content));
    });
  }

  /** A line that begins a paragraph, as far as plain text shows: behind a blank line or the end of a sentence. */
  function fresh(candidate: Candidate): boolean {
    if (candidate.afterBlank || candidate.hang !== null || openedLine === candidate.line - 1) return true;
    const last = lines.bytes[after - 1];
    return last !== undefined && SENTENCE_ENDS.includes(last);
  }

  function indented(candidate: Candidate): boolean {
    return candidate.line > 0 && candidate.column > lines.column(candidate.line - 1);
  }

  function decoy(candidate: Candidate): void {
    if (decoys++ === 0) decoyLine = candidate.line + 1;
  }

  /** Opens a unit under `parent`, which must be the innermost open one; null when that is impossible here. */
  function open(
    candidate: Candidate,
    parent: Node,
    kind: string,
    abbreviation: string,
    label: string | null,
    title: string | null,
    rank: number,
    heading: number,
  ): Node | null {
    if (/^(?:\p{M}|\u200d)/u.test(candidate.text)) return null; // L10: never inside a combining sequence
    if (parent.depth >= DEPTH_MAX) {
      tooDeep++;
      return null;
    }
    let segment: string;
    if (label === null) {
      const nth = (parent.unnumbered.get(abbreviation) ?? 0) + 1;
      parent.unnumbered.set(abbreviation, nth);
      segment = `${abbreviation}_n${nth}`;
    } else {
      segment = `${abbreviation}_${label}`;
    }
    const count = (parent.segments.get(segment) ?? 0) + 1;
    parent.segments.set(segment, count);
    if (count > 1) segment = `${segment}~${count}`;
    const address = parent === root ? segment : `${parent.address}__${segment}`;
    const node = newNode(parent, kind, abbreviation, label, title, address, candidate.start, rank);
    node.heading = heading;
    openedLine = candidate.line;
    nodes.push(node);
    stack.push(node);
    if (count > 1) {
      findings.add({
        rule: "L5",
        address,
        detail: "repeat",
        message: `the label ${label ?? ""} is printed ${count} times under ${parent.address}: this one is addressed ${address}`,
        blocking: true,
      });
    }
    return node;
  }

  /** L5: whatever does not follow its predecessor is a finding; a repeat under one parent was reported with its address. */
  function report(node: Node, last: Last | undefined, step: Step | "first", label: string): void {
    if (step === "next" || step === "first") return;
    if (step === "repeat" && node.address.includes("~", node.address.lastIndexOf("__"))) return;
    const before = last ? `${label} follows ${last.label}` : `the first is ${label}`;
    findings.add({
      rule: "L5",
      address: node.address,
      detail: step,
      message: `${step} in the numbering of ${node.kind} units: ${before}`,
      blocking: true,
    });
  }

  function titleOf(candidate: Candidate, hit: Hit): string | null {
    const title = titleFrom(hit.rest, candidate.alone || candidate.heading > 0);
    if (title !== null || hit.division.title === "line" || hit.rest.trim().length > 1 || candidate.heading > 0)
      return title;
    let next = candidate.line + 1;
    while (next < lines.count && next < candidate.line + 4 && lines.blank(next)) next++;
    if (next >= lines.count || lines.blank(next) || !(next + 1 >= lines.count || lines.blank(next + 1))) return null;
    const text = lines.text(next);
    return divisions.some(({ regex }) => regex.test(text)) || styles.some((regex) => regex.test(text))
      ? null
      : titleFrom(text, true);
  }
}

/** Punctuation after which a line may begin a new paragraph without a blank line before it: . ; : , ! ? " ) and dashes' last byte. */
const SENTENCE_ENDS = [...'.;:,!?")'].map((character) => character.charCodeAt(0));

interface ListPlace {
  parent: Node;
  system: NumberSystem;
  ordinal: Ordinal;
  step: Step | "first";
  hanging: boolean;
}

function newNode(
  parent: Node | null,
  kind: string,
  abbreviation: string,
  label: string | null,
  title: string | null,
  address: string,
  start: number,
  rank: number,
): Node {
  return {
    kind,
    abbreviation,
    label,
    title,
    address,
    parent,
    depth: parent ? parent.depth + 1 : 0,
    start,
    end: start,
    rank,
    heading: 0,
    item: null,
    segments: new Map(),
    unnumbered: new Map(),
    sequences: new Map(),
  };
}

function sequenceKey(style: number): string {
  return `item ${style}`;
}

/** Numbers of one list start, or end, in one column: "9." and "10." do one of the two. */
function inColumn(candidate: Candidate, dot: number, other: { column: number; dot: number }): boolean {
  return candidate.boxed || candidate.column === other.column || dot === other.dot;
}

/** The words of a heading, or null when they are a sentence of the text. */
function titleFrom(text: string, alone: boolean): string | null {
  const title = text.replace(/^[\s.:–—-]+/u, "").replace(/[\s.:]+$/u, "");
  if (!alone || title === "" || title.length > TITLE_MAX) return null;
  return title.length > 80 && /[.;,]$/u.test(text) ? null : title;
}
