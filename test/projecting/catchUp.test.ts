// Following the ledger: what the rows say must follow from the events alone, however they were cut into batches, by how many
// processes, and wherever one of them died.
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type RunState, runCategory } from "../../commands/run/State.js";
import type { Sql } from "../../src/database/Sql.js";
import { openSqlite } from "../../src/database/sqlite.js";
import { StoreError } from "../../src/ledger/Store.js";
import { catchUp, follow } from "../../src/projecting/catchUp.js";
import { foldedStates } from "../../src/projecting/foldedStates.js";
import { projector } from "../../src/projecting/projector.js";
import { tableDigests } from "../../src/projecting/tableDigests.js";
import { readBookmark } from "../../src/projecting/tables.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { holdsAsync } from "../support/property.js";
import { fact, scribe } from "./scribe.js";
import { ids, tellStory } from "./story.js";

const catchUpSuite = suite("catching up");

const store = memoryStore();
const s = scribe(store);
await tellStory(s);

async function withSql<T>(use: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = await openSqlite(":memory:");
  try {
    return await use(sql);
  } finally {
    await sql.close();
  }
}

/** The digests of a fresh database brought to `until` in one go. */
function inOneGo(until: number) {
  return withSql(async (sql) => {
    await catchUp(store, sql, { until, batchSize: 10_000 });
    return tableDigests(sql);
  });
}

catchUpSuite("one event at a time gives at every prefix what one go gives", async () => {
  assert.ok(s.size > 80, `${s.size} events`);
  await withSql(async (sql) => {
    for (let until = 0; until <= s.size; until++) {
      await catchUp(store, sql, { until, batchSize: 1 });
      assert.equal(await tableDigests(sql), await inOneGo(until), `after ${until} events`);
    }
  });
});

catchUpSuite("however the events are cut into batches and processes, the rows are the same", async () => {
  const expected = await inOneGo(s.size);
  const cuts = fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.boolean()), { minLength: 1, maxLength: 12 });
  await holdsAsync(
    fc.asyncProperty(cuts, (steps) =>
      withSql(async (sql) => {
        let follower = projector(store, sql);
        for (const [limit, restart] of steps) {
          if (restart) follower = projector(store, sql);
          await follower.step(limit);
        }
        await catchUp(store, sql);
        assert.equal(await tableDigests(sql), expected);
      }),
    ),
    25,
  );
});

catchUpSuite("callers of one process who catch up at the same time do not get in each other's way", async () => {
  const expected = await inOneGo(s.size);
  const callers = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 5 });
  await holdsAsync(
    fc.asyncProperty(callers, (sizes) =>
      withSql(async (sql) => {
        await Promise.all(sizes.map((batchSize) => catchUp(store, sql, { batchSize })));
        assert.equal(await tableDigests(sql), expected);
      }),
    ),
    25,
  );
});

catchUpSuite("the run's row is the fold of the run, at every prefix", async () => {
  await withSql(async (sql) => {
    for (let until = 1; until <= s.size; until += 3) {
      await catchUp(store, sql, { until });
      for (const run of [ids.first, ids.second, ids.third, ids.fourth]) {
        const state: RunState = await foldedStates(store, until).ask(
          "",
          (world) => world.state(runCategory, run) as RunState,
        );
        const [row] = await sql.query<{ phase: string; held: number; units: number; open_rows: number }>(
          "SELECT phase, held, units, open_rows FROM run_live_state WHERE run = $1",
          [run],
        );
        assert.equal(
          row ?? { phase: "none", held: 0, units: 0, open_rows: 0 },
          {
            phase: state.phase,
            held: state.held === null ? 0 : 1,
            units: state.units.length,
            open_rows: state.open.size,
          },
          `${run} after ${until}`,
        );
      }
    }
  });
});

catchUpSuite("two followers at once apply every event once", async () => {
  await withSql(async (sql) => {
    const followers = [projector(store, sql), projector(store, sql), projector(store, sql)];
    await Promise.all(
      followers.map(async (follower, i) => {
        while (!(await follower.step(3 + i)).atEnd);
      }),
    );
    assert.equal(await tableDigests(sql), await inOneGo(s.size));
  });
});

catchUpSuite("a transaction that dies leaves bookmark and rows where they were, and the next one goes on", async () => {
  await withSql(async (sql) => {
    let statements = 0;
    let dieAt = 0;
    const dying: Sql = {
      ...sql,
      transaction: (work) =>
        sql.transaction((session) =>
          work({
            ...session,
            runEach(text, rows) {
              if (++statements === dieAt) throw new Error("killed");
              return session.runEach(text, rows);
            },
          }),
        ),
    };
    let died = 0;
    for (let size = 0; size < s.size; ) {
      statements = 0;
      dieAt = 1 + (size % 9);
      try {
        await projector(store, dying).step(7);
      } catch (error) {
        assert.match(String(error), "killed");
        died++;
        assert.is((await readBookmark(sql))?.size, size);
        assert.equal(await tableDigests(sql), await inOneGo(size));
        dieAt = 0;
        await projector(store, dying).step(7);
      }
      size = (await readBookmark(sql))?.size ?? -1;
    }
    assert.ok(died > 3, `${died} deaths`);
    assert.equal(await tableDigests(sql), await inOneGo(s.size));
  });
});

catchUpSuite("follow applies what is appended, until it is told to stop", async () => {
  const own = memoryStore();
  const writing = scribe(own);
  await tellStory(writing);
  await withSql(async (sql) => {
    const stop = new AbortController();
    const seen: number[] = [];
    const following = follow(own, sql, stop.signal, { onProgress: (size) => seen.push(size) });
    while (seen.at(-1) !== writing.size) await new Promise((resolve) => setTimeout(resolve, 5));
    await writing.say("ann", fact("principal-agent", "PrincipalRevoked", { principal: "agent", reason: "Retired." }));
    while (seen.at(-1) !== writing.size) await new Promise((resolve) => setTimeout(resolve, 5));
    stop.abort();
    await following;
    const [row] = await sql.query<{ revoked: number }>("SELECT revoked FROM principal WHERE principal = 'agent'");
    assert.is(row?.revoked, 1);
  });
});

catchUpSuite("tables that followed another ledger are not followed on", async () => {
  await withSql(async (sql) => {
    await catchUp(store, sql);
    const other = memoryStore();
    await scribe(other).say(
      "ann",
      fact("ledger-root", "LedgerOpened", { ledger: "other", format: 1, origin: "o.example" }),
    );
    let thrown: unknown;
    try {
      await catchUp(other, sql);
    } catch (error) {
      thrown = error;
    }
    assert.instance(thrown, StoreError);
    assert.is((thrown as StoreError).code, "CORRUPT");
    assert.match((thrown as StoreError).message, "the ledger has fewer");
  });
});

catchUpSuite("tables of an older format are filled again; those of a newer are left alone", async () => {
  await withSql(async (sql) => {
    await catchUp(store, sql);
    await sql.run("UPDATE bookmark SET format = 0, objects = $1", [
      JSON.stringify({ tables: ["old_model"], views: [] }),
    ]);
    await sql.exec("CREATE TABLE old_model (x TEXT)");
    await projector(store, sql).size();
    assert.is((await readBookmark(sql))?.size, 0);
    assert.equal(await sql.query("SELECT name FROM sqlite_schema WHERE name = 'old_model'"), []);
    const fresh = projector(store, sql);
    while (!(await fresh.step(1000)).atEnd);
    assert.equal(await tableDigests(sql), await inOneGo(s.size));
    await sql.run("UPDATE bookmark SET format = 999");
    let thrown: unknown;
    try {
      await projector(store, sql).size();
    } catch (error) {
      thrown = error;
    }
    assert.is((thrown as StoreError).code, "NEWER_LEDGER");
  });
});

catchUpSuite("a bookmark that somebody edited cannot have the ledger's own tables dropped", async () => {
  await withSql(async (sql) => {
    await catchUp(store, sql);
    await sql.exec("CREATE TABLE event (x TEXT)");
    for (const objects of [JSON.stringify({ tables: ["event", "EVENT", 7], views: "gate" }), "nonsense", "null"]) {
      await sql.run("UPDATE bookmark SET format = 0, objects = $1", [objects]);
      assert.is(await projector(store, sql).size(), 0, objects);
    }
    assert.equal(await sql.query("SELECT name FROM sqlite_schema WHERE name = 'event'"), [{ name: "event" }]);
  });
});

catchUpSuite.run();
