// The files of the project as the style rules see them: those git has or would take, or all of them where there is no git.
// Must never read what is installed or built.
import { execFileSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { blankNonCode } from "./blankNonCode.js";

/** A text file; `code` is `text` with comments and the insides of strings blanked, at the same places (code files only). */
export type Source = { path: string; text: string; code: string };

/** Where a rule is broken and what to do about it. */
export type Offence = { path: string; line: number; message: string };

export function sourceOf(path: string, text: string): Source {
  return { path, text, code: isCode(path) ? blankNonCode(text) : text };
}

/** Every text file below `root`, in the order of their paths, which use `/`; a link counts as an empty file. */
export function readProject(root: string): Source[] {
  return listFiles(root)
    .sort()
    .map((path) => ({ path, facts: lstatSync(join(root, path), { throwIfNoEntry: false }) }))
    .filter(({ facts }) => facts?.isFile() === true || facts?.isSymbolicLink() === true)
    .map(({ path, facts }) => sourceOf(path, facts?.isFile() === true ? readFileSync(join(root, path), "utf8") : ""))
    .filter(({ text }) => !text.includes("\0"));
}

export function isCode(path: string): boolean {
  return /\.(?:ts|mjs)$/.test(path);
}

/** Code of the product itself: not tests, benches or scripts. */
export function isProduct(path: string): boolean {
  return /^(?:src|commands|projections)\/.*\.ts$/.test(path);
}

/** The line number, from 1, of the offset `at` in `text`. */
export function lineAt(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}

/** One offence for each match of `pattern` (a global regular expression) in `text`, which is the source's text or its code. */
export function matches(source: Source, text: string, pattern: RegExp, message: (match: string) => string): Offence[] {
  return [...text.matchAll(pattern)].map((match) => ({
    path: source.path,
    line: lineAt(text, match.index),
    message: message(match[0]),
  }));
}

function listFiles(root: string): string[] {
  if (existsSync(join(root, ".git"))) {
    try {
      const args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
      const out = execFileSync("git", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
      return [...new Set(out.split("\0").filter((path) => path !== ""))];
    } catch {
      // git is not installed, or will not read a folder of another owner: the folder itself tells nearly the same.
    }
  }
  return walk(root, "");
}

function walk(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (["node_modules", "build", ".git", ".iu-ledger"].includes(entry.name) || /\.sqlite/.test(entry.name)) return [];
    return entry.isDirectory() ? walk(root, path) : [path];
  });
}
