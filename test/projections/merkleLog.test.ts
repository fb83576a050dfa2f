/** The Merkle log as a read model: the same tiles however the events came, roots and proofs out of a handful of rows, damage told. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { merkleLogProjection } from "../../projections/merkle_log/project.js";
import {
  consistencyProof,
  hashTile,
  inclusionProof,
  merkleRange,
  merkleRoot,
  merkleSize,
} from "../../projections/merkle_log/queries.js";
import type { Before, Positioned } from "../../projections/Projection.js";
import { readPackageFile } from "../../src/database/packageFile.js";
import type { Sql } from "../../src/database/Sql.js";
import { openSqlite } from "../../src/database/sqlite.js";
import { StoreError } from "../../src/ledger/Store.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { checkConsistency, checkInclusion } from "../../src/tlog/proof.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import { emptyRange, extendRange, hashLeaf, rootHex, rootOf } from "../../src/tlog/tree.js";
import { scribe } from "../projecting/scribe.js";
import { tellStory } from "../projecting/story.js";
import { withPostgresLedger } from "../store/withPostgresLedger.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { holdsAsync } from "../support/property.js";

const test = suite("the Merkle log as a read model");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const leafAt = (position: number) => Buffer.from(`leaf ${position}`);

/** The table alone, and a way to project leaves into it in batches of those sizes. */
async function withTiles(
  use: (sql: Sql, grow: (...batches: number[]) => Promise<void>) => Promise<void>,
): Promise<void> {
  const sql = await openSqlite(":memory:");
  let size = 0;
  try {
    await sql.exec(readPackageFile("projections/merkle_log/table.sql"));
    await use(sql, async (...batches) => {
      for (const count of batches) {
        const batch = Array.from({ length: count }, (_, i) => ({ position: size + i, bytes: leafAt(size + i) }));
        const before = { query: (text: string, params?: readonly number[]) => sql.query(text, params) };
        const statements = await merkleLogProjection.project(
          batch as unknown as Positioned[],
          before as unknown as Before,
        );
        await sql.transaction(async (session) => {
          for (const { sql: text, rows } of statements) await session.runEach(text, rows);
        });
        size += count;
      }
    });
  } finally {
    await sql.close();
  }
}

const rowsOf = (sql: Sql) =>
  sql.query<{ row: string }>("SELECT level || '/' || tile || '/' || hex(hashes) AS row FROM merkle_tile ORDER BY 1");
const hashes: Uint8Array[] = [];
const rangeOf = (size: number) => {
  while (hashes.length < size) hashes.push(hashLeaf(leafAt(hashes.length)));
  return extendRange(emptyRange, hashes.slice(0, size));
};

test("law: however the events came, the rows are the same, and give the root of every size on the way", async () => {
  await holdsAsync(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }), async (batches) => {
      const total = batches.reduce((sum, count) => sum + count, 0);
      await withTiles(async (sql, grow) => {
        await grow(...batches);
        assert.is(await merkleSize(sql), total);
        for (const size of new Set([0, 1, total >> 1, total - 1, total]))
          assert.is(hex(await merkleRoot(sql, size)), rootHex(rangeOf(size)), `size ${size} of ${total}`);
        const rows = await rowsOf(sql);
        await withTiles(async (other, growOther) => {
          await growOther(total);
          assert.equal(rows, await rowsOf(other));
        });
      });
    }),
    6,
  );
});

test("beyond 65,536 leaves there is a third level; a proof still reads a handful of rows", async () => {
  const size = 66_000;
  await withTiles(async (sql, grow) => {
    await grow(20_000, 1, 45_999);
    const range = rangeOf(size);
    assert.is(hex(await merkleRoot(sql, size)), rootHex(range));
    assert.equal((await merkleRange(sql, size)).peaks.map(hex), range.peaks.map(hex));
    const levels = await sql.query<{ level: number; count: number; bytes: number }>(
      "SELECT level, count(*) AS count, sum(length(hashes)) AS bytes FROM merkle_tile GROUP BY level ORDER BY level",
    );
    assert.equal(
      levels.map(({ level, count, bytes }) => [level, count, bytes / 32]),
      [
        [0, 258, 66_000],
        [1, 2, 257],
        [2, 1, 1],
      ],
    );
    let read = 0;
    const counting = {
      query: async <R>(text: string, params?: Parameters<Sql["query"]>[1]) => {
        const rows = await sql.query<R>(text, params);
        read += rows.length;
        return rows;
      },
    };
    const tree = { size, root: rootOf(range) };
    for (const index of [0, 255, 256, 65_535, 65_536, size - 1]) {
      read = 0;
      const proof = await inclusionProof(counting, index, size);
      assert.ok(checkInclusion({ index, hash: hashLeaf(leafAt(index)) }, tree, proof).ok, `${index}`);
      assert.ok(read <= 6, `${read} rows for the proof of ${index}`);
    }
    for (const from of [1, 255, 256, 257, 40_000, 65_536, size]) {
      const older = { size: from, root: rootOf(rangeOf(from)) };
      assert.ok(checkConsistency(older, tree, await consistencyProof(sql, from, size)).ok, `${from}`);
    }
    const tile = await hashTile(sql, { level: 0, index: 257, width: 5 });
    assert.is(hex(tile), Array.from({ length: 5 }, (_, i) => hex(hashLeaf(leafAt(257 * 256 + i)))).join(""));
  });
});

test("what is not there, or damaged, is said and not made up", async () => {
  await withTiles(async (sql, grow) => {
    await grow(300);
    const codeOf = async (asking: Promise<unknown>) => {
      try {
        await asking;
      } catch (error) {
        return error instanceof TlogError ? error.code : String(error);
      }
      return "answered";
    };
    assert.is(await codeOf(merkleRoot(sql, 301)), "OUT_OF_RANGE");
    assert.is(await codeOf(inclusionProof(sql, 300, 300)), "OUT_OF_RANGE");
    assert.is(await codeOf(consistencyProof(sql, 300, 301)), "OUT_OF_RANGE");
    await sql.run("UPDATE merkle_tile SET hashes = substr(hashes, 1, 40) WHERE level = 0 AND tile = 1");
    assert.is(await codeOf(grow(1)), "MALFORMED");
    assert.is(await codeOf(merkleRoot(sql, 300)), "OUT_OF_RANGE");
    await sql.run("DELETE FROM merkle_tile WHERE level = 0 AND tile = 1");
    assert.is(await codeOf(grow(1)), "MALFORMED");
  });
});

test("on a ledger: the root of the tiles is the head's, on SQLite and on Postgres; a lost tile is damage with a way out", async () => {
  await withSqliteFile(async (file) => {
    const store = await file.open();
    await tellStory(scribe(store));
    await catchUp(store, store.sql, { batchSize: 7 });
    const { size, root } = await store.head();
    assert.is(hex(await merkleRoot(store.sql, size)), root);
    file.tamper((db) => db.exec("DELETE FROM merkle_tile"));
    await store.append([
      {
        command: { id: "one-more", part: 0, last: true, envelope: Buffer.from("{}") },
        entries: await onceMore(store),
        guards: [],
      },
    ]);
    try {
      await catchUp(store, store.sql);
      assert.unreachable("the tile is gone");
    } catch (error) {
      assert.instance(error, StoreError);
      assert.is((error as StoreError).code, "CORRUPT");
      assert.match((error as StoreError).next, /iu-ledger rebuild/);
    }
  });
});

test("on Postgres the tiles are the same", async () => {
  await withPostgresLedger(async (ledger) => {
    const store = await ledger.open();
    await tellStory(scribe(store));
    await catchUp(store, store.sql, { batchSize: 11 });
    const { size, root } = await store.head();
    assert.is(hex(await merkleRoot(store.sql, size)), root);
    const [event] = await store.read(3, 1);
    const leaf = { index: 3, hash: hashLeaf(event!.bytes) };
    const tree = { size, root: Buffer.from(root, "hex") };
    assert.ok(checkInclusion(leaf, tree, await inclusionProof(store.sql, 3, size)).ok);
  });
});

/** The last event's like, as the next of its stream. */
async function onceMore(store: Parameters<typeof scribe>[0]) {
  const { size } = await store.head();
  const [last] = await store.read(size - 1, 1);
  const event = JSON.parse(Buffer.from(last!.bytes).toString()) as { revision: number };
  event.revision++;
  return [{ stream: last!.stream, revision: event.revision, bytes: Buffer.from(JSON.stringify(event)) }];
}

test.run();
