// Where the project is, for tests that read its own files. Tests run from build/test, so paths start at the project's root.
// Must never lead a test to write there: what a test writes goes to `withTempDir`.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder that holds package.json. */
export const projectRoot = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** The absolute path of a file of the project, e.g. `projectFile("samples", "charter.md")`. */
export function projectFile(...parts: string[]): string {
  return join(projectRoot, ...parts);
}
