/** Vietnamese normative acts (Law on Promulgation of Legal Documents): Phần, Chương, Mục, Tiểu mục, Điều, khoản, điểm. */
import type { Profile } from "../Profile.js";

const stop = "(?=[.:]|\\s*$|\\s*[-–—]|\\s+\\p{Lu})";

export const vi: Profile = {
  name: "vi",
  signal: { pattern: "^(?:Điều|ĐIỀU)\\s+\\d+", name: "Điều N." },
  alphabet: { letters: "abcdđefghijklmnopqrstuvwxyz", optional: "fjwz" },
  divisions: [
    {
      kind: "appendix",
      abbreviation: "app",
      rank: 5,
      pattern: `(?:Phụ lục|PHỤ LỤC)(?:\\s+(?:số\\s+)?(?<n>\\d+|[IVXLC]+|\\p{Lu})${stop}|\\s*$)`,
      systems: ["arabic", "roman", "letters"],
      scope: "document",
      title: "next",
    },
    {
      kind: "preamble",
      abbreviation: "pre",
      rank: 5,
      pattern: "(?:LỜI NÓI ĐẦU|Lời nói đầu)\\s*$",
      systems: [],
      scope: "document",
      title: "line",
    },
    {
      kind: "conclusion",
      abbreviation: "con",
      rank: 5,
      pattern: "(?:Hiến pháp|Bộ luật|Luật|Pháp lệnh|Nghị quyết|Quy chế|Điều lệ) này (?:đã )?được ",
      systems: [],
      scope: "document",
      title: "line",
    },
    {
      kind: "part",
      abbreviation: "part",
      rank: 10,
      pattern: `(?:Phần|PHẦN)\\s+(?:(?:thứ|THỨ)\\s+\\p{L}+\\s*$|(?<n>\\d+|[IVXLC]+)${stop})`,
      systems: ["arabic", "roman"],
      scope: "document",
      title: "next",
    },
    {
      kind: "chapter",
      abbreviation: "chp",
      rank: 20,
      pattern: `(?:Chương|CHƯƠNG)\\s+(?<n>\\d+\\p{Ll}?|[IVXLC]+[a-zđ]?)${stop}`,
      systems: ["arabic", "roman"],
      scope: "document",
      title: "next",
    },
    {
      kind: "section",
      abbreviation: "sec",
      rank: 30,
      pattern: `(?:Mục|MỤC)\\s+(?<n>\\d+\\p{Ll}?|[IVXLC]+|\\p{Lu})${stop}`,
      systems: ["arabic", "roman", "letters"],
      scope: "parent",
      title: "next",
    },
    {
      kind: "subsection",
      abbreviation: "subsec",
      rank: 40,
      pattern: `(?:Tiểu mục|TIỂU MỤC)\\s+(?<n>\\d+|[IVXLC]+)${stop}`,
      systems: ["arabic", "roman"],
      scope: "parent",
      title: "next",
    },
    {
      kind: "article",
      abbreviation: "art",
      rank: 50,
      pattern: "(?:Điều|ĐIỀU)\\s+(?<n>\\d+\\p{Ll}?)(?=[.:]|\\s*$)",
      systems: ["arabic"],
      scope: "document",
      title: "line",
    },
  ],
  headings: [{ pattern: "(?<n>[IVXLC]+)\\.(?=\\s)", systems: ["roman"] }],
  items: {
    nesting: "fixed",
    styles: [
      { pattern: "(?<n>\\d+\\p{Ll}?)\\.(?=\\s|$)", systems: ["arabic"] },
      { pattern: "(?<n>\\p{Ll}{1,2})\\)(?=\\s|$)", systems: ["letters"] },
    ],
    kinds: [
      { kind: "clause", abbreviation: "cl" },
      { kind: "point", abbreviation: "pt" },
    ],
    closesByColumn: false,
  },
  mention: "(?:Điều|ĐIỀU)\\s+\\d+",
  typewriter: false,
};
