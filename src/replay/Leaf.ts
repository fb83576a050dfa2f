/**
 * One event as replay sees it: the stored row, its leaf hash, what the bytes say about their own place, and, when a check asks, the
 * parsed envelope. Parsed once and shared by all checks. Making one never throws: what is wrong with the bytes is in it.
 */
import { hash } from "node:crypto";
import { isFactType, schemaOf } from "../events/decode.js";
import { type Envelope, envelopeSchema } from "../events/envelope.js";
import { facts } from "../events/facts.js";
import type { StoredEvent } from "../ledger/Store.js";
import { asBuffer } from "./asBuffer.js";
import { type CanonicalFault, scanCanonical, scanned } from "./scanCanonical.js";

/** What is wrong with an event: the field, the rule it breaks, in words. */
export interface ShapeFault {
  readonly field: string | null;
  readonly rule: string;
  readonly message: string;
}

export interface Leaf extends StoredEvent {
  /** RFC 6962 leaf hash, hex. */
  readonly hash: string;
  /** Where the bytes are not canonical, or null. */
  readonly fault: CanonicalFault | null;
  /** The place the bytes themselves name; undefined members where they name none in shape. */
  readonly inside: {
    readonly stream: string | undefined;
    readonly revision: number | undefined;
    readonly prev: string | null | undefined;
    readonly time: string | undefined;
  };
  /** Kept by {@link readingOf}. */
  reading: Reading | null;
}

/** The parsed envelope, null where the bytes are none; and the first thing wrong with it or with its data. */
export interface Reading {
  readonly envelope: Envelope | null;
  readonly fault: ShapeFault | null;
}

/** Looks at a stored event: one scan and one hash; parsing waits until somebody asks. */
export function leafOf({ position, stream, revision, bytes }: StoredEvent): Leaf {
  const fault = scanCanonical(bytes);
  const inside = fault === null ? insideScanned(asBuffer(bytes)) : insideParsed(bytes);
  return { position, stream, revision, bytes, hash: leafHashOf(bytes), fault, inside, reading: null };
}

/** The event of a leaf, parsed at the first call. */
export function readingOf(leaf: Leaf): Reading {
  leaf.reading ??= parse(leaf.bytes);
  return leaf.reading;
}

let prefixed = Buffer.alloc(1 << 17);

/** {@link leafHash} in one call on one buffer: half the cost of an incremental hash, and there is one for every event. */
function leafHashOf(bytes: Uint8Array): string {
  if (bytes.length >= prefixed.length) prefixed = Buffer.alloc(2 * bytes.length);
  prefixed.set(bytes, 1);
  return hash("sha256", prefixed.subarray(0, bytes.length + 1));
}

/** A stream's name is ASCII without anything to escape (`envelopeSchema`), and so is a digest. */
function insideScanned(bytes: Buffer): Leaf["inside"] {
  const { prevStart, prevEnd, revisionStart, revisionEnd, streamStart, streamEnd, timeStart, timeEnd } = scanned;
  const first = revisionStart < 0 ? 0 : (bytes[revisionStart] as number);
  return {
    stream: isText(bytes, streamStart) ? bytes.toString("latin1", streamStart + 1, streamEnd - 1) : undefined,
    revision: first >= 0x30 && first <= 0x39 ? Number(bytes.toString("latin1", revisionStart, revisionEnd)) : undefined,
    prev: isText(bytes, prevStart)
      ? bytes.toString("latin1", prevStart + 1, prevEnd - 1)
      : prevStart >= 0 && bytes[prevStart] === 0x6e
        ? null
        : undefined,
    time: isText(bytes, timeStart) ? bytes.toString("latin1", timeStart + 1, timeEnd - 1) : undefined,
  };
}

function isText(bytes: Buffer, start: number): boolean {
  return start >= 0 && bytes[start] === 0x22;
}

/** For bytes that are not canonical: whatever JSON there is in them. */
function insideParsed(bytes: Uint8Array): Leaf["inside"] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    value = null;
  }
  const { stream, revision, prev, time } = (typeof value === "object" && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  return {
    stream: typeof stream === "string" ? stream : undefined,
    revision: typeof revision === "number" ? revision : undefined,
    prev: typeof prev === "string" || prev === null ? prev : undefined,
    time: typeof time === "string" ? time : undefined,
  };
}

function parse(bytes: Uint8Array): Reading {
  let value: unknown;
  try {
    value = JSON.parse(asBuffer(bytes).toString("utf8"));
  } catch (error) {
    const message = `the bytes are no JSON: ${error instanceof Error ? error.message : String(error)}`;
    return { envelope: null, fault: { field: null, rule: "envelope", message } };
  }
  const parsed = envelopeSchema.safeParse(value);
  if (parsed.success) return { envelope: parsed.data, fault: decodeIssue(parsed.data) };
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") || null;
  return {
    envelope: null,
    fault: { field, rule: "envelope", message: issue?.message ?? "not the shape of an envelope" },
  };
}

/** What `decodeEvent` would throw, as a value that names the field: replay goes on where a reader of the ledger must stop. */
function decodeIssue({ type, schema, data }: Envelope): ShapeFault | null {
  if (!isFactType(type)) {
    return { field: "type", rule: "known type", message: `this program does not know the type ${type}` };
  }
  if (schema > schemaOf(type)) {
    const message = `${type} schema ${schema} is newer than this program's ${schemaOf(type)}`;
    return { field: "schema", rule: "known schema", message };
  }
  const parsed = facts[type].safeParse(data);
  if (parsed.success) return null;
  const issue = parsed.error.issues[0];
  return {
    field: ["data", ...(issue?.path ?? [])].join("."),
    rule: `${type} schema ${schema}`,
    message: issue?.message ?? "wrong shape",
  };
}
