/**
 * An export made a ledger again, in any empty store: the same events at the same positions, the same signed envelopes, the same contents, the same
 * root. Contents come first, so that what is on the ledger is never without what was there. Interrupted, the same import goes on where it stopped.
 */
import type { Append, Store } from "../ledger/Store.js";
import { tileWidth } from "../tlog/tiles.js";
import { type CompactRange, emptyRange, extendRange, hashLeaf, rootHex } from "../tlog/tree.js";
import { damagedExport, ExportError } from "./ExportError.js";
import { type CommandLine, commandsPath, type Manifest, manifestPath } from "./manifest.js";
import { commandsIn, contentsIn, readBundle, readContentFile, readManifest } from "./readFolder.js";

export interface ImportOptions {
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
}

/** Events in one transaction of the store. */
const batchMax = 2_000;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Imports the export in a folder into a store that is empty, or holds the beginning of it. Throws `ExportError`, `StoreError`. */
export async function importFolder(folder: string, store: Store, options: ImportOptions = {}): Promise<Manifest> {
  const { onProgress, signal } = options;
  const manifest = await readManifest(folder);
  const before = await store.head();
  if (before.size > manifest.size) throw differs(before.size, manifest, "has more events than the export");
  // Before the first thing is written: a store with events of its own is nothing to add contents to.
  if (before.size > 0) await assertBeginning(folder, manifest, before);
  for await (const line of contentsIn(folder, manifest)) {
    signal?.throwIfAborted();
    if (line.length !== null) await store.content.put(line.commitment, await readContentFile(folder, line));
  }
  let range: CompactRange = emptyRange;
  let batch: Append[] = [];
  let events = 0;
  async function flush(): Promise<void> {
    signal?.throwIfAborted();
    if (batch.length === 0) return;
    const outcomes = await store.append(batch);
    const strange = outcomes.findIndex(({ kind }) => kind !== "committed");
    if (strange >= 0) {
      throw differs(
        (await store.head()).size,
        manifest,
        `answered ${outcomes[strange]?.kind} to command ${batch[strange]?.command.id}`,
      );
    }
    batch = [];
    events = 0;
    onProgress?.(range.size, manifest.size);
  }
  for await (const { append, leaves } of appendsIn(folder, manifest)) {
    range = extendRange(range, leaves.map(hashLeaf));
    if (range.size <= before.size) continue;
    if (range.size - leaves.length < before.size)
      throw differs(before.size, manifest, "ends in the middle of a command's part");
    batch.push(append);
    events += leaves.length;
    if (events >= batchMax) await flush();
  }
  await flush();
  const after = await store.head();
  if (rootHex(range) !== manifest.root)
    throw damagedExport(manifestPath, `says the root ${manifest.root}; the leaves make ${rootHex(range)}`);
  if (after.size !== manifest.size || after.root !== manifest.root)
    throw differs(after.size, manifest, `has the root ${after.root} at the end`);
  return manifest;
}

/** The appends that made the ledger, in order of their positions. */
async function* appendsIn(
  folder: string,
  manifest: Manifest,
): AsyncGenerator<{ readonly append: Append; readonly leaves: readonly Uint8Array[] }> {
  const commands = commandsIn(folder, manifest);
  /** Parts that are still to come, by position; few: a command's parts stand close together. */
  const waiting = new Map<number, { command: CommandLine; part: number }>();
  let bundle: Uint8Array[] = [];
  for (let position = 0; position < manifest.size; ) {
    while (!waiting.has(position)) {
      const next = await commands.next();
      if (next.done === true) throw damagedExport(commandsPath, `has no command at position ${position}`);
      for (const [part, { position: at }] of next.value.parts.entries()) waiting.set(at, { command: next.value, part });
    }
    const { command, part } = waiting.get(position) as { command: CommandLine; part: number };
    waiting.delete(position);
    const { count, last } = command.parts[part] as CommandLine["parts"][number];
    const leaves: Uint8Array[] = [];
    for (; leaves.length < count && position < manifest.size; position++) {
      if (position % tileWidth === 0) bundle = await readBundle(folder, manifest, position / tileWidth);
      leaves.push(bundle[position % tileWidth] as Uint8Array);
    }
    if (leaves.length < count)
      throw damagedExport(
        commandsPath,
        `has a part that ends at ${position - leaves.length + count}, of ${manifest.size}`,
      );
    const envelope = Buffer.from(command.envelope, "base64");
    const first = position - leaves.length;
    const entries = leaves.map((bytes, i) => ({ ...placeOf(bytes, first + i), bytes }));
    yield { append: { command: { id: command.id, part, last, envelope }, entries, guards: [] }, leaves };
  }
  // To the end, for the digest of the whole file.
  for await (const { id } of commands) throw damagedExport(commandsPath, `has command ${id} beyond the end`);
}

function placeOf(leaf: Uint8Array, position: number): { readonly stream: string; readonly revision: number } {
  try {
    const { stream, revision } = JSON.parse(decoder.decode(leaf)) as { stream: unknown; revision: unknown };
    if (typeof stream === "string" && typeof revision === "number") return { stream, revision };
  } catch {
    // Said below.
  }
  throw damagedExport(`position ${position}`, "holds no event");
}

/** Sees that what is in the store is the beginning of the export. */
async function assertBeginning(
  folder: string,
  manifest: Manifest,
  before: { size: number; root: string },
): Promise<void> {
  let range: CompactRange = emptyRange;
  for (let index = 0; range.size < before.size; index++) {
    const leaves = await readBundle(folder, manifest, index);
    range = extendRange(range, leaves.slice(0, before.size - range.size).map(hashLeaf));
  }
  if (rootHex(range) !== before.root)
    throw differs(before.size, manifest, "holds other events than the export begins with");
}

function differs(size: number, manifest: Manifest, what: string): ExportError {
  return new ExportError(
    size === 0 ? "TARGET_DIFFERS" : "TARGET_NOT_EMPTY",
    `the ledger to fill ${what}`,
    "Name a place where there is no ledger yet.",
    { numbers: { size, export: manifest.size } },
  );
}
