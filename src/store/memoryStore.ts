/**
 * The reference: what a store is, in as few words as possible, in memory. Same judgement, same order, same errors as
 * the stores that last; a reader learns the port from it and most tests run on it.
 */
import { assertContent } from "../ledger/assertContent.js";
import { assertAppend, judge } from "../ledger/judge.js";
import { type Content, type Store, type StoredCommand, type StoredEvent, StoreError } from "../ledger/Store.js";
import { type CompactRange, emptyRange, extendRange, hashLeaf, rootHex } from "../tlog/tree.js";
import { bell } from "./bell.js";
import { follow } from "./follow.js";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** An empty ledger that lives as long as the process. */
export function memoryStore(): Store {
  const events: StoredEvent[] = [];
  const streams = new Map<string, StoredEvent[]>();
  const commands = new Map<string, Mutable<StoredCommand>>();
  const contents = new Map<string, Content>();
  let range: CompactRange = emptyRange;
  const commits = bell();
  const closing = new AbortController();

  /** Everything is there at once; a store still answers by promise, and a closed one not at all. */
  function answer<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      if (closing.signal.aborted)
        throw new StoreError("UNAVAILABLE", "the store is closed", { next: "Open it again." });
      resolve(work());
    });
  }

  const read: Store["read"] = (from, limit) => answer(() => events.slice(from, from + limit).map(copyEvent));

  return {
    head: () => answer(() => ({ size: events.length, root: rootHex(range) })),
    append: (appends) =>
      answer(() => {
        for (const append of appends) assertAppend(append);
        const verdict = judge(appends, {
          size: events.length,
          revision: (stream) => (streams.get(stream)?.length ?? 0) - 1,
          command: (id) => {
            const parts = commands.get(id)?.parts ?? [];
            return { parts: parts.length, finished: parts.at(-1)?.last ?? false };
          },
        });
        for (const entry of verdict.entries) {
          const event = copyEvent(entry);
          events.push(event);
          const stream = streams.get(event.stream);
          if (stream === undefined) streams.set(event.stream, [event]);
          else stream.push(event);
        }
        for (const { id, envelope, position, count, last } of verdict.parts) {
          const part = { position, count, last };
          const command = commands.get(id);
          if (command !== undefined) command.parts = [...command.parts, part];
          else commands.set(id, { id, envelope: new Uint8Array(envelope as Uint8Array), parts: [part] });
        }
        range = extendRange(
          range,
          verdict.entries.map((entry) => hashLeaf(entry.bytes)),
        );
        if (verdict.entries.length > 0) commits.ring();
        return verdict.outcomes;
      }),
    read,
    readStream: (stream, from, limit = Number.POSITIVE_INFINITY) =>
      answer(() => (streams.get(stream) ?? []).slice(from, from + limit).map(copyEvent)),
    command: (id) =>
      answer(() => {
        const command = commands.get(id);
        return command === undefined ? undefined : copyCommand(command);
      }),
    commands: (from, to) =>
      answer(() => {
        // A map keeps the order of insertion, which is the order of positions.
        const begunThere = ({ parts: [first] }: StoredCommand) =>
          first !== undefined && first.position >= from && first.position < to;
        return [...commands.values()].filter(begunThere).map(copyCommand);
      }),
    follow: (from, signal) => follow(read, from, AbortSignal.any([signal, closing.signal]), commits),
    content: {
      put: (commitment, content) =>
        answer(() => {
          assertContent(commitment, content);
          if (!contents.has(commitment)) contents.set(commitment, copyContent(content));
        }),
      get: (commitment) =>
        answer(() => {
          const content = contents.get(commitment);
          return content === undefined ? undefined : copyContent(content);
        }),
      erase: (commitment) => answer(() => contents.delete(commitment)),
    },
    close() {
      closing.abort();
      return Promise.resolve();
    },
  };
}

// Copies, in and out: nobody outside holds the bytes that are the ledger.
function copyEvent({ position, stream, revision, bytes }: StoredEvent): StoredEvent {
  return { position, stream, revision, bytes: new Uint8Array(bytes) };
}

function copyCommand({ id, envelope, parts }: StoredCommand): StoredCommand {
  return { id, envelope: new Uint8Array(envelope), parts: [...parts] };
}

function copyContent({ salt, bytes }: Content): Content {
  return { salt: new Uint8Array(salt), bytes: new Uint8Array(bytes) };
}
