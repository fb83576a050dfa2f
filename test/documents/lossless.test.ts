// Every lossless rule is attacked: a valid plan is broken in one place, and the rule must fail and name that place.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cut, join } from "../../src/documents/cut.js";
import { checkLossless, type Rule } from "../../src/documents/lossless.js";
import { normDigest } from "../../src/documents/normDigest.js";
import { type Plan, parsePlan, type Unit } from "../../src/documents/Plan.js";
import { planCut } from "../../src/documents/planCut.js";
import { canonicalBytes, sha256Hex } from "../../src/events/canonical.js";

const test = suite("documents/lossless");

const content = Buffer.from(
  "\ufeffChương I\r\n\r\nTÊN\r\n\r\nĐiều 1. Một\r\n\r\n1. Khoản e\u0301 một.\r\n\r\n2. Khoản “hai\r\n\r\n3. không phải” khoản.\r\n\r\nĐiều 2. Hai\r\n\r\nx.\r\n\r\nĐiều 2. Hai lần\r\n\r\ny.\r\n",
);

function plan(): Plan {
  const outcome = planCut(content);
  if (!outcome.ok) throw new Error(outcome.message);
  return parsePlan(outcome.bytes);
}

function unit(of: Plan, address: string): Unit {
  const found = of.units.find((one) => one.address === address);
  if (!found) throw new Error(`no ${address} in ${of.units.map((one) => one.address)}`);
  return found;
}

/** Moves a span and keeps its digests right, so that only the boundary is wrong. */
function respan(one: Unit, start: number, end: number): void {
  one.span = { start, end };
  one.raw = sha256Hex(content.subarray(start, end));
  one.norm = normDigest(content.subarray(start, end));
}

function failing(broken: Plan, bytes: Uint8Array = content): Map<Rule, (string | null)[]> {
  const failed = checkLossless(bytes, broken).filter(({ failures }) => failures.length > 0);
  return new Map(failed.map(({ rule, failures }) => [rule, failures.map(({ address }) => address)]));
}

/** The rule fails, at that address; `without` names rules that must not see it. */
function caught(rule: Rule, address: string | null, attack: (of: Plan) => void, without: Rule[] = []): void {
  const broken = plan();
  attack(broken);
  const failed = failing(broken);
  assert.ok(failed.get(rule)?.includes(address), `${rule} at ${address}: ${JSON.stringify([...failed])}`);
  for (const other of without) assert.not.ok(failed.has(other), `${other} fails too`);
}

test("a valid plan: ten rules, each with assertions, none failing", () => {
  const checks = checkLossless(content, plan());
  assert.equal(
    checks.map(({ rule }) => rule),
    ["L1", "L2", "L3", "L4", "L5", "L6", "L7", "L8", "L9", "L10"],
  );
  for (const { rule, assertions, failures } of checks) {
    assert.ok(assertions > 0, rule);
    assert.equal(failures, [], rule);
  }
  assert.equal(
    plan().units.map(({ address }) => address),
    ["doc", "chp_I", "chp_I__art_1", "chp_I__art_1__cl_1", "chp_I__art_1__cl_2", "chp_I__art_2", "chp_I__art_2~2"],
  );
});

test("cut and join mirror each other; the BOM is a trivia leaf", () => {
  const leaves = cut(content, plan());
  assert.is(Buffer.compare(join(leaves), content), 0);
  assert.equal([leaves[0]?.address, leaves[0]?.trivia, leaves[0]?.span], ["doc", true, { start: 0, end: 3 }]);
});

test("L1: overlapping units leave no tiling", () => {
  caught("L1", "chp_I__art_1__cl_2", (of) => {
    const one = unit(of, "chp_I__art_1__cl_2");
    respan(one, unit(of, "chp_I__art_1__cl_1").span.end - 3, one.span.end);
  });
  caught("L1", null, (of) => {
    of.length += 1;
  });
});

test("L2: a changed byte, and a plan for other content", () => {
  const other = Buffer.from(content);
  other[content.length - 3] = 0x7a;
  assert.ok(failing(plan(), other).has("L2"));
  caught("L2", null, (of) => {
    of.contentDigest = sha256Hex("other");
  });
});

test("L3: a child outside its parent, disordered siblings, a wrong depth, an orphan, a root too small", () => {
  caught("L3", "chp_I__art_1__cl_2", (of) => {
    const article = unit(of, "chp_I__art_1");
    respan(article, article.span.start, article.span.end - 20);
  });
  caught("L3", "chp_I__art_1__cl_1", (of) => {
    const at = of.units.findIndex(({ address }) => address === "chp_I__art_1__cl_1");
    of.units.splice(at, 2, ...of.units.slice(at, at + 2).reverse());
  });
  caught("L3", "chp_I__art_2", (of) => {
    unit(of, "chp_I__art_2").depth = 1;
  });
  caught("L3", "chp_I__art_2", (of) => {
    unit(of, "chp_I__art_2").parent = "chp_IX";
  });
  caught("L3", "doc", (of) => {
    unit(of, "doc").span.end -= 1;
  });
});

test("L4: an address twice, a label that is not printed there, an address of another parent", () => {
  caught("L4", "chp_I__art_2", (of) => {
    unit(of, "chp_I__art_2~2").address = "chp_I__art_2";
  });
  caught("L4", "chp_I__art_2", (of) => {
    unit(of, "chp_I__art_2").label = "7";
  });
  caught("L4", "chp_II__art_2", (of) => {
    unit(of, "chp_I__art_2").address = "chp_II__art_2";
  });
});

test("L5: a finding taken away, or made harmless", () => {
  caught("L5", "chp_I__art_2~2", (of) => {
    of.findings = [];
  });
  caught("L5", "chp_I__art_2~2", (of) => {
    for (const finding of of.findings) finding.blocking = false;
  });
});

test("L6: anything that planning again would not give", () => {
  for (const attack of [
    (of: Plan) => {
      unit(of, "chp_I__art_1").title = "Một!";
    },
    (of: Plan) => {
      of.units.pop();
    },
    (of: Plan) => {
      of.profile = "en";
    },
  ]) {
    caught("L6", null, attack);
  }
});

test("L7: a digest that is not of the slice", () => {
  caught("L7", "chp_I__art_2", (of) => {
    unit(of, "chp_I__art_2").raw = sha256Hex("x");
  });
  caught("L7", "chp_I__art_2", (of) => {
    unit(of, "chp_I__art_2").norm = sha256Hex("x");
  });
});

test("L8: a unit that begins, or ends, inside the quotation", () => {
  const inside = content.indexOf("3. không");
  caught("L8", "chp_I__art_1__cl_3", (of) => {
    const second = unit(of, "chp_I__art_1__cl_2");
    const { end } = second.span;
    respan(second, second.span.start, inside - 4);
    const third: Unit = { ...second, address: "chp_I__art_1__cl_3", label: "3" };
    respan(third, inside, end);
    of.units.splice(of.units.indexOf(second) + 1, 0, third);
    assert.ok(failing(of).get("L8")?.includes("chp_I__art_1__cl_2"));
  });
});

test("L8: in Markdown, a unit that begins inside code", () => {
  const bytes = Buffer.from("## 1. One\n\n```\n## 2. Two\n```\n");
  const outcome = planCut(bytes, { grammar: "markdown" });
  assert.ok(outcome.ok);
  const of = parsePlan(outcome.bytes);
  const one = unit(of, "sec_1");
  const start = bytes.indexOf("## 2");
  const slice = bytes.subarray(start, one.span.end);
  of.units.push({
    ...one,
    address: "sec_1__sec_2",
    label: "2",
    parent: "sec_1",
    depth: 2,
    span: { start, end: one.span.end },
    raw: sha256Hex(slice),
    norm: normDigest(slice),
  });
  assert.ok(failing(of, bytes).get("L8")?.includes("sec_1__sec_2"));
});

test("L9: a plan by another cutter or with another norm is not taken over", () => {
  caught("L9", null, (of) => {
    of.cutter = "iu-cutter/2";
  });
  caught("L9", null, (of) => {
    of.normAlgorithm = "nfkc/1";
  });
});

test("L10: an edge inside a UTF-8 sequence, a CRLF pair, a combining sequence", () => {
  const target = "chp_I__art_1__cl_1";
  const edges: [number, RegExp][] = [
    [content.indexOf("ả") + 1, /UTF-8/],
    [content.indexOf(".\r\n\r\n2. ") + 2, /CRLF/],
    [content.indexOf("e\u0301") + 1, /combining/],
  ];
  for (const [edge, message] of edges) {
    const broken = plan();
    const one = unit(broken, target);
    respan(one, one.span.start, edge);
    const failure = checkLossless(content, broken).find(({ rule }) => rule === "L10")?.failures[0];
    assert.is(failure?.address, target);
    assert.match(failure?.message ?? "", message);
  }
});

test("plan bytes are read strictly", () => {
  const good = plan();
  const malformed = (value: unknown, bytes = canonicalBytes(value)) => {
    try {
      parsePlan(bytes);
    } catch (error) {
      return (error as { code?: string }).code;
    }
    return null;
  };
  assert.is(malformed(good), null);
  assert.is(malformed({ ...good, extra: 1 }), "PLAN_MALFORMED");
  assert.is(malformed({ ...good, schema: 2 }), "PLAN_MALFORMED");
  assert.is(malformed(good, Buffer.from(JSON.stringify(good).replace('"start":0', '"start":0.5'))), "PLAN_MALFORMED");
  assert.is(malformed({ ...good, findings: [{}] }), "PLAN_MALFORMED");
  assert.is(malformed(null), "PLAN_MALFORMED");
  assert.is(malformed(good, Buffer.from(JSON.stringify(good, null, 1))), "PLAN_MALFORMED");
  assert.is(malformed(good, Buffer.from("{")), "PLAN_MALFORMED");
});

test.run();
