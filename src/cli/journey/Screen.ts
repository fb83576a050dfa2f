/**
 * What a journey is shown on: numbered steps, sentences, facts, tables, what was appended, what was refused. Lays text out for the width
 * there is and knows nothing of ledgers. Must never be the only place that holds a fact: all it shows is handed to it.
 */
import { asTyped, type Typing } from "../output/hint.js";
import { marks, type Paint, type Style } from "../output/style.js";
import type { Terminal } from "../output/Terminal.js";
import { type Cell, type Column, table } from "../output/table.js";
import { oneLine, pad, shorten, visible, widthOf, wrapped } from "../output/text.js";
import { tookText, wrappedItems } from "./wording.js";

export type Fact = readonly [name: string, value: string];

export interface Screen {
  readonly style: Style;
  /** Columns for what stands in a step. */
  readonly width: number;
  /** How many steps were begun. */
  readonly steps: number;
  /** An empty line, but never two in a row. */
  gap(): void;
  /** The journey's own heading, with facts under it. */
  heading(title: string, facts: readonly Fact[]): void;
  /** Begins the next numbered step. */
  step(title: string): void;
  /** Sentences, wrapped. */
  say(text: string, paint?: Paint): void;
  /** Names and values in two columns; long values are wrapped. */
  facts(facts: readonly Fact[]): void;
  /** Many short names and values, two pairs beside each other where they fit. */
  grid(facts: readonly Fact[]): void;
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void;
  /** Lines as they are; too long ones are shortened. */
  lines(lines: readonly string[]): void;
  /** A command to type, whole, however long. */
  command(command: string): void;
  /** One act: where its events stand, what they are, who acted, how long it took. */
  act(positions: string, types: readonly string[], actor: string, ms: number): void;
  /** One "no": its code, why, what to do. */
  refusal(code: string, message: string, next: string): void;
}

const indent = "    ";

export function screen(terminal: Terminal, style: Style, typing: Typing): Screen {
  const columns = Math.max(40, Math.min(terminal.width ?? 80, 100));
  const width = columns - indent.length;
  let steps = 0;
  let gapped = true;

  function put(line: string): void {
    terminal.out(oneLine(line));
    gapped = line === "";
  }
  const within = (line: string) => put(line === "" ? "" : indent + line);
  const putFacts = (facts: readonly Fact[], room: number, write: (line: string) => void) => {
    const first = Math.max(0, ...facts.map(([name]) => widthOf(name))) + 2;
    for (const [name, value] of facts) {
      for (const [i, line] of wrapped(value, room - first).entries())
        write(style.faint(pad(i === 0 ? name : "", first)) + line);
    }
  };
  const self: Screen = {
    style,
    width,
    get steps() {
      return steps;
    },
    gap() {
      if (!gapped) put("");
    },
    heading(title, facts) {
      self.gap();
      for (const line of wrapped(title, columns)) put(style.strong(line));
      put("");
      putFacts(facts, columns, put);
    },
    step(title) {
      steps++;
      self.gap();
      for (const [i, line] of wrapped(title, width).entries())
        put(`${style.command(pad(i === 0 ? `${steps}` : "", indent.length - 2, "right"))}  ${style.strong(line)}`);
      gapped = true;
    },
    say(text, paint = (line) => line) {
      for (const line of wrapped(text, width)) within(paint(line));
    },
    facts(facts) {
      putFacts(facts, width, within);
    },
    grid(facts) {
      const half = Math.ceil(facts.length / 2);
      const names = Math.max(0, ...facts.map(([name]) => widthOf(name)));
      const values = Math.max(0, ...facts.map(([, value]) => widthOf(value)));
      if (2 * (names + values) + 7 > width) return self.facts(facts);
      const cell = ([name, value]: Fact) => `${style.faint(pad(name, names))}  ${pad(value, values)}`;
      for (const [i, left] of facts.slice(0, half).entries()) {
        const right = facts[half + i];
        within(right === undefined ? cell(left).trimEnd() : `${cell(left)}   ${cell(right).trimEnd()}`);
      }
    },
    table(titles, rows) {
      for (const line of table(titles, rows, { style, width })) within(line);
    },
    lines(lines) {
      for (const line of lines) within(shorten(line, width));
    },
    command(command) {
      within(`${style.faint("$")} ${style.command(command)}`);
    },
    act(positions, types, actor, ms) {
      const time = pad(tookText(ms), 7, "right");
      const at = pad(positions, 9);
      const who = shorten(actor, Math.floor(width * 0.33));
      const room = Math.max(12, width - widthOf(at) - widthOf(who) - widthOf(time) - 6);
      for (const [i, line] of wrappedItems(types, room).entries()) {
        if (i > 0) within(" ".repeat(widthOf(at) + 3) + line);
        else within(`${style.good("+")} ${style.faint(at)} ${pad(line, room)}  ${who} ${style.faint(time)}`);
      }
    },
    refusal(code, message, next) {
      within(`${style.bad(marks.bad)} ${style.bad(visible(code))}`);
      for (const line of wrapped(visible(message), width - 2)) within(`  ${line}`);
      // A command is for copying: it is not broken.
      within(`  ${style.faint("next")} ${asTyped(next, style, typing)}`);
    },
  };
  return self;
}
