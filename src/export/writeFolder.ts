/**
 * An export as a folder: written under another name, flushed file by file, then given its own. Whatever stops it, a folder that has the name is whole;
 * must never write into a folder that was there before.
 */
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { ExportError } from "./ExportError.js";
import type { ExportFile } from "./exportFiles.js";

/** Writes the files to a new folder; answers what the generator does. Throws {@link ExportError} where there is something already. */
export async function writeFolder<T>(folder: string, files: AsyncGenerator<ExportFile, T>): Promise<T> {
  const path = resolve(folder);
  await assertFree(path);
  const partial = `${path}.partial-${process.pid}`;
  try {
    const answer = await filled(partial, files);
    await assertFree(path);
    await rename(partial, path);
    await flushFolder(dirname(path));
    return answer;
  } catch (error) {
    await files.return(undefined as T).catch(() => undefined);
    await rm(partial, { recursive: true, force: true });
    throw unwritable(folder, error);
  }
}

async function filled<T>(partial: string, files: AsyncGenerator<ExportFile, T>): Promise<T> {
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o700 });
  const folders = new Set([partial]);
  for (;;) {
    const next = await files.next();
    if (next.done === true) {
      // Names too: innermost first does not matter, each is flushed.
      for (const each of folders) await flushFolder(each);
      return next.value;
    }
    const { path, length, bytes } = next.value;
    const target = join(partial, path);
    const parent = dirname(target);
    if (!folders.has(parent)) {
      await mkdir(parent, { recursive: true, mode: 0o700 });
      for (let each = parent; !folders.has(each); each = dirname(each)) folders.add(each);
    }
    await writeFlushed(target, bytes, length);
  }
}

/** Writes a new file, flushed. Throws where it did not come to its length. */
export async function writeFlushed(
  path: string,
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  length?: number,
): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    let written = 0;
    for await (const part of bytes) {
      await file.writeFile(part);
      written += part.length;
    }
    if (length !== undefined && written !== length)
      throw new Error(`${path} came to ${written} bytes, not ${length}: the ledger changed while it was read`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a folder durable. */
export async function flushFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function assertFree(path: string): Promise<void> {
  let there: string[];
  try {
    there = await readdir(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw unwritable(path, error);
  }
  if (there.length === 0) return;
  throw new ExportError(
    "EXPORT_EXISTS",
    `there is something in ${path} already`,
    "Name a folder that is not there yet, or an empty one.",
    { numbers: { entries: there.length } },
  );
}

/** What the system did not let us, said so; anything else as it is. */
export function unwritable(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof ExportError || typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return error;
  const why = { ENOSPC: "the disk is full", EDQUOT: "the quota is used up", EACCES: "this user may not" }[code];
  return new ExportError(
    "EXPORT_UNWRITABLE",
    `${path} cannot be written: ${why === undefined ? "the system says" : `${why},`} ${code}; nothing of it was kept`,
    "Make room or choose another place, then start again.",
    { cause: error },
  );
}
