/**
 * One document of the package while it is written: sections, tables, and every digest or id that was shortened, which stands in full at the
 * end. All documents look the same because all are made by this.
 */
import type { Statement, Verdict } from "../Statement.js";
import { type Column, code, counted, grouped, md, moment, table } from "./markdown.js";

/** What each verdict means, said wherever one could be misread. */
export const meaningOf: Readonly<Record<Verdict, string>> = {
  PASS: "looked at, and as it must be",
  FAIL: "looked at, and wrong",
  HOLD: "stopped until a human releases it",
  NOT_RUN: "not looked at, or not done: never a pass",
  INCONCLUSIVE: "looked at, without an answer",
};

export interface Page {
  heading(text: string): void;
  /** A paragraph of our own words; what others wrote must have been through `md`. */
  say(text: string): void;
  table(columns: readonly (string | Column)[], rows: readonly (readonly string[])[], otherwise?: string): void;
  /** Name and value, one a row; those that are null are left out. */
  facts(rows: readonly (readonly [name: string, value: string | null])[]): void;
  /** A digest, shortened here and in full at the end. */
  digest(digest: string): string;
  /** The id of a run or document, shortened likewise. */
  id(id: string): string;
  /** Position, time and actor of an act. */
  act(act: { readonly position: number; readonly at: string; readonly by: string }): string;
  text(): string;
}

/** A page with its title and what it is of. */
export function page(title: string, { predicate }: Statement, statementDigest: string): Page {
  const lines: string[] = [];
  const shortened = new Map<string, string>();
  const block = (...block: readonly string[]) => {
    if (block.length > 0) lines.push(...block, "");
  };
  const short = (whole: string, length: number) => {
    const word = whole.length > length ? `${whole.slice(0, length)}…` : whole;
    shortened.set(whole, word);
    return code(word);
  };
  const made: Page = {
    heading: (text) => block(`## ${text}`),
    say: (text) => block(text),
    table(columns, rows, otherwise = "None.") {
      const named = columns.map((column) => (typeof column === "string" ? { title: column } : column));
      block(...(rows.length === 0 ? [otherwise] : table(named, rows)));
    },
    facts(rows) {
      const there = rows.flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
      block(...table([{ title: "What" }, { title: "" }], there));
    },
    digest: (digest) => short(digest, 12),
    id: (id) => short(id, 8),
    act: ({ position, at, by }) => `position ${grouped(position)}, ${moment(at)}, ${md(by)}`,
    text() {
      const { ledger, run } = predicate;
      const rows = [...shortened].map(([whole, word]) => [code(word), code(whole)]);
      return `${[
        `# ${title}`,
        "",
        `Run ${code(run.run.slice(0, 8))} on the ledger ${md(ledger.origin)}, as of its first ${counted(ledger.size, "event")} and ${moment(predicate.asOf)}.`,
        "",
        ...lines,
        ...(rows.length === 0 ? [] : ["## In full", "", ...table([{ title: "Here" }, { title: "In full" }], rows), ""]),
        "---",
        "",
        `Rendered from the signed statement ${code(statementDigest)} (SHA-256), and from nothing else. A changed word is found by ${code("iu-ledger report check")}.`,
      ].join("\n")}\n`;
    },
  };
  return made;
}
