// The pins of what this program makes on Postgres: they belong to the scripts of today, and a new database is made of exactly them.
// IU_PINS=write writes them from the server here, for a person to read and judge.
import { writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readMigrations } from "../../src/database/migrate.js";
import {
  formatPinned,
  inAnyMajor,
  type PinnedObjects,
  pinnedObjects,
  pinnedObjectsFile,
  scriptsDigest,
  serverMajor,
} from "../../src/projecting/pinnedObjects.js";
import { schemaObjects } from "../../src/projecting/schemaObjects.js";
import { ensureTables } from "../../src/projecting/tables.js";
import { withPostgresLedger } from "../store/withPostgresLedger.js";
import { projectFile } from "../support/project.js";

const pins = suite("pinned objects of Postgres");
const writing = process.env["IU_PINS"] === "write";

pins("a new database is made of what is pinned, and of nothing else", () =>
  withPostgresLedger(async ({ open }) => {
    const { sql } = await open();
    const ledger = await schemaObjects(sql);
    await ensureTables(sql);
    const known = new Set(ledger.map((one) => JSON.stringify(one)));
    const readModels = (await schemaObjects(sql)).filter((one) => !known.has(JSON.stringify(one)));
    const major = await serverMajor(sql);
    const migrations = readMigrations("src/database/migrations/postgres").length;
    const made: PinnedObjects = { major, from: scriptsDigest(), migrations, ledger, readModels };
    if (writing) writeFileSync(projectFile(pinnedObjectsFile), formatPinned(made));
    const pinned = pinnedObjects();
    if (pinned.major === major) assert.equal(made, pinned);
    else {
      assert.equal(ledger.map(inAnyMajor), pinned.ledger.map(inAnyMajor));
      assert.equal(readModels.map(inAnyMajor), pinned.readModels.map(inAnyMajor));
    }
  }),
);

pins("the pins belong to the scripts of today", () => {
  const { from, migrations } = pinnedObjects();
  const next = "npm run build && IU_PINS=write node build/test/run.js pinnedObjects (needs Postgres)";
  assert.is(from, scriptsDigest(), `the scripts have changed: ${next}`);
  assert.is(migrations, readMigrations("src/database/migrations/postgres").length, next);
});

pins("another major's words for the same thing are the same; another thing is not", () => {
  const view = (sql: string) => inAnyMajor({ type: "view", name: "history", table: "history", sql }).sql;
  assert.is(
    view(" SELECT event.position,\n    (event.said ->> 'a'::text) AS a"),
    view("SELECT position, said ->> 'a'::text AS a"),
  );
  assert.is.not(view("SELECT event.position"), view("SELECT 1 AS position"));
  const body = { type: "function", name: "refuse()", table: "refuse", sql: "BEGIN (x); END" };
  assert.equal(inAnyMajor(body), body);
});

pins.run();
