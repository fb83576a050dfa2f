/**
 * The log as files, for anybody to fetch and to keep (C2SP tlog-tiles): hash tiles, entry bundles, and last of all the checkpoint that they
 * belong to, so that a reader never meets a checkpoint whose tiles are not there. Each file appears whole, by linking a finished one to its
 * name. What stands there is never written over: a full tile that is another one is another history, and is refused by its path.
 */
import { createHash } from "node:crypto";
import { link, mkdir, readFile, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { consistencyProof, hashTile, merkleRoot } from "../../projections/merkle_log/queries.js";
import type { Sql } from "../database/Sql.js";
import { draftFile, replaceFile } from "../files/durableFile.js";
import type { Store } from "../ledger/Store.js";
import { type Checkpoint, parseCheckpoint } from "../tlog/checkpoint.js";
import { parseNote } from "../tlog/note.js";
import { checkConsistency, same } from "../tlog/proof.js";
import { TlogError } from "../tlog/TlogError.js";
import { cutHashes, formatTilePath, joinEntries, type Tile, tilesBetween, tileWidth } from "../tlog/tiles.js";
import { hashLeaf } from "../tlog/tree.js";
import { type CheckpointRefused, refused } from "./Checkpointed.js";

export interface TilesMeans {
  readonly store: Store;
  readonly sql: Sql;
  /** The signed checkpoint to publish, and what it says. */
  readonly note: Uint8Array;
  readonly checkpoint: Checkpoint;
  readonly folder: string;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface TilesWritten {
  readonly kind: "written";
  readonly size: number;
  /** Files made now, and those that stood there already as they should be. */
  readonly made: number;
  readonly there: number;
}

/** Writes what is missing for a checkpoint; or says what stands in the way. Throws what the file system throws. */
export async function writeTiles(means: TilesMeans): Promise<TilesWritten | CheckpointRefused> {
  const { sql, store, note, checkpoint, folder, onProgress } = means;
  const { size, root } = checkpoint;
  if (!same(await merkleRoot(sql, size), root)) {
    return refused(
      "TREE_WRONG",
      `The tiles of the Merkle log do not give the root that was signed for ${size} events.`,
      { size },
      "iu-ledger rebuild",
    );
  }
  const older = await publishedBefore(means);
  if (older !== null) return older;
  let made = 0;
  let there = 0;
  for (const tile of tilesBetween(0, size)) {
    const bytes = await hashTile(sql, tile);
    const files: [Tile, Uint8Array][] = [[tile, bytes]];
    if (tile.level === 0) {
      const entries = (await store.read(tile.index * tileWidth, tile.width)).map((event) => event.bytes);
      const hashes = cutHashes(bytes);
      const odd = hashes.findIndex((hash, i) => !same(hash, hashLeaf(entries[i] ?? new Uint8Array())));
      if (odd >= 0) {
        const position = tile.index * tileWidth + odd;
        return refused(
          "TREE_WRONG",
          `The event at position ${position} is not the leaf that was signed for.`,
          { position },
          "iu-ledger replay",
        );
      }
      files.push([{ ...tile, level: "entries" }, joinEntries(entries)]);
    }
    for (const [place, content] of files) {
      const path = formatTilePath(place);
      const outcome = await publish(folder, path, content);
      if (outcome === "other") return otherThere(folder, path);
      if (outcome === "made") made++;
      else there++;
      // Once the full one is there nobody needs its beginnings.
      if (place.width === tileWidth) await rm(join(folder, `${path}.p`), { recursive: true, force: true });
    }
    onProgress?.(Math.min(size, (tile.index + 1) * tileWidth * tileWidth ** tile.level), size);
  }
  await replaceFile(join(folder, "checkpoint"), note);
  return { kind: "written", size, made, there };
}

/** A folder that has another history's checkpoint, or a newer one, is left alone. */
async function publishedBefore({ folder, sql, checkpoint }: TilesMeans): Promise<CheckpointRefused | null> {
  const file = join(folder, "checkpoint");
  let older: Checkpoint;
  try {
    older = parseCheckpoint(parseNote(await readFile(file)).text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    if (!(error instanceof TlogError)) throw error;
    return refused("TILES_OTHER", `${file} is no checkpoint: ${error.message}.`, {}, "Publish into another folder.");
  }
  const numbers = { published: older.size, size: checkpoint.size };
  if (older.origin !== checkpoint.origin)
    return refused(
      "TILES_OTHER",
      `${file} is of ${older.origin}.`,
      numbers,
      "Publish into a folder of this log's own.",
    );
  if (older.size > checkpoint.size) {
    return refused(
      "TILES_NEWER",
      `${file} is of ${older.size} events, newer than the ${checkpoint.size} of the newest checkpoint here.`,
      numbers,
      "If the ledger was restored, publish its new incarnation into another folder.",
    );
  }
  const verdict = checkConsistency(older, checkpoint, await consistencyProof(sql, older.size, checkpoint.size));
  if (verdict.ok) return null;
  return refused(
    "TILES_OTHER",
    `What is published in ${folder}, of ${older.size} events, is another history: ${verdict.why}.`,
    numbers,
    "See which is true: iu-ledger replay. Publish into another folder.",
  );
}

/** Puts a file in its place if there is none; looks at the one that is there. */
async function publish(folder: string, path: string, bytes: Uint8Array): Promise<"made" | "there" | "other"> {
  const target = join(folder, path);
  const before = await readIf(target);
  if (before !== null) return digestOf(before) === digestOf(bytes) ? "there" : "other";
  await mkdir(dirname(target), { recursive: true });
  const draft = await draftFile(dirname(target), bytes, 0o644);
  try {
    await link(draft, target);
    return "made";
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const other = await readFile(target);
    return digestOf(other) === digestOf(bytes) ? "there" : "other";
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

async function readIf(path: string): Promise<Uint8Array | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function otherThere(folder: string, path: string): CheckpointRefused {
  return refused(
    "TILE_DIFFERS",
    `${join(folder, path)} stands there already, and is not what this log has in that place.`,
    { path },
    "A tile is never written over. Find out who changed it; publish into another folder if this one is lost.",
  );
}
