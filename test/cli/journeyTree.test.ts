// The tree of a plan in few lines: whatever the units, it fits, and says of every unit it does not show where it is left out.
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { planTree } from "../../src/cli/journey/planTree.js";
import { tookText, wrappedItems } from "../../src/cli/journey/wording.js";
import { styleOf } from "../../src/cli/output/style.js";
import { widthOf } from "../../src/cli/output/text.js";
import type { Plan, Unit } from "../../src/documents/Plan.js";
import { planCut } from "../../src/documents/planCut.js";
import { projectFile } from "../support/project.js";
import { holds } from "../support/property.js";

const trees = suite("journey: the tree");
const words = suite("journey: words");

const plain = styleOf(false);

function planOf(depths: readonly number[], title: string | null): Plan {
  const path: string[] = [];
  const units = [0, ...depths].map((wanted, i): Unit => {
    // A unit lies at most one deeper than the one before it.
    const depth = i === 0 ? 0 : Math.max(1, Math.min(wanted, path.length));
    path.length = depth;
    const address = i === 0 ? "doc" : `${depth === 1 ? "" : `${path[depth - 1]}__`}u_${i}`;
    const parent = path.at(-1) ?? null;
    path.push(address);
    const span = { start: 0, end: 0 };
    return { address, kind: "u", label: null, title, parent, depth, span, raw: "", norm: "" };
  });
  return { units } as unknown as Plan;
}

/** How many units the lines speak for: one each, and what "+n" and "… n more" say. */
function spokenFor(lines: readonly string[]): number {
  return lines.reduce((sum, line) => {
    const more = /… ([\d,]+) more$/.exec(line);
    if (more !== null) return sum + Number(more[1]?.replaceAll(",", ""));
    const within = / \+([\d,]+) +0–0$/.exec(line);
    return sum + 1 + Number((within?.[1] ?? "0").replaceAll(",", ""));
  }, 0);
}

trees("whatever the units, it fits the width, is short, and every unit is spoken for", () => {
  const depths = fc.oneof(
    fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 300 }),
    fc.array(fc.constant(1), { maxLength: 300 }),
    fc.integer({ min: 1, max: 80 }).map((deep) => Array.from({ length: deep }, (_, i) => i + 1)),
  );
  const title = fc.oneof(fc.constant(null), fc.string({ maxLength: 60 }), fc.constant("điều 😀 漢字".repeat(5)));
  holds(
    fc.property(depths, title, fc.integer({ min: 60, max: 120 }), (list, text, width) => {
      const plan = planOf(list, text);
      const lines = planTree(plan, new Uint8Array(), plain, width);
      assert.is(spokenFor(lines), plan.units.length);
      assert.ok(lines.length <= 50, `${lines.length} lines`);
      for (const line of lines) assert.ok(widthOf(line) <= width, `${widthOf(line)} of ${width}: ${line}`);
    }),
    200,
  );
});

trees("of the sample it shows the chapters, and one of them to the bottom", () => {
  const bytes = readFileSync(projectFile("samples", "charter.md"));
  const outcome = planCut(bytes);
  if (!outcome.ok) throw new Error(outcome.message);
  const lines = planTree(outcome.plan, bytes, plain, 76);
  const chapters = outcome.plan.units.filter(({ kind }) => kind === "chapter").map(({ address }) => address);
  for (const address of chapters)
    assert.ok(
      lines.some((line) => line.includes(`─ ${address} `)),
      address,
    );
  assert.ok(lines.some((line) => line.includes("chp_I__art_3__cl_2__pt_a  keeping oil")));
});

words("times as a person says them", () => {
  const said = [0, 0.2, 12.4, 998, 999.6, 59_940, 59_960, 125_000].map(tookText);
  assert.equal(said, ["1 ms", "1 ms", "12 ms", "998 ms", "1.0 s", "59.9 s", "1 min 00 s", "2 min 05 s"]);
});

words("a list breaks only between its items", () => {
  assert.equal(wrappedItems(["CutStarted", "UnitCut ×76", "CutExecuted"], 25), [
    "CutStarted, UnitCut ×76,",
    "CutExecuted",
  ]);
  assert.equal(wrappedItems([], 10), []);
});

trees.run();
words.run();
