// What only a real process shows: exit codes, pipes that close, Ctrl-C, two terminals on one ledger, and what is loaded for an answer.

import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSqliteStore } from "../../src/store/openSqliteStore.js";
import { projectFile } from "../support/project.js";
import { endOf, spawnCli } from "./spawnCli.js";
import { withCli } from "./withCli.js";

const processes = suite("cli: as a process");

processes("exit codes: 0 done, 1 refused, 2 malformed, 3 cannot", () =>
  withCli(async ({ dir }) => {
    const codes = await Promise.all(
      [
        ["--version"],
        ["plan", "charter.md"],
        ["plan", "latin1.txt"],
        ["run", "lst"],
        ["run"],
        ["run", "list"],
        ["help", "gate"],
      ].map(async (words) => (await endOf(dir, words)).code),
    );
    assert.equal(codes, [0, 0, 1, 2, 2, 3, 0]);
  }),
);

processes("a no goes to stderr, an answer to stdout, and without a terminal there is no colour", () =>
  withCli(async ({ dir }) => {
    const no = await endOf(dir, ["run", "list"]);
    assert.is(no.out, "");
    assert.match(no.err, "There is no ledger");
    const yes = await endOf(dir, ["plan", "charter.md"]);
    assert.is(yes.err, "");
    assert.not.match(yes.out, "\u001b");
  }),
);

processes("a reader that goes away is no error", () =>
  withCli(async ({ dir, iu }) => {
    // Long enough that no pipe holds all of it.
    writeFileSync(
      join(dir, "long.md"),
      Array.from({ length: 800 }, (_, n) => `# Article ${n + 1}\n\nText ${n}.\n`).join("\n"),
    );
    await iu(["init"]);
    const { child, ended } = spawnCli(dir, ["plan", "long.md", "--json"]);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { err } = await ended;
    assert.is(err, "");
    assert.is(child.signalCode, null);
    assert.ok(child.exitCode === 0 || child.exitCode === 1, `exit ${child.exitCode}`);
  }),
);

processes("events -f shows what others write, and ends on Ctrl-C", () =>
  withCli(async ({ dir, iu }) => {
    await iu(["init"]);
    const following = spawnCli(dir, ["events", "-f", "-n", "1", "--json"]);
    await following.until("\n");
    await iu(["document", "add", "charter.md", "--title", "Charter"]);
    await following.until("DocumentRegistered");
    following.child.kill("SIGINT");
    const { code, out } = await following.ended;
    assert.is(code, 130);
    for (const line of out.trimEnd().split("\n")) JSON.parse(line);
  }),
);

processes("two terminals at once: both documents are there, and one run wins", () =>
  withCli(async ({ dir, json }) => {
    assert.is((await endOf(dir, ["init"])).code, 0);
    const added = await Promise.all(
      ["One", "Two", "Three"].map((title) => endOf(dir, ["document", "add", "charter.md", "--title", title])),
    );
    assert.equal(
      added.map(({ code }) => code),
      [0, 0, 0],
    );
    const opened = await Promise.all([1, 2].map(() => endOf(dir, ["run", "open", "One", "--json"])));
    assert.equal(opened.map(({ code }) => code).sort(), [0, 1]);
    const refused = opened.find(({ code }) => code === 1);
    assert.is((JSON.parse(refused?.out ?? "") as { error: { code: string } }).error.code, "RUN_OPEN");
    assert.is((await json<{ documents: unknown[] }>("document", "list")).documents.length, 3);
    // By a process with the real clock, as the writers had: to the test's own clock their events would lie in the future.
    assert.is((JSON.parse((await endOf(dir, ["replay", "--json"])).out) as { verdict: string }).verdict, "PASS");
  }),
);

processes("a cut that is interrupted says how far it is, and the same command goes on", () =>
  withCli(async ({ dir, iu, json }) => {
    writeFileSync(
      join(dir, "long.md"),
      Array.from({ length: 1200 }, (_, n) => `# Article ${n + 1}\n\nText ${n}.\n`).join("\n"),
    );
    // The process that cuts has the real clock, so everything before it has it too.
    const now = new Date().toISOString();
    const until = new Date(Date.parse(now) + 3_600_000).toISOString();
    const said = async (...words: string[]) => {
      const { exit, out, err } = await iu([...words, "--json"], { now });
      assert.is(exit, 0, `${words.join(" ")}: ${out}${err}`);
      return JSON.parse(out) as { run: string; subject: string };
    };
    await said("init");
    await said("document", "add", "long.md", "--title", "Long");
    const { run } = await said("run", "open", "Long");
    await said("run", "plan", run);
    await said("run", "dry-run", run);
    const { subject } = await said("gate", "request", run, "SG_1");
    await said("gate", "rule", run, "SG_1", "--approve", "--reason", "read", "--subject", subject);
    await said("switch", "arm", run, "--reason", "go", "--until", until);

    const cutting = spawnCli(dir, ["run", "cut", run]);
    await firstChunk(join(dir, ".iu-ledger", "ledger.sqlite"), cutting.ended);
    cutting.child.kill("SIGINT");
    const stopped = await cutting.ended;
    if (stopped.code === 0) return; // The machine was quicker than the signal.
    assert.is(stopped.code, 130);
    assert.match(stopped.err, /Stopped: [\d,]+ of 1,201 units are cut/);
    assert.match(stopped.err, `iu-ledger run cut ${run.slice(0, 8)}`);
    const goneOn = await endOf(dir, ["run", "cut", run]);
    assert.is(goneOn.code, 0, goneOn.err);
    const { phase, units } = await json<{ phase: string; units: number }>("run", "show", run);
    assert.equal([phase, units], ["cut", 1201]);
    // By a process with the real clock, as the writers had: to the test's own clock their events would lie in the future.
    assert.is((JSON.parse((await endOf(dir, ["replay", "--json"])).out) as { verdict: string }).verdict, "PASS");
  }),
);

/** Waits until the cut has written something, by looking at the ledger as any reader may. */
async function firstChunk(path: string, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const store = await openSqliteStore(path, { readOnly: true });
  try {
    const { size } = await store.head();
    while (!over && (await store.head()).size === size) await pause(20);
  } finally {
    await store.close();
  }
}

processes("keys can be read by their owner only", () =>
  withCli(async ({ dir }) => {
    await endOf(dir, ["init"]);
    assert.is(statSync(join(dir, ".iu-ledger", "keys")).mode & 0o077, 0);
    assert.is(statSync(join(dir, ".iu-ledger", "keys", "sovereign.pem")).mode & 0o077, 0);
  }),
);

processes("starting loads almost nothing, and listing loads no grammar", () => {
  const main = loadedBy("build/src/main.js");
  assert.equal(main.packages, ["commander", "picocolors"]);
  assert.not.ok(main.files.some((file) => /\/(commands|projections)\//.test(file)));
  const list = loadedBy("build/src/cli/run/readRuns.js");
  for (const heavy of ["mdast-util-from-markdown", "mdast-util-gfm"])
    assert.not.ok(list.packages.includes(heavy), heavy);
  assert.not.ok(
    list.files.some((file) => /documents\/(planCut|outline|grammars)|src\/app\.js|commands\/decide\.js/.test(file)),
  );
});

/** What a built file imports at once, directly or through others: files of ours and packages. What it imports later is not among it. */
function loadedBy(entry: string): { files: string[]; packages: string[] } {
  const files = new Set<string>();
  const packages = new Set<string>();
  const visit = (file: string) => {
    if (files.has(file)) return;
    files.add(file);
    for (const [, specifier = ""] of readFileSync(file, "utf8").matchAll(
      /^(?:import|export)\b[^;]*?\bfrom "([^"]+)";/gms,
    )) {
      if (specifier.startsWith(".")) visit(resolve(dirname(file), specifier));
      else if (!specifier.startsWith("node:")) packages.add(specifier);
    }
  };
  visit(projectFile(...entry.split("/")));
  return { files: [...files], packages: [...packages].sort() };
}

processes.run();
