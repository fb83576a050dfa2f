/**
 * The Merkle log, read: roots and proofs of any size up to the bookmark's, each out of a handful of rows. What is given is as good as the
 * rows: whoever signs or trusts it compares the root with one that was recomputed from the leaves, or signed.
 */
import type { Sql, SqlSession } from "../../src/database/Sql.js";
import { type HashOf, type Node, type Part, rootOfPart } from "../../src/tlog/nodes.js";
import { emptyRoot, type Proof, planConsistency, planInclusion, planRoot, prove } from "../../src/tlog/proof.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import { cutHashes, hashFromTiles, type Tile, tilesFor, tileWidth } from "../../src/tlog/tiles.js";
import type { CompactRange } from "../../src/tlog/tree.js";

type Reading = Pick<Sql | SqlSession, "query">;

/** How many leaves are in the tiles. */
export async function merkleSize(sql: Reading): Promise<number> {
  const [row] = await sql.query<{ tile: number; hashes: Uint8Array }>(
    "SELECT tile, hashes FROM merkle_tile WHERE level = 0 ORDER BY tile DESC LIMIT 1",
  );
  return row === undefined ? 0 : row.tile * tileWidth + cutHashes(row.hashes).length;
}

/** The RFC 6962 root of the first `size` leaves. Throws `OUT_OF_RANGE` beyond the tiles, `MALFORMED` where one is damaged. */
export async function merkleRoot(sql: Reading, size: number): Promise<Uint8Array> {
  const plan = planRoot(size);
  return size === 0 ? emptyRoot() : rootOfPart(plan, await hashesFor(sql, plan, size));
}

/** The roots of the perfect subtrees that cover the first `size` leaves: to grow a tree from there on. */
export async function merkleRange(sql: Reading, size: number): Promise<CompactRange> {
  const plan = planRoot(size);
  const hashOf = await hashesFor(sql, plan, size);
  return { size, peaks: plan.map(hashOf) };
}

/** The proof that the leaf at `position` is in the tree of `size` leaves (RFC 6962 section 2.1.1). */
export async function inclusionProof(sql: Reading, position: number, size: number): Promise<Proof> {
  return planned(sql, planInclusion(position, size), size);
}

/** The proof that the tree of `to` leaves is that of `from` leaves with leaves added (RFC 6962 section 2.1.2). */
export async function consistencyProof(sql: Reading, from: number, to: number): Promise<Proof> {
  return planned(sql, planConsistency(from, to), to);
}

/** The bytes of a hash tile as a log of `size` leaves has it. */
export async function hashTile(sql: Reading, { level, index, width }: Tile & { level: number }): Promise<Uint8Array> {
  const tiles = await readTiles(sql, [{ level, index, width }]);
  return tileBytes(tiles, level, index).subarray(0, width * 32);
}

async function planned(sql: Reading, plan: readonly Part[], size: number): Promise<Proof> {
  return prove(plan, await hashesFor(sql, plan.flat(), size));
}

/** Reads what a plan needs, at once. */
async function hashesFor(sql: Reading, nodes: readonly Node[], size: number): Promise<HashOf> {
  const tiles = await readTiles(sql, tilesFor(nodes, size));
  return hashFromTiles((level, index) => tileBytes(tiles, level, index));
}

type Tiles = ReadonlyMap<string, Uint8Array>;

async function readTiles(sql: Reading, wanted: readonly (Tile & { level: number })[]): Promise<Tiles> {
  if (wanted.length === 0) return new Map();
  const places = wanted.map((_, i) => `(level = $${2 * i + 1} AND tile = $${2 * i + 2})`).join(" OR ");
  const rows = await sql.query<{ level: number; tile: number; hashes: Uint8Array }>(
    `SELECT level, tile, hashes FROM merkle_tile WHERE ${places}`,
    wanted.flatMap(({ level, index }) => [level, index]),
  );
  const tiles = new Map(rows.map(({ level, tile, hashes }) => [`${level}/${tile}`, hashes]));
  for (const { level, index, width } of wanted) {
    const there = (tiles.get(`${level}/${index}`)?.length ?? 0) / 32;
    if (there < width) {
      throw new TlogError(
        "OUT_OF_RANGE",
        `tile ${index} of level ${level} has ${there} hashes; ${width} are needed`,
        "Bring the read models up to date, or make them again: iu-ledger rebuild",
      );
    }
  }
  return tiles;
}

function tileBytes(tiles: Tiles, level: number, index: number): Uint8Array {
  const bytes = tiles.get(`${level}/${index}`);
  if (bytes === undefined) throw new Error(`tile ${level}/${index} was not planned`);
  return bytes;
}
