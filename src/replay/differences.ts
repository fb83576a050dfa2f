/** Which fields of an event differ from what was decided. Its chain, its signature and its place are other checks' business. */
import { canonicalText } from "../events/canonical.js";
import { refusedType } from "../ledger/answers.js";

export interface Difference {
  readonly field: string;
  readonly expected: string;
  readonly actual: string;
}

/** Fields that a decision determines. */
const decided = ["schema", "type", "id", "stream", "time", "cause", "data"] as const;

/** The differing fields, deepest first difference of each; none where the bytes are equal or differ only in {@link wordsOf}. */
export function differences(drafted: Uint8Array, written: Uint8Array): Difference[] {
  if (Buffer.compare(drafted, written) === 0) return [];
  const expected = withoutWords(parse(drafted));
  const actual = withoutWords(parse(written));
  return decided.flatMap((field) => {
    const difference = differingField(field, member(expected, field), member(actual, field));
    return difference === null ? [] : [difference];
  });
}

/** Whether the sentences in an event are other than those of what was decided. */
export function wordsDiffer(drafted: Uint8Array, written: Uint8Array): boolean {
  if (Buffer.compare(drafted, written) === 0) return false;
  return said(wordsOf(parse(drafted))) !== said(wordsOf(parse(written)));
}

/**
 * The sentences in which a program told a person what it decided, as opposed to what it decided: a code, numbers, a verdict. Another
 * release says the same in other words.
 */
function wordsOf(event: unknown): readonly unknown[] {
  const data = member(event, "data");
  switch (member(event, "type")) {
    case refusedType:
      return [member(data, "message"), member(data, "next")];
    case "TargetAssessed":
      return list(member(data, "reasons")).map((reason) => member(reason, "message"));
    default:
      return [];
  }
}

/** The event with an empty sentence for each that is in its place; one that is missing, or no text, stays as it is. */
function withoutWords(event: unknown): unknown {
  const data = member(event, "data");
  switch (member(event, "type")) {
    case refusedType:
      return { ...(event as object), data: silenced(data, ["message", "next"]) };
    case "TargetAssessed": {
      const reasons = list(member(data, "reasons")).map((reason) => silenced(reason, ["message"]));
      return { ...(event as object), data: { ...(data as object), reasons } };
    }
    default:
      return event;
  }
}

function silenced(value: unknown, keys: readonly string[]): unknown {
  if (!isObject(value)) return value;
  const words = keys.filter((key) => typeof member(value, key) === "string");
  return { ...value, ...Object.fromEntries(words.map((key) => [key, ""])) };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The first place, in key order, where two values differ, named from `field` down; null where they are the same. */
export function differingField(field: string, expected: unknown, actual: unknown): Difference | null {
  const [one, other] = [said(expected), said(actual)];
  if (one === other) return null;
  if (isObject(expected) && isObject(actual) && Array.isArray(expected) === Array.isArray(actual)) {
    for (const key of [...new Set([...Object.keys(expected), ...Object.keys(actual)])].sort()) {
      const difference = differingField(`${field}.${key}`, member(expected, key), member(actual, key));
      if (difference !== null) return difference;
    }
  }
  return { field, expected: short(one), actual: short(other) };
}

function member(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function said(value: unknown): string {
  if (value === undefined) return "nothing";
  try {
    return canonicalText(value);
  } catch {
    return String(JSON.stringify(value));
  }
}

function short(text: string): string {
  return text.length <= 120 ? text : `${text.slice(0, 117)}…`;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch {
    return undefined;
  }
}
