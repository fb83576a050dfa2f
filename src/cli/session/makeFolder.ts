/** Makes the folder a ledger is to lie in; that it cannot is said like every other no. */
import { mkdirSync } from "node:fs";
import { cannotStop } from "../output/Problem.js";

/** Makes the folder and those above it, where they are missing. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw cannotStop(
      "FOLDER_NOT_MADE",
      `The folder ${folder} cannot be made (${(error as NodeJS.ErrnoException).code}).`,
      "Choose another place with --ledger.",
    );
  }
}
