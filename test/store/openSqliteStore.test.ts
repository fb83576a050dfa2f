// Opening a ledger file, and being told why not, with the next step; and a full disk.
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StoreError } from "../../src/ledger/Store.js";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";
import { caught } from "./opened.js";
import { append, content, entry } from "./samples.js";
import { withSqliteFile } from "./withSqliteFile.js";

const test = suite("opening a sqlite ledger");

async function cannot(code: StoreError["code"], work: () => Promise<unknown>): Promise<StoreError> {
  const error = await caught(work);
  assert.ok(error instanceof StoreError, String(error));
  assert.is(error.code, code, error.message);
  assert.is(error.ambiguous, false);
  assert.ok(error.next.length > 10);
  return error;
}

test("a missing file is not made unless asked for", () =>
  withSqliteFile(async ({ path, open }) => {
    const error = await cannot("NOT_A_LEDGER", () => open({}));
    assert.match(error.next, /init/);
    assert.not(existsSync(path));
    await open({ create: true });
    assert.ok(existsSync(path));
    await open({});
  }));

test("a folder, a missing folder, a file as a folder, a text file, an empty file", () =>
  withSqliteFile(async ({ folder }) => {
    await cannot("NOT_A_LEDGER", () => openSqliteStore(folder, { create: true }));
    const error = await cannot("NOT_A_LEDGER", () => openSqliteStore(join(folder, "none", "l.db"), { create: true }));
    assert.match(error.next, /mkdir/);
    const text = join(folder, "text.md");
    writeFileSync(text, "# A constitution\n".repeat(1000));
    await cannot("NOT_A_LEDGER", () => openSqliteStore(text));
    await cannot("NOT_A_LEDGER", () => openSqliteStore(text, { create: true }));
    await cannot("NOT_A_LEDGER", () => openSqliteStore(join(text, "l.db"), { create: true }));
    assert.is(readFileSync(text, "utf8"), "# A constitution\n".repeat(1000));
    const empty = join(folder, "empty.db");
    writeFileSync(empty, "");
    await cannot("NOT_A_LEDGER", () => openSqliteStore(empty));
    await (await openSqliteStore(empty, { create: true })).close();
    await (await openSqliteStore(empty)).close();
  }));

test("a file that was removed or replaced while it is open takes nothing more, until it is back", () =>
  withSqliteFile(async ({ folder, path, open }) => {
    const store = await open();
    await store.append([append([entry("a", 0)])]);
    const aside = join(folder, "aside.db");
    renameSync(path, aside);
    const error = await cannot("UNAVAILABLE", () => store.append([append([entry("a", 1)])]));
    assert.match(error.message, "not the one that was opened");
    const { commitment, content: bytes } = content("a text");
    await cannot("UNAVAILABLE", () => store.content.put(commitment, bytes));
    copyFileSync(aside, path);
    await cannot("UNAVAILABLE", () => store.append([append([entry("a", 1)])]));
    renameSync(aside, path);
    await store.append([append([entry("a", 1)])]);
    assert.is((await store.head()).size, 2);
  }));

test("somebody else's database is refused and not touched", () =>
  withSqliteFile(async ({ folder }) => {
    const path = join(folder, "theirs.db");
    const db = new Database(path, {});
    db.exec("CREATE TABLE event (position INTEGER)");
    db.close();
    const before = readFileSync(path);
    for (const create of [false, true]) await cannot("NOT_A_LEDGER", () => openSqliteStore(path, { create }));
    assert.ok(readFileSync(path).equals(before));
  }));

test("a path with spaces and signs; opened for reading only it writes nothing", () =>
  withSqliteFile(async ({ folder }) => {
    const odd = join(folder, "Điều 100% #1?");
    mkdirSync(odd);
    const path = join(odd, "my ledger?.db");
    const store = await openSqliteStore(path, { create: true });
    await store.append([append([entry("run-1", 0)])]);
    const reading = await openSqliteStore(path, { readOnly: true });
    assert.is((await reading.head()).size, 1);
    await cannot("READ_ONLY", () => reading.append([append([entry("run-1", 1)])]));
    await cannot("READ_ONLY", () => reading.content.put(content("x").commitment, content("x").content));
    await cannot("NOT_A_LEDGER", () => openSqliteStore(join(folder, "none.db"), { readOnly: true, create: true }));
    await store.append([append([entry("run-1", 1)])]);
    assert.is((await reading.read(0, 9)).length, 2);
    await Promise.all([reading.close(), store.close()]);
  }));

test("tables of a newer program are refused", () =>
  withSqliteFile(async ({ open, tamper }) => {
    await (await open()).close();
    tamper((db) => db.exec("INSERT INTO migration VALUES (99, 'from the future')"));
    for (const options of [{}, { readOnly: true }]) {
      const error = await cannot("NEWER_LEDGER", () => open(options));
      assert.match(error.message, /99/);
    }
  }));

test("made by many at once it is made once", () =>
  withSqliteFile(async ({ open }) => {
    const stores = await Promise.all(Array.from({ length: 6 }, () => open()));
    await Promise.all(stores.map((store, i) => store.append([append([entry(`run-${i}`, 0)])])));
    for (const store of stores) assert.is((await store.head()).size, 6);
  }));

test("a lock held too long is LOCKED and nothing was written; the process goes on meanwhile, and after", () =>
  withSqliteFile(async ({ open, path }) => {
    const store = await open({ create: true, lockWaitMs: 60 });
    const other = new Database(path, {});
    other.exec("BEGIN IMMEDIATE");
    let turns = 0;
    const ticking = setInterval(() => turns++, 5);
    await cannot("LOCKED", () => store.append([append([entry("run-1", 0)])]));
    clearInterval(ticking);
    assert.ok(turns > 2, `${turns} turns`);
    assert.is((await store.head()).size, 0);
    const waiting = store.append([append([entry("run-1", 0)])]);
    setTimeout(() => other.exec("COMMIT"), 20);
    assert.equal(await waiting, [{ kind: "committed", position: 0, count: 1 }]);
    other.close();
  }));

test("a full disk is DISK_FULL: nothing is lost, nothing half there, and it works again once there is room", () =>
  withSqliteFile(async ({ open, path }) => {
    const store = await open();
    const pagesMax = (max: number) =>
      store.sql.transaction((session) => session.query(`PRAGMA max_page_count = ${max}`));
    await pagesMax(40);
    let written = 0;
    const full = await cannot("DISK_FULL", async () => {
      for (;;) {
        await store.append([
          append([entry("run-1", written, "x".repeat(3000))]),
          append([entry(`unit-${written}`, 0, "y".repeat(3000))]),
        ]);
        written++;
      }
    });
    assert.match(full.next, /room/);
    assert.ok(written > 3);
    await cannot("DISK_FULL", () => store.append([append([entry("run-1", written, "x".repeat(60_000))])]));
    await cannot("DISK_FULL", () =>
      store.content.put(content("z".repeat(200_000)).commitment, content("z".repeat(200_000)).content),
    );
    assert.is((await store.head()).size, 2 * written);
    assert.is((await store.read(0, 1000)).length, 2 * written);
    await pagesMax(1_000_000);
    assert.equal(await store.append([append([entry("run-1", written)])]), [
      { kind: "committed", position: 2 * written, count: 1 },
    ]);
    await store.close();
    const again = await openSqliteStore(path);
    assert.is((await again.read(0, 1000)).length, 2 * written + 1);
    await again.close();
  }));

test.run();
