/**
 * An export that is read: each file against its digest or its name, the leaves in order, the commands' parts as they were appended. Trusts nothing in
 * the folder but what the manifest's root and digests vouch for, and tells where it is wrong. Reads only.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { commitContent, saltSize } from "../events/commitment.js";
import type { Content } from "../ledger/Store.js";
import { cutEntries, formatTilePath, tileWidth } from "../tlog/tiles.js";
import { damagedExport, ExportError } from "./ExportError.js";
import {
  type CommandLine,
  type ContentLine,
  commandLine,
  commandsPath,
  contentLine,
  contentPath,
  contentsPath,
  type Manifest,
  manifestPath,
  parseLine,
  parseManifest,
} from "./manifest.js";

/** The manifest of the export in a folder. Throws {@link ExportError}. */
export async function readManifest(folder: string): Promise<Manifest> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(join(folder, manifestPath));
  } catch (cause) {
    throw new ExportError(
      "EXPORT_MISSING",
      `there is no export in ${folder}: ${manifestPath} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      "Name the folder that an export was written to.",
      { cause },
    );
  }
  return parseManifest(bytes);
}

/** A file of the export. Throws {@link ExportError} where it cannot be read. */
export async function readExportFile(folder: string, path: string): Promise<Uint8Array> {
  try {
    return await readFile(join(folder, path));
  } catch (cause) {
    throw damagedExport(path, `cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  }
}

/** The leaves of a bundle: positions from `index` × 256 on. */
export async function readBundle(folder: string, { size }: Manifest, index: number): Promise<Uint8Array[]> {
  const width = Math.min(tileWidth, size - index * tileWidth);
  const path = formatTilePath({ level: "entries", index, width });
  const bytes = await readExportFile(folder, path);
  let leaves: Uint8Array[];
  try {
    leaves = cutEntries(bytes);
  } catch (cause) {
    throw damagedExport(path, cause instanceof Error ? cause.message : "is no bundle", cause);
  }
  if (leaves.length !== width) throw damagedExport(path, `holds ${leaves.length} leaves; its name says ${width}`);
  return leaves;
}

/** A content that the export has. Throws {@link ExportError} where it is not what its name commits to. */
export async function readContentFile(folder: string, { commitment, length }: ContentLine): Promise<Content> {
  const path = contentPath(commitment);
  const bytes = await readExportFile(folder, path);
  if (bytes.length !== saltSize + (length ?? 0))
    throw damagedExport(path, `has ${bytes.length} bytes; ${saltSize + (length ?? 0)} were listed`);
  const content = { salt: bytes.subarray(0, saltSize), bytes: bytes.subarray(saltSize) };
  if (commitContent(content.salt, content.bytes) !== commitment)
    throw damagedExport(path, "is not what its name commits to");
  return content;
}

/** The commands in order; at the end the whole file is compared with its digest, so an early line is to be trusted only then. */
export function commandsIn(folder: string, manifest: Manifest): AsyncGenerator<CommandLine> {
  return linesOf(folder, manifest, commandsPath, (line, where) => parseLine(commandLine, line, where));
}

/** The contents in order, as {@link commandsIn}. */
export function contentsIn(folder: string, manifest: Manifest): AsyncGenerator<ContentLine> {
  return linesOf(folder, manifest, contentsPath, (line, where) => parseLine(contentLine, line, where));
}

/** The longest line there is: an envelope of a command, in base64, with room. */
const lineMax = 16 * 1024 * 1024;

async function* linesOf<T>(
  folder: string,
  { files }: Manifest,
  path: string,
  parse: (line: Uint8Array, where: string) => T,
): AsyncGenerator<T> {
  const hash = createHash("sha256");
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  try {
    for await (const part of createReadStream(join(folder, path), { highWaterMark: 1024 * 1024 })) {
      hash.update(part as Buffer);
      rest = rest.length === 0 ? (part as Buffer) : Buffer.concat([rest, part as Buffer]);
      let start = 0;
      for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
        yield parse(rest.subarray(start, end), `${path}, line ${++number}`);
        start = end + 1;
      }
      rest = rest.subarray(start);
      if (rest.length > lineMax) throw damagedExport(path, `line ${number + 1} has no end`);
    }
  } catch (cause) {
    if (cause instanceof ExportError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw cause;
    throw damagedExport(path, `cannot be read (${code})`, cause);
  }
  if (rest.length > 0) throw damagedExport(path, `line ${number + 1} does not end in a newline`);
  const digest = hash.digest("hex");
  if (digest !== files[path]) throw damagedExport(path, `has the digest ${digest}; the manifest says ${files[path]}`);
}
