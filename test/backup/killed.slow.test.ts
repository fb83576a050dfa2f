/** Killed in the middle, at many moments: no file ever passes for a backup that is not whole, no ledger for one that was not restored whole. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { endOf, spawnCli } from "../cli/spawnCli.js";
import { withCli } from "../cli/withCli.js";

const test = suite("backups, killed");

/** Runs the words and kills the process after so long; whether it was still at work. */
async function killed(dir: string, words: readonly string[], afterMs: number): Promise<boolean> {
  const { child, ended } = spawnCli(dir, words);
  await Promise.race([wait(afterMs), ended]);
  child.kill("SIGKILL");
  return (await ended).code === null;
}

test("creating: the name is free, or the backup whole; verifying and restoring: nothing recorded, nothing made, and then it goes", () =>
  withCli(async ({ dir, iu, json }) => {
    await iu(["init"]);
    for (let n = 0; n < 40; n++) await iu(["policy", "adopt", "--set", `gateHours=${n + 1}`]);
    await iu(["principal", "add", "opal", "--kind", "human", "--role", "operator"]);
    const { recipient } = await json<{ recipient: string }>("backup", "identity", "id.age");
    await iu(["backup", "recipients", "--to", `${recipient}=opal`]);
    // Commands in processes of their own sign by the real clock, the ledger's is that of the tests: nothing is recorded here.
    const verify = ["backup", "verify", "one.backup", "--identity", "id.age", "--no-record", "--scratch", "."];
    const restore = ["backup", "restore", "one.backup", "restored.sqlite", "--identity", "id.age", "--scratch", "."];
    const hit = { create: 0, restore: 0 };
    for (let at = 100; at <= 1500; at += 100) {
      rmSync("one.backup", { force: true });
      if (await killed(dir, ["backup", "create", "one.backup"], at)) hit.create++;
      if (existsSync("one.backup")) assert.is((await endOf(dir, verify)).code, 0, `create killed after ${at} ms`);
      for (const name of readdirSync(dir).filter((one) => one.includes("partial")))
        assert.ok(((await endOf(dir, [...verify.slice(0, 2), name, ...verify.slice(3)])).code ?? 2) <= 1, name);
      for (const name of readdirSync(dir).filter((one) => one.includes("partial"))) rmSync(name);
    }
    rmSync("one.backup", { force: true });
    assert.is((await endOf(dir, ["backup", "create", "one.backup"])).code, 0);
    for (let at = 150; at <= 1650; at += 150) {
      rmSync("restored.sqlite", { force: true });
      if (await killed(dir, restore, at)) hit.restore++;
      if (!existsSync("restored.sqlite")) continue;
      const { size } = await json<{ size: number }>("replay", "--ledger", "restored.sqlite");
      assert.is(size, (await json<{ size: number }>("replay")).size);
    }
    rmSync("restored.sqlite", { force: true });
    assert.is((await endOf(dir, restore)).code, 0, "what a killed one left is no hindrance");
    assert.ok(hit.create > 0 && hit.restore > 0, JSON.stringify(hit));
  }));

test.run();
