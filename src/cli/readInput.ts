/** The bytes of a file named on the command line, or of stdin (`-`); and clearly why not. */
import { readFile } from "node:fs/promises";
import type { Context } from "./Context.js";
import { Stop } from "./output/Problem.js";

const reasons: Readonly<Record<string, readonly [code: string, what: string, next: string]>> = {
  ENOENT: ["FILE_MISSING", "There is no file", "Check the path."],
  ENOTDIR: ["FILE_MISSING", "There is no file", "Check the path: a part of it is no folder."],
  EISDIR: ["FILE_IS_FOLDER", "This is a folder, not a file:", "Name one file in it."],
  EACCES: ["FILE_UNREADABLE", "This user may not read", "Give this user read access to it."],
  EPERM: ["FILE_UNREADABLE", "This user may not read", "Give this user read access to it."],
  ERR_FS_FILE_TOO_LARGE: [
    "FILE_TOO_LARGE",
    "This file is too large to read:",
    "A document is at most 2 GiB; split it.",
  ],
};

/** All bytes of `path`. Throws a {@link Stop} with exit code 3. */
export async function readInput({ terminal }: Context, path: string): Promise<Uint8Array> {
  if (path === "-") return terminal.input();
  try {
    return await readFile(path);
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException;
    const [code, what, next] = reasons[error.code ?? ""] ?? [
      "FILE_UNREADABLE",
      "This cannot be read:",
      `The system says ${error.code}.`,
    ];
    throw new Stop(
      { code, message: `${what} ${path}${path.endsWith(".") ? "" : "."}`, numbers: {}, next, exit: 3 },
      { cause },
    );
  }
}
