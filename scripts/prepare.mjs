// Makes a clone ready to run: installs the locked packages and builds, each only where needed. With nothing to do it is
// silent and takes a few hundredths of a second, so every other script begins with it. Safe when started twice at once.
// Must never leave a half-made state that a later run takes for a finished one.
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "./child.mjs";
import { withLock } from "./lock.mjs";
import { installPackages, packagesAreLinked, packagesInstalled } from "./packages.mjs";
import {
  carryAlong,
  forgetBuild,
  forgetIncrement,
  isBuilt,
  missingOutputs,
  readSources,
  rememberBuild,
  removeLeftovers,
} from "./sources.mjs";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cannot = 3;
const nodeOldest = [20, 19];

/** Installs and builds what is missing. Ends the process with exit code 3, or 130 on Ctrl-C, when that does not succeed. */
export async function prepare() {
  requireNode();
  if (isReady()) return;
  await withLock(
    join(root, "build", ".prepare.lock"),
    (owner) => say(`Waiting: process ${owner.split(" ", 1)[0]} is installing or building here.`),
    async () => {
      await install();
      await build();
    },
  );
}

function isReady() {
  return (packagesInstalled(root) || packagesAreLinked(root)) && isBuilt(root, readSources(root));
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > nodeOldest[0] || (major === nodeOldest[0] && minor >= nodeOldest[1])) return;
  fail(
    `Node ${process.versions.node} is too old: iu-ledger needs ${nodeOldest.join(".")} or newer.`,
    "Install a newer Node and run the same command again.",
  );
}

async function install() {
  if (packagesInstalled(root)) return;
  if (packagesAreLinked(root)) {
    say("node_modules is a link and differs from package-lock.json; using it as it is. Run npm ci where it points to.");
    return;
  }
  say("Installing packages …");
  const since = Date.now();
  forgetBuild(root);
  const { code, output } = await installPackages(root).catch((error) => ({ code: cannot, output: error.message }));
  if (code > 128) process.exit(code);
  if (code !== 0) {
    const next = output.includes("EUSAGE")
      ? "package-lock.json does not fit package.json: run npm install, and commit the lock with it."
      : "Check the network and the disk, then run the same command again.";
    fail(`The packages could not be installed (npm ci, exit code ${code}):\n${brief(output)}`, next);
  }
  if (!packagesInstalled(root)) {
    fail(
      "npm ci succeeded, but node_modules does not hold what package-lock.json lists.",
      "Run npm ci by hand and read what it says.",
    );
  }
  say(`Installed in ${seconds(since)}.`);
}

async function build() {
  const sources = readSources(root);
  if (isBuilt(root, sources)) return;
  const since = Date.now();
  mkdirSync(join(root, "build"), { recursive: true });
  forgetBuild(root);
  removeLeftovers(root, sources);
  await compile();
  if (missingOutputs(root, sources).length > 0) {
    forgetIncrement(root);
    await compile();
  }
  carryAlong(root, sources);
  const missing = missingOutputs(root, sources);
  if (missing.length > 0)
    fail(`The build left out ${missing.slice(0, 5).join(", ")}.`, "Check that tsconfig.json includes their folder.");
  rememberBuild(root, sources);
  say(`Built in ${seconds(since)}.`);
}

async function compile() {
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const colour = process.stderr.isTTY ? ["--pretty"] : [];
  const { code, output } = await runChild(process.execPath, [tsc, "-p", root, ...colour], { cwd: root, quiet: true });
  if (code > 128) process.exit(code);
  if (code !== 0)
    fail(`The build failed:\n${output.trimEnd()}`, "Correct what tsc names above, then run the same command again.");
}

/** The beginning of what npm said: after that it lists its options. */
function brief(output) {
  const lines = output.trim().split("\n");
  return lines.length <= 15 ? lines.join("\n") : [...lines.slice(0, 12), "…", ...lines.slice(-1)].join("\n");
}

function seconds(since) {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`;
}

/** On stderr, so that what the prepared program prints on stdout stays clean for pipes. */
function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(what, next) {
  say(`${what}\n${next}`);
  process.exit(cannot);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await prepare();
