/**
 * A whole ledger, part by part, as it was appended: each part of each command with its events, in order of position. What does not fit
 * together (an event that no part covers, parts that overlap) is `CORRUPT` with its position, never skipped.
 */
import { sha256Hex } from "../events/canonical.js";
import { type Store, type StoredEvent, StoreError } from "../ledger/Store.js";

export interface StoredPart {
  readonly id: string;
  readonly part: number;
  readonly last: boolean;
  readonly position: number;
  /** The signed envelope, with part 0; empty with the others, as the port has it. */
  readonly envelope: Uint8Array;
  /** SHA-256 of the command's envelope, with every part. */
  readonly digest: string;
  readonly events: readonly StoredEvent[];
}

/** Events read at once: at 64 KiB each, at most, memory stays flat. */
const pageSize = 500;

/** No decision writes more in one part: a chunk is 500. */
const partCountMax = 5_000;

const none = new Uint8Array();

type Begun = Omit<StoredPart, "events"> & { readonly count: number };

/**
 * The parts that stand at positions [0, size), in pages. A command that has further parts behind `size` is given as far as it goes. `name` is
 * what errors call the store.
 */
export async function* storedParts(
  store: Pick<Store, "read" | "commands">,
  size: number,
  name: string,
): AsyncGenerator<StoredPart[], void, undefined> {
  const corrupt = (position: number, message: string) =>
    new StoreError("CORRUPT", `${name}: ${message}`, { next: replayNext, position });
  // Parts by where they begin: of the page in hand, and later ones of commands that have begun.
  const begun = new Map<number, Begun>();

  async function loadCommands(from: number, to: number): Promise<void> {
    for (const { id, envelope, parts } of await store.commands(from, to)) {
      const digest = sha256Hex(envelope);
      for (const [part, { position, count, last }] of parts.entries()) {
        const other = begun.get(position);
        if (other !== undefined)
          throw corrupt(position, `commands ${other.id} and ${id} both claim position ${position}`);
        begun.set(position, { id, part, last, position, count, envelope: part === 0 ? envelope : none, digest });
      }
    }
  }

  for (let from = 0; from < size; ) {
    let to = Math.min(size, from + pageSize);
    await loadCommands(from, to);
    let events = await store.read(from, to - from);
    const page: StoredPart[] = [];
    for (let at = from; at < to; ) {
      const next = begun.get(at);
      if (next === undefined) throw corrupt(at, `no stored command says that it wrote the event at position ${at}`);
      begun.delete(at);
      const { count, ...part } = next;
      const end = at + count;
      if (!(count > 0 && count <= partCountMax && end <= size))
        throw corrupt(at, `a part of command ${part.id} claims ${count} events from position ${at} on`);
      if (end > to) {
        await loadCommands(to, end);
        events = [...events, ...(await store.read(to, end - to))];
        to = end;
      }
      const own = events.slice(at - from, end - from);
      for (let i = 0; i < count; i++) {
        if (own[i]?.position !== at + i) throw corrupt(at + i, `position ${at + i} is missing`);
      }
      page.push({ ...part, events: own });
      at = end;
    }
    yield page;
    from = to;
  }
  for (const { position, id } of begun.values())
    if (position < size)
      throw corrupt(position, `a part of command ${id} begins inside another part, at position ${position}`);
}

const replayNext = "Run replay on it: it names everything that is wrong.";
