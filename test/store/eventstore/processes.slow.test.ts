// Several processes on one ledger of a cluster, over one copy and over two, some of them killed at the worst moment.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Ack, assertWhole, runAppender } from "../spawnAppender.js";
import { withEventStoreLedger } from "./withEventStoreLedger.js";

const test = suite("processes on one cluster");

for (const copies of [1, 2]) {
  test(`three processes race over ${copies === 1 ? "one copy" : "two copies"}: all acknowledged is there once, no guard was violated`, () =>
    withEventStoreLedger(async ({ open, url, postgres, otherPostgres }) => {
      await open();
      const other = copies === 1 ? postgres : await otherPostgres();
      const databases = [postgres, other, postgres];
      const results = await Promise.all(databases.map((one, i) => runAppender(`${url} ${one}`, `p${i}`, 25)));
      for (const { done, stderr, acks } of results) {
        assert.is(stderr, "");
        assert.ok(done);
        assert.is(acks.length, 25);
      }
      const acks = results.flatMap((result) => result.acks);
      for (const one of new Set(databases)) await assertWhole(await open({ postgres: one }), acks);
    }));
}

test("kill -9 between the cluster's commit and the copy's: what was written is there, the next to open copies it", () =>
  withEventStoreLedger(async ({ open, standIn, url, postgres, stream }) => {
    const { faults, streams } = standIn();
    const acks: Ack[] = [];
    for (let round = 0; round < 3; round++) {
      const before = streams.read(stream, 0, 10_000, false).length;
      let held = false;
      const result = await runAppender(`${url} ${postgres}`, `k${round}`, 1_000, (count, child) => {
        if (count < 3 * (round + 1) || held) return;
        held = true;
        // The cluster takes the next append and says nothing: the process hangs between the two commits, and dies there.
        faults.add({ on: "append", commit: true, answer: "silence" });
        const look = setInterval(() => {
          if (faults.size > 0) return;
          clearInterval(look);
          child.kill("SIGKILL");
        }, 5);
      });
      assert.not(result.done);
      acks.push(...result.acks);
      const after = streams.read(stream, 0, 10_000, false).length;
      assert.ok(after - before > result.acks.reduce((sum, { count }) => sum + count, 0), "more than was acknowledged");
      await assertWhole(await open(), acks);
      assert.is((await (await open()).head()).size, after);
    }
  }));

test("kill -9 at any moment, beside one that goes on", () =>
  withEventStoreLedger(async ({ open, url, postgres }) => {
    const acks: Ack[] = [];
    for (const [round, count] of [0, 2, 9].entries()) {
      await (await open()).close();
      const [killed, spared] = await Promise.all([
        runAppender(`${url} ${postgres}`, `k${round}`, 100_000, (acked, child) => {
          if (acked >= count) setTimeout(() => child.kill("SIGKILL"), (round * 7) % 5);
        }),
        runAppender(`${url} ${postgres}`, `s${round}`, 8),
      ]);
      assert.not(killed.done);
      assert.ok(spared.done, spared.stderr);
      acks.push(...killed.acks, ...spared.acks);
      await assertWhole(await open(), acks);
    }
  }));

test.run();
