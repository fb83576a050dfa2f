/** What the store says of a database that somebody changed in spite of the triggers, or that is not what it takes it for. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { StoreError } from "../../src/ledger/Store.js";
import type { PostgresStore } from "../../src/store/postgresStore.js";
import type { PostgresCluster } from "../support/postgresCluster.js";
import { caught } from "./opened.js";
import { append, content, entry } from "./samples.js";
import { type PostgresLedger, withPostgresLedger } from "./withPostgresLedger.js";

/** Four events, three commands, a content. */
async function filled({ open }: PostgresLedger): Promise<PostgresStore> {
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

/** Does what the triggers forbid: they can be disabled by whoever owns the table. */
function tamper({ cluster, database }: PostgresLedger, table: string, sql: string): Promise<unknown> {
  return cluster.admin(
    database,
    `ALTER TABLE iu.${table} DISABLE TRIGGER USER; ${sql}; ALTER TABLE iu.${table} ENABLE ALWAYS TRIGGER ${table}_kept`,
  );
}

/** Sets it for the server, and waits until every session knows: each reads its settings again before its next statement. */
async function setFsync(cluster: PostgresCluster, value: "on" | "off"): Promise<void> {
  await cluster.admin("postgres", `ALTER SYSTEM SET fsync = ${value}`);
  await cluster.admin("postgres", "SELECT pg_reload_conf()");
  while ((await cluster.admin("postgres", "SHOW fsync")).rows[0]?.fsync !== value) await sleep(10);
  // A new session knows as soon as the postmaster does; one that waits has been sent a signal by then.
  await sleep(50);
}

async function coded(code: StoreError["code"], work: () => Promise<unknown>, position?: number): Promise<StoreError> {
  const error = await caught(work);
  assert.ok(error instanceof StoreError, String(error));
  assert.is(error.code, code, error.message);
  assert.is(error.position, position, error.message);
  assert.is(error.ambiguous, false);
  assert.ok(error.next.length > 10);
  return error;
}

/** Registers them on a suite. */
export function postgresDamage(test: Test): void {
  test("a hole is corrupt, named by its position, and never skipped", () =>
    withPostgresLedger(async (ledger) => {
      const store = await filled(ledger);
      await tamper(ledger, "event", "DELETE FROM iu.event WHERE position = 1");
      assert.is((await store.read(0, 1)).length, 1);
      await coded("CORRUPT", () => store.read(0, 10), 1);
      await coded("CORRUPT", () => store.read(1, 1), 1);
      await coded("CORRUPT", () => store.readStream("run-1", 0), 3);
    }));

  test("a cut tail is corrupt, and nothing can be appended over it", () =>
    withPostgresLedger(async (ledger) => {
      const store = await filled(ledger);
      await tamper(ledger, "event", "DELETE FROM iu.event WHERE position = 3");
      assert.is((await store.read(0, 3)).length, 3);
      await coded("CORRUPT", () => store.read(0, 10), 3);
      const before = await store.head();
      await coded("CORRUPT", () => store.append([append([entry("run-1", 2)])]));
      assert.equal(await store.head(), before);
      await coded("CORRUPT", async () => (await ledger.open()).read(3, 1), 3);
    }));

  test("an event slipped in behind the head is corrupt", () =>
    withPostgresLedger(async (ledger) => {
      const store = await filled(ledger);
      await tamper(ledger, "event", "INSERT INTO iu.event VALUES (4, 'run-9', 0, '{}')");
      await coded("CORRUPT", () => store.read(0, 10), 4);
      await coded("CORRUPT", () => store.append([append([entry("run-2", 1)])]));
      await coded("CORRUPT", () => store.append([append([entry("run-2", 1), entry("run-2", 2)])]));
    }));

  test("a head that is lost or taken back is corrupt", () =>
    withPostgresLedger(async (ledger) => {
      const store = await filled(ledger);
      await tamper(ledger, "head", "DELETE FROM iu.head WHERE parts > 0");
      await coded("CORRUPT", () => store.read(0, 10), 0);
      await coded("CORRUPT", () => store.append([append([entry("run-2", 1)])]));
      await tamper(ledger, "head", "DELETE FROM iu.head");
      await coded("CORRUPT", () => store.head());
      await coded("CORRUPT", () => store.append([append([entry("run-2", 1)])]));
    }));

  test("a head that somebody added is corrupt, wherever it says the events end", () =>
    withPostgresLedger(async (ledger) => {
      const store = await filled(ledger);
      for (const [i, size] of [3, 7].entries()) {
        await tamper(ledger, "head", `INSERT INTO iu.head VALUES (${90 + i}, ${size}, '{}')`);
        await coded("CORRUPT", () => store.read(0, 10), size === 3 ? 3 : 4);
        await coded("CORRUPT", () => store.append([append([entry("run-2", 1)])]));
      }
    }));

  test("a command that lost a part is corrupt", () =>
    withPostgresLedger(async (ledger) => {
      const store = await ledger.open();
      for (const part of [0, 1, 2])
        await store.append([append([entry("run-1", part)], { id: "c", part, last: part === 2 })]);
      await tamper(ledger, "command", "DELETE FROM iu.command WHERE part = 1");
      await coded("CORRUPT", () => store.command("c"), 2);
      await coded("CORRUPT", () => store.commands(0, 9), 2);
    }));

  test("the function takes no append without events, whoever calls it", () =>
    withPostgresLedger(async ({ open, cluster, database }) => {
      const store = await open();
      const call = (last: number) => `SELECT iu.append(
        '{a}', '{}', '{1}', '{0}', '{${last}}', '{"x"}', '{0}', '{0}', '{}', '{}', '{}', '{}', '{}')`;
      for (const last of [0, 1]) {
        const error = await caught(() => cluster.admin(database, call(last)));
        assert.is((error as { code?: string }).code, "IU002");
      }
      assert.is(await store.command("a"), undefined);
    }));

  test("a server that does not keep what it commits is written to by nobody, and read", () =>
    withPostgresLedger(async (ledger) => {
      const { cluster, open } = ledger;
      const store = await filled(ledger);
      const size = (await store.head()).size;
      try {
        await setFsync(cluster, "off");
        await coded("READ_ONLY", () => store.append([append([entry("run-2", 1)])]));
        const { commitment, content: other } = content("Article 2");
        await coded("READ_ONLY", () => store.content.put(commitment, other));
        assert.match((await coded("READ_ONLY", () => open({}))).next, /fsync = on/);
        assert.is((await (await open({ readOnly: true })).read(0, 10)).length, size);
      } finally {
        await setFsync(cluster, "on");
      }
      assert.is((await store.append([append([entry("run-2", 1)])]))[0]?.kind, "committed");
    }));

  test("a person reads it by plain SQL", () =>
    withPostgresLedger(async (ledger) => {
      await filled(ledger);
      const { rows } = await ledger.cluster.admin(
        ledger.database,
        "SELECT position, stream, revision FROM iu.history ORDER BY position",
      );
      assert.equal(rows.map(Object.values), [
        ["0", "run-1", "0"],
        ["1", "run-1", "1"],
        ["2", "run-2", "0"],
        ["3", "run-1", "2"],
      ]);
    }));

  test("not a ledger, something else's schema, a newer one, one for reading: each said clearly, and left as it is", () =>
    withPostgresLedger(async (ledger) => {
      const { cluster, database, open } = ledger;
      const admin = (sql: string) => cluster.admin(database, sql);
      assert.match((await coded("NOT_A_LEDGER", () => open({}))).next, /init/);
      await coded("NOT_A_LEDGER", () => open({ readOnly: true, create: true }));
      assert.is((await admin("SELECT FROM pg_namespace WHERE nspname = 'iu'")).rowCount, 0);
      await admin("CREATE SCHEMA iu; CREATE TABLE iu.users (id integer)");
      await coded("NOT_A_LEDGER", () => open({ create: true }));
      await admin("DROP TABLE iu.users");
      const store = await open({ create: true });
      await store.append([append([entry("run-1", 0)])]);
      const reader = await open({ readOnly: true });
      assert.is((await reader.read(0, 9)).length, 1);
      await coded("READ_ONLY", () => reader.append([append([entry("run-1", 1)])]));
      await admin("INSERT INTO iu.migration VALUES (999, 'later')");
      assert.match((await coded("NEWER_LEDGER", () => open({}))).message, /999/);
      await coded("NEWER_LEDGER", () => open({ readOnly: true }));
      const latin = `latin_${database}`;
      await admin(`CREATE DATABASE ${latin} TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'`);
      await coded("NOT_A_LEDGER", () => open({ create: true, url: cluster.url(latin) }));
      await coded("UNAVAILABLE", () => open({ url: cluster.url("nowhere") }));
    }));

  test("an owner without the right to make roles is told what an administrator has to do, once", () =>
    withPostgresLedger(async ({ cluster, database, open }) => {
      const owner = `owner_${database}`;
      await cluster.admin(database, `CREATE ROLE ${owner} LOGIN; GRANT CREATE ON DATABASE ${database} TO ${owner}`);
      const url = cluster.url(database, owner);
      const others = "iu_reader, iu_verifier, iu_orchestrator, iu_operator";
      // Roles are the cluster's: whether they are there depends on the tests before.
      await cluster.admin(database, `DROP ROLE IF EXISTS ${others}`).catch(() => undefined);
      const missing =
        (await cluster.admin(database, "SELECT FROM pg_roles WHERE rolname = 'iu_reader'")).rowCount === 0;
      if (missing) {
        const error = await coded("READ_ONLY", () => open({ create: true, url }));
        assert.match(error.next, /CREATE ROLE iu_reader/);
        for (const role of others.split(", ")) await cluster.admin(database, `CREATE ROLE ${role}`);
      }
      const store = await open({ create: true, url });
      assert.is((await store.append([append([entry("run-1", 0)])]))[0]?.kind, "committed");
    }));
}
