// The Sql port over SQLite: what goes in comes out, transactions are all or nothing, and nothing a caller does ends the process.
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Sql, SqlError, type SqlValue } from "../../src/database/Sql.js";
import { openSqlite } from "../../src/database/sqlite.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("sql port: sqlite");

/** A database with a table `thing`, once in a file and once in memory. */
async function withSql(use: (sql: Sql) => Promise<void>): Promise<void> {
  await withTempDir(async (dir) => {
    for (const path of [join(dir, "things.db"), ":memory:"]) {
      const sql = await openSqlite(path);
      try {
        await sql.exec("CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT, bytes BLOB, real REAL) STRICT");
        await use(sql);
      } finally {
        await sql.close();
      }
    }
  });
}

async function fails(code: SqlError["code"], work: () => Promise<unknown>): Promise<SqlError> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SqlError, String(error));
  assert.is(error.code, code, error.message);
  return error;
}

const insert = "INSERT INTO thing (id, name, bytes, real) VALUES ($1, $2, $3, $4)";
const names = async (sql: Pick<Sql, "query">) =>
  (await sql.query<{ name: string }>("SELECT name FROM thing ORDER BY id")).map((row) => row.name);

test("values come back as they went in; parameters may be used twice and out of order", () =>
  withSql(async (sql) => {
    const big = Number.MAX_SAFE_INTEGER;
    assert.is(await sql.run(insert, [big, "Điều 😀'\"", new Uint8Array([0, 255, 7]).subarray(1), 1.5]), 1);
    assert.is(await sql.run(insert, [-1, "", new Uint8Array(), null]), 1);
    const rows = await sql.query<{ id: number; name: string; bytes: Uint8Array; real: number | null }>(
      "SELECT id, name, bytes, real FROM thing ORDER BY id",
    );
    assert.equal(
      rows.map((row) => ({ ...row, bytes: [...row.bytes] })),
      [
        { id: -1, name: "", bytes: [], real: null },
        { id: big, name: "Điều 😀'\"", bytes: [255, 7], real: 1.5 },
      ],
    );
    assert.equal(await sql.query("SELECT $2 AS b, $1 AS a, $2 AS c, typeof($1) AS t", [5, "x"]), [
      { b: "x", a: 5, c: "x", t: "integer" },
    ]);
    assert.equal(await sql.query("SELECT $1 AS v", [null]), [{ v: null }]);
    assert.equal(await sql.query("SELECT id FROM thing WHERE id = 77"), []);
  }));

test("what cannot be bound is a bug of the caller, and ends neither process nor database", () =>
  withSql(async (sql) => {
    for (const odd of [
      true,
      undefined,
      2 ** 53,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1n,
      {},
      [1],
      new Date(0),
      "\ud800",
    ]) {
      const error = await sql.run(insert, [1, odd as SqlValue, null, null]).catch((thrown: unknown) => thrown);
      assert.instance(error, TypeError, String(odd));
    }
    assert.is(await sql.run(insert, [1, "still here", null, null]), 1);
  }));

test("a transaction is all or nothing", () =>
  withSql(async (sql) => {
    const given = await sql.transaction(async (session) => {
      assert.is(
        await session.runEach(insert, [
          [1, "a", null, null],
          [2, "b", null, null],
        ]),
        2,
      );
      assert.equal(await names(session), ["a", "b"]);
      return "given";
    });
    assert.is(given, "given");
    const error = await sql
      .transaction(async (session) => {
        await session.run(insert, [3, "c", null, null]);
        throw new Error("changed my mind");
      })
      .catch((thrown: unknown) => thrown);
    assert.is((error as Error).message, "changed my mind");
    assert.equal(await names(sql), ["a", "b"]);
  }));

test("many rows go in with few statements, in order, whatever their number", () =>
  withSql(async (sql) => {
    for (const count of [0, 1, 5, 64, 149]) {
      const rows = Array.from({ length: count }, (_, i) => [i, `n${i}`]);
      const put = (tail?: string) =>
        sql.transaction((session) => session.insert("thing (id, name)", "($1, $2 || '.' || $1)", rows, tail));
      assert.is(await put(), count);
      assert.equal(
        await names(sql),
        rows.map(([i, name]) => `${name}.${i}`),
      );
      assert.is(await put("ON CONFLICT (id) DO NOTHING"), 0);
      if (count > 0) await fails("CONSTRAINT", () => put());
      await sql.run("DELETE FROM thing");
    }
  }));

test("a failed statement loses its transaction, even if nobody minds; the next one works", () =>
  withSql(async (sql) => {
    await sql.run(insert, [1, "a", null, null]);
    await fails("CONSTRAINT", () =>
      sql.transaction(async (session) => {
        await session.run(insert, [2, "b", null, null]);
        await fails("CONSTRAINT", () => session.run(insert, [1, "again", null, null]));
        await fails("CONSTRAINT", () => session.run(insert, [3, "c", null, null]));
      }),
    );
    assert.equal(await names(sql), ["a"]);
    await fails("STATEMENT", () => sql.run("INSERT INTO nothing VALUES (1)"));
    await fails("CONSTRAINT", () => sql.run(insert, [4, new Uint8Array([1]), null, null]));
    await sql.exec("CREATE TRIGGER no BEFORE DELETE ON thing BEGIN SELECT raise(ABORT, 'never'); END;");
    const error = await fails("RAISED", () => sql.run("DELETE FROM thing"));
    assert.match(error.message, /never/);
    assert.is(await sql.run(insert, [2, "b", null, null]), 1);
  }));

test("transactions take turns in order of arrival, and nobody reads inside another's", () =>
  withSql(async (sql) => {
    const order: string[] = [];
    const one = sql.transaction(async (session) => {
      await session.run(insert, [1, "one", null, null]);
      await new Promise((resolve) => setTimeout(resolve, 10));
      order.push("one");
    });
    const two = sql.run(insert, [2, "two", null, null]).then(() => order.push("two"));
    const reading = names(sql).then((seen) => {
      assert.ok(seen.length === 0 || seen.length === 2, "a read saw half");
      order.push("read");
    });
    const three = sql.transaction(async (session) => {
      assert.equal(await names(session), ["one", "two"]);
      order.push("three");
    });
    await Promise.all([one, two, three, reading]);
    assert.equal(
      order.filter((who) => who !== "read"),
      ["one", "two", "three"],
    );
  }));

test("a session is dead after its transaction", () =>
  withSql(async (sql) => {
    let kept: Pick<Sql, "query"> | undefined;
    await sql.transaction((session) => {
      kept = session;
      return Promise.resolve();
    });
    await fails("STATEMENT", () => (kept as Pick<Sql, "query">).query("SELECT 1"));
  }));

test("reads are reads: outside a transaction nothing can be written by a query", () =>
  withTempDir(async (dir) => {
    const sql = await openSqlite(join(dir, "x.db"));
    await sql.exec("CREATE TABLE thing (id INTEGER PRIMARY KEY)");
    await fails("READ_ONLY", () => sql.query("INSERT INTO thing VALUES (1) RETURNING id"));
    assert.equal(await sql.transaction((session) => session.query("INSERT INTO thing VALUES (1) RETURNING id")), [
      { id: 1 },
    ]);
    await sql.close();
  }));

test("a script may change a table that prepared statements know", () =>
  withSql(async (sql) => {
    await sql.run(insert, [1, "a", null, null]);
    const all = "SELECT * FROM thing";
    assert.equal(Object.keys((await sql.query<object>(all))[0] as object), ["id", "name", "bytes", "real"]);
    await sql.exec("ALTER TABLE thing ADD COLUMN more TEXT DEFAULT 'm'; ALTER TABLE thing DROP COLUMN real;");
    assert.equal(Object.keys((await sql.query<object>(all))[0] as object), ["id", "name", "bytes", "more"]);
  }));

test("a commit is durable, in WAL mode with every commit synced", () =>
  withTempDir(async (dir) => {
    const sql = await openSqlite(join(dir, "x.db"));
    assert.equal(await sql.query("PRAGMA journal_mode"), [{ journal_mode: "wal" }]);
    assert.equal(await sql.transaction((session) => session.query("PRAGMA synchronous")), [{ synchronous: 2 }]);
    assert.equal(await sql.transaction((session) => session.query("PRAGMA foreign_keys")), [{ foreign_keys: 1 }]);
    await sql.close();
    await fails("CLOSED", () => sql.query("SELECT 1"));
    await fails("CLOSED", () => sql.run("SELECT 1"));
    await sql.close();
  }));

test.run();
