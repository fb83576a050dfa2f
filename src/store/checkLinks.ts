/**
 * Whether the events of a ledger hang together, as far as that can be seen without deciding anything again: each says its own place, names the
 * event before it in its stream by hash, and the signed command it comes from by digest. A changed byte shows where it breaks one of
 * these; in the last event of a stream only the root shows it.
 */
import { leafHash } from "../events/envelope.js";
import { type Store, type StoredEvent, StoreError } from "../ledger/Store.js";
import type { StoredPart } from "./storedParts.js";

/** Ends of streams kept in memory: the least recently written go first, and are read again. */
const tailsMax = 20_000;

interface Tail {
  readonly position: number;
  readonly hash: string;
}

/** Gives the check of one part; parts must come in order. Throws `StoreError` code `CORRUPT` with the position; `name` is what it calls the store. */
export function checkLinks(store: Pick<Store, "readStream">, name: string): (part: StoredPart) => Promise<void> {
  const corrupt = (position: number, message: string) =>
    new StoreError("CORRUPT", `${name}: ${message}`, { next: replayNext, position });
  // A map keeps the order of insertion: the first is the least recently written.
  const tails = new Map<string, Tail>();

  async function tailOf(stream: string, revision: number): Promise<Tail | undefined> {
    const known = tails.get(stream);
    if (known !== undefined || revision === 0) return known;
    const [before] = await store.readStream(stream, revision - 1, 1);
    return before === undefined ? undefined : { position: before.position, hash: leafHash(before.bytes) };
  }

  async function checkEvent(stored: StoredEvent, { id, digest }: StoredPart): Promise<void> {
    const { position, stream, revision, bytes } = stored;
    const event = readLinks(bytes);
    if (event === undefined) throw corrupt(position, `position ${position} does not hold an event`);
    if (event.stream !== stream || event.revision !== revision)
      throw corrupt(
        position,
        `position ${position} is filed as ${stream} ${revision} and says ${event.stream} ${event.revision}`,
      );
    if (event.command?.id !== id)
      throw corrupt(position, `position ${position} is stored as of command ${id} and says ${event.command?.id}`);
    if (event.command?.digest !== digest)
      throw corrupt(position, `the signed command ${id} is not the one that position ${position} names by its digest`);
    const tail = await tailOf(stream, revision);
    if (event.prev !== (tail?.hash ?? null))
      throw corrupt(
        tail?.position ?? position,
        tail === undefined
          ? `position ${position} names an event before it in ${stream}, and there is none`
          : `the event at position ${tail.position} is not the one that position ${position} names as before it in ${stream}: one of the two was changed`,
      );
    tails.delete(stream);
    tails.set(stream, { position, hash: leafHash(bytes) });
    for (const oldest of tails.keys()) {
      if (tails.size <= tailsMax) break;
      tails.delete(oldest);
    }
  }

  return async (part) => {
    for (const stored of part.events) await checkEvent(stored, part);
  };
}

interface Links {
  readonly stream?: unknown;
  readonly revision?: unknown;
  readonly prev?: unknown;
  readonly command?: { readonly id?: unknown; readonly digest?: unknown } | null;
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** What is in the bytes; undefined where that is no object of JSON. */
function readLinks(bytes: Uint8Array): Links | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const replayNext = "Run replay on it: it names everything that is wrong.";
