/**
 * Planning: content bytes in, plan out, or a clear no. Pure and deterministic (L6): the same bytes under the same cutter version and
 * options give the same plan bytes on any machine, in any locale and time zone. Mutates nothing, edits nothing, keeps nothing.
 */
import { canonicalBytes, sha256Hex } from "../events/canonical.js";
import { choose, grammars, profiles } from "./choose.js";
import { collectFindings } from "./findings.js";
import { markdownBlocks } from "./grammars/markdown.js";
import { statuteCandidates } from "./grammars/statute.js";
import { LINES_MAX, type Lines, lineBeyond, linesOf } from "./Lines.js";
import { NORM_ALGORITHM, normDigest } from "./normDigest.js";
import { type Outline, outline } from "./outline.js";
import type { Grammar, Plan } from "./Plan.js";
import type { Profile } from "./Profile.js";
import type { Node } from "./tree.js";
import { findUtf8Fault } from "./utf8.js";

/** Name and version of this cutter, on every plan. Another way of cutting is another version: it never re-addresses silently (L9). */
export const CUTTER = "iu-cutter/1";

export interface PlanOptions {
  /** "markdown" or "statute"; chosen from the text when absent. */
  grammar?: string | undefined;
  /** "vi", "de", "en" or "numbered"; chosen from the text when absent. */
  profile?: string | undefined;
}

export type PlanOutcome =
  | {
      ok: true;
      plan: Plan;
      /** The plan's canonical bytes (RFC 8785). */
      bytes: Uint8Array;
      /** SHA-256 of those bytes. */
      digest: string;
      chosen: { grammar: string; profile: string; why: string };
    }
  | { ok: false; code: string; offset: number; message: string; next: string };

/**
 * Plans the cut of a content. Refused, as a value: EMPTY_CONTENT, INVALID_UTF8, NUL_BYTE (offset = byte that cannot stand there),
 * TOO_MANY_LINES (offset = first byte of the first line too many), UNKNOWN_GRAMMAR, UNKNOWN_PROFILE (offset 0). Everything else gets a lossless plan, if need be of the root alone, with findings.
 */
export function planCut(content: Uint8Array, options: PlanOptions = {}): PlanOutcome {
  const grammar = grammars.find((name) => name === options.grammar) ?? null;
  if (options.grammar !== undefined && grammar === null) {
    return unknown("UNKNOWN_GRAMMAR", "grammar", options.grammar, grammars);
  }
  const profile = profiles.find(({ name }) => name === options.profile) ?? null;
  if (options.profile !== undefined && profile === null) {
    return unknown(
      "UNKNOWN_PROFILE",
      "profile",
      options.profile,
      profiles.map(({ name }) => name),
    );
  }
  if (content.length === 0) {
    return {
      ok: false,
      code: "EMPTY_CONTENT",
      offset: 0,
      message: "the content is empty: there is nothing to cut",
      next: "register the document with its text",
    };
  }
  const fault = findUtf8Fault(content);
  if (fault) {
    const { code, offset, what } = fault;
    return {
      ok: false,
      code,
      offset,
      message: `byte ${offset} of the content is ${what}`,
      next: "convert the text to UTF-8 without NUL and revise the document",
    };
  }
  const beyond = lineBeyond(content, LINES_MAX);
  if (beyond !== null) {
    return {
      ok: false,
      code: "TOO_MANY_LINES",
      offset: beyond,
      message: `the content has more than ${LINES_MAX} lines: the first too many begins at byte ${beyond}`,
      next: "split the document, or join its lines into paragraphs",
    };
  }
  const lines = linesOf(content);
  const choice = choose(lines, grammar, profile);
  const plan = planFrom(lines, choice.grammar, choice.profile);
  const bytes = canonicalBytes(plan);
  return {
    ok: true,
    plan,
    bytes,
    digest: sha256Hex(bytes),
    chosen: { grammar: plan.grammar, profile: plan.profile, why: choice.why },
  };
}

/** The plan of bytes that passed the gate, under a named grammar and profile. */
function planFrom(lines: Lines, grammar: Grammar, profile: Profile): Plan {
  const content = lines.bytes;
  const notes = collectFindings();
  let result: Outline;
  if (grammar === "markdown") {
    const blocks = markdownBlocks(lines);
    result = outline(lines, profile, blocks.candidates, { title: blocks.title, divisionsInText: false });
    if (blocks.lazyLists > 0) {
      notes.add({
        rule: "list",
        address: null,
        detail: "lazy",
        message: `${blocks.lazyLists} ordered list(s) print the same number on every item: numbers that exist only when rendered make no labels, so the items stay text`,
        blocking: false,
      });
    }
  } else {
    result = outline(lines, profile, statuteCandidates(lines), { title: null, divisionsInText: true });
  }
  if (result.nodes.length === 1) {
    notes.add({
      rule: "structure",
      address: "doc",
      detail: "none",
      message: `nothing in this text looks like structure to grammar ${grammar}, profile ${profile.name}: it is one unit`,
      blocking: false,
    });
  }
  return {
    schema: 1,
    contentDigest: sha256Hex(content),
    length: content.length,
    cutter: CUTTER,
    grammar,
    profile: profile.name,
    normAlgorithm: NORM_ALGORITHM,
    units: result.nodes.map((node) => unitFrom(content, node)),
    findings: [...result.findings, ...notes.list()],
  };
}

function unitFrom(content: Uint8Array, node: Node): Plan["units"][number] {
  const slice = content.subarray(node.start, node.end);
  return {
    address: node.address,
    kind: node.kind,
    label: node.label,
    title: node.title,
    parent: node.parent?.address ?? null,
    depth: node.depth,
    span: { start: node.start, end: node.end },
    raw: sha256Hex(slice),
    norm: normDigest(slice),
  };
}

function unknown(code: string, what: string, given: string, known: readonly string[]): PlanOutcome {
  return {
    ok: false,
    code,
    offset: 0,
    message: `there is no ${what} ${JSON.stringify(given)}`,
    next: `name one of ${known.join(", ")}, or none to have it chosen`,
  };
}
