/**
 * Documents that number their parts and name no level: licences, constitutions of projects, contracts. `1.` alone on its line is
 * a section, `2.1.` under it a subsection, `A.` an appendix; every other enumeration is a list of points.
 */
import type { Profile } from "../Profile.js";
import { en } from "./en.js";

export const numbered: Profile = {
  name: "numbered",
  signal: { pattern: "^(?:\\d+(?:\\.\\d+)*\\.|\\p{Lu}\\.(?:\\d+\\.)*)(?=\\s)", name: "N. or N.M." },
  alphabet: en.alphabet,
  divisions: [
    {
      kind: "preamble",
      abbreviation: "pre",
      rank: 30,
      flat: true,
      pattern: "(?:Preamble|PREAMBLE)[.:]?\\s*$",
      systems: [],
      scope: "document",
      title: "line",
    },
    {
      kind: "exhibit",
      abbreviation: "exh",
      rank: 5,
      pattern: "(?:Exhibit|EXHIBIT)\\s+(?<n>\\d+|\\p{Lu})(?=[.:]|\\s*$|\\s*[-–—])",
      systems: ["arabic", "letters"],
      scope: "document",
      title: "next",
    },
    {
      kind: "appendix",
      abbreviation: "app",
      rank: 5,
      pattern:
        "(?:Appendix|APPENDIX|Annex|ANNEX|Schedule|SCHEDULE)(?:\\s+(?<n>\\d+|\\p{Lu}|[IVXLC]+)(?=[.:]|\\s*$|\\s*[-–—])|\\s*$)",
      systems: ["arabic", "letters", "roman"],
      scope: "document",
      title: "next",
    },
    {
      kind: "section",
      abbreviation: "sec",
      rank: 30,
      pattern: "(?<n>\\d+\\p{Ll}?)\\.(?=\\s)",
      systems: ["arabic"],
      scope: "document",
      title: "line",
      bare: true,
    },
    {
      kind: "appendix",
      abbreviation: "app",
      rank: 5,
      pattern: "(?<n>\\p{Lu})\\.(?=\\s)",
      systems: ["letters"],
      scope: "document",
      title: "line",
      bare: true,
      after: "section",
    },
    {
      kind: "subsection",
      abbreviation: "subsec",
      rank: 40,
      pattern: "(?<n>(?:\\d+|\\p{Lu})\\.\\d+)\\.?(?=\\s)",
      systems: ["decimal"],
      scope: "parent",
      title: "line",
      prefixed: true,
      under: { appendix: { kind: "appendix-section", abbreviation: "appsec" } },
    },
    {
      kind: "subsubsection",
      abbreviation: "subsubsec",
      rank: 45,
      pattern: "(?<n>(?:\\d+|\\p{Lu})(?:\\.\\d+){2,})\\.?(?=\\s)",
      systems: ["decimal"],
      scope: "parent",
      title: "line",
      prefixed: true,
    },
  ],
  headings: en.headings.filter((heading) => !heading.systems.includes("roman")),
  items: { ...en.items, kinds: [{ kind: "point", abbreviation: "pt" }] },
  mention: en.mention,
  typewriter: true,
};
