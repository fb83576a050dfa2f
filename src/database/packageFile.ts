/**
 * Files that ship with the package but are not compiled (SQL): found from the package root, wherever it is installed.
 * The build mirrors the source tree, so this module is always three folders below the root, as `build/src/database/…`.
 */
import { readdirSync, readFileSync } from "node:fs";

const packageRoot = new URL("../../../", import.meta.url);

/** The text of a file of the package; `path` is from its root, with forward slashes. */
export function readPackageFile(path: string): string {
  return readFileSync(new URL(path, packageRoot), "utf8");
}

/** The names in a folder of the package, sorted. `path` is from its root, with forward slashes. */
export function listPackageFolder(path: string): string[] {
  return readdirSync(new URL(`${path}/`, packageRoot)).sort();
}
