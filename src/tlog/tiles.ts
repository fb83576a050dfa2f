/**
 * The log as a set of files: C2SP tlog-tiles. A hash tile of level L holds up to 256 neighbouring nodes of tree level 8 × L, 32 bytes
 * each; an entry bundle holds the leaves under a tile of level 0, each behind its length in two bytes, big-endian. A full one is never
 * changed; the last of each level may be partial, and its width is in its name.
 *
 * Examples: `tile/0/x001/x234/067` (full), `tile/1/000.p/17` (17 hashes), `tile/entries/000.p/112`.
 */
import type { HashOf, Node } from "./nodes.js";
import { parseCount, requireCount, TlogError } from "./TlogError.js";
import { hashNode } from "./tree.js";

/** Tree levels in a tile. */
export const tileHeight = 8;
/** Hashes or entries in a full tile. */
export const tileWidth = 256;
/** What the two bytes before an entry can count. */
export const entrySizeMax = 65_535;

/** A hash tile, or the bundle of entries under one of level 0. */
export interface Tile {
  readonly level: number | "entries";
  readonly index: number;
  /** How many hashes or entries are in it: 1 to 256. */
  readonly width: number;
}

/** The path of a tile under the log's prefix. */
export function formatTilePath({ level, index, width }: Tile): string {
  requireCount(index, "a tile's index");
  let digits = String(index);
  digits = digits.padStart(Math.ceil(digits.length / 3) * 3, "0");
  const groups = digits.match(/.{3}/g) ?? [];
  const path = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${path}${width === tileWidth ? "" : `.p/${width}`}`;
}

const tilePath = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/;

/** The tile a path names, or null where it is not the one path of any tile. */
export function parseTilePath(path: string): Tile | null {
  const [, level, groups, partial] = tilePath.exec(path) ?? [];
  if (level === undefined || groups === undefined) return null;
  const digits = groups.replaceAll(/[x/]/g, "");
  const index = parseCount(digits.replace(/^0+(?=.)/, ""));
  if (index === null) return null;
  const tile: Tile = {
    level: level === "entries" ? level : Number(level),
    index,
    width: partial === undefined ? tileWidth : Number(partial),
  };
  if (tile.level !== "entries" && tile.level > 63) return null;
  // One tile, one path: neither more zeros in front nor a partial tile of the full width.
  return tile.width <= tileWidth && formatTilePath(tile) === path ? tile : null;
}

/** How many nodes of tile level `level` a tree of `size` leaves has. */
export function nodesAt(level: number, size: number): number {
  return Math.floor(size / tileWidth ** level);
}

/** The hash tiles of a tree of `size` leaves that a tree of `from` leaves does not have, level by level; with `height` other than 8 for other logs. */
export function* tilesBetween(from: number, size: number, height = tileHeight): Generator<Tile & { level: number }> {
  requireCount(from, "the older size");
  requireCount(size, "the newer size");
  const full = 2 ** height;
  for (let level = 0; Math.floor(size / full ** level) > 0; level++) {
    const before = Math.floor(from / full ** level);
    const nodes = Math.floor(size / full ** level);
    if (nodes === before) continue;
    for (let index = Math.floor(before / full); index * full < nodes; index++)
      yield { level, index, width: Math.min(full, nodes - index * full) };
  }
}

/** The tile, in a tree of `size` leaves, under or in which a node lies: the one it can be computed from. */
export function tileOf(node: Node, size: number): Tile & { level: number } {
  const level = Math.floor(node.level / tileHeight);
  const first = node.index * 2 ** (node.level % tileHeight);
  const index = Math.floor(first / tileWidth);
  const width = Math.min(tileWidth, nodesAt(level, size) - index * tileWidth);
  return { level, index, width };
}

/** The tiles from which the nodes can be computed, each once: what to read. */
export function tilesFor(nodes: Iterable<Node>, size: number): (Tile & { level: number })[] {
  const tiles = new Map<string, Tile & { level: number }>();
  for (const node of nodes) {
    const tile = tileOf(node, size);
    tiles.set(`${tile.level}/${tile.index}`, tile);
  }
  return [...tiles.values()];
}

/** Where to find the bytes of a hash tile that was read: at least as wide as asked for. */
export type TileBytes = (level: number, index: number) => Uint8Array;

/** The hash of any node, from the tiles that were read. Throws `MALFORMED` where a tile is too short. */
export function hashFromTiles(tileBytes: TileBytes): HashOf {
  return (node) => {
    const level = Math.floor(node.level / tileHeight);
    const height = node.level % tileHeight;
    const first = node.index * 2 ** height;
    const index = Math.floor(first / tileWidth);
    const bytes = tileBytes(level, index);
    const at = first - index * tileWidth;
    if (bytes.length % 32 !== 0 || bytes.length < (at + 2 ** height) * 32) {
      throw new TlogError(
        "MALFORMED",
        `tile ${index} of level ${level} has ${bytes.length} bytes; hash ${at + 2 ** height} of it is not there`,
        "Make the tiles again.",
      );
    }
    return perfectRoot(cutHashes(bytes).slice(at, at + 2 ** height));
  };
}

/** The root over 2^n hashes: what a tile of a level above holds of a full tile below. */
export function perfectRoot(hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes;
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(hashNode(row[i] as Uint8Array, row[i + 1] as Uint8Array));
    row = above;
  }
  return row[0] as Uint8Array;
}

/** The hashes of a hash tile. Throws `MALFORMED` on bytes that are no whole number of hashes, or none, or too many. */
export function cutHashes(bytes: Uint8Array): Uint8Array[] {
  const count = bytes.length / 32;
  if (!Number.isInteger(count) || count < 1 || count > tileWidth) {
    throw new TlogError(
      "MALFORMED",
      `a hash tile of ${bytes.length} bytes; it holds 1 to 256 hashes of 32`,
      "Fetch the tile again.",
    );
  }
  return Array.from({ length: count }, (_, i) => bytes.subarray(i * 32, i * 32 + 32));
}

/** The bytes of an entry bundle: each entry behind its length. Throws `OUT_OF_RANGE` above {@link entrySizeMax} bytes an entry or 256 entries. */
export function joinEntries(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > tileWidth)
    throw new TlogError(
      "OUT_OF_RANGE",
      `a bundle of ${entries.length} entries; it holds 1 to 256`,
      "Cut the entries by tile.",
    );
  return Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > entrySizeMax) {
        throw new TlogError(
          "OUT_OF_RANGE",
          `an entry of ${entry.length} bytes; a bundle holds up to ${entrySizeMax} an entry`,
          "Serve the log's entries in another way.",
        );
      }
      return [Buffer.of(entry.length >> 8, entry.length & 255), entry];
    }),
  );
}

/** The entries of a bundle. Throws `MALFORMED` where a length or an entry is cut short, or there are none or more than 256. */
export function cutEntries(bytes: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = at + 2 <= bytes.length ? ((bytes[at] as number) << 8) | (bytes[at + 1] as number) : Number.NaN;
    const entry = bytes.subarray(at + 2, at + 2 + length);
    if (entry.length !== length)
      throw new TlogError(
        "MALFORMED",
        `entry ${entries.length} of the bundle is cut short at byte ${at}`,
        "Fetch the bundle again.",
      );
    entries.push(entry);
    at += 2 + length;
  }
  if (entries.length < 1 || entries.length > tileWidth)
    throw new TlogError(
      "MALFORMED",
      `a bundle of ${entries.length} entries; it holds 1 to 256`,
      "Fetch the bundle again.",
    );
  return entries;
}
