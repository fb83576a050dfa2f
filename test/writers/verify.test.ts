/** Verify, version 1, attacked: each rule it says it checks is broken in turn, in plan and ledger alike, and it must be the one that notices. */
import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { unitsRoot } from "../../commands/run/cutFacts.js";
import { normDigest } from "../../src/documents/normDigest.js";
import { canonicalBytes, sha256Hex } from "../../src/events/canonical.js";
import { commitContent, commitNorm, commitUnit } from "../../src/events/commitment.js";
import type { Evidence, LiveState, LiveUnit } from "../../src/writers/LiveState.js";
import { verify } from "../../src/writers/verify.v1.js";
import { holds } from "../support/property.js";
import { evidenceOf, golden } from "./harbour.js";

const test = suite("Verify");
const stored = golden();

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

/** Live state and evidence of a plan and a content, consistent in every digest: only what the rules say can be wrong with them. */
function consistent(planned: Planned, content: Uint8Array): { live: LiveState; evidence: Evidence } {
  const { salt } = evidenceOf(stored);
  const plan = canonicalBytes(planned);
  const units = planned.units.map((unit, index): LiveUnit => {
    const { start, end } = unit.span;
    const bytes = content.subarray(start, end);
    const { address, kind, label, parent } = unit;
    const digests = { raw: commitUnit(salt, bytes), norm: commitNorm(salt, normDigest(bytes)) };
    return { index, unit: "", address, kind, label, parent, start, end, ...digests, transition: "insert" };
  });
  const draftRoot = unitsRoot(units.map(({ start, end, ...unit }) => ({ ...unit, span: { start, end } })));
  const live = { ...stored.live.verify, content: commitContent(salt, content), units, draftRoot };
  return {
    live: { ...live, plan: { ...live.plan, digest: sha256Hex(plan), units: units.length } },
    evidence: { salt, content, plan },
  };
}

/** Rules that failed. */
function failuresOf({ live, evidence }: { live: LiveState; evidence: Evidence | null }): string[] {
  const record = verify(live, evidence);
  const failed = (record["checks"] as { rule: string; failures: number }[])
    .filter(({ failures }) => failures > 0)
    .map(({ rule }) => rule);
  assert.is(record["verdict"], failed.length === 0 ? "PASS" : "FAIL");
  return failed;
}

const plan = () => JSON.parse(stored.plan) as Planned;
const { content } = evidenceOf(stored);
const at = (planned: Planned, address: string) => {
  const unit = planned.units.find((one) => one.address === address);
  if (unit === undefined) throw new Error(`no ${address}`);
  return unit;
};

test("the golden run passes, every rule with assertions", () => {
  assert.equal(failuresOf(consistent(plan(), content)), []);
  const record = verify(stored.live.verify, evidenceOf(stored));
  for (const { rule, assertions } of record["checks"] as { rule: string; assertions: number }[])
    assert.ok(assertions > 0, rule);
});

const attacks: [string, (planned: Planned) => void, string][] = [
  ["L1: the root ends before the content does", (p) => (at(p, "doc").span.end -= 1), "L1"],
  ["L1: two units overlap", (p) => (at(p, "chp_I__art_1").span.end += 10), "L1"],
  ["L2: the plan is for other bytes", (p) => (p.contentDigest = "00".repeat(32)), "L2"],
  ["L3: a child reaches out of its parent", (p) => (at(p, "chp_I__art_3__cl_2").span.end += 3), "L3"],
  ["L3: a parent that does not come before", (p) => (at(p, "chp_I__art_1").parent = "chp_VI"), "L3"],
  ["L3: a parent that is nowhere", (p) => (at(p, "chp_I__art_1").parent = "chp_XL"), "L3"],
  [
    "L3: siblings out of order",
    (p) => p.units.splice(p.units.indexOf(at(p, "chp_I__art_1")), 2, at(p, "chp_I__art_2"), at(p, "chp_I__art_1")),
    "L3",
  ],
  ["L4: an address given twice", (p) => (at(p, "chp_I__art_2").address = "chp_I__art_1"), "L4"],
  ["L4: a label that is not printed there", (p) => (at(p, "chp_I__art_2").label = "77"), "L4"],
  [
    "L5: a gap that no finding names",
    (p) => {
      p.units = p.units.filter(({ address }) => address !== "chp_I__art_2");
    },
    "L5",
  ],
];
for (const [what, change, rule] of attacks) {
  test(`${what}: noticed by ${rule}`, () => {
    const planned = plan();
    change(planned);
    assert.ok(
      failuresOf(consistent(planned, content)).includes(rule),
      `failed: ${failuresOf(consistent(planned, content))}`,
    );
  });
}

test("L5: the same gap with a finding at its address passes", () => {
  const planned = plan();
  planned.units = planned.units.filter(({ address }) => address !== "chp_I__art_2");
  planned.findings.push({ rule: "L5", address: "chp_I__art_4" }, { rule: "L5", address: "chp_I__art_3" });
  assert.equal(failuresOf(consistent(planned, content)), []);
});

test("what the ledger says otherwise than content and plan: each field of a unit, the root, the content, one unit less", () => {
  const { live, evidence } = consistent(plan(), content);
  const changed = (change: Partial<LiveUnit>) => ({
    live: { ...live, units: live.units.map((unit, i) => (i === 7 ? { ...unit, ...change } : unit)) },
    evidence,
  });
  for (const change of [
    { index: 8 },
    { address: "x" },
    { kind: "x" },
    { label: "x" },
    { parent: "x" },
    { start: 1 },
    { end: 1 },
  ])
    assert.ok(failuresOf(changed(change)).includes("ledger"), JSON.stringify(change));
  for (const change of [{ raw: "00".repeat(32) }, { norm: "00".repeat(32) }, { start: 1 }])
    assert.ok(failuresOf(changed(change)).includes("commitments"));
  assert.ok(failuresOf({ live: { ...live, units: live.units.slice(1) }, evidence }).includes("ledger"));
  assert.equal(failuresOf({ live: { ...live, draftRoot: "00".repeat(32) }, evidence }), ["draft root"]);
  assert.equal(failuresOf({ live: { ...live, content: "00".repeat(32) }, evidence }), ["digests"]);
  assert.equal(failuresOf({ live: { ...live, plan: { ...live.plan, digest: "00".repeat(32) } }, evidence }), [
    "digests",
  ]);
  const longer = Buffer.concat([content, Buffer.from(" ")]);
  assert.equal(failuresOf({ live, evidence: { ...evidence, content: longer } }), ["digests", "L1"]);
});

test("without the text it fails: nothing is taken on trust", () => {
  assert.equal(failuresOf({ live: stored.live.verify, evidence: null }), ["content"]);
});

test("a failure is told in at most 200 characters, whole characters, so that its record has canonical bytes", () => {
  const planned = plan();
  at(planned, "chp_I__art_2").address = `chp_I__art_1${"😀".repeat(120)}x`;
  at(planned, "chp_I__art_4").address = `chp_I__art_1${"😀".repeat(120)}x`;
  const { live, evidence } = consistent(planned, content);
  for (const prefix of ["", "y"]) {
    const odd = {
      ...live,
      units: live.units.map((unit, i) =>
        i === 2 ? { ...unit, raw: "00".repeat(32), address: prefix + "😀".repeat(150) } : unit,
      ),
    };
    const record = verify(odd, evidence);
    canonicalBytes(record);
    for (const { first } of record["checks"] as { first: string | null }[]) assert.ok((first ?? "").length <= 200);
  }
});

test("law: its own normal form and the cutter's are the same, whatever the white space, form or byte order mark", () => {
  const scraps = fc.constantFrom(
    " ",
    "\t",
    "\n",
    "\r\n",
    "\v",
    "\f",
    "\u0085",
    "\u00a0",
    "\u1680",
    "\u2003",
    "\u2028",
    "\u202f",
    "\u205f",
    "\u3000",
    "\u200b",
    "\ufeff",
    "\u180e",
    "\u001f",
    "é",
    "e\u0301",
    "ệ",
    "Đ",
    "한",
    "한",
    "😀",
    "a",
    "ſ",
    "ﬁ",
    "\u0344",
  );
  holds(
    fc.property(fc.array(scraps, { minLength: 1, maxLength: 12 }), (parts) => {
      const bytes = Buffer.from(parts.join(""), "utf8");
      const root = {
        address: "doc",
        kind: "document",
        label: null,
        parent: null,
        span: { start: 0, end: bytes.length },
      };
      const planned = { contentDigest: createHash("sha256").update(bytes).digest("hex"), units: [root], findings: [] };
      assert.equal(failuresOf(consistent(planned, bytes)), []);
    }),
    400,
  );
});

test.run();
