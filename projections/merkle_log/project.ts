/**
 * The Merkle tree over the leaf bytes, as the tiles that proofs and readers of the log need: every complete node of every eighth level.
 * What lies between is hashed anew when it is asked for. It is derived like every read model: the signed root is what it is held against.
 */
import { TlogError } from "../../src/tlog/TlogError.js";
import { cutHashes, nodesAt, perfectRoot, tileWidth } from "../../src/tlog/tiles.js";
import { hashLeaf } from "../../src/tlog/tree.js";
import type { Before, Projection } from "../Projection.js";

const put = `INSERT INTO merkle_tile (level, tile, hashes) VALUES ($1, $2, $3)
  ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes`;

export const merkleLogProjection: Projection = {
  name: "merkle_log",
  tables: ["merkle_tile"],
  views: [],
  async project(batch, before) {
    const size = batch[0]?.position ?? 0;
    const rows: [number, number, Uint8Array][] = [];
    let fresh = batch.map(({ bytes }) => hashLeaf(bytes));
    for (let level = 0; fresh.length > 0; level++) {
      const nodes = nodesAt(level, size);
      const first = Math.floor(nodes / tileWidth);
      const hashes = [...(await lastTile(before, level, first, nodes % tileWidth)), ...fresh];
      // A tile that is full now is one node more on the level above.
      fresh = [];
      for (let at = 0; at < hashes.length; at += tileWidth) {
        const tile = hashes.slice(at, at + tileWidth);
        rows.push([level, first + at / tileWidth, Buffer.concat(tile)]);
        if (tile.length === tileWidth) fresh.push(perfectRoot(tile));
      }
    }
    return [{ sql: put, rows }];
  },
};

/** The hashes of the partial tile a level ends in; none where it ends in a full one. */
async function lastTile(before: Before, level: number, tile: number, width: number): Promise<Uint8Array[]> {
  if (width === 0) return [];
  const [row] = await before.query<{ hashes: Uint8Array }>(
    "SELECT hashes FROM merkle_tile WHERE level = $1 AND tile = $2",
    [level, tile],
  );
  const hashes = row === undefined ? [] : cutHashes(row.hashes);
  if (hashes.length === width) return hashes;
  throw new TlogError(
    "MALFORMED",
    `tile ${tile} of level ${level} of the Merkle log has ${hashes.length} hashes; it should have ${width}`,
    "iu-ledger rebuild",
  );
}
