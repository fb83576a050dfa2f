// Making a clone ready, tried on a small project in a temp folder with an npm of our own, so that nothing is downloaded.
// What must hold: only what is missing is done, nothing half done is taken for done, and two at once do no harm.
import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile } from "./support/project.js";
import { withTempDir } from "./support/withTempDir.js";

type Ran = { code: number | null; output: string };

const manifest = JSON.stringify({ name: "small", version: "1.0.0", type: "module" });
const lock = (version: string) => JSON.stringify({ packages: { "": {}, "node_modules/a": { version } } });
const tsconfig = JSON.stringify({
  compilerOptions: {
    rootDir: ".",
    outDir: "build",
    module: "nodenext",
    types: [],
    lib: ["es5"],
    skipLibCheck: true,
    incremental: true,
    tsBuildInfoFile: "build/.tsbuildinfo",
  },
  include: ["src"],
});

/** Stands in for npm: counts its runs, then does what the file `npm-does` says. Installs by linking to what this project has. */
const npm = `
  import { appendFileSync, copyFileSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
  appendFileSync("npm-ran", process.argv[2] + "\\n");
  const does = readFileSync("npm-does", "utf8");
  if (does === "fail") { console.error("npm error code EUSAGE"); process.exit(1); }
  rmSync("node_modules", { recursive: true, force: true });
  mkdirSync("node_modules");
  if (does === "wait") { process.on("SIGINT", () => process.exit(1)); setInterval(() => {}, 1000); console.log("waiting"); }
  else {
    for (const name of ["typescript", "@typescript"]) symlinkSync(${JSON.stringify(projectFile("node_modules"))} + "/" + name, "node_modules/" + name);
    copyFileSync("package-lock.json", "node_modules/.package-lock.json");
  }
`;

async function withSmallProject(use: (root: string) => Promise<void>): Promise<void> {
  await withTempDir(async (root) => {
    await cp(projectFile("scripts"), join(root, "scripts"), { recursive: true });
    await cp(projectFile("bin"), join(root, "bin"), { recursive: true });
    await mkdir(join(root, "src"));
    const program = `console.log("runs", process.argv.slice(2).join(" ")); process.exitCode = 7;`;
    const files = {
      "package.json": manifest,
      "package-lock.json": lock("1.0.0"),
      "tsconfig.json": tsconfig,
      "npm-cli.mjs": npm,
      "npm-does": "install",
      "src/main.ts": `declare const console: { log(...x: unknown[]): void }, process: { argv: string[]; exitCode: number };\n${program}\n`,
      "src/table.sql": "select 1;\n",
    };
    for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text);
    await use(root);
  });
}

function start(root: string, args: string[]): ChildProcess {
  const env = { ...process.env, npm_execpath: join(root, "npm-cli.mjs") };
  return spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
}

function end(child: ChildProcess): Promise<Ran> {
  return new Promise((resolve, reject) => {
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, output }));
  });
}

const prepare = (root: string) => end(start(root, ["scripts/prepare.mjs"]));
const exists = (...parts: string[]) =>
  stat(join(...parts)).then(
    () => true,
    () => false,
  );
const npmRuns = async (root: string) => (await readFile(join(root, "npm-ran"), "utf8")).trim().split("\n").length;

const scripts = suite("scripts");

scripts("installs, builds, carries SQL along, and is silent when nothing is to do", () =>
  withSmallProject(async (root) => {
    const first = await prepare(root);
    assert.is(first.code, 0, first.output);
    assert.match(first.output, /^Installing packages …\nInstalled in [\d.]+ s\.\nBuilt in [\d.]+ s\.\n$/);
    assert.ok(await exists(root, "build/src/main.js"));
    assert.ok(await exists(root, "build/src/table.sql"));
    assert.equal(await prepare(root), { code: 0, output: "" });
    assert.is(await npmRuns(root), 1);
  }),
);

scripts("installs again when the lock has changed, and only then", () =>
  withSmallProject(async (root) => {
    await prepare(root);
    await writeFile(join(root, "package-lock.json"), lock("1.0.1"));
    assert.match((await prepare(root)).output, "Installed");
    assert.is(await npmRuns(root), 2);
    await writeFile(join(root, "src", "more.ts"), "export const more = 1;\n");
    assert.not.match((await prepare(root)).output, "Install");
  }),
);

scripts("follows the sources: a deleted one leaves nothing built, a deleted output is built again", () =>
  withSmallProject(async (root) => {
    await writeFile(join(root, "src", "more.ts"), "export const more = 1;\n");
    await prepare(root);
    assert.ok(await exists(root, "build/src/more.js"));
    await rm(join(root, "src", "more.ts"));
    await rm(join(root, "build", "src", "main.js"));
    assert.match((await prepare(root)).output, /^Built/);
    assert.not(await exists(root, "build/src/more.js"));
    assert.ok(await exists(root, "build/src/main.js"));
  }),
);

scripts("says what tsc says and ends with 3; the same again until it is corrected", () =>
  withSmallProject(async (root) => {
    await prepare(root);
    await writeFile(join(root, "src", "more.ts"), `export const more: number = "text";\n`);
    for (let times = 0; times < 2; times += 1) {
      const ran = await prepare(root);
      assert.is(ran.code, 3, ran.output);
      assert.match(ran.output, /src\/more\.ts.*TS2322/);
    }
    await writeFile(join(root, "src", "more.ts"), "export const more: number = 1;\n");
    assert.is((await prepare(root)).code, 0);
  }),
);

scripts("ends with 3 and the next step when npm fails, and tries again the next time", () =>
  withSmallProject(async (root) => {
    await writeFile(join(root, "npm-does"), "fail");
    const ran = await prepare(root);
    assert.is(ran.code, 3, ran.output);
    assert.match(ran.output, "EUSAGE");
    assert.match(ran.output, "run npm install, and commit the lock");
    await writeFile(join(root, "npm-does"), "install");
    assert.is((await prepare(root)).code, 0);
  }),
);

scripts("passes Ctrl-C on to npm and ends with 130; what it left half done is not taken for done", () =>
  withSmallProject(async (root) => {
    await writeFile(join(root, "npm-does"), "wait");
    const child = start(root, ["scripts/prepare.mjs"]);
    const ended = end(child);
    while (!(await exists(root, "node_modules"))) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill("SIGINT");
    const ran = await ended;
    assert.ok(ran.code === 130, `${ran.code} ${ran.output}`);
    assert.not(await exists(root, "build/.prepare.lock"));
    await writeFile(join(root, "npm-does"), "install");
    assert.is((await prepare(root)).code, 0);
    assert.is(await npmRuns(root), 2);
  }),
);

scripts("two at once: one works, the other waits and finds it done", () =>
  withSmallProject(async (root) => {
    const both = await Promise.all([prepare(root), prepare(root)]);
    assert.equal(
      both.map(({ code }) => code),
      [0, 0],
    );
    assert.is(await npmRuns(root), 1);
    assert.is(both.filter(({ output }) => output.includes("Built")).length, 1);
  }),
);

scripts("takes over the lock of a process that is gone", () =>
  withSmallProject(async (root) => {
    const gone = start(root, ["--eval", ""]);
    await end(gone);
    await mkdir(join(root, "build", ".prepare.lock"), { recursive: true });
    await writeFile(join(root, "build", ".prepare.lock", "owner"), `${gone.pid} ${hostname()} 0`);
    assert.is((await prepare(root)).code, 0);
    assert.not(await exists(root, "build/.prepare.lock"));
  }),
);

scripts("uses packages that are linked from elsewhere and never installs into them", () =>
  withSmallProject(async (root) => {
    await symlink(projectFile("node_modules"), join(root, "node_modules"), "dir");
    const ran = await prepare(root);
    assert.is(ran.code, 0, ran.output);
    assert.match(ran.output, "is a link");
    assert.not(await exists(root, "npm-ran"));
  }),
);

scripts("says which Node it needs", () =>
  withSmallProject(async (root) => {
    const old = `Object.defineProperty(process, "versions", { value: { ...process.versions, node: "18.20.0" } })`;
    const args = ["--import", `data:text/javascript,${encodeURIComponent(old)}`, "scripts/prepare.mjs"];
    const ran = await end(start(root, args));
    assert.is(ran.code, 3);
    assert.match(ran.output, "Node 18.20.0 is too old: iu-ledger needs 20.19 or newer");
  }),
);

scripts("npm start hands over to the program: its arguments, its exit code", () =>
  withSmallProject(async (root) => {
    const ran = await end(start(root, ["scripts/start.mjs", "my file.md", "--json"]));
    assert.is(ran.code, 7, ran.output);
    assert.match(ran.output, "runs journey my file.md --json");
    const missing = await end(start(root, ["scripts/bench.mjs"]));
    assert.is(missing.code, 3);
    assert.match(missing.output, "There is no bench/run.ts");
  }),
);

scripts("the launcher runs what is built, and says how to build what is not", () =>
  withSmallProject(async (root) => {
    const unbuilt = await end(start(root, ["bin/iu-ledger.mjs", "replay"]));
    assert.is(unbuilt.code, 3);
    assert.match(unbuilt.output, "npm run build");
    await prepare(root);
    const built = await end(start(root, ["bin/iu-ledger.mjs", "replay"]));
    assert.is(built.code, 7);
    assert.match(built.output, "runs replay");
  }),
);

scripts.run();
