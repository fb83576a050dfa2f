/** Statutes and charters in English: Part, Title, Chapter, Article, Section or §, then (a), (1), (A), (i) or 1., (a), (i). */
import type { Profile } from "../Profile.js";

const stop = '(?=[.:]|\\s*$|\\s*[-–—]|\\s+[\\p{Lu}"“])';
const number = "(?<n>\\d+\\p{L}?|[IVXLC]+\\p{Ll}?|\\p{Lu})";

export const en: Profile = {
  name: "en",
  signal: {
    pattern:
      "^(?:(?:Article|ARTICLE|Section|SECTION|Sec\\.|SEC\\.)\\s+(?:\\d+|[IVXLC]+)\\p{L}?(?:[.:]|\\s*$|\\s*[-–—])|§\\s*\\d+)",
    name: "Article N, Section N or § N",
  },
  alphabet: { letters: "abcdefghijklmnopqrstuvwxyz", optional: "" },
  divisions: [
    {
      kind: "appendix",
      abbreviation: "app",
      rank: 5,
      pattern: `(?:Appendix|APPENDIX|Annex|ANNEX|Schedule|SCHEDULE|Exhibit|EXHIBIT)(?:\\s+${number}${stop}|\\s*$)`,
      systems: ["arabic", "roman", "letters"],
      scope: "document",
      title: "next",
    },
    {
      kind: "preamble",
      abbreviation: "pre",
      rank: 5,
      flat: true,
      pattern: "(?:Preamble|PREAMBLE)[.:]?\\s*$",
      systems: [],
      scope: "document",
      title: "line",
    },
    {
      kind: "part",
      abbreviation: "part",
      rank: 10,
      pattern: `(?:Part|PART)\\s+${number}${stop}`,
      systems: ["arabic", "roman", "letters"],
      scope: "parent",
      title: "next",
    },
    {
      kind: "title",
      abbreviation: "title",
      rank: 15,
      pattern: `(?:Title|TITLE)\\s+${number}${stop}`,
      systems: ["arabic", "roman"],
      scope: "document",
      title: "next",
    },
    {
      kind: "chapter",
      abbreviation: "chp",
      rank: 20,
      pattern: `(?:Chapter|CHAPTER)\\s+${number}${stop}`,
      systems: ["arabic", "roman", "letters"],
      scope: "parent",
      title: "next",
    },
    {
      kind: "section",
      abbreviation: "sec",
      rank: 30,
      pattern: `(?:(?:Section|SECTION|Sec\\.|SEC\\.)\\s+|§\\s*)(?<n>\\d+(?:\\.\\d+)+|\\d+(?:\\p{L}|-\\d+)?|[IVXLC]+)${stop}`,
      systems: ["arabic", "roman", "decimal"],
      scope: "parent",
      title: "next",
      swaps: "article",
    },
    {
      kind: "article",
      abbreviation: "art",
      rank: 50,
      pattern: `(?:Article|ARTICLE|Art\\.)\\s+(?<n>\\d+\\p{L}?|[IVXLC]+\\p{Ll}?)${stop}`,
      systems: ["arabic", "roman"],
      scope: "document",
      title: "next",
      swaps: "section",
    },
  ],
  headings: [
    { pattern: "(?<n>[IVXLC]{2,}|[IVX])\\.(?=\\s|$)", systems: ["roman"] },
    { pattern: "(?<n>\\p{Lu})\\.(?=\\s|$)", systems: ["letters"] },
    { pattern: "(?<n>\\d+(?:\\.\\d+)+)\\.?(?=\\s|$)", systems: ["decimal"] },
    { pattern: "(?<n>\\d+)\\.(?=\\s|$)", systems: ["arabic"] },
  ],
  items: {
    nesting: "free",
    styles: [
      { pattern: "(?<n>\\d+\\p{Ll}?)\\.(?=\\s|$)", systems: ["arabic"] },
      { pattern: "\\((?<n>\\d+\\p{L}?)\\)(?=\\s|$)", systems: ["arabic"] },
      { pattern: "(?<n>\\d+)\\)(?=\\s|$)", systems: ["arabic"] },
      { pattern: "\\((?<n>\\p{Ll}{1,5})\\)(?=\\s|$)", systems: ["letters", "roman"] },
      { pattern: "\\((?<n>\\p{Lu}{1,5})\\)(?=\\s|$)", systems: ["letters", "roman"] },
      { pattern: "(?<n>\\p{Ll}{1,5})\\)(?=\\s|$)", systems: ["letters", "roman"] },
    ],
    kinds: [
      { kind: "clause", abbreviation: "cl" },
      { kind: "point", abbreviation: "pt" },
      { kind: "subpoint", abbreviation: "subpt" },
    ],
    closesByColumn: true,
  },
  mention: "(?:\\b(?:Article|Section|Sec\\.)\\s+|§\\s*)\\d+",
  typewriter: true,
};
