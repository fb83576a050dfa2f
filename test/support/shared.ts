// The folder `shared` beside the project: real documents and published vectors that are not ours to copy into it.
// A test that wants it is skipped, aloud, where it is absent; it must never fail for that.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectFile } from "./project.js";
import { skip } from "./skip.js";

const sharedRoot = process.env["IU_SHARED"] ?? projectFile("..", "shared");

/** True where the folder exists; to choose, while registering, between many tests and one that skips. */
export const sharedIsHere = existsSync(sharedRoot);

/** The absolute path of `parts` in shared, e.g. `shared("corpus", "gpl-3.0.txt")`; skips the running test when it is absent. */
export function shared(...parts: string[]): string {
  const path = join(sharedRoot, ...parts);
  if (!existsSync(path)) skip(`shared/${parts.join("/")} is absent (set IU_SHARED to the folder that has it)`);
  return path;
}
