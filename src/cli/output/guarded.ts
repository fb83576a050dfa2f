/**
 * The last line of defence for a person's terminal: whatever a command hands out, no control character, escape sequence or direction mark but
 * our own colours goes through. Text of others is made visible where it is shown; this holds where that was forgotten. Must never change a
 * value: in JSON the same characters are written as JSON escapes.
 */
import type { Terminal } from "./Terminal.js";
import { dangerous, written } from "./text.js";

/** The few colours of `style.ts`. Concealed text, fonts and everything that moves are none of them. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what is looked for
const ours = /\u001b\[(?:0|1|2|4|9|22|24|29|3[0-9])m/y;

/** The terminal, guarded. `json`: what is written to stdout is JSON, which only strings of it can hold such characters. */
export function guarded(terminal: Terminal, json: boolean): Terminal {
  const words = (text: string) => harmless(text, terminal.colour || terminal.live);
  // The members of a terminal are live (`closed` changes), so it is wrapped, not copied.
  return Object.create(terminal, {
    out: { value: (text: string) => terminal.out(json ? jsonSafe(text) : words(text)) },
    note: { value: (text: string) => terminal.note(words(text)) },
    ask: { value: (question: string) => terminal.ask(words(question)) },
    askSecret: { value: (question: string) => terminal.askSecret(words(question)) },
    redraw: { value: (line: string) => terminal.redraw(words(line)) },
  }) as Terminal;
}

/** Lines without anything that steers a terminal; line breaks, tabs and (with `colour`) our own paint stay. */
export function harmless(text: string, colour: boolean): string {
  return text.replace(dangerous, (char, at: number) => {
    if (char === "\n" || char === "\t") return char;
    if (char === "\u001b" && colour) {
      ours.lastIndex = at;
      if (ours.test(text)) return char;
    }
    return written(char);
  });
}

/** JSON that is the same value and steers no terminal: `JSON.stringify` leaves C1 controls and direction marks as they are. */
export function jsonSafe(json: string): string {
  return json.replace(dangerous, (char) =>
    char === "\n" ? char : `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
