// Rebuilding in shadow: an untouched database is found equal and left alone; whatever somebody changed is named and put right.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Sql } from "../../src/database/Sql.js";
import { openSqlite } from "../../src/database/sqlite.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { rebuild } from "../../src/projecting/rebuild.js";
import { compareWithShadow, shadowDigests } from "../../src/projecting/shadow.js";
import { tableDigests } from "../../src/projecting/tableDigests.js";
import { projectionTables, readBookmark } from "../../src/projecting/tables.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { fact, scribe } from "./scribe.js";
import { tellStory } from "./story.js";

const rebuildSuite = suite("rebuilding in shadow");

const store = memoryStore();
const s = scribe(store);
await tellStory(s);

async function withProjected(use: (sql: Sql) => Promise<void>): Promise<void> {
  const sql = await openSqlite(":memory:");
  try {
    await catchUp(store, sql);
    await use(sql);
  } finally {
    await sql.close();
  }
}

rebuildSuite("what nobody touched is equal, and nothing is written", async () => {
  await withProjected(async (sql) => {
    const before = await tableDigests(sql);
    const rebuilt = await rebuild(store, sql);
    assert.equal(rebuilt.differences, []);
    assert.is(rebuilt.swapped, false);
    assert.is(rebuilt.size, s.size);
    assert.equal(await tableDigests(sql), before);
    assert.equal((await shadowDigests(store)).tables, before);
  });
});

const tamperings: [string, string, (sql: Sql) => Promise<unknown>][] = [
  ["an edited title", "unit_version", (sql) => sql.run("UPDATE unit_version SET title = 'Of art_!' WHERE ordinal = 1")],
  [
    "one digit of a commitment",
    "unit_version",
    (sql) => sql.run("UPDATE unit_version SET raw = 'f' || substr(raw, 2) WHERE ordinal = 2"),
  ],
  ["a deleted row", "lifecycle", (sql) => sql.run("DELETE FROM lifecycle WHERE ordinal = 0 AND state = 'draft'")],
  [
    "an added row",
    "refusal",
    (sql) =>
      sql.run("INSERT INTO refusal SELECT 9999, command, type, actor, code, message, numbers, next, time FROM refusal"),
  ],
  ["a role", "principal", (sql) => sql.run("UPDATE principal SET roles = '[\"sovereign\"]' WHERE principal = 'agent'")],
  [
    "a blocker closed",
    "readiness",
    (sql) => sql.run("UPDATE readiness SET status = 'CLOSED' WHERE status <> 'CLOSED'"),
  ],
  [
    "a number that became a null",
    "revert_action",
    (sql) => sql.run("UPDATE revert_action SET done = NULL WHERE step = 0"),
  ],
  ["an emptied table", "gate", (sql) => sql.run("DELETE FROM gate")],
  ["a dropped table", "unit", (sql) => sql.exec("DROP TABLE unit")],
  ["text that is not UTF-8", "document", (sql) => sql.run("UPDATE document SET title = CAST(x'ff41' AS TEXT)")],
];
for (const [what, table, tamper] of tamperings) {
  rebuildSuite(`${what} is named (${table}) before the swap, and put right by it`, async () => {
    await withProjected(async (sql) => {
      const before = await tableDigests(sql);
      await tamper(sql);
      const tampered = (await tableDigests(sql, [table]))[table] ?? null;
      assert.equal((await compareWithShadow(store, sql))?.differences, [
        { table, live: tampered, shadow: before[table] },
      ]);
      let told = 0;
      const rebuilt = await rebuild(store, sql, {
        onDifferences: ({ differences }) => {
          told++;
          assert.equal(
            differences.map((one) => one.table),
            [table],
          );
        },
      });
      assert.is(told, 1);
      assert.ok(rebuilt.swapped);
      assert.equal(await tableDigests(sql), before);
    });
  });
}

rebuildSuite("a difference that must not be swapped is not: the report throws, nothing changes", async () => {
  await withProjected(async (sql) => {
    await sql.run("DELETE FROM gate");
    const before = await tableDigests(sql);
    let thrown: unknown;
    try {
      await rebuild(store, sql, {
        onDifferences: () => {
          throw new Error("look first");
        },
      });
    } catch (error) {
      thrown = error;
    }
    assert.match(String(thrown), "look first");
    assert.equal(await tableDigests(sql), before);
  });
});

rebuildSuite("rows that refuse the next event are rebuilt and follow on", async () => {
  const own = memoryStore();
  const writing = scribe(own);
  await tellStory(writing);
  const sql = await openSqlite(":memory:");
  try {
    await catchUp(own, sql);
    await sql.run(
      "INSERT INTO refusal SELECT $1, command, type, actor, code, message, numbers, next, time FROM refusal",
      [writing.size],
    );
    await writing.say(
      "agent",
      fact("refusal-x", "CommandRefused", {
        type: "OpenRun",
        code: "RUN_OPEN",
        message: "No.",
        numbers: {},
        next: "Wait.",
      }),
    );
    let thrown: unknown;
    try {
      await catchUp(own, sql);
    } catch (error) {
      thrown = error;
    }
    assert.match(String(thrown), "somebody has changed their tables");
    assert.ok((await rebuild(own, sql)).swapped);
    assert.is((await readBookmark(sql))?.size, writing.size);
    assert.equal(await tableDigests(sql), (await shadowDigests(own)).tables);
  } finally {
    await sql.close();
  }
});

rebuildSuite("projections of a ledger that lost its end are rebuilt to what is left", async () => {
  await withProjected(async (sql) => {
    const shorter = memoryStore();
    const writing = scribe(shorter);
    await writing.say(
      "ann",
      fact("ledger-root", "LedgerOpened", { ledger: "test", format: 1, origin: "ledger.example/test" }),
    );
    const rebuilt = await rebuild(shorter, sql);
    assert.ok(rebuilt.swapped);
    assert.is(rebuilt.size, 1);
    assert.ok(rebuilt.differences.some(({ table }) => table === "bookmark"));
    assert.equal(await tableDigests(sql), (await shadowDigests(shorter)).tables);
  });
});

rebuildSuite("a database without projections has nothing to compare, and is filled", async () => {
  const sql = await openSqlite(":memory:");
  try {
    assert.is(await compareWithShadow(store, sql), null);
    const rebuilt = await rebuild(store, sql);
    assert.equal(Object.keys(rebuilt.tables).sort(), [...projectionTables].sort());
    assert.equal(await tableDigests(sql), (await shadowDigests(store)).tables);
  } finally {
    await sql.close();
  }
});

rebuildSuite.run();
