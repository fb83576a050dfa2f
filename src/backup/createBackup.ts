/**
 * A backup: an export in one file (`tar.ts`), streamed through age (https://age-encryption.org/v1) to public recipients. Whoever makes it cannot open it.
 * Written under another name, flushed, then given its own: what is cut short never passes for a backup. `age -d -i IDENTITY FILE | tar x` is the export.
 *
 * The first file in it is `backup.json`, canonical: {"format":"iu-ledger/backup","recipients":["age1…"],"version":1}; all others are the export's.
 */
import { createHash } from "node:crypto";
import { link, open, rename, rm, unlink } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ReadableStream } from "node:stream/web";
import { canonicalBytes } from "../events/canonical.js";
import { type ExportFile, type ExportOptions, exportFiles } from "../export/exportFiles.js";
import type { Manifest } from "../export/manifest.js";
import { flushFolder } from "../export/writeFolder.js";
import type { Store } from "../ledger/Store.js";
import { BackupError } from "./BackupError.js";
import { joinTar } from "./tar.js";

export const descriptionPath = "backup.json";

export interface CreatedBackup {
  /** SHA-256 of the encrypted file, and its bytes. */
  readonly file: string;
  readonly length: number;
  readonly manifest: Manifest;
  readonly recipients: readonly string[];
}

/** Writes a backup of a ledger to a new file. Throws {@link BackupError}, `StoreError`. */
export async function createBackup(
  store: Store,
  path: string,
  recipients: readonly string[],
  options: ExportOptions = {},
): Promise<CreatedBackup> {
  if (recipients.length === 0) {
    throw new BackupError(
      "RECIPIENTS_NOT_PINNED",
      "nobody is pinned on this ledger whom a backup could be encrypted to",
      "A sovereign pins them: iu-ledger backup recipients --to RECIPIENT=HOLDER",
    );
  }
  const target = resolve(path);
  const partial = `${target}.partial-${process.pid}`;
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  const sorted = [...recipients].sort();
  for (const recipient of sorted) encrypter.addRecipient(recipient);

  let manifest: Manifest | undefined;
  async function* plain(): AsyncGenerator<Uint8Array> {
    const tar = joinTar(described(exportFiles(store, options), sorted));
    for (;;) {
      const next = await tar.next();
      if (next.done === true) {
        manifest = next.value;
        return;
      }
      yield next.value;
    }
  }
  try {
    const written = await encryptedTo(partial, async () => encrypter.encrypt(ReadableStream.from(plain()) as never));
    await takeName(partial, target, path);
    return { ...written, manifest: manifest as Manifest, recipients: sorted };
  } catch (error) {
    throw unwritable(path, error);
  } finally {
    await rm(partial, { force: true });
  }
}

async function* described(
  files: AsyncGenerator<ExportFile, Manifest>,
  recipients: readonly string[],
): AsyncGenerator<ExportFile, Manifest> {
  const description = canonicalBytes({ format: "iu-ledger/backup", version: 1, recipients });
  yield { path: descriptionPath, length: description.length, bytes: [description] };
  return yield* files;
}

async function encryptedTo(
  partial: string,
  encrypted: () => Promise<unknown>,
): Promise<{ readonly file: string; readonly length: number }> {
  const hash = createHash("sha256");
  let length = 0;
  const file = await open(partial, "wx", 0o600);
  try {
    for await (const part of (await encrypted()) as AsyncIterable<Uint8Array>) {
      hash.update(part);
      length += part.length;
      await file.writeFile(part);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { file: hash.digest("hex"), length };
}

/** Gives the finished file its name; never another's. */
async function takeName(partial: string, target: string, shown: string): Promise<void> {
  try {
    await link(partial, target);
    await unlink(partial);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") {
      throw new BackupError("BACKUP_EXISTS", `there is a file ${shown} already`, "Name one that is not there yet.", {
        cause,
      });
    }
    // Not every file system has links.
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP" && code !== "ENOSYS") throw cause;
    await rename(partial, target);
  }
  await flushFolder(dirname(target));
}

function unwritable(path: string, error: unknown): unknown {
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof BackupError || typeof syscall !== "string" || typeof code !== "string") return error;
  const why = { ENOSPC: "the disk is full", EDQUOT: "the quota is used up", EACCES: "this user may not" }[code];
  return new BackupError(
    "BACKUP_UNWRITABLE",
    `${path} cannot be written: ${why === undefined ? "the system says" : `${why},`} ${code}; nothing of it was kept`,
    "Make room or choose another place, then start again.",
    { cause: error },
  );
}
