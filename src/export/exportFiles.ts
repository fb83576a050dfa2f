/**
 * The files of an export (`manifest.ts` says which), one after another, from any store: pages in, files out, nothing of the ledger kept but a row for
 * each content. Reads up to the size it began at; what is appended meanwhile is not in it. Writes nothing: a folder or an archive does.
 */
import { createHash } from "node:crypto";
import { ledgerCategory, ledgerKey } from "../../commands/ledger.js";
import { canonicalBytes } from "../events/canonical.js";
import { commitContent, saltSize } from "../events/commitment.js";
import { contentsNamed } from "../events/contentsNamed.js";
import { asEvent, decodeEvent } from "../events/decode.js";
import { openEnvelope } from "../events/dsse.js";
import { parseEvent } from "../events/envelope.js";
import { streamName } from "../events/streams.js";
import { type Store, type StoredCommand, StoreError } from "../ledger/Store.js";
import { parseCheckpoint } from "../tlog/checkpoint.js";
import { parseNote } from "../tlog/note.js";
import { formatTilePath, joinEntries, perfectRoot, tileWidth } from "../tlog/tiles.js";
import { type CompactRange, emptyRange, extendRange, hashLeaf, rootHex, rootOf } from "../tlog/tree.js";
import { ExportError } from "./ExportError.js";
import {
  type CommandLine,
  type ContentLine,
  checkpointPath,
  commandsPath,
  contentPath,
  contentsPath,
  formatManifest,
  type Manifest,
  manifestPath,
} from "./manifest.js";

/** One file: its path in the export, how long it is, and its bytes, to be read before the next file is asked for. */
export interface ExportFile {
  readonly path: string;
  readonly length: number;
  readonly bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

export interface ExportOptions {
  /** A signed checkpoint of this ledger, of at most the size exported. */
  readonly checkpoint?: Uint8Array;
  /** How many of how many events have been read. */
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** Positions read at once. A bundle's worth, several times over. */
const pageSize = 8 * tileWidth;

/** The files of an export, the manifest last; answers the manifest. Throws `StoreError`, or {@link ExportError} `CONTENT_CHANGED` where a text was erased meanwhile. */
export async function* exportFiles(store: Store, options: ExportOptions = {}): AsyncGenerator<ExportFile, Manifest> {
  const { size } = await store.head();
  const { ledger, origin } = await identityOf(store);
  const named = new Map<string, number>();
  const known = options.checkpoint === undefined ? undefined : checkpointOf(options.checkpoint, origin, size);

  const root = yield* tiles(store, size, named, known, options);
  const files: Record<string, string> = {};
  const commands = await measured(commandLines(store, size, named));
  files[commandsPath] = commands.digest;
  yield { path: commandsPath, length: commands.length, bytes: commandLines(store, size) };

  const lines: Uint8Array[] = [];
  let absent = 0;
  for (const [commitment, position] of [...named].sort(([a, i], [b, j]) => i - j || (a < b ? -1 : 1))) {
    options.signal?.throwIfAborted();
    const content = await store.content.get(commitment);
    if (content === undefined) absent++;
    else if (content.salt.length !== saltSize || commitContent(content.salt, content.bytes) !== commitment) {
      throw changed(commitment, position);
    } else {
      const length = content.salt.length + content.bytes.length;
      yield { path: contentPath(commitment), length, bytes: [content.salt, content.bytes] };
    }
    const line: ContentLine = { commitment, length: content?.bytes.length ?? null, position };
    lines.push(canonicalBytes(line), newline);
  }
  const contents = Buffer.concat(lines);
  files[contentsPath] = createHash("sha256").update(contents).digest("hex");
  yield { path: contentsPath, length: contents.length, bytes: [contents] };

  if (options.checkpoint !== undefined) {
    files[checkpointPath] = createHash("sha256").update(options.checkpoint).digest("hex");
    yield { path: checkpointPath, length: options.checkpoint.length, bytes: [options.checkpoint] };
  }
  const said = {
    ledger,
    origin,
    size,
    root,
    commands: commands.count,
    contents: { present: named.size - absent, absent },
    files,
  };
  const manifest = formatManifest(said);
  yield { path: manifestPath, length: manifest.length, bytes: [manifest] };
  return { format: "iu-ledger/export", version: 1, ...said };
}

const newline = Buffer.from("\n");

/** The entry bundles and the hash tiles over them; answers the root. Notes the contents that events name. */
async function* tiles(
  store: Store,
  size: number,
  named: Map<string, number>,
  known: { size: number; root: Uint8Array } | undefined,
  { onProgress, signal }: ExportOptions,
): AsyncGenerator<ExportFile, string> {
  let range: CompactRange = emptyRange;
  /** The hashes of the tile that is growing, by level. */
  const growing: Uint8Array[][] = [];
  const made: number[] = [];
  function* grow(level: number, hash: Uint8Array): Generator<ExportFile> {
    const tile = growing[level] ?? [];
    growing[level] = tile;
    tile.push(hash);
    if (tile.length < tileWidth) return;
    yield* close(level);
    yield* grow(level + 1, perfectRoot(tile));
  }
  function* close(level: number): Generator<ExportFile> {
    const tile = growing[level] ?? [];
    const index = made[level] ?? 0;
    if (tile.length > 0) yield whole(formatTilePath({ level, index, width: tile.length }), Buffer.concat(tile));
    made[level] = index + 1;
    growing[level] = [];
  }
  for (let from = 0; from < size; from += pageSize) {
    signal?.throwIfAborted();
    const page = await store.read(from, Math.min(pageSize, size - from));
    for (let at = 0; at < page.length; at += tileWidth) {
      const leaves = page.slice(at, at + tileWidth);
      const path = formatTilePath({ level: "entries", index: (from + at) / tileWidth, width: leaves.length });
      yield whole(path, joinEntries(leaves.map(({ bytes }) => bytes)));
      for (const { position, bytes } of leaves) {
        for (const commitment of contentsNamed(JSON.parse(Buffer.from(bytes).toString("utf8")).data)) {
          if (!named.has(commitment)) named.set(commitment, position);
        }
        const hash = hashLeaf(bytes);
        range = extendRange(range, [hash]);
        yield* grow(0, hash);
        if (range.size === known?.size && Buffer.compare(rootOf(range), known.root) !== 0) throw forked(known.size);
      }
    }
    onProgress?.(from + page.length, size);
  }
  for (let level = 0; level < growing.length; level++) yield* close(level);
  return rootHex(range);
}

function whole(path: string, bytes: Uint8Array): ExportFile {
  return { path, length: bytes.length, bytes: [bytes] };
}

/** The lines of the commands that begin below `size`, with the parts that were there then. */
async function* commandLines(store: Store, size: number, named?: Map<string, number>): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < size; from += pageSize) {
    const commands = await store.commands(from, Math.min(from + pageSize, size));
    if (commands.length === 0) continue;
    yield Buffer.concat(commands.flatMap((command) => [lineOf(command, size, named), newline]));
  }
}

function lineOf({ id, envelope, parts }: StoredCommand, size: number, named?: Map<string, number>): Uint8Array {
  const line: CommandLine = {
    id,
    envelope: Buffer.from(envelope).toString("base64"),
    parts: parts
      .filter((part) => part.position + part.count <= size)
      .map(({ position, count, last }) => ({ position, count, last })),
  };
  if (named !== undefined) {
    const opened = openEnvelope(envelope);
    const first = line.parts[0]?.position ?? 0;
    // A refused command names contents that no event does: it was decided on them, and can be decided again with them only.
    const data = opened.ok
      ? (JSON.parse(Buffer.from(opened.payload).toString("utf8")) as { data?: unknown }).data
      : null;
    for (const commitment of contentsNamed(data)) {
      const before = named.get(commitment);
      if (before === undefined || first < before) named.set(commitment, first);
    }
  }
  return canonicalBytes(line);
}

/** Length and digest of what will be read again. */
async function measured(
  parts: AsyncIterable<Uint8Array>,
): Promise<{ readonly length: number; readonly digest: string; readonly count: number }> {
  const hash = createHash("sha256");
  let length = 0;
  let count = 0;
  for await (const part of parts) {
    hash.update(part);
    length += part.length;
    for (const byte of part) if (byte === 0x0a) count++;
  }
  return { length, digest: hash.digest("hex"), count };
}

async function identityOf(store: Store): Promise<{ ledger: string; origin: string }> {
  const [first] = await store.readStream(streamName(ledgerCategory.name, ledgerKey), 0, 1);
  const event = first === undefined ? undefined : asEvent(decodeEvent(parseEvent(first.bytes)) as never);
  if (event?.type === "LedgerOpened") return event.data;
  throw new StoreError("NOT_A_LEDGER", "this ledger has no first event: there is nothing to export", {
    next: "iu-ledger init",
  });
}

function checkpointOf(note: Uint8Array, origin: string, size: number): { size: number; root: Uint8Array } {
  const checkpoint = parseCheckpoint(parseNote(note).text);
  if (checkpoint.origin !== origin) {
    throw new ExportError(
      "TARGET_DIFFERS",
      `the checkpoint is of ${checkpoint.origin}; this ledger is ${origin}`,
      "Give a checkpoint of this ledger.",
    );
  }
  if (checkpoint.size > size) {
    throw new ExportError(
      "TARGET_DIFFERS",
      `the checkpoint knows this ledger at size ${checkpoint.size}; it has ${size} events now`,
      "The ledger was rolled back, or this is an older copy of it: find out which before anything is written.",
      { numbers: { size, checkpoint: checkpoint.size } },
    );
  }
  return checkpoint;
}

function forked(size: number): ExportError {
  return new ExportError(
    "TARGET_DIFFERS",
    `at size ${size} this ledger has another root than the checkpoint says`,
    "History was rewritten, or the checkpoint is of another ledger: run replay.",
    { numbers: { size } },
  );
}

function changed(commitment: string, position: number): ExportError {
  return new ExportError(
    "CONTENT_CHANGED",
    `the content stored under ${commitment.slice(0, 12)}… is not what was committed to at position ${position}`,
    "Put the original back from a backup: iu-ledger replay",
    { numbers: { content: commitment, position } },
  );
}
