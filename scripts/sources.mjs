// What is built from what: lists sources, tells whether build/ still matches them, and keeps build/ free of leftovers.
// Must never delete anything outside the built copies of the source folders.
import { createHash } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

const folders = ["src", "commands", "projections", "test", "bench"];
/** The product's SQL and JSON stand beside the code that reads them, so the build carries them along; tests read theirs in place. */
const carriedFolders = ["src", "commands", "projections"];
const carriedFile = /\.(?:sql|json)$/;
const stampPath = (root) => join(root, "build", ".stamp");

/**
 * Every file that the build depends on, as a path relative to `root`, with the digest of all their names, sizes and times:
 * a file that was added, edited, moved or deleted changes the digest, even when its own time is old.
 */
export function readSources(root) {
  const files = folders.flatMap((folder) => listFiles(root, folder)).filter((file) => isCode(file) || isCarried(file));
  const hash = createHash("sha256").update(process.version);
  for (const file of [...files, "tsconfig.json", "package.json", "package-lock.json"]) {
    const facts = statSync(join(root, file), { throwIfNoEntry: false });
    hash.update(`${file}\0${facts?.size}\0${facts?.mtimeMs}\n`);
  }
  return { files, digest: hash.digest("hex") };
}

/** True when the last build succeeded on exactly these sources and every output of it is still there. */
export function isBuilt(root, sources) {
  try {
    if (readFileSync(stampPath(root), "utf8") !== sources.digest) return false;
  } catch {
    return false;
  }
  return missingOutputs(root, sources).length === 0;
}

/** The outputs that a build of `sources` should have left and that are not there. */
export function missingOutputs(root, sources) {
  return sources.files
    .map((file) => outputOf(file))
    .filter((file) => file !== undefined && !existsSync(join(root, "build", file)));
}

export function forgetBuild(root) {
  rmSync(stampPath(root), { force: true });
}

export function rememberBuild(root, sources) {
  writeFileSync(stampPath(root), sources.digest);
}

/** Makes tsc write everything again; it believes its own record and would not notice that outputs were deleted. */
export function forgetIncrement(root) {
  rmSync(join(root, "build", ".tsbuildinfo"), { force: true });
}

export function carryAlong(root, sources) {
  for (const file of sources.files.filter(isCarried)) {
    const target = join(root, "build", file);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(root, file), target);
  }
}

/** Deletes built files whose source is gone: a deleted test must not go on running, nor a deleted module go on being found. */
export function removeLeftovers(root, sources) {
  const wanted = new Set(sources.files.flatMap((file) => outputsOf(file)));
  for (const folder of folders) {
    for (const file of listFiles(join(root, "build"), folder)) {
      if (!wanted.has(file)) rmSync(join(root, "build", file));
    }
  }
}

function isCode(file) {
  return file.endsWith(".ts");
}

function isCarried(file) {
  return carriedFile.test(file) && carriedFolders.includes(file.split("/", 1)[0]);
}

function outputOf(file) {
  if (isCarried(file)) return file;
  return file.endsWith(".d.ts") ? undefined : file.replace(/\.ts$/, ".js");
}

function outputsOf(file) {
  const output = outputOf(file);
  if (output === undefined) return [];
  return isCarried(file) ? [output] : [output, output.replace(/\.js$/, ".d.ts")];
}

function listFiles(root, folder) {
  let entries;
  try {
    entries = readdirSync(join(root, folder), { withFileTypes: true });
  } catch {
    return [];
  }
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = `${folder}/${entry.name}`;
      // The bench has packages of its own: installed code is not ours to build.
      if (entry.name === "node_modules") return [];
      return entry.isDirectory() ? listFiles(root, path) : [path];
    });
}
