/** Tiles: their paths, which there are, what is in them, and proofs from nothing but tiles. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Part } from "../../src/tlog/nodes.js";
import { checkConsistency, checkInclusion, planConsistency, planInclusion, prove } from "../../src/tlog/proof.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import {
  cutEntries,
  cutHashes,
  entrySizeMax,
  formatTilePath,
  hashFromTiles,
  joinEntries,
  parseTilePath,
  perfectRoot,
  type Tile,
  tileOf,
  tilesBetween,
  tilesFor,
} from "../../src/tlog/tiles.js";
import { hashLeaf } from "../../src/tlog/tree.js";
import { holds } from "../support/property.js";
import { shared } from "../support/shared.js";
import { leafHashes, rootOver } from "./leaves.js";

const test = suite("tiles");

const refused = (ask: () => unknown) => {
  try {
    ask();
  } catch (error) {
    return error instanceof TlogError ? error.code : String(error);
  }
  return "answered";
};

test("paths: x before all groups of digits but the last, the width of a partial tile behind", () => {
  const paths: [Tile, string][] = [
    [{ level: 0, index: 0, width: 256 }, "tile/0/000"],
    [{ level: 63, index: 7, width: 1 }, "tile/63/007.p/1"],
    [{ level: 1, index: 999, width: 255 }, "tile/1/999.p/255"],
    [{ level: 0, index: 1000, width: 256 }, "tile/0/x001/000"],
    [{ level: 0, index: 1_234_067, width: 256 }, "tile/0/x001/x234/067"],
    [{ level: "entries", index: 1_234_067, width: 3 }, "tile/entries/x001/x234/067.p/3"],
    [{ level: "entries", index: Number.MAX_SAFE_INTEGER, width: 256 }, "tile/entries/x009/x007/x199/x254/x740/991"],
  ];
  for (const [tile, path] of paths) {
    assert.is(formatTilePath(tile), path);
    assert.equal(parseTilePath(path), tile);
  }
});

test("no other text is a path: no second way to write one, nothing above, nothing beside", () => {
  for (const path of [
    "",
    "tile",
    "tile/0",
    "tile/0/",
    "/tile/0/000",
    "tile/0/000/",
    "tile/0/00",
    "tile/0/0000",
    "tile/0/x000/001",
    "tile/0/x001",
    "tile/0/001/000",
    "tile/0/x001/x000",
    "tile/00/000",
    "tile/64/000",
    "tile/-1/000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/",
    "tile/0/000.p",
    "tile/entries/000.p/1/",
    "tile/entries/../0/000",
    "tile/0/x009/x007/x199/x254/x740/992",
    "tile/0/x999/x999/x999/x999/x999/999",
    "tile/0/000\n",
    "tile/0/%30%30%30",
    "tile/0/٠٠٠",
  ])
    assert.is(parseTilePath(path), null, JSON.stringify(path));
});

test("law: path and tile are two ways to say one thing", () => {
  const tile = fc.record(
    {
      level: fc.oneof(fc.integer({ min: 0, max: 63 }), fc.constant("entries" as const)),
      index: fc.maxSafeNat(),
      width: fc.integer({ min: 1, max: 256 }),
    },
    { noNullPrototype: true },
  );
  holds(fc.property(tile, (one) => assert.equal(parseTilePath(formatTilePath(one)), one)));
  holds(
    fc.property(fc.string({ unit: fc.constantFrom(..."tile/entris01x.p9"), maxLength: 24 }), (text) => {
      const parsed = parseTilePath(text);
      if (parsed !== null) assert.is(formatTilePath(parsed), text);
    }),
    300,
  );
});

test("the tiles of a size, as the specification counts them", () => {
  const { tiles, newTilesForSize } = JSON.parse(readFileSync(shared("vectors", "golden", "golden.json"), "utf8")) as {
    tiles: Record<"size70000" | "size256", { level: number; full: number; partial: number }[]>;
    newTilesForSize: { h: number; cases: [number, number, number][] };
  };
  for (const [size, expected] of [
    [70_000, tiles.size70000],
    [256, tiles.size256],
  ] as const) {
    const all = [...tilesBetween(0, size)];
    const counted = expected.map(({ level }) => ({
      level,
      full: all.filter((tile) => tile.level === level && tile.width === 256).length,
      partial: all.find((tile) => tile.level === level && tile.width < 256)?.width ?? 0,
    }));
    assert.equal(counted, expected);
    assert.is(
      all.length,
      expected.reduce((sum, { full, partial }) => sum + full + (partial > 0 ? 1 : 0), 0),
    );
  }
  for (const [from, to, count] of newTilesForSize.cases)
    assert.is([...tilesBetween(from, to, newTilesForSize.h)].length, count, `${from} to ${to}`);
  assert.equal([...tilesBetween(0, 0)], []);
  assert.equal([...tilesBetween(300, 300)], []);
});

/** The bytes of a tile of the test's tree. */
function bytesOf({ level, index, width }: { level: number; index: number; width: number }): Uint8Array {
  const span = 256 ** level;
  return Buffer.concat(
    Array.from({ length: width }, (_, i) => rootOver((index * 256 + i) * span, (index * 256 + i + 1) * span)),
  );
}

test("law: the proofs of a tree come out of the tiles they ask for, read once, and of no others", () => {
  holds(
    fc.property(fc.integer({ min: 1, max: 1200 }), fc.nat(), fc.nat(), (size, pick, other) => {
      const index = pick % size;
      const from = 1 + (other % size);
      const root = rootOver(0, size);
      const existing = [...tilesBetween(0, size)].map(formatTilePath);
      const fromTiles = (plan: Part[]) => {
        const tiles = tilesFor(plan.flat(), size);
        for (const tile of tiles) assert.ok(existing.includes(formatTilePath(tile)), formatTilePath(tile));
        const read = new Map(tiles.map((tile) => [`${tile.level}/${tile.index}`, bytesOf(tile)]));
        return prove(
          plan,
          hashFromTiles((level, at) => {
            const bytes = read.get(`${level}/${at}`);
            if (bytes === undefined) throw new Error(`tile ${level}/${at} was not asked for`);
            return bytes;
          }),
        );
      };
      const leaf = { index, hash: leafHashes[index] as Uint8Array };
      assert.ok(checkInclusion(leaf, { size, root }, fromTiles(planInclusion(index, size))).ok, `${index} of ${size}`);
      const older = { size: from, root: rootOver(0, from) };
      const consistency = fromTiles(planConsistency(from, size));
      assert.ok(checkConsistency(older, { size, root }, consistency).ok, `${from} to ${size}`);
    }),
    60,
  );
});

test("a tile that is too short for what is asked of it is refused by its name", () => {
  const short = hashFromTiles(() => Buffer.alloc(32 * 3));
  assert.is(
    refused(() => short({ level: 0, index: 3 })),
    "MALFORMED",
  );
  assert.is(
    refused(() => short({ level: 2, index: 0 })),
    "MALFORMED",
  );
  assert.is(
    refused(() => hashFromTiles(() => Buffer.alloc(33))({ level: 0, index: 0 })),
    "MALFORMED",
  );
  assert.equal(tileOf({ level: 9, index: 1 }, 70_000), { level: 1, index: 0, width: 256 });
  assert.is(
    refused(() => cutHashes(Buffer.alloc(0))),
    "MALFORMED",
  );
  assert.is(
    refused(() => cutHashes(Buffer.alloc(31))),
    "MALFORMED",
  );
  assert.is(
    refused(() => cutHashes(Buffer.alloc(257 * 32))),
    "MALFORMED",
  );
  assert.equal(perfectRoot(leafHashes.slice(0, 256)), rootOver(0, 256));
});

test("law: entries joined and cut are the same entries; every shorter bundle is refused or has fewer", () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 8 });
  holds(
    fc.property(entries, (all) => {
      const bundle = joinEntries(all);
      assert.equal(cutEntries(bundle).map(hashLeaf), all.map(hashLeaf));
      for (let length = 0; length < bundle.length; length++) {
        const cut = refused(() => assert.ok(cutEntries(bundle.subarray(0, length)).length < all.length));
        assert.ok(cut === "MALFORMED" || cut === "answered", cut);
      }
    }),
  );
  const longest = Buffer.alloc(entrySizeMax, 7);
  assert.equal(cutEntries(joinEntries([longest])), [longest]);
  assert.is(
    refused(() => joinEntries([Buffer.alloc(entrySizeMax + 1)])),
    "OUT_OF_RANGE",
  );
  assert.is(
    refused(() => joinEntries([])),
    "OUT_OF_RANGE",
  );
  assert.is(
    refused(() => joinEntries(Array.from({ length: 257 }, () => Buffer.of(1)))),
    "OUT_OF_RANGE",
  );
  assert.is(
    refused(() => cutEntries(Buffer.alloc(2 * 257))),
    "MALFORMED",
  );
  assert.is(
    refused(() => cutEntries(Buffer.alloc(0))),
    "MALFORMED",
  );
});

test.run();
