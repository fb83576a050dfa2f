/**
 * A backup opened: decrypted, unpacked into a folder of the caller's, and checked as the export it is. Nothing that comes out is taken for good before
 * the whole file was read: age proves its end only there. Must never write outside the folder.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { z } from "zod";
import { type CheckedExport, checkFolder } from "../export/checkFolder.js";
import { ExportError } from "../export/ExportError.js";
import { parseLine } from "../export/manifest.js";
import { writeFlushed } from "../export/writeFolder.js";
import { BackupError } from "./BackupError.js";
import { descriptionPath } from "./createBackup.js";
import type { BackupIdentity } from "./identity.js";
import { cutTar, TarError } from "./tar.js";

const description = z.strictObject({
  format: z.literal("iu-ledger/backup"),
  version: z.literal(1),
  recipients: z.array(z.string()).min(1),
});

export interface OpenedBackup extends CheckedExport {
  /** SHA-256 of the encrypted file, and its bytes. */
  readonly file: string;
  readonly length: number;
  /** Whom it says it is encrypted to; as many as its head has. */
  readonly recipients: readonly string[];
}

/** Paths an export has: nothing that leads anywhere else. */
const exportPath =
  /^(?:[a-z]+(?:\.[a-z]+)?|content\/[0-9a-f]{64}|tile\/(?:entries|[0-9]{1,2})\/(?:x[0-9]{3}\/)*[0-9]{3}(?:\.p\/[0-9]{1,3})?)$/;

/** Unpacks a backup into a folder that is not there yet. Throws {@link BackupError}. */
export async function openBackup(
  path: string,
  identity: BackupIdentity,
  folder: string,
  options: { onProgress?: (done: number, of: number) => void; signal?: AbortSignal } = {},
): Promise<OpenedBackup> {
  const hash = createHash("sha256");
  let length = 0;
  let head = Buffer.alloc(0);
  async function* encrypted(): AsyncGenerator<Uint8Array> {
    try {
      for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
        options.signal?.throwIfAborted();
        hash.update(part);
        length += part.length;
        if (head.length < headMax) head = Buffer.concat([head, part]).subarray(0, headMax);
        yield part;
      }
    } catch (cause) {
      const { code, syscall } = cause as NodeJS.ErrnoException;
      if (typeof syscall !== "string") throw cause;
      throw new BackupError(
        "BACKUP_UNREADABLE",
        `${path} cannot be read (${code})`,
        "Check the path, and who may read it.",
        { cause },
      );
    }
  }
  const damaged = (what: string, cause?: unknown) =>
    new BackupError(
      "BACKUP_DAMAGED",
      `${path} is no whole backup: ${what}`,
      "Use another copy of it, or an older backup.",
      {
        numbers: { bytes: length },
        cause,
      },
    );

  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.secret);
  let plain: AsyncIterable<Uint8Array>;
  try {
    plain = (await decrypter.decrypt(
      Readable.toWeb(Readable.from(encrypted())) as never,
    )) as unknown as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    if (!head.toString("latin1").startsWith(magic)) throw damaged("it is no age file", cause);
    throw new BackupError(
      "BACKUP_NOT_OPENED",
      `${path} does not open with this identity: it is encrypted to others, or its head was changed`,
      "Give the identity of one of the recipients: iu-ledger backup list",
      { numbers: { recipient: identity.recipient }, cause },
    );
  }
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    for await (const file of cutTar(plain)) {
      options.signal?.throwIfAborted();
      if (!exportPath.test(file.path)) throw damaged(`it holds ${JSON.stringify(file.path)}, which no export has`);
      const target = join(folder, file.path);
      await mkdir(dirname(target), { recursive: true, mode: 0o700 });
      await writeFlushed(target, file.bytes, file.length);
    }
    const recipients = await recipientsIn(folder);
    const stanzas = stanzasIn(head);
    if (!recipients.includes(identity.recipient) || recipients.length !== stanzas)
      throw damaged(`it says it is for ${recipients.length} recipients, and its head is for ${stanzas}`);
    const checked = await checkFolder(folder, options);
    return { ...checked, file: hash.digest("hex"), length, recipients };
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    if (options.signal?.aborted === true) throw cause;
    if (cause instanceof TarError) throw damaged(`${cause.message} (byte ${cause.at} of what is in it)`, cause);
    if (cause instanceof ExportError) throw damaged(cause.message, cause);
    const { syscall } = cause as NodeJS.ErrnoException;
    // What the machine does not let us do with the scratch folder says nothing of the backup.
    if (typeof syscall === "string") throw scratchFull(folder, cause);
    throw damaged("it was cut off or changed", cause);
  }
}

const magic = "age-encryption.org/v1\n";
/** More than the head of a file to twenty recipients. */
const headMax = 16_384;

/** How many X25519 recipients the head of an age file has. */
function stanzasIn(head: Buffer): number {
  const text = head.toString("latin1");
  const end = text.indexOf("\n--- ");
  return (text.slice(0, end < 0 ? text.length : end).match(/^-> X25519 /gm) ?? []).length;
}

/** What the backup says of itself; taken out of the folder, which is an export then. */
async function recipientsIn(folder: string): Promise<string[]> {
  const path = join(folder, descriptionPath);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    throw new ExportError("EXPORT_DAMAGED", `${descriptionPath} is not in it`, "");
  }
  await rm(path);
  return parseLine(description, bytes, descriptionPath).recipients;
}

function scratchFull(folder: string, cause: unknown): BackupError {
  const { code } = cause as NodeJS.ErrnoException;
  return new BackupError(
    "BACKUP_UNWRITABLE",
    `${folder} cannot be written: ${code === "ENOSPC" ? "the disk is full, " : ""}${code}`,
    "Make room, or name another folder with --scratch.",
    { cause },
  );
}
