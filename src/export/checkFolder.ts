/**
 * An export checked whole, without any ledger: every leaf under the root, every tile as its leaves make it, every line file as its digest says, every
 * content as its name says, every position written by exactly one command; and nothing in the folder that does not belong there.
 */
import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { sha256Hex } from "../events/canonical.js";
import { parseCheckpoint } from "../tlog/checkpoint.js";
import { parseNote } from "../tlog/note.js";
import { formatTilePath, perfectRoot, tilesBetween, tileWidth } from "../tlog/tiles.js";
import { type CompactRange, emptyRange, extendRange, hashLeaf, rootHex, rootOf } from "../tlog/tree.js";
import { damagedExport } from "./ExportError.js";
import { checkpointPath, commandsPath, contentPath, contentsPath, type Manifest, manifestPath } from "./manifest.js";
import { commandsIn, contentsIn, readBundle, readContentFile, readExportFile, readManifest } from "./readFolder.js";

export interface CheckedExport {
  readonly manifest: Manifest;
  /** What was compared. */
  readonly leaves: number;
  readonly tiles: number;
  readonly contents: number;
}

/** Checks the export in a folder. Throws `ExportError` naming the first thing that is wrong. */
export async function checkFolder(
  folder: string,
  { onProgress, signal }: { onProgress?: (done: number, of: number) => void; signal?: AbortSignal } = {},
): Promise<CheckedExport> {
  const manifest = await readManifest(folder);
  const { size } = manifest;
  const known = await checkpointIn(folder, manifest);
  let range: CompactRange = emptyRange;
  /** The roots of the full tiles of the level below, and those of this one. */
  let row: Uint8Array[] = [];
  let tiles = 0;

  async function compare(level: number, index: number, hashes: readonly Uint8Array[]): Promise<void> {
    const path = formatTilePath({ level, index, width: hashes.length });
    const bytes = await readExportFile(folder, path);
    tiles++;
    if (Buffer.compare(bytes, Buffer.concat(hashes)) !== 0)
      throw damagedExport(path, "is not what the leaves under it make");
  }

  for (let index = 0; index * tileWidth < size; index++) {
    signal?.throwIfAborted();
    const leaves = await readBundle(folder, manifest, index);
    if (index === 0) checkIdentity(leaves[0], manifest);
    const hashes = leaves.map(hashLeaf);
    for (const hash of hashes) {
      range = extendRange(range, [hash]);
      if (known !== undefined && range.size === known.size && Buffer.compare(rootOf(range), known.root) !== 0)
        throw damagedExport(checkpointPath, `says another root at size ${known.size} than the leaves make`);
    }
    await compare(0, index, hashes);
    if (hashes.length === tileWidth) row.push(perfectRoot(hashes));
    onProgress?.(Math.min(size, (index + 1) * tileWidth), size);
  }
  if (rootHex(range) !== manifest.root)
    throw damagedExport(manifestPath, `says the root ${manifest.root}; the leaves make ${rootHex(range)}`);
  for (let level = 1; row.length > 0; level++) {
    const above: Uint8Array[] = [];
    for (let at = 0; at < row.length; at += tileWidth) {
      const hashes = row.slice(at, at + tileWidth);
      await compare(level, at / tileWidth, hashes);
      if (hashes.length === tileWidth) above.push(perfectRoot(hashes));
    }
    row = above;
  }
  await checkCommands(folder, manifest);
  const contents = await checkContents(folder, manifest);
  await checkNothingElse(folder, manifest, contents);
  return { manifest, leaves: size, tiles, contents: manifest.contents.present };
}

/** The first event says which ledger this is. */
function checkIdentity(leaf: Uint8Array | undefined, manifest: Manifest): void {
  let said: { ledger?: unknown; origin?: unknown } = {};
  try {
    said = (JSON.parse(Buffer.from(leaf ?? []).toString("utf8")) as { data: typeof said }).data;
  } catch {
    // No event: its leaf hash would not have fitted either.
  }
  if (said?.ledger !== manifest.ledger || said.origin !== manifest.origin)
    throw damagedExport(
      manifestPath,
      `names the ledger ${manifest.ledger}, ${manifest.origin}; the first event does not`,
    );
}

/** Each position belongs to one part of one command; parts and commands are in order. */
async function checkCommands(folder: string, manifest: Manifest): Promise<void> {
  /** Where parts begin that are still to come → where they end. */
  const waiting = new Map<number, number>();
  /** A signed command is carried out once: a second line of it would write its events again under a signature that is good. */
  const ids = new Set<string>();
  let position = 0;
  let count = 0;
  let first = -1;
  for await (const { parts, id } of commandsIn(folder, manifest)) {
    count++;
    if (ids.has(id)) throw damagedExport(commandsPath, `has command ${id} twice`);
    ids.add(id);
    const begin = parts[0]?.position ?? 0;
    if (begin <= first) throw damagedExport(commandsPath, `has command ${id} out of its place`);
    first = begin;
    for (const part of parts) {
      if (waiting.has(part.position) || part.position < position)
        throw damagedExport(commandsPath, `has two commands at position ${part.position}`);
      waiting.set(part.position, part.position + part.count);
    }
    for (let end = waiting.get(position); end !== undefined; end = waiting.get(position)) {
      waiting.delete(position);
      position = end;
    }
  }
  if (position !== manifest.size || waiting.size > 0)
    throw damagedExport(commandsPath, `has no command at position ${position}, of ${manifest.size}`);
  if (count !== manifest.commands)
    throw damagedExport(commandsPath, `holds ${count} commands; the manifest says ${manifest.commands}`);
}

async function checkContents(folder: string, manifest: Manifest): Promise<Set<string>> {
  const present = new Set<string>();
  let absent = 0;
  for await (const line of contentsIn(folder, manifest)) {
    if (line.length === null) {
      absent++;
      continue;
    }
    await readContentFile(folder, line);
    present.add(contentPath(line.commitment));
  }
  const said = manifest.contents;
  if (present.size !== said.present || absent !== said.absent)
    throw damagedExport(
      contentsPath,
      `lists ${present.size} contents and ${absent} absent ones; the manifest says ${said.present} and ${said.absent}`,
    );
  return present;
}

async function checkpointIn(
  folder: string,
  manifest: Manifest,
): Promise<{ size: number; root: Uint8Array } | undefined> {
  const digest = manifest.files[checkpointPath];
  if (digest === undefined) return undefined;
  const note = await readExportFile(folder, checkpointPath);
  if (sha256Hex(note) !== digest)
    throw damagedExport(checkpointPath, `has the digest ${sha256Hex(note)}; the manifest says ${digest}`);
  try {
    const checkpoint = parseCheckpoint(parseNote(note).text);
    if (checkpoint.origin === manifest.origin && checkpoint.size <= manifest.size) return checkpoint;
  } catch (cause) {
    throw damagedExport(checkpointPath, cause instanceof Error ? cause.message : "is no checkpoint", cause);
  }
  throw damagedExport(checkpointPath, "is of another log, or of a size that is not in this export");
}

async function checkNothingElse(
  folder: string,
  { size, files }: Manifest,
  contents: ReadonlySet<string>,
): Promise<void> {
  const tiles = new Set<string>();
  for (const tile of tilesBetween(0, size)) tiles.add(formatTilePath(tile));
  for (let index = 0; index * tileWidth < size; index++)
    tiles.add(formatTilePath({ level: "entries", index, width: Math.min(tileWidth, size - index * tileWidth) }));
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/");
    if (
      entry.isFile() &&
      (path === manifestPath || Object.hasOwn(files, path) || contents.has(path) || tiles.has(path))
    )
      continue;
    throw damagedExport(path, "does not belong to this export");
  }
}
