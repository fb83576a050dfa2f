/**
 * Verify, version 1: the independent record about a cut. It recomputes the lossless rules and every digest from the bytes and the
 * live state, with code of its own: it shares none with the cutter or with leg B. Never changes once ratified; imports
 * nothing but node:crypto and types.
 */
import { createHash } from "node:crypto";
import type { Evidence, LiveState, LiveUnit, WriterRecord } from "./LiveState.js";

interface PlannedUnit {
  address: string;
  kind: string;
  label: string | null;
  parent: string | null;
  span: { start: number; end: number };
}

interface Planned {
  contentDigest: string;
  units: PlannedUnit[];
  findings: { rule: string; address: string | null }[];
}

/** Checks everything that can be checked from content, plan and ledger. PASS only if something was asserted and nothing failed. */
export function verify(live: LiveState, evidence: Evidence | null): WriterRecord {
  const checks: Check[] = [];
  if (evidence === null) {
    checks.push(failing("content", "the content is not there to be checked"));
  } else {
    checks.push(...bytesChecks(live, evidence));
    const planned = JSON.parse(Buffer.from(evidence.plan).toString("utf8")) as Planned;
    checks.push(
      tiling(planned, evidence.content),
      reassembly(planned, evidence.content),
      tree(planned),
      addresses(planned, evidence.content),
      sequence(planned),
      ledgerMatchesPlan(live, planned),
      commitments(live, evidence),
    );
  }
  checks.push(root(live));
  const assertions = checks.reduce((sum, one) => sum + one.assertions, 0);
  const failures = checks.reduce((sum, one) => sum + one.failures, 0);
  return {
    assertions,
    checks: checks.map(({ rule, assertions: asserted, failures: failed, first }) => ({
      assertions: asserted,
      failures: failed,
      first,
      rule,
    })),
    content: live.content,
    document: live.document,
    draftRoot: live.draftRoot,
    kind: "verify",
    legB: live.records.legB,
    plan: live.plan.digest,
    run: live.run,
    schema: 1,
    units: live.units.length,
    verdict: failures === 0 && assertions > 0 ? "PASS" : "FAIL",
  };
}

interface Check {
  rule: string;
  assertions: number;
  failures: number;
  /** The first failure, in words; null where there is none. */
  first: string | null;
}

function newCheck(rule: string): Check & { expect(holds: boolean, otherwise: () => string): void } {
  const check = {
    rule,
    assertions: 0,
    failures: 0,
    first: null as string | null,
    expect(holds: boolean, otherwise: () => string): void {
      check.assertions++;
      if (holds) return;
      check.failures++;
      check.first ??= otherwise().slice(0, 200).toWellFormed();
    },
  };
  return check;
}

function failing(rule: string, why: string): Check {
  return { rule, assertions: 1, failures: 1, first: why };
}

function bytesChecks(live: LiveState, { salt, content, plan }: Evidence): Check[] {
  const check = newCheck("digests");
  check.expect(
    commit("iu-ledger/content/v1", salt, content) === live.content,
    () => "the content is not what the ledger committed to",
  );
  check.expect(sha256(plan) === live.plan.digest, () => "the plan's bytes are not what the ledger names");
  const planned = JSON.parse(Buffer.from(plan).toString("utf8")) as Planned;
  check.expect(sha256(content) === planned.contentDigest, () => "the plan was made for other bytes");
  return [check];
}

/** Each unit's own text: what its children leave of its span, as pieces in order. */
function ownPieces(planned: Planned): { start: number; end: number }[] {
  const children = new Map<string | null, PlannedUnit[]>();
  for (const unit of planned.units) {
    const siblings = children.get(unit.parent);
    if (siblings === undefined) children.set(unit.parent, [unit]);
    else siblings.push(unit);
  }
  const pieces: { start: number; end: number }[] = [];
  for (const unit of planned.units) {
    let at = unit.span.start;
    for (const child of children.get(unit.address) ?? []) {
      if (child.span.start > at) pieces.push({ start: at, end: child.span.start });
      at = child.span.end;
    }
    if (unit.span.end > at) pieces.push({ start: at, end: unit.span.end });
  }
  return pieces.sort((a, b) => a.start - b.start);
}

function tiling(planned: Planned, content: Uint8Array): Check {
  const check = newCheck("L1");
  let at = 0;
  for (const piece of ownPieces(planned)) {
    const expected = at;
    check.expect(piece.start === expected, () => `a piece starts at byte ${piece.start}, not at ${expected}`);
    at = piece.end;
  }
  check.expect(at === content.length, () => `the pieces end at byte ${at} of ${content.length}`);
  return check;
}

function reassembly(planned: Planned, content: Uint8Array): Check {
  const check = newCheck("L2");
  const hash = createHash("sha256");
  for (const piece of ownPieces(planned)) hash.update(content.subarray(piece.start, piece.end));
  check.expect(hash.digest("hex") === planned.contentDigest, () => "the pieces put together are not the content");
  return check;
}

function tree(planned: Planned): Check {
  const check = newCheck("L3");
  const spans = new Map<string, { start: number; end: number }>();
  const lastEnd = new Map<string | null, number>();
  for (const unit of planned.units) {
    const parent = unit.parent === null ? null : spans.get(unit.parent);
    check.expect(parent !== undefined, () => `${unit.address}: its parent ${unit.parent} does not come before it`);
    if (parent !== null && parent !== undefined) {
      check.expect(
        unit.span.start >= parent.start && unit.span.end <= parent.end,
        () => `${unit.address} reaches out of ${unit.parent}`,
      );
    }
    check.expect(
      unit.span.start >= (lastEnd.get(unit.parent) ?? 0),
      () => `${unit.address} overlaps its elder sibling`,
    );
    lastEnd.set(unit.parent, unit.span.end);
    spans.set(unit.address, unit.span);
  }
  return check;
}

function addresses(planned: Planned, content: Uint8Array): Check {
  const check = newCheck("L4");
  const seen = new Set<string>();
  for (const unit of planned.units) {
    check.expect(!seen.has(unit.address), () => `the address ${unit.address} is given twice`);
    seen.add(unit.address);
    if (unit.label === null) continue;
    // A label stands near the head of its unit; a long unit need not be searched whole, but may be.
    const slice = Buffer.from(content.subarray(unit.span.start, unit.span.end));
    const label = unspaced(unit.label);
    check.expect(
      unspaced(slice.subarray(0, 512).toString("utf8")).includes(label) || unspaced(slice.toString("utf8")).includes(label),
      () => `the label ${unit.label} does not stand inside ${unit.address}`,
    );
  }
  return check;
}

/** Among siblings of one kind with plain numbers, each is one more than the one before it, or the plan has a finding that says so. */
function sequence(planned: Planned): Check {
  const check = newCheck("L5");
  const found = new Set(planned.findings.filter((finding) => finding.rule === "L5").map((finding) => finding.address));
  const last = new Map<string, number>();
  for (const unit of planned.units) {
    if (unit.label === null || !/^\d{1,9}$/.test(unit.label)) continue;
    const group = `${unit.parent} ${unit.kind}`;
    const number = Number(unit.label);
    const before = last.get(group);
    if (before !== undefined) {
      check.expect(
        number === before + 1 || found.has(unit.address),
        () => `${unit.address} follows number ${before} and no finding says why`,
      );
    }
    last.set(group, number);
  }
  return check;
}

function ledgerMatchesPlan(live: LiveState, planned: Planned): Check {
  const check = newCheck("ledger");
  check.expect(
    live.units.length === planned.units.length,
    () => `${live.units.length} units on the ledger, ${planned.units.length} in the plan`,
  );
  live.units.forEach((unit, index) => {
    const plan = planned.units[index];
    check.expect(
      plan !== undefined &&
        unit.index === index &&
        unit.address === plan.address &&
        unit.kind === plan.kind &&
        unit.label === plan.label &&
        unit.parent === plan.parent &&
        unit.start === plan.span.start &&
        unit.end === plan.span.end,
      () => `unit ${index} (${unit.address}) is not what was planned`,
    );
  });
  return check;
}

function commitments(live: LiveState, { salt, content }: Evidence): Check {
  const check = newCheck("commitments");
  for (const unit of live.units) {
    const slice = content.subarray(unit.start, unit.end);
    check.expect(
      commit("iu-ledger/unit/v1", salt, slice) === unit.raw,
      () => `${unit.address}: its bytes are not what was committed to`,
    );
    const norm = createHash("sha256")
      .update(fold(Buffer.from(slice).toString("utf8")))
      .digest();
    check.expect(
      commit("iu-ledger/norm/v1", salt, norm) === unit.norm,
      () => `${unit.address}: its normal form is not what was committed to`,
    );
  }
  return check;
}

function root(live: LiveState): Check {
  const check = newCheck("draft root");
  let level: Uint8Array[] = live.units.map((unit) =>
    createHash("sha256").update("\u0000").update(leafOf(unit)).digest(),
  );
  // Pairing level by level gives the RFC 6962 root: an odd last node goes up as it is.
  while (level.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] as Uint8Array, level[i + 1]];
      above.push(
        right === undefined ? left : createHash("sha256").update("\u0001").update(left).update(right).digest(),
      );
    }
    level = above;
  }
  const computed = level[0] === undefined ? sha256(new Uint8Array()) : Buffer.from(level[0]).toString("hex");
  check.expect(computed === live.draftRoot, () => `the units' root is ${computed}, the ledger says ${live.draftRoot}`);
  return check;
}

function leafOf({ address, end, index, kind, label, norm, parent, raw, start }: LiveUnit): string {
  return JSON.stringify({ address, end, index, kind, label, norm, parent, raw, start });
}

/** Normal form nfc-ws/1: NFC, each run of white space one space, none at the ends, a leading byte order mark dropped. */
function fold(text: string): string {
  return text
    .normalize("NFC")
    .replace(/[\t\n\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g, " ")
    .replace(/^\ufeff? ?| $/g, "");
}

/** For finding a label: "IV a" and "IVa" are the same label. */
function unspaced(text: string): string {
  return fold(text).replaceAll(" ", "");
}

function commit(label: string, salt: Uint8Array, bytes: Uint8Array): string {
  return createHash("sha256").update(label).update("\u0000").update(salt).update(bytes).digest("hex");
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
