/**
 * Files that are whole on the disk before anybody relies on them: written under a name nobody asks for, flushed, then given their name. What a system
 * error means is the caller's to say; it is thrown as it came.
 */
import { randomUUID } from "node:crypto";
import { mkdir, open, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";

/** A new file with these bytes, flushed. Rejects with `EEXIST` where there is one. */
export async function writeNewFile(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the names in a folder durable. Where folders cannot be opened or flushed (Windows) the system does what it does. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => null);
  if (handle === null) return;
  try {
    await handle.sync().catch(() => undefined);
  } finally {
    await handle.close();
  }
}

/** A whole file under a name of its own in `folder`, to be linked or renamed. Answers its path. */
export async function draftFile(folder: string, bytes: Uint8Array, mode = 0o600): Promise<string> {
  const draft = join(folder, `.draft-${randomUUID()}`);
  try {
    await writeNewFile(draft, bytes, mode);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  return draft;
}

/** Puts a file in the place of the one before, in one step, for good: readers see the old one or the new one. Makes the folder. */
export async function replaceFile(target: string, bytes: Uint8Array, mode = 0o644): Promise<void> {
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  const draft = await draftFile(folder, bytes, mode);
  try {
    await rename(draft, target);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
  await flushFolder(folder);
}
