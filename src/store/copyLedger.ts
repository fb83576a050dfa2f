/**
 * Moving a ledger between stores: every byte, position, command and hash as it is, through the port alone, whose judgement every append passes
 * again. The source is only ever read. Before anything is written all of it is read and must hang together; afterwards size and root of
 * both must be equal. A copy that stopped halfway is a ledger that ends earlier, and the same call goes on with it.
 */
import { type Append, type Head, type Store, StoreError } from "../ledger/Store.js";
import { type CompactRange, emptyRange, extendRange, hashLeaf, rootHex } from "../tlog/tree.js";
import { checkLinks } from "./checkLinks.js";
import { type CopiedContents, contentCopier } from "./copyContents.js";
import { named } from "./namedStore.js";
import { type StoredPart, storedParts } from "./storedParts.js";

export interface CopyOptions {
  /** Told how many of how many events have been looked at, then how many have been copied. */
  readonly onProgress?: (progress: {
    readonly phase: "checking" | "copying";
    readonly done: number;
    readonly of: number;
  }) => void;
  /** Stops between two appends; `copyLedger` then rejects with the signal's reason. The same call goes on from there. */
  readonly signal?: AbortSignal;
}

/** The copy is whole: size and root of both are equal, as of when the copying began. */
export interface Copied extends Head {
  readonly kind: "copied";
  /** Events that were in the target already, from an earlier sitting. */
  readonly before: number;
  /** Events that the source has been given since the copying began: not in the copy. */
  readonly since: number;
  readonly contents: CopiedContents;
}

/** Why the target is left as it was found. */
export interface CopyRefused {
  readonly kind: "refused";
  readonly code: "COPY_SOURCE_EMPTY" | "COPY_TARGET_DIFFERS" | "COPY_TARGET_LONGER" | "COPY_TARGET_WRITTEN";
  readonly message: string;
  readonly numbers: Readonly<Record<string, number | string>>;
  readonly next: string;
}

const sourceName = "the source";
const targetName = "the target";

/** What goes to the target in one call, at most: as large as the parts of a cut come. */
const batchCountMax = 256;
const batchSizeMax = 512 * 1024;

/**
 * Copies `from`, as it is now, to `to`, which must be empty or hold a beginning of it. Content is copied where it is there and the ledger
 * names it. Throws `StoreError`: `CORRUPT` with the position where the source does not hang together (nothing is written then),
 * or what either store cannot do (what was copied stays, and the same call goes on after it).
 */
export async function copyLedger(from: Store, to: Store, options: CopyOptions = {}): Promise<Copied | CopyRefused> {
  const source = named(from, sourceName);
  const target = named(to, targetName);
  const head = await source.head();
  const begun = await target.head();
  if (head.size === 0) return emptySource;
  if (begun.size > head.size) return longer(begun.size, head.size);
  const refusal = await check(source, head, target, begun, options);
  if (refusal !== undefined) return refusal;
  const contents = contentCopier(source, target);
  const interfered = await write(source, head.size, target, begun.size, contents.copy, options);
  if (interfered !== undefined) return interfered;
  const end = await target.head();
  if (end.size !== head.size || end.root !== head.root)
    throw new StoreError(
      "CORRUPT",
      `${described("the copy", end)}, ${described("the source", head)}: they are not the same`,
      {
        next: "Do not use the copy. Run replay on both: it names what is wrong.",
      },
    );
  const since = (await source.head()).size - head.size;
  return { kind: "copied", ...head, before: begun.size, since, contents: contents.counts() };
}

/** Reads all of the source, and what there is of the target beside it. Writes nothing. */
async function check(
  source: Store,
  head: Head,
  target: Store,
  begun: Head,
  { onProgress, signal }: CopyOptions,
): Promise<CopyRefused | undefined> {
  const links = checkLinks(source, sourceName);
  const theirs = one(storedParts(target, begun.size, targetName));
  let range: CompactRange = emptyRange;
  for await (const page of storedParts(source, head.size, sourceName)) {
    signal?.throwIfAborted();
    for (const part of page) {
      if (part.position < begun.size) {
        const other = await theirs.next();
        const at = differsAt(part, other.done === true ? undefined : other.value);
        if (at !== undefined) return differs(at, begun.size, head.size);
      }
      await links(part);
      range = extendRange(
        range,
        part.events.map(({ bytes }) => hashLeaf(bytes)),
      );
      if (range.size === begun.size && rootHex(range) !== begun.root)
        throw new StoreError(
          "CORRUPT",
          `the target: ${described("its head", begun)}, and its events give ${rootHex(range)}`,
          {
            next: "Do not go on with that copy: run replay on it, and begin anew elsewhere.",
          },
        );
    }
    onProgress?.({ phase: "checking", done: range.size, of: head.size });
  }
  if (rootHex(range) === head.root) return undefined;
  throw new StoreError("CORRUPT", `the source: ${described("its head", head)}, and its events give ${rootHex(range)}`, {
    next: "An event was changed that no later one names. Run replay on the source: it tells which is not what was decided.",
  });
}

/** Appends what the target does not have; answers a refusal where somebody else writes there too. */
async function write(
  source: Store,
  size: number,
  target: Store,
  begun: number,
  copyContents: (part: StoredPart) => Promise<void>,
  { onProgress, signal }: CopyOptions,
): Promise<CopyRefused | undefined> {
  let done = begun;
  let batch: { appends: Append[]; bytes: number } = { appends: [], bytes: 0 };
  async function flush(): Promise<CopyRefused | undefined> {
    const { appends } = batch;
    batch = { appends: [], bytes: 0 };
    if (appends.length === 0) return undefined;
    for (const outcome of await appended(target, appends, done, size)) {
      if (outcome.kind !== "committed" || outcome.position !== done) return written(done, outcome.kind);
      done += outcome.count;
    }
    onProgress?.({ phase: "copying", done, of: size });
    return undefined;
  }
  for await (const page of storedParts(source, size, sourceName)) {
    for (const part of page) {
      signal?.throwIfAborted();
      await copyContents(part);
      if (part.position < begun) continue;
      const bytes = part.events.reduce((sum, event) => sum + event.bytes.length, part.envelope.length);
      if (batch.appends.length === batchCountMax || batch.bytes + bytes > batchSizeMax) {
        const refusal = await flush();
        if (refusal !== undefined) return refusal;
      }
      batch.appends.push(appendOf(part));
      batch.bytes += bytes;
    }
  }
  return flush();
}

async function appended(target: Store, appends: readonly Append[], done: number, size: number) {
  try {
    return await target.append(appends);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    const { code, message, next, ambiguous } = error;
    throw new StoreError(code, `${message} (${done} of ${size} events were copied before)`, {
      next: `${next} Then copy again, to the same target: it goes on where this stopped.`,
      ambiguous,
      cause: error,
    });
  }
}

function appendOf({ id, part, last, envelope, events }: StoredPart): Append {
  // No guards: what was decided was guarded then. That each event is the next of its stream is judged again.
  return { command: { id, part, last, envelope }, entries: events, guards: [] };
}

/** The first position at which two parts are not the same; undefined where they are. */
function differsAt(ours: StoredPart, theirs: StoredPart | undefined): number | undefined {
  const same =
    theirs !== undefined &&
    ours.id === theirs.id &&
    ours.part === theirs.part &&
    ours.last === theirs.last &&
    ours.position === theirs.position &&
    Buffer.compare(ours.envelope, theirs.envelope) === 0;
  if (!same) return ours.position;
  const { events } = ours;
  for (const [i, { position, stream, revision, bytes }] of events.entries()) {
    const other = theirs.events[i];
    if (other?.stream !== stream || other.revision !== revision || Buffer.compare(other.bytes, bytes) !== 0)
      return position;
  }
  return theirs.events.length === events.length ? undefined : ours.position + events.length;
}

async function* one(pages: AsyncIterable<StoredPart[]>): AsyncGenerator<StoredPart, void, undefined> {
  for await (const page of pages) yield* page;
}

function described(what: string, { size, root }: Head): string {
  return `${what} has ${size} events and root ${root}`;
}

const emptySource: CopyRefused = {
  kind: "refused",
  code: "COPY_SOURCE_EMPTY",
  message: "The ledger to copy has no events.",
  numbers: { size: 0 },
  next: "Check which ledger was meant.",
};

function longer(target: number, source: number): CopyRefused {
  return {
    kind: "refused",
    code: "COPY_TARGET_LONGER",
    message: `The target has ${target} events, the source ${source}: it is no beginning of it.`,
    numbers: { target, source },
    next: "Name an empty target, or one that an earlier copy of this ledger began. Perhaps the two were named the wrong way round.",
  };
}

function differs(position: number, target: number, source: number): CopyRefused {
  return {
    kind: "refused",
    code: "COPY_TARGET_DIFFERS",
    message: `The target holds another history: the two differ at position ${position}. Nothing was written.`,
    numbers: { position, target, source },
    next: "Name an empty target, or one that an earlier copy of this ledger began.",
  };
}

function written(position: number, outcome: string): CopyRefused {
  return {
    kind: "refused",
    code: "COPY_TARGET_WRITTEN",
    message: `Somebody else writes to the target: at position ${position} stands what this copy did not write (${outcome}).`,
    numbers: { position },
    next: "Stop whoever writes there. If another copy was at work, the same command goes on after it; otherwise name an empty target.",
  };
}
