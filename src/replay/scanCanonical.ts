/**
 * One pass over the bytes of an event: are they canonical JSON (RFC 8785 as `src/events/canonical.ts` narrows it), and if not, at which
 * byte not? Says what `isCanonical` says, without building a value, and on the way notes where four members of the
 * envelope stand. Never throws, whatever the bytes are; never looks at meaning.
 */
import { isUtf8 } from "node:buffer";
import { depthMax } from "../events/strictJson.js";
import { asBuffer } from "./asBuffer.js";

/** Where the bytes stop being canonical (UTF-8 byte offset), and by which rule. */
export interface CanonicalFault {
  readonly at: number;
  readonly message: string;
}

/** Members at the top of the object, as byte spans of their values; -1 where there is none. Good until the next scan. */
export interface ScannedMembers {
  prevStart: number;
  prevEnd: number;
  revisionStart: number;
  revisionEnd: number;
  streamStart: number;
  streamEnd: number;
  timeStart: number;
  timeEnd: number;
}

/** Of the newest scan that found no fault. One object for all scans, since there is one scan for every event of a ledger. */
export const scanned: ScannedMembers = {
  prevStart: -1,
  prevEnd: -1,
  revisionStart: -1,
  revisionEnd: -1,
  streamStart: -1,
  streamEnd: -1,
  timeStart: -1,
  timeEnd: -1,
};

const quote = 0x22;
const comma = 0x2c;
const minus = 0x2d;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

let bytes: Buffer = Buffer.alloc(0);
let at = 0;
let fault: CanonicalFault | null = null;
/** Whether the newest string held anything but plain ASCII: then keys are compared as UTF-16, which RFC 8785 sorts by. */
let plain = true;

/** The first fault of the bytes, or null: then they are canonical and {@link scanned} holds the members. */
export function scanCanonical(input: Uint8Array): CanonicalFault | null {
  if (!isUtf8(input)) return { at: firstInvalid(input), message: "not UTF-8" };
  bytes = asBuffer(input);
  at = 0;
  fault = null;
  scanned.prevStart = -1;
  scanned.revisionStart = -1;
  scanned.streamStart = -1;
  scanned.timeStart = -1;
  if (value(1) && at < bytes.length) return { at, message: "text after the end of the JSON value" };
  return fault;
}

function value(depth: number): boolean {
  const byte = bytes[at];
  if (byte === quote) return string();
  if (byte === openBrace) return object(depth);
  if (byte === openBracket) return array(depth);
  if (byte === minus || (byte !== undefined && byte >= zero && byte <= nine)) return number();
  if (byte === 0x74) return literal("true");
  if (byte === 0x66) return literal("false");
  if (byte === 0x6e) return literal("null");
  return no(at >= bytes.length ? "the JSON text ends too early" : "no JSON value, or white space before one");
}

function object(depth: number): boolean {
  if (depth > depthMax) return no(`nested deeper than ${depthMax}`);
  at++;
  if (bytes[at] === closeBrace) {
    at++;
    return true;
  }
  let keyStart = -1;
  let keyEnd = -1;
  let keyPlain = true;
  for (;;) {
    if (bytes[at] !== quote) return no("expected a key in double quotes");
    const start = at;
    if (!string()) return false;
    if (keyStart >= 0 && !precedes(keyStart, keyEnd, keyPlain, start, at, plain)) {
      at = start;
      return no("a key that is out of order or stands twice");
    }
    keyStart = start;
    keyEnd = at;
    keyPlain = plain;
    if (bytes[at] !== colon) return no("expected ':' right after a key");
    at++;
    const valueStart = at;
    if (!value(depth + 1)) return false;
    if (depth === 1) note(keyStart, keyEnd, valueStart);
    if (bytes[at] === comma) at++;
    else if (bytes[at] === closeBrace) {
      at++;
      return true;
    } else return no("expected ',' or '}'");
  }
}

function array(depth: number): boolean {
  if (depth > depthMax) return no(`nested deeper than ${depthMax}`);
  at++;
  if (bytes[at] === closeBracket) {
    at++;
    return true;
  }
  for (;;) {
    if (!value(depth + 1)) return false;
    if (bytes[at] === comma) at++;
    else if (bytes[at] === closeBracket) {
      at++;
      return true;
    } else return no("expected ',' or ']'");
  }
}

/** The innermost loop of replay: locals only, one look at each byte. */
function string(): boolean {
  const here = bytes;
  let i = at + 1;
  plain = true;
  for (;;) {
    const byte = here[i];
    if (byte === undefined) return no("a string that is not closed");
    if (byte === quote) {
      at = i + 1;
      return true;
    }
    if (byte === backslash) {
      plain = false;
      at = i;
      if (!escaped()) return false;
      i = at;
    } else if (byte < 0x20) {
      at = i;
      return no("a raw control character");
    } else {
      if (byte > 0x7f) plain = false;
      i++;
    }
  }
}

/** RFC 8785 section 3.2.2.2: `\" \\ \b \t \n \f \r`, and `\u00xx` in lower case for the other control characters; nothing else. */
function escaped(): boolean {
  switch (bytes[at + 1]) {
    case quote:
    case backslash:
    case 0x62:
    case 0x66:
    case 0x6e:
    case 0x72:
    case 0x74:
      at += 2;
      return true;
    case 0x75: {
      const hex = bytes.toString("latin1", at + 2, at + 6);
      if (!/^00[01][0-9a-f]$/.test(hex) || /^00(?:0[89acd])$/.test(hex)) break;
      at += 6;
      return true;
    }
  }
  return no("an escape that is not the canonical one");
}

function number(): boolean {
  const start = at;
  if (bytes[at] === minus) at++;
  const first = bytes[at];
  if (first === zero) {
    at++;
    if (at - start > 1) return noAt(start, "-0 is not stored");
  } else {
    while (isDigit(bytes[at])) at++;
    if (bytes[start] === minus && at === start + 1) return noAt(start, "not a number");
  }
  const next = bytes[at];
  if (isDigit(next)) return noAt(start, "a number with a leading zero");
  if (next === 0x2e || next === 0x65 || next === 0x45) return noAt(start, "a number that is not a plain integer");
  // Fifteen digits are always safe (2^53 has sixteen).
  if (at - start > 15 && !Number.isSafeInteger(Number(bytes.toString("latin1", start, at)))) {
    return noAt(start, "an integer beyond 2^53-1");
  }
  return true;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

function literal(word: string): boolean {
  if (bytes.toString("latin1", at, at + word.length) !== word) return no("no JSON value");
  at += word.length;
  return true;
}

/** Whether one key (a span with its quotes) comes before another, by UTF-16 code units as RFC 8785 section 3.2.3 says. */
function precedes(
  start: number,
  end: number,
  isPlain: boolean,
  start2: number,
  end2: number,
  isPlain2: boolean,
): boolean {
  if (isPlain && isPlain2) {
    const here = bytes;
    let i = start + 1;
    let j = start2 + 1;
    for (; i < end - 1 && j < end2 - 1; i++, j++) {
      const difference = (here[i] as number) - (here[j] as number);
      if (difference !== 0) return difference < 0;
    }
    return end - start < end2 - start2;
  }
  return (
    (JSON.parse(bytes.toString("utf8", start, end)) as string) <
    (JSON.parse(bytes.toString("utf8", start2, end2)) as string)
  );
}

function note(keyStart: number, keyEnd: number, valueStart: number): void {
  const length = keyEnd - keyStart;
  // "prev", "time", "stream", "revision", told apart by length first: this runs for every member of every event.
  if (length === 6 && is(keyStart, '"prev"')) {
    scanned.prevStart = valueStart;
    scanned.prevEnd = at;
  } else if (length === 6 && is(keyStart, '"time"')) {
    scanned.timeStart = valueStart;
    scanned.timeEnd = at;
  } else if (length === 8 && is(keyStart, '"stream"')) {
    scanned.streamStart = valueStart;
    scanned.streamEnd = at;
  } else if (length === 10 && is(keyStart, '"revision"')) {
    scanned.revisionStart = valueStart;
    scanned.revisionEnd = at;
  }
}

function is(start: number, key: string): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[start + i] !== key.charCodeAt(i)) return false;
  return true;
}

function no(message: string): false {
  fault = { at, message };
  return false;
}

function noAt(start: number, message: string): false {
  at = start;
  return no(message);
}

/** Where the longest valid head of the bytes ends, found by halving: `isUtf8` is fast and this is rare. */
function firstInvalid(input: Uint8Array): number {
  // The end of the longest valid head that ends at or before `end`: at most three bytes back, where `end` cuts a good character.
  const head = (end: number) => [0, 1, 2, 3].find((back) => back <= end && isUtf8(input.subarray(0, end - back)));
  let valid = 0;
  let invalid = input.length;
  while (invalid - valid > 1) {
    const middle = valid + Math.floor((invalid - valid) / 2);
    if (head(middle) === undefined) invalid = middle;
    else valid = middle;
  }
  return valid - (head(valid) ?? 0);
}
