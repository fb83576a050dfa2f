// The journey as a program of its own: exit codes, what it prints to be copied, and what is left when it is interrupted or killed.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCategory } from "../../commands/run/State.js";
import { openLedger } from "../../src/app.js";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";
import { projectFile } from "../support/project.js";
import { withTempDir } from "../support/withTempDir.js";

const journeys = suite("journey: as a program");

const main = projectFile("build", "src", "main.js");

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** Starts a program in a folder; `ended` settles when it has ended. Nobody is there to answer. */
function start(dir: string, command: string, args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(command, args, {
    cwd: dir,
    env: { PATH: process.env["PATH"], HOME: dir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    err += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, ended };
}

const go = (dir: string, ...args: string[]) => start(dir, process.execPath, [main, "journey", ...args]).ended;

/** A statute of so many articles with two clauses each, in a file. */
function writeStatute(dir: string, articles: number): void {
  const text = Array.from(
    { length: articles },
    (_, i) => `## Article ${i + 1}. Lamp ${i + 1}\n\n1. Lamp ${i + 1} is lit at dusk.\n\n2. It is put out at dawn.\n`,
  );
  writeFileSync(join(dir, "lamps.md"), `# The lamps\n\n${text.join("\n")}`);
}

/** Waits until the ledger in a folder holds that many events. */
async function untilSize(dir: string, size: number, ended: Promise<Ended>): Promise<void> {
  let over: Ended | undefined;
  void ended.then((how) => {
    over = how;
  });
  const path = join(dir, ".iu-ledger", "ledger.sqlite");
  while (!existsSync(path) && over === undefined) await wait(20);
  // It may be seen before it is a whole database.
  await wait(300);
  const store = await openSqliteStore(path, { readOnly: true });
  try {
    while ((await store.head()).size < size) {
      if (over !== undefined) throw new Error(`ended before there were ${size} events:\n${over.out}\n${over.err}`);
      await wait(5);
    }
  } finally {
    await store.close();
  }
}

/** Phase and units of the only run there is. */
async function stateIn(dir: string): Promise<{ phase: string; units: number; planned: number }> {
  const ledger = await openLedger(join(dir, ".iu-ledger", "ledger.sqlite"));
  try {
    const [run] = await ledger.query.runs();
    const { phase, units, plan } = await ledger.state(runCategory, run?.run ?? "");
    return { phase, units: units.length, planned: plan?.units ?? 0 };
  } finally {
    await ledger.close();
  }
}

journeys("the sample, twice, from an empty folder", async () => {
  await withTempDir(async (dir) => {
    for (const number of [1, 2]) {
      const { code, out, err } = await go(dir);
      assert.is(code, 0, err);
      assert.is(err, "");
      assert.match(out, `.iu-ledger/journey-${number}/ledger.sqlite`);
      assert.match(out, /✓ PASS: \d+ events, root [0-9a-f]{12}…/);
      // What it says to try next can be tried.
      const next = out
        .split("\n")
        .filter((line) => line.startsWith("    $ npx iu-ledger ") && !/ (document show|unit list|journey) /.test(line));
      assert.is(next.length, 3);
      for (const line of number === 1 ? next : []) {
        const tried = await start(dir, "sh", ["-c", typed(line)]).ended;
        assert.is(tried.code, 0, `${line}\n${tried.out}\n${tried.err}`);
      }
    }
  });
});

/** A line that is shown to be copied, with this build in the place of the installed program. */
function typed(line: string): string {
  return line.trim().replace("$ npx iu-ledger", `'${process.execPath}' '${main}'`);
}

journeys("off a terminal each gate stops it, and the commands it prints take it on", async () => {
  await withTempDir(async (dir) => {
    writeStatute(dir, 3);
    for (let stop = 0; ; stop++) {
      const { code, out, err } = await go(dir, "lamps.md");
      if (code === 0) {
        assert.is(stop, 2);
        assert.match(out, "in force");
        break;
      }
      assert.is(code, 1, err);
      assert.match(err, "GATE_NOT_RULED");
      assert.match(out, "    $ npx iu-ledger journey lamps.md\n");
      const lines = out
        .split("\n")
        .filter((line) => line.startsWith("    $ npx iu-ledger ") && !/ (document show|unit list|journey) /.test(line));
      assert.is(lines.length, 2, out);
      for (const line of lines) {
        const done = await start(dir, "sh", ["-c", typed(line)]).ended;
        assert.is(done.code, 0, `${line}\n${done.out}\n${done.err}`);
      }
    }
  });
});

journeys("kill -9 in the middle of a cut: nothing is lost, and the same command finishes it", async () => {
  await withTempDir(async (dir) => {
    writeStatute(dir, 400);
    const { child, ended } = start(dir, process.execPath, [main, "journey", "lamps.md", "--rule", "sovereign"]);
    await untilSize(dir, 300, ended);
    child.kill("SIGKILL");
    assert.is((await ended).signal, "SIGKILL");
    const left = await stateIn(dir);
    assert.is(left.phase, "cutting");
    assert.ok(left.units > 0 && left.units < left.planned, `${left.units} of ${left.planned}`);
    const { code, out, err } = await go(dir, "lamps.md", "--rule", "sovereign");
    assert.is(code, 0, `${out}\n${err}`);
    assert.match(out, "A run is under way: it goes on where it stands");
    assert.match(out, "✓ PASS");
    assert.equal(await stateIn(dir), { phase: "enacted", units: left.planned, planned: left.planned });
  });
});

journeys("Ctrl-C in the middle of a cut: exit code 130, where it stands, how to go on", async () => {
  await withTempDir(async (dir) => {
    writeStatute(dir, 400);
    const { child, ended } = start(dir, process.execPath, [main, "journey", "lamps.md", "--rule", "sovereign"]);
    await untilSize(dir, 300, ended);
    child.kill("SIGINT");
    const { code, err } = await ended;
    assert.is(code, 130, err);
    const left = await stateIn(dir);
    assert.is(left.phase, "cutting");
    const cut = /is cutting, ([\d,]+) of ([\d,]+) units cut\. Nothing is lost\./.exec(err);
    assert.equal(
      [cut?.[1], cut?.[2]].map((text) => Number(text?.replaceAll(",", ""))),
      [left.units, left.planned],
      err,
    );
    assert.match(err, "Go on with: npx iu-ledger journey lamps.md --rule sovereign");
    const done = await go(dir, "lamps.md", "--rule", "sovereign");
    assert.is(done.code, 0, done.err);
  });
});

journeys("a missing file cannot be cut, a broken one is refused, a wrong word is malformed", async () => {
  await withTempDir(async (dir) => {
    writeFileSync(join(dir, "bad.txt"), Buffer.from("lamp\xff", "latin1"));
    assert.is((await go(dir, "nothing.txt")).code, 3);
    const bad = await go(dir, "bad.txt");
    assert.is(bad.code, 1);
    assert.match(bad.err, "byte 4 is not UTF-8");
    assert.is((await go(dir, "bad.txt", "--sideways")).code, 2);
    assert.is((await go(dir, "bad.txt", "two.txt")).code, 2);
    assert.is((await go(dir, "--json")).code, 2);
    assert.not.ok(existsSync(join(dir, ".iu-ledger")));
  });
});

journeys.run();
