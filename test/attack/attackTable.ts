/**
 * What came of the attacks, for people: a table where there is room for one, else a paragraph for each. The column of who would not have noticed is
 * never left out, whatever the width.
 */
import { marks, type Style } from "../../src/cli/output/style.js";
import { pad, shorten, widthOf, wrapped } from "../../src/cli/output/text.js";
import type { Attack } from "./Attack.js";
import type { Outcome, Played } from "./play.js";

export interface Row {
  /** Its place in the whole list; 0 is the one that is no attack. */
  readonly number: number;
  readonly attack: Attack;
  readonly played: readonly Played[];
}

export interface TableMeans {
  readonly style: Style;
  /** Columns there are. */
  readonly width: number;
}

/** From here on there is room for columns. */
const tableWidthMin = 132;
const gap = "  ";

/** The worst of them: what was missed, then what could not be played. */
export function outcomeOf(played: readonly Played[]): Outcome {
  const has = (outcome: Outcome) => played.some((one) => one.outcome === outcome);
  return has("MISSED") ? "MISSED" : has("NOT_RUN") || played.length === 0 ? "NOT_RUN" : "NOTICED";
}

/** 0: everything was noticed as was said. 1: something was not. 3: all that could be played was; something could not. */
export function exitOf(rows: readonly Row[]): 0 | 1 | 3 {
  const outcome = outcomeOf(rows.flatMap(({ played }) => played));
  return outcome === "NOTICED" ? 0 : outcome === "MISSED" ? 1 : 3;
}

export function attackTable(rows: readonly Row[], { style, width }: TableMeans): string[] {
  const lines = width >= tableWidthMin ? columns(rows, style, width) : paragraphs(rows, style, width);
  return [...lines, ...closing(rows, style)];
}

const titles = ["attacker", "what was done", "noticed by", "in the product's words", "would not have noticed"];
/** How the room is shared among those. */
const shares = [15, 21, 19, 25, 20];

function columns(rows: readonly Row[], style: Style, width: number): string[] {
  const [numberWidth, timeWidth] = [4, 15];
  const room = width - numberWidth - timeWidth - gap.length * (titles.length + 1);
  const widths = shares.map((share) => Math.floor((room * share) / 100));
  const all = [numberWidth, ...widths, timeWidth];
  const line = (cells: readonly string[]) =>
    all
      .map((each, i) => pad(cells[i] ?? "", each))
      .join(gap)
      .trimEnd();
  const lines = [style.faint(line(["", ...titles, "played on"])), ""];
  for (const row of rows) {
    const { attack } = row;
    const texts = [
      [attack.attacker],
      [attack.done],
      noticedBy(row),
      wordsOf(row),
      attack.blind.map(({ eye, why }) => `${eye}: ${why}`),
    ];
    const cells = texts.map((parts, i) => parts.flatMap((part) => folded(part, widths[i] as number)));
    const times = row.played.map(timeOf);
    const height = Math.max(times.length, ...cells.map((cell) => cell.length));
    for (let i = 0; i < height; i++) {
      const number = i === 0 ? `${pad(String(row.number), 2, "right")} ${markOf(row)}` : "";
      const text = line([number, ...cells.map((cell) => cell[i] ?? ""), times[i] ?? ""]);
      lines.push(i === 0 ? text.replace(markOf(row), (mark) => painted(row, style)(mark)) : text);
    }
    lines.push("");
  }
  return lines;
}

function paragraphs(rows: readonly Row[], style: Style, width: number): string[] {
  const indent = "     ";
  const label = 9;
  const part = (name: string, texts: readonly string[]) =>
    texts
      .flatMap((text) => folded(text, width - indent.length - label))
      .map((text, i) => `${indent}${style.faint(pad(i === 0 ? name : "", label))}${text}`);
  return rows.flatMap((row) => {
    const { attack, played } = row;
    const [first = "", ...more] = folded(`${attack.attacker}: ${attack.done}`, width - indent.length);
    return [
      `${pad(String(row.number), 2, "right")} ${painted(row, style)(markOf(row))} ${first}`,
      ...more.map((text) => `${indent}${text}`),
      ...part("noticed", noticedBy(row)),
      ...part("words", wordsOf(row)),
      ...part(
        "not by",
        attack.blind.map(({ eye, why }) => `${eye}: ${why}`),
      ),
      ...part("played", [played.map(timeOf).join(", ")]),
      "",
    ];
  });
}

/** Each who noticed, once, with the place. */
function noticedBy({ played }: Row): readonly string[] {
  const first = played.find(({ outcome }) => outcome !== "NOT_RUN");
  if (first === undefined) return ["not played"];
  if (first.noticed.length === 0) return ["nobody"];
  return first.noticed.map(({ by, saw }) => (saw.position === null ? by : `${by}, position ${saw.position}`));
}

/** What was said by those who noticed; where it went otherwise than was said, how. */
function wordsOf({ played }: Row): readonly string[] {
  const otherwise = played
    .filter(({ why }) => why !== null)
    .map(({ store, outcome, why }) => `${nameOf(store)} ${outcome}: ${brief(why ?? "")}`);
  const [first] = played.filter(({ outcome }) => outcome !== "NOT_RUN");
  const said = [...new Set((first?.noticed ?? []).map(({ saw }) => saw.words))].map((words) => `“${brief(words)}”`);
  return [...otherwise, ...said];
}

/** Its first sentence, digests and ids by their beginnings. */
function brief(words: string): string {
  const short = words
    .replace(/\b([0-9a-f]{8})[0-9a-f]{56}\b/g, "$1…")
    .replace(/\b([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "$1")
    .replace(/\s+/g, " ");
  const [first = short] = short.split(/(?<=[^.]{40}\.) (?=[A-Z])/);
  return shorten(first, 200);
}

function closing(rows: readonly Row[], style: Style): string[] {
  const attacks = rows.filter(({ attack }) => attack.notices.length > 0);
  const count = (outcome: Outcome) => rows.filter(({ played }) => outcomeOf(played) === outcome).length;
  const quiet = rows.length - attacks.length;
  const absent = [
    ...new Set(
      rows.flatMap(({ played }) =>
        played.filter(({ outcome }) => outcome === "NOT_RUN").map(({ store, why }) => `${nameOf(store)}: ${why}`),
      ),
    ),
  ];
  const noticed = attacks.filter(({ played }) => outcomeOf(played) === "NOTICED").length;
  const said = [
    `${noticed} of ${attacks.length} attacks noticed by whom and as it says`,
    ...(quiet > 0 && count("MISSED") === 0 ? ["and nobody saw anything where there was nothing"] : []),
    ...(count("MISSED") > 0 ? [`${count("MISSED")} MISSED`] : []),
    ...(count("NOT_RUN") > 0 ? [`${count("NOT_RUN")} not played, or not everywhere`] : []),
  ];
  const paint = { 0: style.good, 1: style.bad, 3: style.open }[exitOf(rows)];
  return [paint(`${said.join("; ")}.`), ...absent.map((why) => style.open(`NOT_RUN on ${why}`))];
}

function markOf({ played }: Row): string {
  return { NOTICED: marks.good, MISSED: marks.bad, NOT_RUN: marks.open }[outcomeOf(played)];
}

function painted({ played }: Row, style: Style): (text: string) => string {
  return { NOTICED: style.good, MISSED: style.bad, NOT_RUN: style.open }[outcomeOf(played)];
}

function timeOf({ store, outcome, ms }: Played): string {
  return outcome === "NOT_RUN" ? `${nameOf(store)} NOT_RUN` : `${nameOf(store)} ${(ms / 1000).toFixed(1)} s`;
}

function nameOf(store: Played["store"]): string {
  return store === "sqlite" ? "SQLite" : "Postgres";
}

/** Lines of at most that width: between words where it can be, within one that is longer. */
function folded(text: string, width: number): string[] {
  return wrapped(text, width).flatMap((line) => {
    const parts: string[] = [];
    for (let rest = line; rest !== ""; ) {
      let part = rest;
      while (widthOf(part) > width) part = part.slice(0, -1);
      parts.push(part);
      rest = rest.slice(part.length);
    }
    return parts;
  });
}
