// Are the packages of package-lock.json installed, and if not: install them.
// Trusts npm's own record (node_modules/.package-lock.json, written last by a finished install), so an install that was
// interrupted counts as none and one made by hand counts. Must never touch a node_modules that is a link to elsewhere.
import { lstatSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { runChild } from "./child.mjs";

/** True when every package of the lock that this platform needs is installed in exactly the locked version, and no other. */
export function packagesInstalled(root) {
  const wanted = readPackages(join(root, "package-lock.json"));
  const present = readPackages(join(root, "node_modules", ".package-lock.json"));
  if (wanted === undefined || present === undefined) return false;
  for (const [path, { version, integrity }] of Object.entries(present)) {
    if (wanted[path]?.version !== version || wanted[path]?.integrity !== integrity) return false;
  }
  return Object.entries(wanted).every(([path, entry]) => path === "" || path in present || notForHere(entry));
}

/** True when node_modules belongs to somebody else: another work tree of the project shares it with us. */
export function packagesAreLinked(root) {
  return lstatSync(join(root, "node_modules"), { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Installs exactly what the lock says. Returns npm's exit code and all it printed; development packages are always included. */
export function installPackages(root) {
  const args = ["ci", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error"];
  const npm = process.env.npm_execpath;
  if (npm !== undefined && basename(npm).startsWith("npm")) {
    return runChild(process.execPath, [npm, ...args], { cwd: root, quiet: true });
  }
  return runChild(process.platform === "win32" ? "npm.cmd" : "npm", args, { cwd: root, quiet: true });
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8")).packages;
  } catch {
    return undefined;
  }
}

/** npm leaves out optional packages made for another platform; which C library they want it knows and we need not. */
function notForHere(entry) {
  if (entry.optional !== true) return false;
  const elsewhere = (names, here) => Array.isArray(names) && !names.includes(here);
  return elsewhere(entry.os, process.platform) || elsewhere(entry.cpu, process.arch) || entry.libc !== undefined;
}
