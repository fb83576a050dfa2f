// More of the same: other seeds, cuts in the product's own chunks, the ledger in a file that is opened again after a crash. IU_SIM_SEEDS=n tries n
// more, from where the others end.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assertSeeds } from "./seeds.js";

const test = suite("simulation, at length");

test("120 histories", async () => {
  const { crashes } = await assertSeeds(10_000, 10_120);
  assert.ok(crashes > 15, `${crashes} crashes`);
});

test("everybody keeps projections", async () => {
  await assertSeeds(20_000, 20_060, { follows: true });
});

test("in a file, which after a power cut is what was on the disk", async () => {
  const { crashes } = await assertSeeds(30_000, 30_040, { base: "sqlite", follows: true });
  assert.ok(crashes > 5, `${crashes} crashes`);
});

test("cuts of 500 units and more, in the product's own chunks", async () => {
  await assertSeeds(40_000, 40_010, { long: true });
});

test("as many more as are asked for", async () => {
  const more = Number(process.env["IU_SIM_SEEDS"] ?? 20);
  assert.ok(more > 0, `IU_SIM_SEEDS is a number, not ${process.env["IU_SIM_SEEDS"]}`);
  await assertSeeds(50_000, 50_000 + more);
});

test.run();
