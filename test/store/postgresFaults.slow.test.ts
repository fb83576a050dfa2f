// Postgres under fire: processes that race and are killed, a server that crashes and restarts, sessions that are ended, a pooler between, a
// disk that fills. Nothing acknowledged is lost, nothing is there twice, and what was uncertain is resolved by the engine.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Ledger } from "../../src/ledger/createLedger.js";
import type { Result } from "../../src/ledger/Decision.js";
import { type Store, StoreError } from "../../src/ledger/Store.js";
import { openPostgresStore } from "../../src/store/openPostgresStore.js";
import { counter, switchedOn, toy, toyLedger } from "../ledger/toy.js";
import { skip } from "../support/skip.js";
import { transactionPooler } from "../support/transactionPooler.js";
import { caught } from "./opened.js";
import { append, content, entry, freshId } from "./samples.js";
import { type Ack, assertWhole, runAppender } from "./spawnAppender.js";
import { type PostgresLedger, withPostgresLedger } from "./withPostgresLedger.js";

const test = suite("postgres, under fire");

test("twenty processes' worth of openers at once make one ledger", () =>
  withPostgresLedger(async ({ open }) => {
    const stores = await Promise.all(Array.from({ length: 20 }, () => open({ create: true, connectionsMax: 2 })));
    const outcomes = await Promise.all(stores.map((store, i) => store.append([append([entry(`run-${i}`, 0)])])));
    assert.equal(
      outcomes.map(([one]) => (one?.kind === "committed" ? one.position : -1)).sort((a, b) => a - b),
      stores.map((_, i) => i),
    );
  }));

test("four processes race: every acknowledged command is there once, positions are dense, no guard was violated", () =>
  withPostgresLedger(async ({ open, url }) => {
    const store = await open();
    const results = await Promise.all(["a", "b", "c", "d"].map((name) => runAppender(url, name, 150)));
    for (const { done, stderr, acks } of results) {
      assert.is(stderr, "");
      assert.ok(done);
      assert.is(new Set(acks.map((ack) => ack.id)).size, 150);
    }
    await assertWhole(
      store,
      results.flatMap(({ acks }) => acks),
    );
    assert.is((await store.commands(0, 10_000)).length, 600);
  }));

test("kill -9 of a client at any moment: all that was acknowledged is there, nothing is there by half", () =>
  withPostgresLedger(async ({ open, url }) => {
    const store = await open();
    const acks: Ack[] = [];
    for (const [round, count] of [0, 1, 3, 11, 28, 60].entries()) {
      const [killed, spared] = await Promise.all([
        runAppender(url, `k${round}`, 100_000, (acked, child) => {
          if (acked >= count) setTimeout(() => child.kill("SIGKILL"), (round * 7) % 5);
        }),
        runAppender(url, `s${round}`, 12),
      ]);
      assert.not(killed.done);
      assert.ok(spared.done, spared.stderr);
      acks.push(...killed.acks, ...spared.acks);
      await assertWhole(store, acks);
    }
  }));

/** Submits counters until told to stop, each until it has an answer; the answers by id. */
async function hammer(ledger: Ledger, name: string, until: () => boolean): Promise<Map<string, Result>> {
  const answers = new Map<string, Result>();
  for (let n = 0; !until(); n++) {
    const id = freshId();
    const command = toy({ do: "add", counter: `${name}${n % 3}`, by: 1 }, id);
    for (;;) {
      const result = await ledger.submit(command).catch((error: unknown) => {
        // Nothing of it has happened; the store cannot at the moment.
        assert.ok(error instanceof StoreError && !error.ambiguous, String(error));
        assert.is(error.code, "UNAVAILABLE", error.message);
      });
      if (result === undefined || result.kind === "unknown") {
        await sleep(20);
        continue;
      }
      assert.ok(result.kind === "committed" || result.kind === "duplicate", JSON.stringify(result));
      answers.set(id, result);
      break;
    }
  }
  return answers;
}

/** Lets eight callers of two processes' worth of ledgers hammer while `trouble` is made; then all answers must be on the ledger, once. */
async function survives(
  { url }: Pick<PostgresLedger, "url">,
  fresh: () => Promise<Store>,
  trouble: () => Promise<unknown>,
): Promise<void> {
  const stores = [await openPostgresStore(url, { create: true }), await openPostgresStore(url, { create: true })];
  try {
    const pause = (attempt: number) => sleep(Math.min(2 ** attempt, 100));
    const ledgers = [await switchedOn(stores[0], { pause }), toyLedger(stores[1] as Store, { pause })];
    let over = false;
    const callers = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name, i) =>
      hammer(ledgers[i % 2] as Ledger, name, () => over),
    );
    await sleep(150);
    await trouble();
    await sleep(150);
    over = true;
    const answers = new Map((await Promise.all(callers)).flatMap((one) => [...one]));
    const store = await fresh();
    await assertWhole(store, []);
    const commands = await store.commands(0, Number.MAX_SAFE_INTEGER);
    const stored = new Map(commands.map((command) => [command.id, command]));
    let added = 0;
    for (const [id, result] of answers) {
      const first = result.kind === "duplicate" ? result.first : result;
      assert.ok(first.kind === "committed");
      assert.equal(stored.get(id)?.parts, [{ position: first.events[0]?.position, count: 1, last: true }]);
      added++;
    }
    assert.ok(added > 50, `${added} commands`);
    // Those and no others: the switch was the first.
    assert.is(commands.length, 1 + added);
    const reader = toyLedger(store);
    let total = 0;
    for (const name of "abcdefgh")
      for (let n = 0; n < 3; n++) total += (await reader.state(counter, `${name}${n}`)).value;
    assert.is(total, added);
  } finally {
    for (const store of stores) await store.close();
  }
}

test("the server crashes and restarts under load, three times: nothing acknowledged is lost, what was uncertain is resolved", () =>
  withPostgresLedger((ledger) =>
    survives(
      ledger,
      () => ledger.open({}),
      async () => {
        for (let i = 0; i < 3; i++) {
          await ledger.cluster.restart("immediate");
          await sleep(200);
        }
      },
    ),
  ));

test("sessions are ended in the middle, again and again", () =>
  withPostgresLedger((ledger) =>
    survives(
      ledger,
      () => ledger.open({}),
      async () => {
        for (let i = 0; i < 25; i++) {
          await ledger.cluster.admin(
            ledger.database,
            `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${ledger.database}' AND pid <> pg_backend_pid()`,
          );
          await sleep(15);
        }
      },
    ),
  ));

test("through a pooler in transaction mode, three servers for everybody", () =>
  withPostgresLedger(async (ledger) => {
    const pooler = await transactionPooler(ledger.cluster.port, 3);
    const url = `postgres://admin@127.0.0.1:${pooler.port}/${ledger.database}`;
    try {
      const stop = new AbortController();
      const seen: number[] = [];
      await survives(
        { url },
        () => ledger.open({}),
        async () => {
          const through = await openPostgresStore(url);
          const { commitment, content: article } = content("Article 1");
          await through.content.put(commitment, article);
          assert.is((await through.content.get(commitment))?.bytes.length, 9);
          for await (const event of through.follow(0, stop.signal)) {
            seen.push(event.position);
            if (seen.length >= 60) stop.abort();
          }
          await through.sql.transaction(async (session) => {
            await session.exec("CREATE TABLE IF NOT EXISTS projected (n INTEGER)");
            await session.insert("projected", "($1)", [[1], [2], [3]]);
          });
          assert.equal(await through.sql.query("SELECT sum(n) AS n FROM projected"), [{ n: 6 }]);
          await through.close();
        },
      );
      assert.equal(
        seen,
        seen.map((_, i) => i),
      );
      assert.ok(pooler.transactions() > 100);
    } finally {
      await pooler.close();
    }
  }));

test("a statement that takes too long is cancelled and has not happened; a lock that is not given likewise", () =>
  withPostgresLedger(async ({ open, cluster, database }) => {
    const store = await open();
    await store.append([append([entry("run-1", 0)])]);
    for (const setting of ["statement_timeout", "lock_timeout"]) {
      await cluster.admin("postgres", `ALTER DATABASE ${database} SET ${setting} = 80`);
      const hurried = await open({});
      const holding = cluster.admin(
        database,
        "SET statement_timeout = 0; BEGIN; LOCK TABLE iu.turn IN SHARE UPDATE EXCLUSIVE MODE; SELECT pg_sleep(0.6); COMMIT",
      );
      await sleep(150);
      const error = await caught(() => hurried.append([append([entry("run-1", 1)])]));
      assert.ok(error instanceof StoreError);
      assert.is(error.code, "LOCKED");
      assert.is(error.ambiguous, false);
      await holding;
      await cluster.admin("postgres", `ALTER DATABASE ${database} RESET ${setting}`);
    }
    assert.is((await store.head()).size, 1);
  }));

test("the disk fills: said clearly, nothing by half, and it goes on when there is room", () =>
  withPostgresLedger(async ({ open, cluster, database }) => {
    const folder = mkdtempSync(join(tmpdir(), "iu-ledger-small-"));
    try {
      try {
        execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], { stdio: "pipe" });
      } catch {
        skip("a small file system cannot be mounted here (it takes root)");
      }
      try {
        await cluster.own(folder);
        const store = await open();
        await cluster.admin(database, `CREATE TABLESPACE small_${database} LOCATION '${folder}'`);
        await cluster.admin(database, `ALTER TABLE iu.event SET TABLESPACE small_${database}`);
        // Nothing that could be compressed.
        const random = (n: number) =>
          append([{ stream: `big-${n}`, revision: 0, bytes: crypto.getRandomValues(new Uint8Array(60_000)) }]);
        let committed = 0;
        let error: unknown;
        for (let n = 0; error === undefined && n < 1000; n++) {
          error = await store.append([random(n)]).then(
            () => void committed++,
            (thrown: unknown) => thrown,
          );
        }
        assert.ok(error instanceof StoreError, String(error));
        assert.is(error.code, "DISK_FULL");
        assert.is(error.ambiguous, false);
        assert.ok(committed > 10, `${committed}`);
        assert.is((await store.head()).size, committed);
        assert.is((await store.read(0, 10_000)).length, committed);
        await cluster.admin(database, "ALTER TABLE iu.event SET TABLESPACE pg_default");
        assert.equal(await store.append([random(2000)]), [{ kind: "committed", position: committed, count: 1 }]);
        await cluster.admin(database, `DROP TABLESPACE small_${database}`);
      } finally {
        execFileSync("umount", ["-l", folder]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }));

test.run();
