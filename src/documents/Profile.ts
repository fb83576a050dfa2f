/**
 * A profile is data: what the labels of one drafting tradition look like and how they nest. The engine (`outline.ts`) knows no
 * language; a profile knows no bytes.
 *
 * Patterns are regular-expression sources, matched (flag u) at the start of a line's NFC text, first character that is not white
 * space. The group `n` is the printed number; a division without it, or with a number no system reads, is unnumbered (`pre_n1`).
 */
import type { Alphabet, NumberSystem } from "./numbers.js";

/** A structural division: part, chapter, article … opened by a keyword, or by where its number stands. */
export interface Division {
  kind: string;
  abbreviation: string;
  /** Smaller is outer. A division closes every open one whose rank is not smaller. */
  rank: number;
  pattern: string;
  systems: readonly NumberSystem[];
  /** Whether numbers run on through the document (articles) or restart under each parent (sections of a chapter). */
  scope: "document" | "parent";
  /** Where the heading's words stand: behind the label, or there or else on the next line, or nowhere. */
  title: "line" | "next" | "none";
  /** No keyword to trust: it counts only alone on its line, in the column of its siblings, in sequence. */
  bare?: true;
  /** The number continues the label of an open unit: 2.1 stands under 2. */
  prefixed?: true;
  /** Kind when the parent is of the given kind: A.1 under an appendix is an appendix section. */
  under?: Readonly<Record<string, { kind: string; abbreviation: string }>>;
  /** Holds no divisions (preamble, conclusion): whatever division comes next closes it. */
  flat?: true;
  /** Only after a unit of this kind exists. */
  after?: string;
  /** Two kinds that nest either way round (US sections in articles, EU articles in sections): the first to appear is the outer. */
  swaps?: string;
}

/** A numbered item of a list inside a division: `(1)`, `a)`, `1.` */
export interface ItemStyle {
  pattern: string;
  systems: readonly NumberSystem[];
}

export interface Items {
  /** fixed: styles nest in the order given, wherever they stand; free: by first use, and by column. */
  nesting: "fixed" | "free";
  styles: readonly ItemStyle[];
  /** Kinds by style (fixed) or by depth (free; the last repeats). */
  kinds: readonly { kind: string; abbreviation: string }[];
  /** Whether a less indented paragraph ends a list. Off where line breaks carry no layout (Vietnamese law). */
  closesByColumn: boolean;
}

export interface Profile {
  name: string;
  /** What `chosen.why` calls the signal: "Điều N." */
  signal: { pattern: string; name: string };
  alphabet: Alphabet;
  divisions: readonly Division[];
  /** Labels that count in Markdown headings only, where the heading itself says that a unit starts. */
  headings: readonly { pattern: string; systems: readonly NumberSystem[] }[];
  items: Items;
  /** A label somewhere inside a heading that starts otherwise: the heading is odd and becomes a finding. */
  mention: string;
  /** Underlined or centred lines are headings (plain text as typeset by typewriters and reStructuredText). */
  typewriter: boolean;
}
