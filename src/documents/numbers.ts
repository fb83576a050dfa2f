/**
 * Number systems of printed labels: parse one, and say how the next relates to it. Pure arithmetic on labels: nothing here knows
 * what a chapter is.
 *
 *   arabic   64, 16a, 2bis, 36-2         roman    III, IVa, "IV a"
 *   letters  a, b … in the alphabet of the profile, aa after z     double   aa, bb (a second series)
 *   decimal  2.1, 1.10.3, A.1 (the last number counts; the rest is the prefix)
 */

export type NumberSystem = "arabic" | "roman" | "letters" | "double" | "decimal";

/** A label's place in its sequence: 16a is {main: 16, insert: 1}; insert 0 means nothing was inserted. */
export interface Ordinal {
  main: number;
  insert: number;
}

/** Letters in order; `optional` ones may be skipped without a gap (German annex letters leave out j, Vietnamese points f j w z). */
export interface Alphabet {
  letters: string;
  optional: string;
}

export type Step = "next" | "gap" | "repeat" | "disorder" | "restart";

const latinInserts = ["", "", "bis", "ter", "quater", "quinquies", "sexies", "septies", "octies", "novies", "decies"];
const romanDigits: readonly (readonly [string, number])[] = [
  ["M", 1000],
  ["CM", 900],
  ["D", 500],
  ["CD", 400],
  ["C", 100],
  ["XC", 90],
  ["L", 50],
  ["XL", 40],
  ["X", 10],
  ["IX", 9],
  ["V", 5],
  ["IV", 4],
  ["I", 1],
];

/** The ordinal a label stands for in a system, or null when it is no number of that system. */
export function parseNumber(label: string, system: NumberSystem, alphabet: Alphabet): Ordinal | null {
  switch (system) {
    case "arabic": {
      const match = /^(\d{1,6})(?:[ \u00a0]?(\p{L}{1,9})|[-–](\d{1,4}))?$/u.exec(label);
      if (!match) return null;
      if (match[3] !== undefined) return ordinal(Number(match[1]), Number(match[3]));
      return withInsert(Number(match[1]), match[2], alphabet);
    }
    case "roman": {
      const match = /^([IVXLCDM]{1,15}|[ivxlcdm]{1,15})(?:[ \u00a0]?([a-zđ]))?$/u.exec(label);
      const value = match?.[1] === undefined ? 0 : romanValue(match[1].toUpperCase());
      return value === 0 ? null : withInsert(value, match?.[2], alphabet);
    }
    case "letters": {
      const index = letterIndex(label, alphabet);
      return index === 0 ? null : ordinal(index, 0);
    }
    case "double": {
      const characters = [...label];
      if (characters.length !== 2 || characters[0] !== characters[1]) return null;
      const index = letterIndex(characters[0] ?? "", alphabet);
      return index === 0 ? null : ordinal(index, 0);
    }
    case "decimal": {
      const match = /^(?:\d{1,6}|\p{L})(?:\.\d{1,6})*\.(\d{1,6})$/u.exec(label);
      return match ? ordinal(Number(match[1]), 0) : null;
    }
  }
}

/** Whether a number may open a sequence: 1, a, I; arabic and decimal also 0. */
export function isFirst(value: Ordinal, system: NumberSystem): boolean {
  if (value.insert !== 0) return false;
  return value.main === 1 || (value.main === 0 && (system === "arabic" || system === "decimal"));
}

/** How `next` follows `previous` (L5). Both of one system; letters may skip the alphabet's optional ones. */
export function stepFrom(previous: Ordinal, next: Ordinal, system: NumberSystem, alphabet: Alphabet): Step {
  if (next.main === previous.main) {
    if (next.insert === previous.insert) return "repeat";
    if (next.insert < previous.insert) return "disorder";
    return onlyOptional(previous.insert, next.insert, alphabet) ? "next" : "gap";
  }
  if (next.main > previous.main) {
    const adjacent =
      system === "letters" || system === "double"
        ? onlyOptional(previous.main, next.main, alphabet)
        : next.main === previous.main + 1;
    return adjacent && next.insert === 0 ? "next" : "gap";
  }
  return isFirst(next, system) ? "restart" : "disorder";
}

/** True when every letter strictly between the two places may be left out. */
function onlyOptional(from: number, to: number, alphabet: Alphabet): boolean {
  const letters = [...alphabet.letters];
  if (to - from > letters.length) return false;
  for (let place = from + 1; place < to; place++) {
    const letter = letters[(place - 1) % letters.length];
    if (letter === undefined || !alphabet.optional.includes(letter)) return false;
  }
  return true;
}

function withInsert(main: number, text: string | undefined, alphabet: Alphabet): Ordinal | null {
  if (text === undefined) return ordinal(main, 0);
  const latin = latinInserts.indexOf(text.toLowerCase());
  if (latin > 1) return ordinal(main, latin);
  const index = letterIndex(text, alphabet);
  return index === 0 ? null : ordinal(main, index);
}

/** 1-based place; a repeated letter (aa) continues after the alphabet; 0 when it is none. One case only: Aa is no number. */
function letterIndex(text: string, alphabet: Alphabet): number {
  const characters = [...text];
  const head = characters[0];
  if (head === undefined || characters.length > 3 || characters.some((letter) => letter !== head)) return 0;
  const letters = [...alphabet.letters];
  const index = letters.indexOf(head.toLowerCase());
  return index < 0 ? 0 : (characters.length - 1) * letters.length + index + 1;
}

function romanValue(text: string): number {
  let value = 0;
  let rest = text;
  for (const [digits, worth] of romanDigits) {
    while (rest.startsWith(digits)) {
      value += worth;
      rest = rest.slice(digits.length);
    }
  }
  return rest === "" && toRoman(value) === text ? value : 0;
}

function toRoman(value: number): string {
  let text = "";
  let rest = value;
  for (const [digits, worth] of romanDigits) {
    while (rest >= worth) {
      text += digits;
      rest -= worth;
    }
  }
  return text;
}

function ordinal(main: number, insert: number): Ordinal {
  return { main, insert };
}
