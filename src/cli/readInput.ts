/**
 * The bytes of a file named on the command line, or of stdin (`-`); and clearly why not. Never reads more than it was told to take: what has no
 * end (a device, a pipe that goes on) costs no more memory than what is allowed.
 */
import { type FileHandle, open } from "node:fs/promises";
import type { Context } from "./Context.js";
import { cannotStop, refusedStop, Stop } from "./output/Problem.js";
import { grouped } from "./output/text.js";

/** As much as a document may have under the policy a ledger begins with (`contentSizeMax`): where no ledger says otherwise, nothing longer is read. */
export const inputSizeMax = 64 * 1024 * 1024;

const chunkSize = 1024 * 1024;

const reasons: Readonly<Record<string, readonly [code: string, what: string, next: string]>> = {
  ENOENT: ["FILE_MISSING", "There is no file", "Check the path."],
  ENOTDIR: ["FILE_MISSING", "There is no file", "Check the path: a part of it is no folder."],
  EISDIR: ["FILE_IS_FOLDER", "This is a folder, not a file:", "Name one file in it."],
  EACCES: ["FILE_UNREADABLE", "This user may not read", "Give this user read access to it."],
  EPERM: ["FILE_UNREADABLE", "This user may not read", "Give this user read access to it."],
};

/**
 * All bytes of `path`, at most `sizeMax` of them. Throws a {@link Stop}: exit code 3 where it cannot be read or is a device, 1 where it is longer.
 * A pipe with a name is read like stdin.
 */
export async function readInput(
  { terminal }: Pick<Context, "terminal">,
  path: string,
  sizeMax = inputSizeMax,
): Promise<Uint8Array> {
  if (path === "-") {
    const bytes = await terminal.input(sizeMax);
    if (bytes.length > sizeMax) throw tooLarge("What stdin gives", null, sizeMax);
    return bytes;
  }
  try {
    const file = await open(path, "r");
    try {
      return await bytesOf(file, path, sizeMax);
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof Stop) throw cause;
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

async function bytesOf(file: FileHandle, path: string, sizeMax: number): Promise<Uint8Array> {
  const stat = await file.stat();
  if (stat.isCharacterDevice() || stat.isBlockDevice())
    throw cannotStop("FILE_IS_DEVICE", `This is a device, not a file: ${path}.`, "Name a file, or - for stdin.");
  if (stat.isFile() && stat.size > sizeMax) throw tooLarge(path, stat.size, sizeMax);
  // The size is only a hint: a file may grow while it is read, and a pipe has none.
  const parts: Buffer[] = [];
  for (let size = 0; ; ) {
    const room = Math.min(chunkSize, sizeMax + 1 - size);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(room), 0, room, null);
    if (bytesRead === 0) return Buffer.concat(parts);
    parts.push(buffer.subarray(0, bytesRead));
    size += bytesRead;
    if (size > sizeMax) throw tooLarge(path, null, sizeMax);
  }
}

/** `length`: null where nobody knows, since it was not read to the end. */
function tooLarge(what: string, length: number | null, sizeMax: number): Stop {
  return refusedStop(
    "CONTENT_TOO_LARGE",
    `${what} is ${length === null ? `longer than ${grouped(sizeMax)} bytes` : `${grouped(length)} bytes`}; at most ${grouped(sizeMax)} are taken.`,
    "Split it; a ledger whose policy has a larger contentSizeMax takes longer documents with 'document add'.",
    { ...(length === null ? {} : { length }), sizeMax },
  );
}
