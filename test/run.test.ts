// The runner, attacked: every known way in which a test can be lost without a word is planted as a file, and must be a
// failure that names it. Must never run the runner on this project itself: each case is a small project in a temp folder.
import { spawn } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile } from "./support/project.js";
import { withTempDir } from "./support/withTempDir.js";

const runner = fileURLToPath(new URL("./run.js", import.meta.url));
const skipModule = new URL("./support/skip.js", import.meta.url).href;
const head = `
  import { suite } from "uvu";
  import * as assert from "uvu/assert";
  import { skip } from ${JSON.stringify(skipModule)};
  const test = suite("planted");
`;

type Ran = { code: number; output: string; closing: string };

/** Runs the runner over `files` (path below test/ without .test.ts → JavaScript after `head`) with `args`. */
function runOver(files: Record<string, string>, args: string[] = []): Promise<Ran> {
  return withTempDir(async (root) => {
    await mkdir(join(root, "build", "test"), { recursive: true });
    await writeFile(join(root, "package.json"), `{"type":"module"}`);
    await symlink(projectFile("node_modules"), join(root, "node_modules"), "dir");
    for (const [name, body] of Object.entries(files)) {
      const source = join(root, "test", `${name}.test.ts`);
      const built = join(root, "build", "test", `${name}.test.js`);
      await mkdir(dirname(source), { recursive: true });
      await mkdir(dirname(built), { recursive: true });
      await writeFile(source, "");
      await writeFile(built, head + body);
    }
    return await runRunner(["--root", root, ...args]);
  });
}

function runRunner(args: string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [runner, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => {
      const lines = output.split("\n");
      resolve({ code: code ?? -1, output, closing: lines.at(-2) ?? "" });
    });
  });
}

const runs = suite("runner: what it does");

runs("passes what passes, and closes with the count", async () => {
  const ran = await runOver({
    one: `test("a", () => {}); test("b", async () => {}); test.run();`,
    "deep/two": `test("c", () => { console.log("noise"); }); test.run();`,
  });
  assert.is(ran.closing, "3 passed, 0 failed, 0 skipped", ran.output);
  assert.is(ran.code, 0);
  assert.match(ran.output, "test/deep/two.test.ts");
  assert.not.match(ran.output, "noise");
});

runs("tells a failure with its file, suite, test, difference and what the file printed", async () => {
  const ran = await runOver({
    one: `test("sums", () => { console.log("noise"); assert.equal({ a: 1 }, { a: 2 }); }); test.run();`,
  });
  assert.is(ran.code, 1);
  assert.is(ran.closing, "0 passed, 1 failed, 0 skipped");
  assert.match(ran.output, "FAIL  test/one.test.ts › planted › sums");
  assert.match(ran.output, /Actual:\n *--··"a":·1\n *Expected:\n *\+\+··"a":·2\n/);
  assert.match(ran.output, "noise");
});

runs("counts a skip apart and says its reason", async () => {
  const ran = await runOver({
    one: `test("a", () => {}); test("b", () => skip("the moon is absent")); test.skip("c", () => {}); test.run();`,
  });
  assert.is(ran.closing, "1 passed, 0 failed, 2 skipped", ran.output);
  assert.is(ran.code, 0);
  assert.match(ran.output, /the moon is absent\n.*planted › b/);
  assert.match(ran.output, "test.skip gives no reason");
});

runs("leaves slow files to --slow, unless they are named", async () => {
  const files = {
    quick: `test("a", () => {}); test.run();`,
    "long.slow": `test("b", () => {}); test("c", () => {}); test.run();`,
  };
  assert.is((await runOver(files)).closing, "1 passed, 0 failed, 0 skipped");
  assert.is((await runOver(files, ["--slow"])).closing, "2 passed, 0 failed, 0 skipped");
  assert.is((await runOver(files, ["long.slow"])).closing, "2 passed, 0 failed, 0 skipped");
});

runs("runs only the files that are named", async () => {
  const files = {
    one: `test("a", () => {}); test.run();`,
    two: `test("b", () => { throw new Error("no"); }); test.run();`,
  };
  assert.is((await runOver(files, ["one"])).closing, "1 passed, 0 failed, 0 skipped");
});

runs("does not run a built file whose source is gone", async () => {
  await withTempDir(async (root) => {
    await mkdir(join(root, "build", "test"), { recursive: true });
    await writeFile(join(root, "build", "test", "old.test.js"), "");
    const ran = await runRunner(["--root", root]);
    assert.match(ran.output, "nothing ran");
    assert.is(ran.code, 1);
  });
});

runs("refuses an unknown option with its usage", async () => {
  const ran = await runRunner(["--fast"]);
  assert.is(ran.code, 2);
  assert.match(ran.output, "--slow");
});

runs.run();

/** What is planted, the closing line it must give, and what the failure must say. Each has a good test beside the bad thing. */
const traps: { trap: string; body: string; closing: string; says: string; args?: string[] }[] = [
  {
    trap: "a suite without .run()",
    body: `test("a", () => {});`,
    closing: "0 passed, 1 failed, 0 skipped",
    says: "registers no suite",
  },
  {
    trap: "a suite without tests",
    body: `test.run();`,
    closing: "0 passed, 1 failed, 0 skipped",
    says: "holds no test",
  },
  {
    trap: "a test that throws a string",
    body: `test("a", () => { throw "text"; }); test("b", () => {}); test.run();`,
    closing: "1 passed, 1 failed, 0 skipped",
    says: `threw "text", which is not an Error`,
  },
  {
    trap: "a test that throws null",
    body: `test("a", () => { throw null; }); test("b", () => {}); test.run();`,
    closing: "1 passed, 1 failed, 0 skipped",
    says: "threw null",
  },
  {
    trap: "a test that rejects with undefined",
    body: `test("a", () => Promise.reject()); test("b", () => {}); test.run();`,
    closing: "1 passed, 1 failed, 0 skipped",
    says: "threw undefined",
  },
  {
    trap: "before throws",
    body: `test.before(() => { throw new Error("no set-up"); }); test("a", () => {}); test("b", () => {}); test.run();`,
    closing: "0 passed, 2 failed, 0 skipped",
    says: "no set-up",
  },
  {
    trap: "before.each throws",
    body: `test.before.each(() => { throw new Error("no set-up"); }); test("a", () => {}); test("b", () => {}); test.run();`,
    closing: "0 passed, 2 failed, 0 skipped",
    says: "no set-up",
  },
  {
    trap: "after.each throws",
    body: `test.after.each(() => { throw new Error("no end"); }); test("a", () => {}); test("b", () => {}); test.run();`,
    closing: "0 passed, 2 failed, 0 skipped",
    says: "no end",
  },
  {
    trap: "after throws",
    body: `test.after(() => { throw new Error("no end"); }); test("a", () => {}); test.run();`,
    closing: "1 passed, 1 failed, 0 skipped",
    says: "in .after: no end",
  },
  {
    trap: ".only hides tests",
    body: `test("a", () => {}); test.only("b", () => {}); test.run();`,
    closing: "2 passed, 1 failed, 0 skipped",
    says: ".only hides 1 other",
  },
  {
    trap: "process.exit(0) in a test",
    body: `test("a", () => {}); test("b", () => process.exit(0)); test("c", () => {}); test.run();`,
    closing: "1 passed, 2 failed, 0 skipped",
    says: `ended (exit code 0) before its tests did, in the test "b"`,
  },
  {
    trap: "process.exit(0) while loading",
    body: `process.exit(0);`,
    closing: "0 passed, 1 failed, 0 skipped",
    says: "before its tests did",
  },
  {
    trap: "a promise that never settles",
    body: `test("a", () => new Promise(() => {})); test("b", () => {}); test.run();`,
    closing: "0 passed, 2 failed, 0 skipped",
    says: `before its tests did, in the test "a"`,
  },
  {
    trap: "a test that hangs in a loop",
    body: `test("a", () => { for (;;); }); test.run();`,
    closing: "0 passed, 2 failed, 0 skipped",
    says: `did not end within 2 s and was stopped, in the test "a"`,
    args: ["--limit", "2"],
  },
  {
    trap: "a rejection that nobody awaits",
    body: `test("a", () => { Promise.reject(new Error("lost")); }); test("b", () => new Promise((r) => setTimeout(r, 50))); test.run();`,
    closing: "1 passed, 2 failed, 0 skipped",
    says: "lost",
  },
  {
    trap: "an exit code set by a test",
    body: `test("a", () => { process.exitCode = 4; }); test.run();`,
    closing: "1 passed, 1 failed, 0 skipped",
    says: "exit code 4 although",
  },
  {
    trap: "a file that cannot be loaded",
    body: `import "./absent.js";`,
    closing: "0 passed, 1 failed, 0 skipped",
    says: "could not be loaded",
  },
  {
    trap: "a suite that registers too late",
    body: `test("a", () => new Promise((r) => setTimeout(r, 50))); test.run(); const late = suite("late"); late("b", () => {}); setTimeout(() => late.run(), 1);`,
    closing: "1 passed, 1 failed, 0 skipped",
    says: "only after the file had loaded",
  },
];

const lost = suite("runner: what it does not let pass");

for (const { trap, body, closing, says, args } of traps) {
  lost(trap, async () => {
    const ran = await runOver({ planted: body }, args);
    assert.is(ran.closing, closing, ran.output);
    assert.match(ran.output, says);
    assert.is(ran.code, 1);
  });
}

lost("no test file at all", async () => {
  const ran = await runOver({});
  assert.is(ran.closing, "0 passed, 1 failed, 0 skipped", ran.output);
  assert.is(ran.code, 1);
});

lost("a name that no file has", async () => {
  const ran = await runOver({ one: `test("a", () => {}); test.run();` }, ["absent"]);
  assert.is(ran.closing, "0 passed, 1 failed, 0 skipped", ran.output);
  assert.match(ran.output, "absent");
  assert.is(ran.code, 1);
});

lost("a socket left open after the last test", async () => {
  const body = `import { createServer } from "node:net"; test("a", () => { createServer().listen(0); }); test.run();`;
  const ran = await runOver({ planted: body }, ["--limit", "2"]);
  assert.is(ran.closing, "1 passed, 1 failed, 0 skipped", ran.output);
  assert.match(ran.output, "left open");
});

lost.run();
