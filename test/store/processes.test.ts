// Several processes on one ledger file, some of them killed at the worst moment. What was acknowledged is there, once and whole.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";
import { type Ack, assertWhole, runAppender } from "./spawnAppender.js";
import { withSqliteFile } from "./withSqliteFile.js";

const test = suite("processes on one file");

test("four processes race: every acknowledged command is there once, positions are dense, no guard was violated", () =>
  withSqliteFile(async ({ open, path }) => {
    const store = await open();
    const results = await Promise.all(["a", "b", "c", "d"].map((name) => runAppender(path, name, 60)));
    for (const { done, stderr, acks } of results) {
      assert.is(stderr, "");
      assert.ok(done);
      assert.is(new Set(acks.map((ack) => ack.id)).size, acks.length);
      assert.is(acks.length, 60);
    }
    await assertWhole(
      store,
      results.flatMap(({ acks }) => acks),
    );
    assert.is((await store.commands(0, 10_000)).length, 240);
  }));

test("kill -9 at any moment: all that was acknowledged is there, nothing is there by half, and the ledger opens again", () =>
  withSqliteFile(async ({ path }) => {
    const acks: Ack[] = [];
    const killAfter = [0, 1, 2, 7, 13, 29, 40, 77];
    for (const [round, count] of killAfter.entries()) {
      await (await openSqliteStore(path, { create: true })).close();
      // Two at once: the one is killed in the middle of its work, the other goes on.
      const [killed, spared] = await Promise.all([
        runAppender(path, `k${round}`, 100_000, (acked, child) => {
          if (acked >= count) setTimeout(() => child.kill("SIGKILL"), (round * 7) % 5);
        }),
        runAppender(path, `s${round}`, 12),
      ]);
      assert.not(killed.done);
      assert.ok(spared.done, spared.stderr);
      acks.push(...killed.acks, ...spared.acks);
      const again = await openSqliteStore(path);
      await assertWhole(again, acks);
      await again.close();
    }
  }));

test.run();
