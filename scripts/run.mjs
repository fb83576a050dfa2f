// Hands this process over to a built program, as if it had been started by itself: no second process, so Ctrl-C, the
// terminal and the exit code are its own. Must be the last thing a script does.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { prepare, root } from "./prepare.mjs";

/** Prepares the clone, then runs the built module `file` (relative to build/) with `args`. */
export async function run(file, args) {
  await prepare();
  const path = join(root, "build", file);
  if (!existsSync(path)) {
    process.stderr.write(`There is no ${file.replace(/\.js$/, ".ts")} in this clone, so there is nothing to run.\n`);
    process.exit(3);
  }
  process.argv = [process.argv[0], path, ...args];
  await import(pathToFileURL(path).href);
}
