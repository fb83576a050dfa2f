/**
 * Strict parsing of JSON that came from outside (RFC 8259 as narrowed by I-JSON, RFC 7493): duplicate keys, lone surrogates,
 * unsafe or fractional numbers and nesting over 64 are malformed, each with the character it stands at.
 * `JSON.parse` alone would silently keep the last of two equal keys; a signature would then cover a value nobody saw.
 */

/** Nesting allowed in input. */
export const depthMax = 64;

export type Parsed = { ok: true; value: unknown } | { ok: false; at: number; message: string };

class Malformed extends Error {
  readonly at: number;
  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** Parses a JSON text. `at` is the index of the offending UTF-16 unit. Never throws. */
export function parseStrictJson(text: string): Parsed {
  const reader = { text, at: 0 };
  try {
    skipSpace(reader);
    const value = readValue(reader, 1);
    skipSpace(reader);
    if (reader.at < text.length) throw new Malformed(reader.at, "text after the end of the JSON value");
    return { ok: true, value };
  } catch (error) {
    if (error instanceof Malformed) return { ok: false, at: error.at, message: error.message };
    throw error;
  }
}

interface Reader {
  readonly text: string;
  at: number;
}

function readValue(reader: Reader, depth: number): unknown {
  const char = reader.text[reader.at];
  if (char === "{" || char === "[") {
    if (depth > depthMax) throw new Malformed(reader.at, `nested deeper than ${depthMax}`);
    return char === "{" ? readObject(reader, depth) : readArray(reader, depth);
  }
  if (char === '"') return readString(reader);
  for (const [word, value] of [
    ["true", true],
    ["false", false],
    ["null", null],
  ] as const) {
    if (reader.text.startsWith(word, reader.at)) {
      reader.at += word.length;
      return value;
    }
  }
  return readNumber(reader);
}

function readObject(reader: Reader, depth: number): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  reader.at++;
  skipSpace(reader);
  if (take(reader, "}")) return object;
  for (;;) {
    const keyAt = reader.at;
    if (reader.text[keyAt] !== '"') throw new Malformed(keyAt, "expected a key in double quotes");
    const key = readString(reader);
    if (Object.hasOwn(object, key)) throw new Malformed(keyAt, `the key ${JSON.stringify(key)} stands twice`);
    skipSpace(reader);
    if (!take(reader, ":")) throw new Malformed(reader.at, "expected ':' after a key");
    skipSpace(reader);
    // defineProperty, since an assignment to "__proto__" would set the prototype and lose the member.
    Object.defineProperty(object, key, {
      value: readValue(reader, depth + 1),
      enumerable: true,
      configurable: true,
      writable: true,
    });
    skipSpace(reader);
    if (take(reader, "}")) return object;
    if (!take(reader, ",")) throw new Malformed(reader.at, "expected ',' or '}'");
    skipSpace(reader);
  }
}

function readArray(reader: Reader, depth: number): unknown[] {
  const array: unknown[] = [];
  reader.at++;
  skipSpace(reader);
  if (take(reader, "]")) return array;
  for (;;) {
    array.push(readValue(reader, depth + 1));
    skipSpace(reader);
    if (take(reader, "]")) return array;
    if (!take(reader, ",")) throw new Malformed(reader.at, "expected ',' or ']'");
    skipSpace(reader);
  }
}

function readString(reader: Reader): string {
  const start = reader.at;
  let end = start + 1;
  while (end < reader.text.length && reader.text[end] !== '"') end += reader.text[end] === "\\" ? 2 : 1;
  if (end >= reader.text.length) throw new Malformed(start, "a string is not closed");
  let value: string;
  try {
    value = JSON.parse(reader.text.slice(start, end + 1)) as string;
  } catch {
    throw new Malformed(start, "not a JSON string: a control character or an unknown escape");
  }
  if (!value.isWellFormed()) throw new Malformed(start, "a lone surrogate is not a character");
  reader.at = end + 1;
  return value;
}

function readNumber(reader: Reader): number {
  const match = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/.exec(reader.text.slice(reader.at, reader.at + 400));
  if (match === null) {
    throw new Malformed(
      reader.at,
      reader.at >= reader.text.length ? "the JSON text ends too early" : "not a JSON value",
    );
  }
  const value = Number(match[0]);
  if (!/^-?\d+$/.test(match[0]) || !Number.isSafeInteger(value) || Object.is(value, -0)) {
    throw new Malformed(reader.at, `${match[0]} is not an integer between -(2^53-1) and 2^53-1`);
  }
  reader.at += match[0].length;
  return value;
}

function skipSpace(reader: Reader): void {
  while (reader.at < reader.text.length && " \t\n\r".includes(reader.text[reader.at] as string)) reader.at++;
}

function take(reader: Reader, char: string): boolean {
  if (reader.text[reader.at] !== char) return false;
  reader.at++;
  return true;
}
