/** The published folder: the whole log out of its files alone; full tiles never touched again; another history, or a changed file, refused by name. */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { newestStored } from "../../src/checkpoints/stored.js";
import { writeTiles } from "../../src/checkpoints/writeTiles.js";
import { rootOfPart } from "../../src/tlog/nodes.js";
import { planRoot } from "../../src/tlog/proof.js";
import { openCheckpoint, signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { cutEntries, cutHashes, formatTilePath, hashFromTiles, tilesBetween } from "../../src/tlog/tiles.js";
import { hashLeaf } from "../../src/tlog/tree.js";
import { edited } from "../replay/openedUp.js";
import { type CheckpointRoom, withCheckpointRoom } from "./room.js";

const test = suite("published tiles");

let serial = 0;
/** Many events at once, by way of the store alone. */
async function append({ store }: CheckpointRoom, count: number): Promise<void> {
  const [bound] = await store.read(2, 1);
  const entries = Array.from({ length: count }, () => {
    const stream = `key-many${serial++}`;
    return { stream, revision: 0, bytes: edited(bound!, (envelope) => Object.assign(envelope, { stream })).bytes };
  });
  const command = { id: `many ${serial}`, part: 0, last: true, envelope: Buffer.from("{}") };
  await store.append([{ command, entries, guards: [] }]);
}

async function published(room: CheckpointRoom, folder: string) {
  const done = await room.sign();
  if (done.kind === "refused") throw new Error(done.message);
  return writeTiles({ store: room.store, sql: room.store.sql, note: done.note, checkpoint: done.checkpoint, folder });
}

test("from the files alone: the checkpoint's root out of the hash tiles, each hash out of its entry", () =>
  withCheckpointRoom(async (room) => {
    const folder = join(room.file.folder, "public");
    for (const count of [700, 90, 1]) {
      await append(room, count);
      const done = await published(room, folder);
      assert.is(done.kind, "written");
      const opened = openCheckpoint(readFileSync(join(folder, "checkpoint")), {
        origin: room.origin,
        keys: [room.key],
      });
      assert.ok(opened.ok);
      if (!opened.ok) return;
      const { size, root } = opened.checkpoint;
      assert.is(size, (await room.store.head()).size);
      const tiles = new Map<string, Uint8Array>();
      for (const tile of tilesBetween(0, size)) {
        const bytes = readFileSync(join(folder, formatTilePath(tile)));
        tiles.set(`${tile.level}/${tile.index}`, bytes);
        if (tile.level > 0) continue;
        const entries = cutEntries(readFileSync(join(folder, formatTilePath({ ...tile, level: "entries" }))));
        assert.equal(entries.map(hashLeaf).map(hex), cutHashes(bytes).map(hex));
      }
      const hashOf = hashFromTiles((level, index) => tiles.get(`${level}/${index}`) as Uint8Array);
      assert.is(hex(rootOfPart(planRoot(size), hashOf)), hex(root));
      for (const full of ["tile/0/000", "tile/0/001", "tile/entries/001"]) {
        assert.ok(existsSync(join(folder, full)));
        assert.not.ok(existsSync(join(folder, `${full}.p`)), "its beginnings are gone");
      }
    }
  }));

test("a full tile is not written again, and a changed one is refused by its path and left as it is", () =>
  withCheckpointRoom(async (room) => {
    const folder = join(room.file.folder, "public");
    await append(room, 600);
    await published(room, folder);
    const paths = ["tile/0/000", "tile/0/001", "tile/entries/000"].map((path) => join(folder, path));
    const before = paths.map((path) => [statSync(path).mtimeMs, statSync(path).ino]);
    await append(room, 600);
    const done = await published(room, folder);
    assert.ok(done.kind === "written" && done.there >= 4);
    assert.equal(
      paths.map((path) => [statSync(path).mtimeMs, statSync(path).ino]),
      before,
    );
    for (const path of ["tile/0/001", "tile/entries/000", "tile/1/000.p/4"]) {
      const file = join(folder, path);
      const right = readFileSync(file);
      const wrong = Buffer.from(right);
      wrong[40] = (wrong[40] as number) ^ 1;
      writeFileSync(file, wrong);
      const no = await published(room, folder);
      assert.equal(no.kind === "refused" && [no.code, no.numbers], ["TILE_DIFFERS", { path }]);
      assert.equal(readFileSync(file), wrong);
      writeFileSync(file, right);
    }
    assert.is((await published(room, folder)).kind, "written");
  }));

test("a folder of another history, of another log, or newer than the ledger is left alone", () =>
  withCheckpointRoom(async (room) => {
    const folder = join(room.file.folder, "public");
    await append(room, 5);
    await published(room, folder);
    const { size, note } = (await newestStored(room.store.sql)) as { size: number; note: Uint8Array };
    const checkpoint = { origin: room.origin, size, root: Buffer.alloc(32, 5) };
    const put = (bytes: Uint8Array) => writeFileSync(join(folder, "checkpoint"), bytes);
    const code = async () => {
      const done = await published(room, folder);
      return done.kind === "refused" ? done.code : done.kind;
    };
    put(signCheckpoint({ ...checkpoint, size: size - 1 }, room.key));
    assert.is(await code(), "TILES_OTHER");
    put(signCheckpoint({ ...checkpoint, size: size + 1 }, room.key));
    assert.is(await code(), "TILES_NEWER");
    put(signCheckpoint({ ...checkpoint, origin: "other.example" }, { ...room.key, name: "other.example" }));
    assert.is(await code(), "TILES_OTHER");
    put(Buffer.from("x"));
    assert.is(await code(), "TILES_OTHER");
    put(note);
    assert.is(await code(), "written");
  }));

test("what was not signed for is not published: an event or a tile changed in the database", () =>
  withCheckpointRoom(async (room) => {
    const folder = join(room.file.folder, "public");
    await append(room, 5);
    const done = await room.sign();
    if (done.kind === "refused") throw new Error(done.message);
    room.forge("UPDATE event SET bytes = replace(bytes, '2026', '2025') WHERE position = 4");
    const means = { store: room.store, sql: room.store.sql, note: done.note, checkpoint: done.checkpoint, folder };
    const no = await writeTiles(means);
    assert.equal(no.kind === "refused" && [no.code, no.numbers], ["TREE_WRONG", { position: 4 }]);
    room.forge("UPDATE merkle_tile SET hashes = zeroblob(length(hashes))");
    assert.is((await writeTiles(means)).kind, "refused");
    assert.not.ok(existsSync(join(folder, "checkpoint")), "no checkpoint before its tiles");
  }));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

test.run();
