// What the tables refuse whoever asks, and what the store says of a file that somebody changed in spite of them.
import { execFileSync } from "node:child_process";
import type Database from "libsql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Store, StoreError } from "../../src/ledger/Store.js";
import { caught } from "./opened.js";
import { append, content, entry } from "./samples.js";
import { type SqliteFile, withSqliteFile } from "./withSqliteFile.js";

const test = suite("sqlite store, attacked");

/** Four events, three commands, a content. */
async function filled({ open }: SqliteFile): Promise<Store> {
  const store = await open();
  await store.append([
    append([entry("run-1", 0), entry("run-1", 1)]),
    append([entry("run-2", 0)]),
    append([entry("run-1", 2)]),
  ]);
  const { commitment, content: article } = content("Article 1");
  await store.content.put(commitment, article);
  return store;
}

const forbidden = [
  "UPDATE event SET bytes = '{}' WHERE position = 1",
  "UPDATE event SET position = 9 WHERE position = 3",
  "UPDATE event SET revision = 9",
  "DELETE FROM event WHERE position = 3",
  "DELETE FROM event",
  "INSERT INTO event VALUES (5, 'run-9', 0, '{}')",
  "INSERT INTO event VALUES (4, 'run-1', 4, '{}')",
  "INSERT INTO event VALUES (4, 'run-1', 2, '{}')",
  "INSERT INTO event VALUES ('4', 'run-9', 1, '{}')",
  "INSERT OR REPLACE INTO event VALUES (3, 'run-9', 0, '{}')",
  "INSERT OR REPLACE INTO event VALUES (4, 'run-1', 0, '{}')",
  "REPLACE INTO event VALUES (0, 'run-1', 0, '{}')",
  "UPDATE command SET envelope = '{}'",
  "UPDATE command SET last = 0",
  "DELETE FROM command",
  "INSERT INTO command SELECT id, 1, 4, 0, 1, NULL FROM command WHERE position = 0",
  "INSERT INTO command VALUES ('new', 1, 4, 0, 1, NULL)",
  "INSERT OR REPLACE INTO command SELECT id, part, position, count, last, '{}' FROM command",
  "UPDATE head SET size = 3",
  "UPDATE head SET size = 5",
  "UPDATE head SET id = 1",
  "DELETE FROM head",
  "INSERT OR REPLACE INTO head VALUES (0, 0, x'')",
  "INSERT INTO head VALUES (1, 0, x'')",
  "UPDATE content SET bytes = x'00'",
  "UPDATE content SET salt = zeroblob(32)",
  "INSERT OR REPLACE INTO content SELECT commitment, salt, x'00' FROM content",
];

test("the tables refuse to change or delete, whoever asks and however", () =>
  withSqliteFile(async (file) => {
    const store = await filled(file);
    const before = [await store.head(), await store.read(0, 10), await store.commands(0, 10)];
    file.tamper((db) => {
      for (const sql of forbidden)
        assert.throws(
          () => db.exec(sql),
          (error: { code?: string }) => /CONSTRAINT/.test(error.code ?? ""),
          sql,
        );
    });
    assert.equal([await store.head(), await store.read(0, 10), await store.commands(0, 10)], before);
    assert.equal(await store.append([append([entry("run-1", 3)])]), [{ kind: "committed", position: 4, count: 1 }]);
  }));

/** Does what the triggers forbid: they can be dropped by whoever has the file. */
function without(trigger: string, sql: string): (db: Database.Database) => void {
  return (db) => db.exec(`DROP TRIGGER ${trigger}; ${sql}`);
}

async function corruptAt(position: number | undefined, work: () => Promise<unknown>): Promise<StoreError> {
  const error = await caught(work);
  assert.ok(error instanceof StoreError, String(error));
  assert.is(error.code, "CORRUPT");
  assert.is(error.position, position, error.message);
  assert.ok(error.next.length > 10);
  return error;
}

test("a hole is corrupt, named by its position, and never skipped", () =>
  withSqliteFile(async (file) => {
    const store = await filled(file);
    file.tamper(without("event_delete", "DELETE FROM event WHERE position = 1"));
    assert.is((await store.read(0, 1)).length, 1);
    await corruptAt(1, () => store.read(0, 10));
    await corruptAt(1, () => store.read(1, 1));
    await corruptAt(3, () => store.readStream("run-1", 0));
  }));

test("a cut tail is corrupt, and nothing can be appended over it", () =>
  withSqliteFile(async (file) => {
    const store = await filled(file);
    file.tamper(without("event_delete", "DELETE FROM event WHERE position = 3"));
    assert.is((await store.read(0, 3)).length, 3);
    await corruptAt(3, () => store.read(0, 10));
    await corruptAt(undefined, () => store.append([append([entry("run-2", 1)])]));
    const again = await file.open();
    await corruptAt(3, () => again.read(3, 1));
  }));

test("an event slipped in behind the head is corrupt", () =>
  withSqliteFile(async (file) => {
    const store = await filled(file);
    file.tamper((db) => db.exec("INSERT INTO event VALUES (4, 'run-9', 0, '{}')"));
    await corruptAt(4, () => store.read(0, 10));
    await corruptAt(undefined, () => store.append([append([entry("run-2", 1)])]));
  }));

test("a head that lies or is lost is corrupt", () =>
  withSqliteFile(async (file) => {
    const store = await filled(file);
    file.tamper(without("head_moves", "UPDATE head SET peaks = zeroblob(64)"));
    await corruptAt(undefined, () => store.head());
    file.tamper(without("head_delete", "DELETE FROM head"));
    await corruptAt(undefined, () => store.head());
    await corruptAt(undefined, () => store.append([append([entry("run-2", 1)])]));
  }));

test("bytes that are no text are read as they are, and end nothing", () =>
  withSqliteFile(async (file) => {
    const store = await filled(file);
    file.tamper(
      without(
        "event_update",
        "UPDATE event SET bytes = CAST(x'61ff62' AS TEXT), stream = CAST(x'ff' AS TEXT) WHERE position = 2",
      ),
    );
    assert.equal([...((await store.read(2, 1))[0]?.bytes ?? [])], [0x61, 0xff, 0x62]);
    file.tamper(without("command_update", "UPDATE command SET envelope = CAST(x'ff00fe' AS TEXT)"));
    assert.equal([...((await store.commands(0, 1))[0]?.envelope ?? [])], [0xff, 0, 0xfe]);
  }));

test("a command that lost a part is corrupt", () =>
  withSqliteFile(async (file) => {
    const store = await file.open();
    for (const part of [0, 1, 2])
      await store.append([append([entry("run-1", part)], { id: "c", part, last: part === 2 })]);
    file.tamper(without("command_delete", "DELETE FROM command WHERE part = 1"));
    await corruptAt(2, () => store.command("c"));
    await corruptAt(2, () => store.commands(0, 9));
  }));

test("plain sqlite3 reads it as a person would, also while it is being written", () =>
  withSqliteFile(async (file) => {
    const store = await filled(file);
    const look = (sql: string) => file.tamper((db) => db.prepare(sql).raw().all([]) as unknown[][]);
    assert.equal(look("SELECT position, stream, bytes FROM event WHERE position = 2"), [
      [2, "run-2", '{"revision":0,"say":"said","stream":"run-2"}'],
    ]);
    assert.equal(look("SELECT count(*), typeof(bytes), typeof(envelope) FROM event, command"), [[12, "text", "text"]]);
    for (let i = 0; i < 30; i++) {
      const writing = store.append([append([entry(`run-w${i}`, 0), entry(`run-w${i}`, 1)])]);
      assert.equal(
        look("SELECT (SELECT size FROM head) - (SELECT count(*) FROM event), (SELECT count(*) FROM event) % 2"),
        [[0, 0]],
      );
      await writing;
    }
    try {
      const said = execFileSync("sqlite3", [file.path, "SELECT count(*) FROM event; PRAGMA integrity_check;"], {
        encoding: "utf8",
      });
      assert.is(said, "64\nok\n");
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
  }));

test.run();
