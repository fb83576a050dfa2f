// The Sql port over Postgres: the promises of the port, what the server's own ways could do to them, and what its roles may do.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { migrate, readMigrations } from "../../src/database/migrate.js";
import { openPostgres, type PostgresSql } from "../../src/database/postgres.js";
import { type Sql, SqlError, type SqlValue } from "../../src/database/Sql.js";
import { postgresCluster } from "../support/postgresCluster.js";
import { postgresRoles } from "./postgresRoles.js";
import { withPostgres } from "./withPostgres.js";

const test = suite("sql port: postgres");

async function fails(code: SqlError["code"], work: () => Promise<unknown>): Promise<SqlError> {
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof SqlError, String(error));
  assert.is(error.code, code, error.message);
  return error;
}

const thing = "CREATE TABLE thing (id BIGINT PRIMARY KEY, name TEXT, bytes BYTEA, real DOUBLE PRECISION)";
const insert = "INSERT INTO thing (id, name, bytes, real) VALUES ($1, $2, $3, $4)";
const names = async (sql: Pick<Sql, "query">) =>
  (await sql.query<{ name: string }>("SELECT name FROM thing ORDER BY id")).map((row) => row.name);

test("values come back as they went in; integers and counts are numbers, booleans are 0 and 1", () =>
  withPostgres(async ({ sql, cluster, database, again }) => {
    await sql.exec(thing);
    const big = Number.MAX_SAFE_INTEGER;
    assert.is(await sql.run(insert, [big, "Điều 😀'\"", new Uint8Array([9, 0, 255, 7]).subarray(1), 1.5]), 1);
    assert.is(await sql.run(insert, [-1, "", new Uint8Array(), null]), 1);
    const all = "SELECT id, name, bytes, real FROM thing ORDER BY id";
    type Row = { id: number; name: string; bytes: Uint8Array; real: number | null };
    const plain = (rows: readonly Row[]) => rows.map((row) => ({ ...row, bytes: [...row.bytes] }));
    const expected = [
      { id: -1, name: "", bytes: [], real: null },
      { id: big, name: "Điều 😀'\"", bytes: [0, 255, 7], real: 1.5 },
    ];
    assert.equal(plain(await sql.query<Row>(all)), expected);
    assert.equal(await sql.query("SELECT count(*) AS n, sum(id) > 0 AS b, max(id) - 1 AS m FROM thing"), [
      { n: 2, b: 1, m: big - 1 },
    ]);
    // Bytes bound as a text are its UTF-8.
    assert.equal(await sql.query("SELECT CAST($1 AS TEXT) AS t", [new TextEncoder().encode("đ")]), [{ t: "đ" }]);
    await cluster.admin("postgres", `ALTER DATABASE ${database} SET bytea_output = 'escape'`);
    assert.equal(plain(await (await again()).query<Row>(all)), expected);
  }));

test("what cannot be bound is a bug of the caller and disturbs nothing", () =>
  withPostgres(async ({ sql }) => {
    await sql.exec(thing);
    for (const odd of [true, undefined, 2 ** 53, Number.NaN, 1n, {}, [1], new Date(0), "\ud800", "a\0b"]) {
      const error = await sql.run(insert, [1, odd as SqlValue, null, null]).catch((thrown: unknown) => thrown);
      assert.instance(error, TypeError, String(odd));
      const asked = await sql.query("SELECT $1::text", [odd as SqlValue]).catch((thrown: unknown) => thrown);
      assert.instance(asked, TypeError, String(odd));
    }
    assert.is(await sql.run(insert, [1, "still here", null, null]), 1);
  }));

test("a transaction is all or nothing; many rows go in at once", () =>
  withPostgres(async ({ sql }) => {
    await sql.exec(thing);
    const rows = Array.from({ length: 150 }, (_, i) => [i, `n${i}`, null, null]);
    const given = await sql.transaction(async (session) => {
      assert.is(await session.insert("thing (id, name, bytes, real)", "($1, upper($2), $3, $4)", rows), 150);
      assert.is(await session.insert("thing (id)", "($1)", [[3], [200]], "ON CONFLICT DO NOTHING"), 1);
      assert.is(
        await session.runEach("UPDATE thing SET name = $2 WHERE id = $1", [
          [0, "a"],
          [1, "b"],
          [999, "c"],
        ]),
        2,
      );
      return (await names(session)).slice(0, 3);
    });
    assert.equal(given, ["a", "b", "N2"]);
    const error = await sql
      .transaction(async (session) => {
        await session.run("DELETE FROM thing");
        throw new Error("changed my mind");
      })
      .catch((thrown: unknown) => thrown);
    assert.is((error as Error).message, "changed my mind");
    assert.is((await names(sql)).length, 151);
  }));

test("a failed statement loses its transaction, even if nobody minds; the next one works", () =>
  withPostgres(async ({ sql }) => {
    await sql.exec(thing);
    await sql.run(insert, [1, "a", null, null]);
    await fails("CONSTRAINT", () =>
      sql.transaction(async (session) => {
        await session.run(insert, [2, "b", null, null]);
        await fails("CONSTRAINT", () => session.run(insert, [1, "again", null, null]));
        await fails("CONSTRAINT", () => session.run(insert, [3, "c", null, null]));
      }),
    );
    await fails("CONSTRAINT", () =>
      sql.transaction((session) =>
        session.runEach(insert, [
          [5, "e", null, null],
          [1, "again", null, null],
          [6, "f", null, null],
        ]),
      ),
    );
    assert.equal(await names(sql), ["a"]);
    await fails("STATEMENT", () => sql.run("INSERT INTO nothing VALUES (1)"));
    assert.is(await sql.run(insert, [2, "b", null, null]), 1);
  }));

test("transactions take turns in order of arrival, also with another process; nobody reads inside another's", () =>
  withPostgres(async ({ sql, again }) => {
    await sql.exec(thing);
    const other = await again();
    const order: string[] = [];
    const one = sql.transaction(async (session) => {
      await session.run(insert, [1, "one", null, null]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push("one");
    });
    const two = sql.run(insert, [2, "two", null, null]).then(() => order.push("two"));
    const reading = names(sql).then((seen) => assert.ok(seen.length === 0 || seen.length === 2, "a read saw half"));
    const three = sql.transaction(async (session) => {
      assert.equal((await names(session)).slice(0, 2), ["one", "two"]);
      order.push("three");
    });
    await Promise.all([one, two, three, reading]);
    assert.equal(order, ["one", "two", "three"]);
    // Reads before it writes: what it read stays true, whoever else is at it.
    const count = (sql: Sql) =>
      sql.transaction(async (session) => {
        const [row] = await session.query<{ n: number }>("SELECT max(id) + 1 AS n FROM thing");
        await session.run(insert, [row?.n ?? 0, "counted", null, null]);
      });
    await Promise.all(Array.from({ length: 20 }, (_, i) => count(i % 2 === 0 ? sql : other)));
    assert.is((await names(sql)).length, 22);
  }));

test("reads are reads: outside a transaction nothing can be written by a query, and nothing at all when opened for reading", () =>
  withPostgres(async ({ sql, again }) => {
    await sql.exec(thing);
    await fails("READ_ONLY", () => sql.query("INSERT INTO thing (id) VALUES (1) RETURNING id"));
    const reader = await again({ readOnly: true });
    await fails("READ_ONLY", () => reader.run("INSERT INTO thing (id) VALUES (1)"));
    await fails("READ_ONLY", () => reader.write("INSERT INTO iu.thing (id) VALUES (1)"));
    assert.equal(await reader.query("SELECT id FROM thing"), []);
  }));

test("a session is dead after its transaction, and everything after the end", () =>
  withPostgres(async ({ sql }) => {
    let kept: Pick<Sql, "query"> | undefined;
    await sql.transaction((session) => {
      kept = session;
      return Promise.resolve();
    });
    await fails("STATEMENT", () => (kept as Pick<Sql, "query">).query("SELECT 1"));
    const last = sql.run(`CREATE TABLE last (id INTEGER)`);
    await Promise.all([sql.close(), last]);
    await sql.close();
    await fails("CLOSED", () => sql.query("SELECT 1"));
    await fails("CLOSED", () => sql.run("SELECT 1"));
    await fails("CLOSED", () => sql.read("SELECT 1"));
  }));

test("what the server answers is told by its SQLSTATE, with the next step", () =>
  withPostgres(async ({ sql, cluster, database, again }) => {
    await sql.exec(thing);
    await sql.exec("CREATE FUNCTION raised() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$");
    await fails("RAISED", () => sql.query("SELECT raised()"));
    await fails("STATEMENT", () => sql.query("SELECT 1 / 0"));
    const set = (setting: string) => cluster.admin("postgres", `ALTER DATABASE ${database} SET ${setting}`);
    await set("statement_timeout = 50");
    const hurried = await again();
    const late = await fails("LOCKED", () => hurried.query("SELECT pg_sleep(9)"));
    assert.match(late.next ?? "", /statement_timeout/);
    assert.is((await fails("LOCKED", () => hurried.write("SELECT pg_sleep(9)"))).ambiguous, false);
    await set("statement_timeout = 0");
    await set("lock_timeout = 30");
    const impatient = await again();
    await sql.transaction(async () => {
      await fails("LOCKED", () => impatient.run(insert, [1, "a", null, null]));
    });
    await set("lock_timeout = 0");
    await set("default_transaction_read_only = on");
    const refused = await fails("READ_ONLY", async () => (await again()).write("INSERT INTO iu.thing (id) VALUES (7)"));
    assert.match(refused.next ?? "", /primary/);
    // The port's own transactions say themselves that they write.
    await (await again()).run(insert, [7, "seven", null, null]);
  }));

test("a collision with another transaction is tried again: it has written nothing", () =>
  withPostgres(async ({ sql, cluster, database, again }) => {
    await sql.exec("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)");
    await sql.run("INSERT INTO counter VALUES (1, 0), (2, 0)");
    await cluster.admin("postgres", `ALTER DATABASE ${database} SET default_transaction_isolation = 'repeatable read'`);
    const ports = [await again(), await again()];
    const bump = "UPDATE iu.counter SET n = n + 1 WHERE id = 1";
    await Promise.all(Array.from({ length: 8 }, (_, i) => (ports[i % 2] as PostgresSql).write(bump)));
    assert.equal(await sql.query("SELECT n FROM counter WHERE id = 1"), [{ n: 8 }]);
  }));

test("no server, no database, no login: said as what it is", async () => {
  const cluster = await postgresCluster();
  const nobody = await openPostgres("postgres://admin@127.0.0.1:1/none");
  const refused = await fails("CONNECTION", () => nobody.query("SELECT 1"));
  assert.is(refused.ambiguous, false);
  assert.is((await fails("CONNECTION", () => nobody.write("SELECT 1"))).ambiguous, false);
  const none = await openPostgres(cluster.url("none"));
  await fails("CANNOT_OPEN", () => none.query("SELECT 1"));
  const stranger = await openPostgres(cluster.url("postgres", "stranger"));
  await fails("CANNOT_OPEN", () => stranger.run("SELECT 1"));
  await fails("CANNOT_OPEN", () => openPostgres("postgres://["));
  for (const sql of [nobody, none, stranger]) await sql.close();
});

test("a session that is ended while it is idle, reads, or writes: reads go on, a write says that it may have happened", () =>
  withPostgres(async ({ sql, cluster, database }) => {
    await sql.exec(thing);
    const others = `FROM pg_stat_activity WHERE datname = '${database}' AND pid <> pg_backend_pid()`;
    const endAll = () => cluster.admin(database, `SELECT pg_terminate_backend(pid) ${others}`);
    const running = async (text: string) => {
      while (
        (await cluster.admin(database, `SELECT 1 ${others} AND state = 'active' AND query LIKE '${text}%'`))
          .rowCount === 0
      );
    };
    await endAll();
    assert.equal(await names(sql), []);
    await endAll();
    await sql.run(insert, [1, "a", null, null]);
    const reading = sql.read("SELECT pg_sleep(0.3)");
    await running("SELECT pg_sleep(0.3)");
    await endAll();
    assert.is((await reading).length, 1);
    const writing = fails("CONNECTION", () => sql.write("SELECT pg_sleep(30)"));
    await running("SELECT pg_sleep(30)");
    await endAll();
    assert.is((await writing).ambiguous, true);
    // Before its commit was asked for a transaction cannot have happened.
    const begun = fails("CONNECTION", () =>
      sql.transaction(async (session) => {
        await session.run(insert, [2, "b", null, null]);
        await session.query("SELECT pg_sleep(31)");
      }),
    );
    await running("SELECT pg_sleep(31)");
    await endAll();
    assert.is((await begun).ambiguous, false);
    assert.equal(await names(sql), ["a"]);
  }));

test("a server that does not answer is given up after a while, and the write may have happened", () =>
  withPostgres(async ({ again }) => {
    const sql = await again({ answerMsMax: 60 });
    assert.is((await fails("CONNECTION", () => sql.write("SELECT pg_sleep(2)"))).ambiguous, true);
    assert.equal(await sql.query("SELECT 1 AS one"), [{ one: 1 }]);
  }));

test("who listens is called for what others notify, and again after the connection was lost", () =>
  withPostgres(async ({ sql, cluster, database }) => {
    const stop = new AbortController();
    let heard = 0;
    const listening = sql.listen("iu_event", () => heard++, stop.signal);
    const until = async (count: number) => {
      for (let tries = 0; heard < count; tries++) {
        assert.ok(tries < 500, `heard ${heard} of ${count}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await until(1); // it listens from now on
    await cluster.admin(database, "NOTIFY iu_event");
    await until(2);
    await cluster.admin(
      database,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}' AND query LIKE 'LISTEN%'`,
    );
    await until(4); // once for what may have been missed, once when it listens again
    await cluster.admin(database, "NOTIFY iu_event");
    await until(5);
    stop.abort();
    await listening;
  }));

test("migrations: twenty processes at once apply each once; a newer database is left alone", () =>
  withPostgres(async ({ again }) => {
    const own = readMigrations("src/database/migrations/postgres");
    assert.equal(
      own.map((one) => one.number),
      own.map((_, i) => i + 1),
    );
    const ports = await Promise.all(Array.from({ length: 20 }, () => again({ connectionsMax: 2 })));
    const outcomes = await Promise.all(ports.map((sql) => migrate(sql, own)));
    const applied = outcomes.flatMap((one) => (one.kind === "migrated" ? one.applied : [-1]));
    assert.equal(
      applied.sort(),
      own.map((one) => one.number),
    );
    const [sql] = ports as [PostgresSql];
    assert.equal(
      await sql.query("SELECT number, name FROM migration ORDER BY number"),
      own.map(({ number, name }) => ({ number, name })),
    );
    assert.equal(await migrate(sql, own.slice(0, 1)), { kind: "newer", database: own.length, program: 1 });
  }));

test.run();

// In the same file for the server's sake: each file starts its own.
const roles = suite("postgres roles");
postgresRoles(roles);
roles.run();
