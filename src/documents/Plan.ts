/**
 * What a cut will do, as canonical bytes: the tree of units with their spans and digests, and the findings.
 *
 * A plan is content: it may carry titles, so it is stored (and erased) with the text. What goes on the append-only ledger is
 * its digest and, per unit, address, kind and label. Those three therefore never hold words of the document: only kind
 * abbreviations, printed numbers and letters, and counters (`pre_n1`). This file must never import a grammar.
 */
import { canonicalBytes } from "../events/canonical.js";

/** UTF-8 byte offsets into the content, half-open: [start, end). */
export interface Span {
  start: number;
  end: number;
}

/** One piece of a document. `units[0]` is always the root: address "doc", kind "document", span [0, length). */
export interface Unit {
  /** Akoma-Ntoso-like, unique in the plan: `chp_III__art_64__cl_2__pt_đ`. */
  address: string;
  kind: string;
  /** The number as printed (NFC), without keyword and punctuation; null when the unit has none. */
  label: string | null;
  /** The heading's words; null when there are none. In the plan only. */
  title: string | null;
  /** The parent's address; null for the root. */
  parent: string | null;
  depth: number;
  /** From the first byte of the label to the last byte that is not white space, children included. */
  span: Span;
  /** SHA-256 of the bytes of the span. */
  raw: string;
  /** Digest of the same text under `normAlgorithm`. */
  norm: string;
}

/** Something odd. Blocking findings must be acknowledged by id before a cut may run. */
export interface Finding {
  /** 16 hex digits, from rule, address and detail: the same oddity has the same id on every machine. */
  id: string;
  rule: string;
  address: string | null;
  message: string;
  blocking: boolean;
}

export type Grammar = "markdown" | "statute";

/** A plan: plain, canonical-JSON-able, no floats. */
export interface Plan {
  schema: 1;
  contentDigest: string;
  length: number;
  cutter: string;
  grammar: Grammar;
  profile: string;
  normAlgorithm: string;
  units: Unit[];
  findings: Finding[];
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string" && value !== "";
const isTextOrNull: Check = (value) => value === null || isText(value);
const isOffset: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isDigest: Check = (value) => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

const planShape: Record<keyof Plan, Check> = {
  schema: (value) => value === 1,
  contentDigest: isDigest,
  length: isOffset,
  cutter: isText,
  grammar: (value) => value === "markdown" || value === "statute",
  profile: isText,
  normAlgorithm: isText,
  units: Array.isArray,
  findings: Array.isArray,
};
const unitShape: Record<keyof Unit, Check> = {
  address: isText,
  kind: isText,
  label: isTextOrNull,
  title: isTextOrNull,
  parent: isTextOrNull,
  depth: isOffset,
  span: (value) => misfit(value, spanShape) === null,
  raw: isDigest,
  norm: isDigest,
};
const spanShape: Record<keyof Span, Check> = { start: isOffset, end: isOffset };
const findingShape: Record<keyof Finding, Check> = {
  id: (value) => typeof value === "string" && /^[0-9a-f]{16}$/.test(value),
  rule: isText,
  address: isTextOrNull,
  message: isText,
  blocking: (value) => typeof value === "boolean",
};

/** The first field that is missing, unknown or of the wrong kind; null when the value has exactly the shape. */
function misfit(value: unknown, shape: Record<string, Check>): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return "(not an object)";
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(shape, key));
  if (unknown !== undefined) return unknown;
  const fields = value as Record<string, unknown>;
  return Object.keys(shape).find((key) => !Object.hasOwn(value, key) || !shape[key]?.(fields[key])) ?? null;
}

function misfitOf(value: unknown): string | null {
  const top = misfit(value, planShape);
  if (top !== null) return top;
  const plan = value as { units: unknown[]; findings: unknown[] };
  for (const [list, shape] of [
    ["units", unitShape],
    ["findings", findingShape],
  ] as const) {
    for (const [index, entry] of plan[list].entries()) {
      const field = misfit(entry, shape);
      if (field !== null) return `${list}.${index}.${field}`;
    }
  }
  return null;
}

/**
 * Reads plan bytes. Strict: unknown or missing fields, bytes that are not the canonical form (RFC 8785), or anything that is not
 * JSON throw a `PlanMalformed` error (`code` "PLAN_MALFORMED"). Whether the plan is lossless is `checkLossless`'s business.
 */
export function parsePlan(bytes: Uint8Array): Plan {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw planMalformed("the plan is not UTF-8 JSON", cause);
  }
  const field = misfitOf(value);
  if (field !== null) throw planMalformed(`the plan does not fit schema 1 at ${field}`);
  if (Buffer.compare(canonicalBytes(value), bytes) !== 0) {
    throw planMalformed("the plan's bytes are not its canonical form (RFC 8785)");
  }
  return value as Plan;
}

function planMalformed(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), {
    name: "PlanMalformed",
    code: "PLAN_MALFORMED",
    next: "plan the content again; a plan is never edited",
  });
}
