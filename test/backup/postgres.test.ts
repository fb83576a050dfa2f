/** Backups of a ledger in Postgres, and into one: the same file, the same comparison, wherever a ledger lives. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { createBackup } from "../../src/backup/createBackup.js";
import { makeIdentity, readIdentity } from "../../src/backup/identity.js";
import { openBackup } from "../../src/backup/openBackup.js";
import { verifyBackup } from "../../src/backup/verifyBackup.js";
import { importFolder } from "../../src/export/importFolder.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { openStore } from "../../src/store/openStore.js";
import { governedLedger } from "../support/governedRun.js";
import { postgresCluster } from "../support/postgresCluster.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("backups and Postgres");
const now = "2026-01-06T00:00:00.000Z";

async function emptyDatabase(): Promise<string> {
  const cluster = await postgresCluster();
  return cluster.url(await cluster.createDatabase());
}

test("a ledger in Postgres is backed up, verified, and restored into another store and into Postgres", () =>
  withTempDir(async (dir) => {
    const url = await emptyDatabase();
    const store = await openStore(url, { create: true });
    try {
      const governed = await governedLedger({ store });
      await governed.run({ until: "verified" });
      const recipient = await makeIdentity(join(dir, "id"), null);
      const identity = await readIdentity(join(dir, "id"), async () => "");
      const file = join(dir, "one.backup");
      const { manifest } = await createBackup(store, file, [recipient]);
      const { record } = await verifyBackup(file, identity, store, { now, scratch: dir });
      assert.equal([record.size, record.root], [manifest.size, manifest.root]);
      await openBackup(file, identity, join(dir, "export"));
      const elsewhere = memoryStore();
      await importFolder(join(dir, "export"), elsewhere);
      assert.equal(await elsewhere.head(), await store.head());
    } finally {
      await store.close();
    }
  }));

test("what was exported fills an empty Postgres ledger, byte for byte", () =>
  withTempDir(async (dir) => {
    const url = await emptyDatabase();
    const governed = await governedLedger();
    await governed.run({ until: "enacted" });
    const recipient = await makeIdentity(join(dir, "id"), null);
    const identity = await readIdentity(join(dir, "id"), async () => "");
    const file = join(dir, "one.backup");
    await createBackup(governed.store, file, [recipient]);
    await openBackup(file, identity, join(dir, "export"));
    const store = await openStore(url, { create: true });
    try {
      await importFolder(join(dir, "export"), store);
      assert.equal(await store.head(), await governed.store.head());
      await verifyBackup(file, identity, store, { now, scratch: dir });
    } finally {
      await store.close();
    }
  }));

test.run();
