// A copy that is killed, again and again, goes on where it stopped; and a large ledger is copied in the memory of a small one.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";
import { spawnCli } from "../cli/spawnCli.js";
import { withTempDir } from "../support/withTempDir.js";
import { everythingIn, writeMany } from "./copied.js";

const test = suite("copying a ledger, killed and at size");

interface Run {
  /** Events that were there before it began to append, and what it ended with. */
  readonly lines: readonly string[];
}

async function runCopier(from: string, to: string, onLine: (count: number, child: ChildProcess) => void): Promise<Run> {
  const script = fileURLToPath(new URL("./copier.js", import.meta.url));
  const child = spawn(process.execPath, [script, from, to], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    onLine(lines.length, child);
  }
  await closed;
  return { lines };
}

async function makeLedger(path: string, commands: number): Promise<void> {
  const store = await openSqliteStore(path, { create: true });
  await writeMany(store, commands);
  await store.close();
}

test("kill -9 in the middle, five times: what is there is a beginning of the source, and the last run completes it", () =>
  withTempDir(async (dir) => {
    const [from, to] = [join(dir, "from.sqlite"), join(dir, "to.sqlite")];
    await makeLedger(from, 8_000);
    const source = await openSqliteStore(from, { readOnly: true });
    const all = await everythingIn(source);
    let before = 0;
    for (const count of [1, 3, 2, 7, 5]) {
      const { lines } = await runCopier(from, to, (said, child) => {
        if (said === count) child.kill("SIGKILL");
      });
      assert.not.ok(lines.includes("copied"), "it was not killed in time");
      const copy = await openSqliteStore(to);
      const { size } = await copy.head();
      assert.ok(size > before && size < all.head.size, `${size} of ${all.head.size}`);
      assert.equal((await everythingIn(copy)).events, all.events.slice(0, size));
      await copy.close();
      before = size;
    }
    const { lines } = await runCopier(from, to, () => undefined);
    assert.is(lines.at(-1), "copied");
    const copy = await openSqliteStore(to);
    assert.equal(await everythingIn(copy), all);
    await copy.close();
    await source.close();
  }));

test("Ctrl-C: exit code 130, says how far it came, and the same command goes on", () =>
  withTempDir(async (dir) => {
    await makeLedger(join(dir, "from.sqlite"), 25_000);
    const running = spawnCli(dir, ["copy", "from.sqlite", "to.sqlite"]);
    const watch = setInterval(async () => {
      const copy = await openSqliteStore(join(dir, "to.sqlite"), { readOnly: true }).catch(() => undefined);
      const size = (await copy?.head())?.size ?? 0;
      await copy?.close();
      if (size > 1_000) running.child.kill("SIGINT");
    }, 50);
    const { code, err } = await running.ended;
    clearInterval(watch);
    assert.is(code, 130, err);
    assert.match(err, /Stopped after [\d,]+ events\. The same command again goes on there/);
    const again = await spawnCli(dir, ["copy", "from.sqlite", "to.sqlite"]).ended;
    assert.is(again.code, 0, again.err);
    assert.match(again.out, /of them there before/);
  }));

test("memory stays flat: 65,000 events in little more than 15,000 take", () =>
  withTempDir(async (dir) => {
    const peaks: number[] = [];
    for (const commands of [4_500, 20_000]) {
      const [from, to] = [join(dir, `from-${commands}.sqlite`), join(dir, `to-${commands}.sqlite`)];
      await makeLedger(from, commands);
      const script = fileURLToPath(new URL("./copier.js", import.meta.url));
      const measured = `process.on("exit", () => console.log("peak " + process.resourceUsage().maxRSS)); process.argv.splice(1, 0, ""); await import(process.argv[2]);`;
      const child = spawn(process.execPath, ["--input-type=module", "-e", measured, script, from, to], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let out = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out += text;
      });
      await once(child, "close");
      peaks.push(Number(/peak (\d+)/.exec(out)?.[1]));
    }
    const [small = 0, large = 0] = peaks;
    assert.ok(small > 0 && large < 1.25 * small, `${large} kB against ${small} kB`);
  }));

test.run();
