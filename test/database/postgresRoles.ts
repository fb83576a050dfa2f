/**
 * What each role may and may not do: every forbidden act is tried as every role, and denied with its SQLSTATE. A login's own tricks
 * (temporary objects, odd arguments) must not reach what the ledger's functions do with their owner's rights.
 */
import pg from "pg";
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { StoreError } from "../../src/ledger/Store.js";
import { openPostgresStore } from "../../src/store/openPostgresStore.js";
import { emptyRange, extendRange, hashLeaf, rootHex } from "../../src/tlog/tree.js";
import { caught } from "../store/opened.js";
import { append, content, entry } from "../store/samples.js";
import { type PostgresLedger, withPostgresLedger } from "../store/withPostgresLedger.js";
import {
  appendSignature,
  article,
  callAppend,
  callErase,
  columnOf,
  forbiddenAlone,
  forbiddenTo,
  forbiddenToAll,
  projectionWrites,
  type Role,
  roles,
  tables,
} from "./forbiddenActs.js";

/** A ledger with an event and a content, and a login for each role (a role belongs to the whole cluster: named after the database). */
async function withRoles(
  use: (ledger: PostgresLedger & { login(role: Role | "stranger"): string }) => Promise<void>,
): Promise<void> {
  await withPostgresLedger(async (ledger) => {
    const store = await ledger.open();
    await store.append([append([entry("run-1", 0)])]);
    await store.content.put(article.commitment, article.content);
    const { cluster, database } = ledger;
    for (const role of roles) await cluster.admin(database, `CREATE ROLE ${role}_${database} LOGIN IN ROLE iu_${role}`);
    await cluster.admin(database, `CREATE ROLE stranger_${database} LOGIN`);
    // What a projection is: a table that the owner makes later.
    await cluster.admin(
      database,
      "CREATE TABLE iu.projected (id integer PRIMARY KEY); INSERT INTO iu.projected VALUES (1)",
    );
    await use({ ...ledger, login: (role) => cluster.url(database, `${role}_${database}`) });
  });
}

async function withLogin<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** The SQLSTATE that a statement on its own fails with. */
async function failure(client: pg.Client, sql: string): Promise<string | undefined> {
  return client.query(sql).then(
    () => "allowed",
    (error: pg.DatabaseError) => error.code,
  );
}

/** The SQLSTATE an act is denied with; "allowed" if it is not, and then it is rolled back. */
async function denied(client: pg.Client, sql: string): Promise<string> {
  try {
    // Several statements in one message are one transaction: the last one ends it whatever came before.
    await client.query(`${sql}; SELECT 1 / 0`);
  } catch (error) {
    const { code } = error as pg.DatabaseError;
    return code === "22012" ? "allowed" : (code ?? String(error));
  }
  throw new Error(`${sql}: it ended its transaction`);
}

/** Whatever was appended, by whom and how: dense, and the root is that of the bytes. */
async function assertSound(store: Awaited<ReturnType<PostgresLedger["open"]>>): Promise<number> {
  const { size, root } = await store.head();
  const events = await store.read(0, size + 10);
  assert.is(events.length, size);
  assert.is(
    rootHex(
      extendRange(
        emptyRange,
        events.map((event) => hashLeaf(event.bytes)),
      ),
    ),
    root,
  );
  const next = new Map<string, number>();
  for (const event of events) {
    assert.is(event.revision, next.get(event.stream) ?? 0);
    next.set(event.stream, event.revision + 1);
  }
  const commands = await store.commands(0, size + 1);
  assert.is(
    commands.flatMap(({ parts }) => parts).reduce((sum, { count }) => sum + count, 0),
    size,
  );
  return size;
}

/** Registers them on a suite. */
export function postgresRoles(test: Test): void {
  test("every act that is forbidden to every role is denied to each, by name", () =>
    withRoles(async ({ login }) => {
      for (const role of roles) {
        await withLogin(login(role), async (client) => {
          for (const sql of [...forbiddenToAll, ...forbiddenTo[role]])
            assert.is(await denied(client, sql), "42501", `${role}: ${sql}`);
          for (const sql of forbiddenAlone) assert.is(await failure(client, sql), "42501", `${role}: ${sql}`);
        });
      }
    }));

  test("what each role is for, it can do", () =>
    withRoles(async ({ login }) => {
      const allowed: Readonly<Record<Role, readonly string[]>> = {
        reader: [
          ...["event", "command", "head", "content", "migration", "projected"].map(
            (table) => `SELECT * FROM iu.${table}`,
          ),
          "LISTEN iu_event",
        ],
        verifier: [callAppend, "SELECT * FROM iu.event"],
        orchestrator: [callAppend, "SELECT * FROM iu.content"],
        operator: [callAppend, callErase, ...projectionWrites],
      };
      for (const role of roles) {
        await withLogin(login(role), async (client) => {
          for (const sql of allowed[role]) assert.is(await denied(client, sql), "allowed", `${role}: ${sql}`);
        });
      }
      await withLogin(login("stranger"), async (client) => {
        for (const sql of ["SELECT * FROM iu.event", callAppend, callErase, "SELECT * FROM iu.history"])
          assert.is(await denied(client, sql), "42501", `stranger: ${sql}`);
      });
    }));

  test("through the store: each role does its work, and what it may not do is said clearly", () =>
    withRoles(async ({ login, open }) => {
      const coded = async (work: () => Promise<unknown>) => {
        const error = await caught(work);
        assert.ok(error instanceof StoreError, String(error));
        assert.is(error.ambiguous, false);
        assert.match(error.next, /iu_orchestrator/);
        return error.code;
      };
      const other = content("Article 2");
      for (const [i, role] of roles.entries()) {
        const store = await open({ url: login(role) });
        assert.is((await store.read(0, 1)).length, 1);
        const one = append([entry(`run-${role}`, 0)]);
        if (role === "reader") assert.is(await coded(() => store.append([one])), "READ_ONLY");
        else assert.equal(await store.append([one]), [{ kind: "committed", position: i, count: 1 }]);
        if (role === "orchestrator") await store.content.put(other.commitment, other.content);
        if (role === "verifier")
          assert.is(await coded(() => store.content.put(other.commitment, other.content)), "READ_ONLY");
        if (role === "operator") assert.is(await store.content.erase(other.commitment), true);
        else assert.is(await coded(() => store.content.erase(article.commitment)), "READ_ONLY");
      }
      assert.is(await coded(() => openPostgresStore(login("stranger"))), "READ_ONLY");
    }));

  test("a login's temporary objects do not get between the functions and the ledger", () =>
    withRoles(async ({ login, open }) => {
      await withLogin(login("orchestrator"), async (client) => {
        await client.query(`
        CREATE TEMP TABLE event (position bigint, stream text, revision bigint, bytes bytea);
        CREATE TEMP TABLE head (parts bigint, size bigint, peaks bytea);
        CREATE FUNCTION pg_temp.sha256(bytea) RETURNS bytea LANGUAGE sql AS $$ SELECT '\\x00'::bytea $$;
        CREATE FUNCTION pg_temp.unnest(anyarray) RETURNS SETOF anyelement LANGUAGE sql AS $$ SELECT $1[1] $$;
        CREATE OPERATOR pg_temp.|| (LEFTARG = bytea, RIGHTARG = bytea, FUNCTION = byteacat);
        SET search_path = pg_temp, pg_catalog, iu;`);
        await client.query(callAppend);
      });
      await assertSound(await open());
    }));

  test("whatever arrays an appender calls the function with, the ledger stays sound", () =>
    withRoles(async ({ login, open }) => {
      const store = await open();
      // ids, streams, append: id, part, last, envelope, guards, entries, guard: stream, revision, entry: stream, revision, bytes
      const usual = [
        "{c}",
        "{run-1,run-2}",
        "{1}",
        "{0}",
        "{1}",
        "{x}",
        "{0}",
        "{2}",
        "{}",
        "{}",
        "{1,2}",
        "{1,0}",
        "{x,y}",
      ];
      const oddities: readonly (readonly [number, string | null][])[] = [
        [],
        [[1, "[2:3]={run-1,run-2}"]],
        [[0, "[0:0]={c}"]],
        [[1, "{run-1,run-1}"]],
        [
          [1, "{run-1,run-1}"],
          [11, "{1,2}"],
        ],
        [[1, "{run-1}"]],
        [[1, "{run-1,NULL}"]],
        [[1, '{run-1,""}']],
        [[0, "{}"]],
        [[0, "{NULL}"]],
        [
          [0, "{c,c}"],
          [2, "{1,2}"],
          [3, "{0,0}"],
          [4, "{1,1}"],
          [5, "{x,x}"],
          [6, "{0,0}"],
          [7, "{1,1}"],
        ],
        [
          [0, "{c,c}"],
          [2, "{1,2}"],
          [3, "{0,1}"],
          [4, "{0,1}"],
          [5, "{x,x}"],
          [6, "{0,0}"],
          [7, "{1,1}"],
        ],
        [[2, "{1,1}"]],
        [[2, "{2}"]],
        [[3, "{1}"]],
        [[3, "{-1}"]],
        [[3, "{NULL}"]],
        [[4, "{NULL}"]],
        [[4, "{0}"]],
        [[5, "{NULL}"]],
        [[6, "{-1}"]],
        [[6, "{NULL}"]],
        [[6, "{1}"]],
        [[7, "{1}"]],
        [[7, "{3}"]],
        [[7, "{-2}"]],
        [[7, "{2147483647}"]],
        [
          [2, "{1,1}"],
          [3, "{0,1}"],
          [4, "{0,1}"],
          [5, "{x,x}"],
          [6, "{0,0}"],
          [7, "{3,-1}"],
        ],
        [
          [8, "{1}"],
          [9, "{0}"],
          [6, "{1}"],
        ],
        [
          [8, "{9}"],
          [9, "{NULL}"],
          [6, "{1}"],
        ],
        [[10, "{1,9}"]],
        [[10, "[0:1]={1,2}"]],
        [[10, "{{1,2}}"]],
        [[10, "{1,NULL}"]],
        [[11, "{1,NULL}"]],
        [[11, "{1,5}"]],
        [[11, "{9223372036854775807,0}"]],
        [[12, "{x}"]],
        [[12, "{x,NULL}"]],
        [[12, '{x,""}']],
        [[12, "[7:8]={x,y}"]],
        [[12, "{{x,y}}"]],
        [[12, "[0:2]={x,y,z}"]],
        [[12, "{x,y,z}"]],
        [[10, "[0:2]={2,1,2}"]],
        [[5, "[0:0]={x}"]],
        [[0, "{{c}}"]],
        [[1, "{{run-1,run-2}}"]],
        [
          [2, "{1,1}"],
          [7, "{2,0}"],
        ],
        [
          [2, "{1,1}"],
          [3, "{0,1}"],
          [4, "{0,1}"],
          [5, "{x,NULL}"],
          [6, "{0,0}"],
          [7, "{2,0}"],
        ],
        [[4, "{7}"]],
        [[10, null]],
        [[12, null]],
        [[2, null]],
        [[8, null]],
      ];
      const types = appendSignature.replace(/.*\(|\)/g, "").split(",");
      const places = types.map((type, at) => `$${at + 1}::${type}`).join(", ");
      await withLogin(login("orchestrator"), async (client) => {
        for (const [i, odd] of oddities.entries()) {
          const { size } = await store.head();
          const last = (await store.readStream("run-1", 0)).length;
          const twos = (await store.readStream("run-2", 0)).length;
          const params: (string | null)[] = usual.map((value) => value.replace("{c}", `{c${i}}`));
          params[11] = `{${last},${twos}}`;
          for (const [at, value] of odd) params[at] = value;
          await client.query(`SELECT iu.append(${places})`, params).catch((error: pg.DatabaseError) => {
            assert.match(
              error.code ?? "",
              /^(IU002|22004|22003|23502|23505|23514|2201E|54000|22000)$/,
              `${i}: ${error.message}`,
            );
          });
          const now = await assertSound(store);
          assert.ok(now === size || now === size + 2 || now === size + 1, `${i}: ${size} became ${now}`);
        }
      });
    }));

  test("the owner and the superuser are stopped by the triggers, also when they play the replica", () =>
    withRoles(async ({ cluster, database, open }) => {
      await withLogin(cluster.url(database), async (client) => {
        for (const role of ["origin", "replica"]) {
          await client.query(`SET session_replication_role = ${role}`);
          for (const table of tables) {
            const acts = [
              `UPDATE iu.${table} SET ${columnOf(table)} = ${columnOf(table)}`,
              `TRUNCATE iu.${table} CASCADE`,
            ];
            if (table !== "content") acts.push(`DELETE FROM iu.${table}`, `DELETE FROM iu.${table} WHERE false`);
            for (const sql of acts) assert.is(await denied(client, sql), "IU001", sql);
          }
          assert.is(await denied(client, "INSERT INTO iu.event VALUES (0, 'run-9', 0, 'x')"), "23505");
          assert.is(await denied(client, "INSERT INTO iu.event VALUES (1, 'run-1', 0, 'x')"), "23505");
        }
      });
      await assertSound(await open());
    }));

  test("no view lets anybody write a table of the ledger", () =>
    withRoles(async ({ cluster, database }) => {
      const { rows } = await cluster.admin(
        database,
        "SELECT table_name FROM information_schema.views WHERE table_schema = 'iu' AND (is_updatable = 'YES' OR is_insertable_into = 'YES')",
      );
      assert.equal(rows, []);
    }));

  test("a commit is durable although the login has it otherwise", () =>
    withRoles(async ({ cluster, database, login }) => {
      await cluster.admin("postgres", `ALTER DATABASE ${database} SET synchronous_commit = off`);
      await withLogin(login("orchestrator"), async (client) => {
        const shown = async () => (await client.query("SHOW synchronous_commit")).rows[0]?.synchronous_commit as string;
        assert.is(await shown(), "off");
        await client.query("BEGIN");
        await client.query(callAppend);
        assert.is(await shown(), "on");
        await client.query("COMMIT");
        assert.is(await shown(), "off");
      });
    }));
}
