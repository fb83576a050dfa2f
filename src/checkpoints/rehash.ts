/**
 * The look at the leaves before a checkpoint is signed: every stored byte since the last one (or from the first one on) is hashed again, and
 * the tree that comes of it must be the one the store's head says, the one the tiles are made of, and the one the last checkpoint signed for.
 */
import { hashTile, merkleRange, merkleRoot } from "../../projections/merkle_log/queries.js";
import type { Sql } from "../database/Sql.js";
import type { Head, Store, StoredEvent } from "../ledger/Store.js";
import type { Checkpoint } from "../tlog/checkpoint.js";
import { same } from "../tlog/proof.js";
import { TlogError } from "../tlog/TlogError.js";
import { cutHashes, tileWidth } from "../tlog/tiles.js";
import { type CompactRange, emptyRange, extendRange, hashLeaf, rootHex, rootOf } from "../tlog/tree.js";
import { type CheckpointRefused, type Earlier, incarnationNext, refused } from "./Checkpointed.js";

export interface RehashMeans {
  readonly store: Store;
  readonly sql: Sql;
  readonly head: Head;
  /** What must be found on the way. */
  readonly earlier: readonly Earlier[];
  /** From the first leaf on. Also done where the tiles do not give the root of an earlier checkpoint. */
  readonly full?: boolean;
  readonly onProgress?: (done: number, of: number) => void;
}

/** Whole tiles, so that each is read once. */
const pageSize = 8 * tileWidth;

/** How many leaves were hashed, where all agrees; or what does not. */
export async function rehash(means: RehashMeans): Promise<{ readonly hashed: number } | CheckpointRefused> {
  const { store, sql, head, full = false, onProgress } = means;
  const earlier = means.earlier.toSorted((a, b) => a.checkpoint.size - b.checkpoint.size);
  const base = full ? undefined : await trustedBase(sql, earlier);
  const due = base === undefined ? earlier : [];
  const from = base?.size ?? 0;
  let range = base === undefined ? emptyRange : await merkleRange(sql, base.size);
  /** The first leaf that is not what its tile says. */
  let odd: number | null = null;
  while (range.size < head.size) {
    const to = Math.min(head.size, range.size - (range.size % pageSize) + pageSize);
    const events = await store.read(range.size, to - range.size);
    const hashes = events.map(({ bytes }: StoredEvent) => hashLeaf(bytes));
    odd ??= await firstOdd(sql, head.size, range.size, hashes);
    const grown = grow(range, hashes, due);
    if ("kind" in grown) return grown;
    range = grown;
    onProgress?.(range.size - from, head.size - from);
  }
  const root = rootHex(range);
  if (root !== head.root) {
    return refused(
      "EVENTS_CHANGED",
      `Hashed again, the ${head.size} events give the root ${root}; the head says ${head.root}${odd === null ? "" : `. The first event that is not what was projected stands at position ${odd}`}.`,
      { size: head.size, root, head: head.root, ...(odd === null ? {} : { position: odd }) },
      "Somebody has changed the ledger's tables. Stop writing, keep the database as it is, and see what: iu-ledger replay",
    );
  }
  if (odd !== null || !(await tilesGive(sql, { size: head.size, root: rootOf(range) }))) {
    return refused(
      "TREE_WRONG",
      `The tiles of the Merkle log are not what the events give${odd === null ? "" : `, from position ${odd} on`}; events and head agree.`,
      { size: head.size, ...(odd === null ? {} : { position: odd }) },
      "iu-ledger rebuild",
    );
  }
  return { hashed: head.size - from };
}

/** The largest earlier checkpoint, if the tiles give the root of every one of them: its signature vouches for the tree below. */
async function trustedBase(sql: Sql, earlier: readonly Earlier[]): Promise<Checkpoint | undefined> {
  for (const { checkpoint } of earlier) if (!(await tilesGive(sql, checkpoint))) return undefined;
  return earlier.at(-1)?.checkpoint;
}

async function tilesGive(sql: Sql, { size, root }: Pick<Checkpoint, "size" | "root">): Promise<boolean> {
  try {
    return same(await merkleRoot(sql, size), root);
  } catch (error) {
    if (error instanceof TlogError) return false;
    throw error;
  }
}

/** The first position whose leaf is not in its tile, or null. */
async function firstOdd(sql: Sql, size: number, from: number, hashes: readonly Uint8Array[]): Promise<number | null> {
  for (let index = Math.floor(from / tileWidth); index * tileWidth < from + hashes.length; index++) {
    const width = Math.min(tileWidth, size - index * tileWidth);
    let tile: Uint8Array[];
    try {
      tile = cutHashes(await hashTile(sql, { level: 0, index, width }));
    } catch (error) {
      if (error instanceof TlogError) return Math.max(from, index * tileWidth);
      throw error;
    }
    for (let i = 0; i < width; i++) {
      const hash = hashes[index * tileWidth + i - from];
      if (hash !== undefined && !same(hash, tile[i] as Uint8Array)) return index * tileWidth + i;
    }
  }
  return null;
}

/** The range with these leaves added; or the earlier checkpoint whose size it passes with another root. */
function grow(
  range: CompactRange,
  hashes: readonly Uint8Array[],
  due: readonly Earlier[],
): CompactRange | CheckpointRefused {
  let grown = range;
  let at = 0;
  for (const { from, checkpoint } of due) {
    const { size, root } = checkpoint;
    if (size <= range.size || size > range.size + hashes.length) continue;
    grown = extendRange(grown, hashes.slice(at, size - range.size));
    at = size - range.size;
    if (same(rootOf(grown), root)) continue;
    const is = rootHex(grown);
    const said = Buffer.from(root).toString("hex");
    return refused(
      "REWRITTEN",
      `The first ${size} events give the root ${is}; the checkpoint ${from === "outside" ? "kept outside" : "stored in the database"} signed for ${said}. An event before position ${size} was changed, or this is another history.`,
      { size, root: is, checkpoint: said },
      `Stop writing, and see what was changed: iu-ledger replay. Put the true database back; if it is lost for good, a sovereign goes on from here, for all to see: ${incarnationNext}`,
    );
  }
  return extendRange(grown, hashes.slice(at));
}
