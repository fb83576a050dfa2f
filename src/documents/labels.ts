/**
 * Reading labels: a profile's patterns, compiled once, and what they find at the head of a line. Whether a label counts is not
 * decided here: the engine knows what came before.
 */
import type { Candidate } from "./Candidate.js";
import type { Lines } from "./Lines.js";
import { type NumberSystem, type Ordinal, parseNumber } from "./numbers.js";
import type { Division, Profile } from "./Profile.js";

export const TITLE_MAX = 160;

/** A number and the system that read it. */
export interface Reading {
  system: NumberSystem;
  ordinal: Ordinal;
}

/** A division's label at the head of a line. */
export interface Hit {
  division: Division;
  label: string | null;
  ordinal: Ordinal | null;
  system: NumberSystem;
  /** The line's text behind the label. */
  rest: string;
  /** Column behind the number, where right-aligned numbers line up. */
  dot: number;
}

/** A list marker at the head of a line. */
export interface Marker {
  style: number;
  label: string;
  /** What the number can be, one entry per system that reads it: (i) is a letter and a numeral. */
  readings: Reading[];
  dot: number;
  content: number;
}

export interface Labels {
  /** The first division whose pattern matches and whose condition `after` is met by the kinds seen. */
  division(candidate: Candidate, seen: ReadonlySet<string>): Hit | null;
  /** The kind of the division at the head of a text, whatever came before. */
  kindOf(text: string): string | null;
  marker(candidate: Candidate): Marker | null;
  /** The number of a marker of one style, as one system reads it. */
  markerIn(style: number, text: string, system: NumberSystem): Ordinal | null;
  /** A label that counts in headings only. */
  heading(text: string): (Reading & { label: string; rest: string }) | null;
  /** Whether a label stands anywhere in the text. */
  mentioned(text: string): boolean;
  read(label: string, systems: readonly NumberSystem[]): Reading | null;
  /** A division's heading: behind its label or, where the profile says so, alone on the next line. */
  title(lines: Lines, candidate: Candidate, hit: Hit): string | null;
}

export function labelsOf(profile: Profile): Labels {
  const compile = (pattern: string): RegExp => new RegExp(`^(?:${pattern})`, "u");
  const divisions = profile.divisions.map((division) => ({ division, regex: compile(division.pattern) }));
  const styles = profile.items.styles.map(({ pattern, systems }) => ({ systems, regex: compile(pattern) }));
  const headings = profile.headings.map(({ pattern, systems }) => ({ systems, regex: compile(pattern) }));
  const mention = new RegExp(profile.mention, "u");

  const labels: Labels = {
    division(candidate, seen) {
      for (const { division, regex } of divisions) {
        const match = regex.exec(candidate.text);
        if (!match || (division.after !== undefined && !seen.has(division.after))) continue;
        const label = numberIn(match);
        const reading = label === null ? null : labels.read(label, division.systems);
        const rest = candidate.text.slice(match[0].length);
        const dot = candidate.column + match[0].length;
        if (reading) return { division, label, ...reading, rest, dot };
        if (division.bare || division.prefixed) continue;
        // A keyword with words or an unreadable number: unnumbered, and the whole line its title.
        const title = label === null ? rest : candidate.text;
        return { division, label: null, ordinal: null, system: "arabic", rest: title, dot };
      }
      return null;
    },
    kindOf: (text) => divisions.find(({ regex }) => regex.test(text))?.division.kind ?? null,
    marker(candidate) {
      for (const [style, { regex, systems }] of styles.entries()) {
        const match = regex.exec(candidate.text);
        const label = match?.groups?.["n"];
        if (!match || label === undefined) continue;
        const readings = systems.flatMap((system): Reading[] => {
          const ordinal = parseNumber(label, system, profile.alphabet);
          return ordinal ? [{ system, ordinal }] : [];
        });
        if (readings.length === 0) continue;
        const dot = candidate.column + match[0].length;
        const gap = /^[ \t\u00a0]*/u.exec(candidate.text.slice(match[0].length))?.[0].length ?? 0;
        return { style, label, readings, dot, content: candidate.hang ?? dot + gap };
      }
      return null;
    },
    markerIn(style, text, system) {
      const label = styles[style]?.regex.exec(text)?.groups?.["n"];
      return label === undefined ? null : parseNumber(label, system, profile.alphabet);
    },
    heading(text) {
      for (const { regex, systems } of headings) {
        const match = regex.exec(text);
        const label = match && numberIn(match);
        const reading = label ? labels.read(label, systems) : null;
        if (match && label && reading) return { ...reading, label, rest: text.slice(match[0].length) };
      }
      return null;
    },
    mentioned: (text) => mention.test(text),
    read(label, systems) {
      for (const system of systems) {
        const ordinal = parseNumber(label, system, profile.alphabet);
        if (ordinal) return { system, ordinal };
      }
      return null;
    },
    title(lines, candidate, { division, rest }) {
      if (division.title === "none") return null;
      const heading = candidate.heading > 0;
      const below = candidate.line + 1;
      const ended =
        candidate.alone || heading || (!division.bare && !division.prefixed && endsAbove(lines, below, rest));
      const title = titleFrom(rest, ended);
      if (title !== null || heading || division.title === "line" || rest.trim().length > 1) return title;
      let next = below;
      while (next < lines.count && next < candidate.line + 4 && lines.blank(next)) next++;
      if (next >= lines.count || lines.blank(next)) return null;
      const text = lines.text(next);
      const labelled = (at: string): boolean =>
        labels.kindOf(at) !== null || styles.some(({ regex }) => regex.test(at));
      if (labelled(text)) return null;
      const single = next + 1 >= lines.count || lines.blank(next + 1) || labelled(lines.text(next + 1));
      return single ? titleFrom(text, true) : null;
    },
  };
  return labels;
}

/** Where every line is a paragraph: a heading has no final punctuation, and the line below it begins like a sentence or a label. */
function endsAbove(lines: Lines, below: number, rest: string): boolean {
  return !/[.;:,]\s*$/u.test(rest) && below < lines.count && /^[\p{Lu}\p{Nd}("“§]/u.test(lines.text(below));
}

/** The words of a heading, or null when they are a sentence of the text. */
export function titleFrom(text: string, alone: boolean): string | null {
  const title = text.replace(/^[\s.:–—-]+/u, "").replace(/[\s.:]+$/u, "");
  if (!alone || title === "" || title.length > TITLE_MAX) return null;
  return title.length > 80 && /[.;,]$/u.test(text) ? null : title;
}

/** The printed number, without blanks inside: "IV a" is IVa. */
function numberIn(match: RegExpExecArray): string | null {
  return match.groups?.["n"]?.replace(/[ \u00a0]/gu, "") ?? null;
}
