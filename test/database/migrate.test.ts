// Migrations: each once, in order, also when two begin at once; a newer database is left alone.
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { hasTable, type Migration, migrate, readMigrations } from "../../src/database/migrate.js";
import { openSqlite } from "../../src/database/sqlite.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("migrate");

const scripts = ["CREATE TABLE one (n INTEGER)", "INSERT INTO one VALUES (1)", "INSERT INTO one VALUES (2)"];
const migrations: Migration[] = scripts.map((script, i) => ({ number: i + 1, name: `step_${i + 1}`, script }));
const rows = "SELECT n FROM one ORDER BY n";

test("each is applied once, in order, and again only what is new", () =>
  withTempDir(async (dir) => {
    const sql = await openSqlite(join(dir, "m.db"));
    assert.is(await hasTable(sql, "one"), false);
    assert.equal(await migrate(sql, migrations.slice(0, 2)), { kind: "migrated", applied: [1, 2], newest: 2 });
    assert.equal(await migrate(sql, migrations), { kind: "migrated", applied: [3], newest: 3 });
    assert.equal(await migrate(sql, migrations), { kind: "migrated", applied: [], newest: 3 });
    assert.equal(await sql.query(rows), [{ n: 1 }, { n: 2 }]);
    await sql.close();
  }));

test("twins collide harmlessly", () =>
  withTempDir(async (dir) => {
    const twins = await Promise.all([1, 2, 3].map(() => openSqlite(join(dir, "m.db"))));
    const outcomes = await Promise.all(twins.map((sql) => migrate(sql, migrations)));
    assert.equal(outcomes.flatMap((one) => (one.kind === "migrated" ? one.applied : [])).sort(), [1, 2, 3]);
    for (const sql of twins) assert.equal(await sql.query(rows), [{ n: 1 }, { n: 2 }]);
    for (const sql of twins) await sql.close();
  }));

test("one that fails leaves nothing, and its number free", () =>
  withTempDir(async (dir) => {
    const sql = await openSqlite(join(dir, "m.db"));
    const broken = [
      ...migrations.slice(0, 1),
      { number: 2, name: "broken", script: "INSERT INTO one VALUES (1); INSERT INTO none VALUES (1)" },
    ];
    const error = await migrate(sql, broken).catch((thrown: unknown) => thrown);
    assert.instance(error, Error);
    assert.equal(await migrate(sql, migrations), { kind: "migrated", applied: [2, 3], newest: 3 });
    assert.equal(await sql.query(rows), [{ n: 1 }, { n: 2 }]);
    await sql.close();
  }));

test("a newer database is told from an older one and left alone", () =>
  withTempDir(async (dir) => {
    const sql = await openSqlite(join(dir, "m.db"));
    await migrate(sql, migrations);
    assert.equal(await migrate(sql, migrations.slice(0, 1)), { kind: "newer", database: 3, program: 1 });
    await sql.close();
  }));

test("those of the package are numbered without a gap", () => {
  const own = readMigrations("src/database/migrations/sqlite");
  assert.is(own[0]?.name, "ledger");
  assert.equal(
    own.map((one) => one.number),
    own.map((_, i) => i + 1),
  );
});

test.run();
