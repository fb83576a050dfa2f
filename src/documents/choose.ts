/**
 * Automatic choice of grammar and profile: counts the signals of each and says what it counted. Deterministic, and only ever a
 * default: whoever names a grammar and a profile gets them.
 */
import type { Lines } from "./Lines.js";
import type { Grammar } from "./Plan.js";
import type { Profile } from "./Profile.js";
import { de } from "./profiles/de.js";
import { en } from "./profiles/en.js";
import { numbered } from "./profiles/numbered.js";
import { vi } from "./profiles/vi.js";

/** In order of preference when signals tie. */
export const profiles: readonly Profile[] = [vi, de, en, numbered];
export const grammars: readonly Grammar[] = ["markdown", "statute"];

export interface Choice {
  grammar: Grammar;
  profile: Profile;
  why: string;
  /** False when no line of the text looks like structure to any profile. */
  structured: boolean;
}

/** Chooses what was not named. `grammar` and `profile`, when given, must be known ones. */
export function choose(lines: Lines, grammar: Grammar | null, profile: Profile | null): Choice {
  const counts = countSignals(lines);
  const chosenGrammar =
    grammar ?? (counts.headings >= 2 || (counts.headings === 1 && counts.frontMatter) ? "markdown" : "statute");
  const signals = chosenGrammar === "markdown" ? counts.inHeadings : counts.inLines;
  const chosenProfile = profile ?? bestProfile(signals);
  const reasons: string[] = [];
  if (grammar !== null) reasons.push(`grammar ${grammar} was named`);
  else if (chosenGrammar === "markdown") reasons.push(`auto: ${counts.headings} lines are # headings`);
  const matches = signals.get(chosenProfile.name) ?? 0;
  if (profile !== null) reasons.push(`profile ${profile.name} was named`);
  else {
    const where = chosenGrammar === "markdown" ? "headings" : "lines";
    const text =
      matches > 0 ? `${matches} ${where} match ${chosenProfile.signal.name}` : `no ${where} match any profile`;
    reasons.push(reasons.length === 0 || grammar !== null ? `auto: ${text}` : text);
  }
  const structured = matches > 0 || (chosenGrammar === "markdown" && counts.headings > 0);
  return { grammar: chosenGrammar, profile: chosenProfile, why: reasons.join("; "), structured };
}

/** One keyword label weighs as much as this many bare numbers, which also count the items of lists. */
const KEYWORD_WEIGHT = 8;

/** A keyword says more than a number; a text full of numbers that cites two paragraphs is still a numbered one. */
function bestProfile(signals: ReadonlyMap<string, number>): Profile {
  let best = numbered;
  let most = 0;
  for (const profile of profiles) {
    const count = signals.get(profile.name) ?? 0;
    if (profile !== numbered && count > most && count * KEYWORD_WEIGHT >= (signals.get(numbered.name) ?? 0)) {
      best = profile;
      most = count;
    }
  }
  return best;
}

interface Counts {
  headings: number;
  frontMatter: boolean;
  inLines: Map<string, number>;
  inHeadings: Map<string, number>;
}

function countSignals(lines: Lines): Counts {
  const tests = profiles.map(({ name, signal }) => ({ name, regex: new RegExp(signal.pattern, "u") }));
  const counts: Counts = { headings: 0, frontMatter: false, inLines: new Map(), inHeadings: new Map() };
  let fence = "";
  for (let line = 0; line < lines.count; line++) {
    if (lines.blank(line)) continue;
    const text = lines.text(line);
    if (line === 0) counts.frontMatter = text === "---" || text === "+++";
    const mark = /^(?:`{3,}|~{3,})/u.exec(text)?.[0] ?? "";
    if (mark !== "" && (fence === "" || (mark.startsWith(fence.charAt(0)) && mark.length >= fence.length))) {
      // Underlines of reStructuredText (~~~~) open no fence: they follow a line of text.
      if (fence !== "") fence = "";
      else if (mark.startsWith("`") || line === 0 || lines.blank(line - 1)) fence = mark;
    }
    const heading = fence === "" ? /^#{1,6}[ \t]+(.*)$/su.exec(text)?.[1] : undefined;
    const [tally, subject] = heading === undefined ? [counts.inLines, text] : [counts.inHeadings, heading];
    if (heading !== undefined && lines.column(line) < 4) counts.headings++;
    for (const { name, regex } of tests) if (regex.test(subject)) tally.set(name, (tally.get(name) ?? 0) + 1);
  }
  return counts;
}
