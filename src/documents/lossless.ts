/**
 * The lossless rules L1–L10, checked from content and plan alone: before a cut, at the cut, by Verify and by an auditor offline.
 * It trusts nothing in the plan, repairs nothing and never stops at the first failure of a rule.
 */
import { sha256Hex } from "../events/canonical.js";
import { cut, join } from "./cut.js";
import { markdownBlocks } from "./grammars/markdown.js";
import { type Lines, linesOf } from "./Lines.js";
import { NORM_ALGORITHM, normDigest } from "./normDigest.js";
import type { Plan, Unit } from "./Plan.js";
import { CUTTER, planCut } from "./planCut.js";
import { quotedLines } from "./quotations.js";
import { whiteAt } from "./whiteSpace.js";

export type Rule = "L1" | "L2" | "L3" | "L4" | "L5" | "L6" | "L7" | "L8" | "L9" | "L10";

/** What became of one rule: how many things were compared, and each that was wrong. No assertions made is not a pass. */
export interface RuleCheck {
  rule: Rule;
  assertions: number;
  failures: { address: string | null; message: string }[];
}

type Assert = (holds: boolean, address: string | null, message: string) => void;

/** Checks every rule; ten results, L1 first, each with at least one assertion on content that is not empty. */
export function checkLossless(content: Uint8Array, plan: Plan): RuleCheck[] {
  const units = new Map<string, Unit>();
  for (const unit of plan.units) if (!units.has(unit.address)) units.set(unit.address, unit);
  const leaves = cut(content, plan);
  const again = planCut(content, { grammar: plan.grammar, profile: plan.profile });
  const lines = again.ok ? linesOf(content) : null;

  const rules: Record<Rule, (assert: Assert) => void> = {
    L1(assert) {
      let at = 0;
      for (const { address, span } of leaves) {
        assert(
          span.start === at && span.end > span.start,
          address,
          `leaf [${span.start}, ${span.end}) does not begin at ${at}`,
        );
        at = span.end;
      }
      assert(
        at === content.length && plan.length === content.length,
        null,
        `leaves end at ${at}, the plan says ${plan.length}, the content ends at ${content.length}`,
      );
    },
    L2(assert) {
      const digest = sha256Hex(content);
      assert(
        digest === plan.contentDigest,
        null,
        `the content hashes to ${digest}, the plan is for ${plan.contentDigest}`,
      );
      assert(
        sha256Hex(join(leaves)) === plan.contentDigest,
        null,
        "the leaves joined do not hash to the content's digest",
      );
    },
    L3: (assert) => checkTree(content.length, plan, units, assert),
    L4(assert) {
      const seen = new Set<string>();
      for (const unit of plan.units) {
        assert(!seen.has(unit.address), unit.address, "the address is used twice");
        seen.add(unit.address);
        if (unit.parent !== null && unit.parent !== "doc") {
          assert(
            unit.address.startsWith(`${unit.parent}__`),
            unit.address,
            `the address does not continue ${unit.parent}`,
          );
        }
        if (unit.label !== null) {
          assert(
            printed(content, unit).includes(unit.label),
            unit.address,
            `the label ${unit.label} is not printed at the head of its unit`,
          );
        }
      }
    },
    L5(assert) {
      const acknowledgeable = new Set(plan.findings.filter(({ blocking }) => blocking).map(({ id }) => id));
      const addressed = new Set(
        plan.findings.filter(({ rule, blocking }) => blocking && rule === "L5").map(({ address }) => address),
      );
      for (const { address } of plan.units) {
        if (/~\d+$/u.test(address))
          assert(addressed.has(address), address, "the repeated label has no blocking finding");
      }
      const due = again.ok ? again.plan.findings.filter(({ blocking }) => blocking) : [];
      for (const { id, address, message } of due)
        assert(acknowledgeable.has(id), address, `finding ${id} is missing: ${message}`);
      assert(again.ok, null, "the sequence cannot be checked: the content cannot be planned");
    },
    L6(assert) {
      assert(again.ok && sameJson(again.plan, plan), null, "planning the same bytes again gives another plan");
    },
    L7(assert) {
      for (const { address, span, raw, norm } of plan.units) {
        const slice = content.subarray(span.start, span.end);
        assert(
          sha256Hex(slice) === raw,
          address,
          `bytes [${span.start}, ${span.end}) do not hash to the unit's raw digest`,
        );
        assert(
          normDigest(slice) === norm,
          address,
          `bytes [${span.start}, ${span.end}) do not give the unit's norm digest`,
        );
      }
    },
    L8(assert) {
      assert(lines !== null, null, "quotations cannot be found: the content cannot be planned");
      if (lines) checkQuoted(lines, plan, assert);
    },
    L9(assert) {
      assert(
        plan.cutter === CUTTER,
        null,
        `the plan is by ${plan.cutter}, this is ${CUTTER}: plan again, addresses may differ`,
      );
      assert(
        plan.normAlgorithm === NORM_ALGORITHM,
        null,
        `the plan's norm digests are ${plan.normAlgorithm}, not ${NORM_ALGORITHM}`,
      );
    },
    L10(assert) {
      for (const { address, span } of plan.units) {
        for (const edge of [span.start, span.end]) {
          const inside = insideOf(content, edge);
          assert(inside === null, address, `offset ${edge} lies inside ${inside}`);
        }
      }
    },
  };
  return (Object.keys(rules) as Rule[]).map((rule) => {
    const check: RuleCheck = { rule, assertions: 0, failures: [] };
    rules[rule]((holds, address, message) => {
      check.assertions++;
      if (!holds) check.failures.push({ address, message });
    });
    return check;
  });
}

function checkTree(length: number, plan: Plan, units: Map<string, Unit>, assert: Assert): void {
  const root = plan.units[0];
  const rooted = root?.address === "doc" && root.kind === "document" && root.parent === null && root.depth === 0;
  assert(
    rooted && root.span.start === 0 && root.span.end === length,
    root?.address ?? null,
    "the first unit is not the root over the whole content",
  );
  const endOfLastChild = new Map<string, number>();
  const opened = new Set<string>();
  for (const [index, { address, parent: parentAddress, depth, span }] of plan.units.entries()) {
    opened.add(address);
    if (index === 0) continue;
    const parent = parentAddress === null ? undefined : units.get(parentAddress);
    assert(
      parent !== undefined && parentAddress !== address && opened.has(parent.address),
      address,
      `the parent ${parentAddress} does not come before it`,
    );
    assert(span.start < span.end, address, "the span is empty");
    if (!parent) continue;
    assert(depth === parent.depth + 1, address, `depth ${depth} under a parent of depth ${parent.depth}`);
    assert(
      span.start >= parent.span.start && span.end <= parent.span.end,
      address,
      `the span leaves its parent ${parent.address}`,
    );
    const before = endOfLastChild.get(parent.address) ?? parent.span.start;
    assert(
      span.start >= before,
      address,
      `the span begins at ${span.start}, before its elder sibling ends at ${before}`,
    );
    endOfLastChild.set(parent.address, span.end);
  }
}

/** L8. In Markdown a unit may begin only with a block that the block structure lets open one. */
function checkQuoted(lines: Lines, plan: Plan, assert: Assert): void {
  const quoted = quotedLines(lines);
  const blocks = plan.grammar === "markdown" ? markdownBlocks(lines).candidates : null;
  const openings = blocks ? new Set(blocks.filter(({ opens }) => opens).map(({ start }) => start)) : null;
  for (const { address, span } of plan.units.slice(0, 1))
    assert(span.start === 0, address, "the root does not begin the content");
  for (const { address, span } of plan.units.slice(1)) {
    assert(!quoted(lines.at(span.start)), address, `the unit begins at ${span.start}, inside quoted text`);
    const last = lines.at(span.end - 1);
    const within = span.end < lines.stop(last) ? quoted(last) : quoted(last + 1);
    assert(!within, address, `the unit ends at ${span.end}, inside quoted text`);
    if (openings) assert(openings.has(span.start), address, `no block that may open a unit begins at ${span.start}`);
  }
}

/** The unit's first bytes as matched: NFC, without white space. */
function printed(content: Uint8Array, { span }: Unit): string {
  const head = content.subarray(span.start, Math.min(span.end, span.start + 4096));
  return new TextDecoder().decode(head).normalize("NFC").replace(/\s/gu, "");
}

/** What a boundary at `edge` would cut in two, or null (L10). */
function insideOf(content: Uint8Array, edge: number): string | null {
  const byte = content[edge];
  if (edge === 0 || byte === undefined) return edge <= content.length ? null : "nothing: it is past the end";
  if ((byte & 0xc0) === 0x80) return "a UTF-8 sequence";
  if (byte === 0x0a && content[edge - 1] === 0x0d) return "a CRLF pair";
  // Variation selectors are of category M too.
  const after = new TextDecoder().decode(content.subarray(edge, edge + 4));
  if (/^(?:\p{M}|\u200d)/u.test(after)) return "a combining sequence";
  const joins = content[edge - 3] === 0xe2 && content[edge - 2] === 0x80 && content[edge - 1] === 0x8d;
  return joins && whiteAt(content, edge) === 0 ? "a joined sequence" : null;
}

function sameJson(a: Plan, b: Plan): boolean {
  return JSON.stringify(a) === JSON.stringify(b) || canonicalEqual(a, b);
}

function canonicalEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (
    typeof a !== "object" ||
    typeof b !== "object" ||
    a === null ||
    b === null ||
    Array.isArray(a) !== Array.isArray(b)
  )
    return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && canonicalEqual(left[key], right[key]))
  );
}
