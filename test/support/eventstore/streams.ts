// What an EventStoreDB server does with streams, as its sources say (IndexWriter, IndexReader and Streams.* of EventStore.Core 20 to 24):
// expected revisions, idempotent writes, retention, soft delete and tombstone. In memory, one node, no network: see server.ts for that.

/** An event as it is proposed. */
export interface Proposed {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event as it is kept. */
export interface Kept extends Proposed {
  readonly revision: number;
  /** Place in the server's own log. */
  readonly position: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** The revision a stream must end at. -1 does not mean that there is no stream: that is said in words. */
export type Expected = number | "any" | "no_stream" | "stream_exists";

export type Written =
  | { readonly kind: "success"; readonly last: number; readonly position: number; readonly idempotent: boolean }
  | { readonly kind: "wrong"; readonly current: number }
  | { readonly kind: "deleted" }
  | { readonly kind: "too large"; readonly max: number };

export type Found = readonly Kept[] | "none" | "deleted";

/** By default a server takes so many bytes in one append. */
export const maxAppendSize = 1_048_576;

/** $tb of a stream that was soft-deleted (EventNumber.DeletedStream). JSON numbers in JavaScript cannot hold it: it is kept as text. */
const deletedStream = "9223372036854775807";

interface Stream {
  events: Kept[];
  tombstoned: boolean;
}

export interface Streams {
  append(name: string, expected: Expected, events: readonly Proposed[]): Written;
  read(name: string, from: number | "start" | "end", limit: number, backwards: boolean): Found;
  softDelete(name: string, expected: Expected): Written;
  tombstone(name: string, expected: Expected): Written;
  /** Called after each write, with the stream's name. */
  heard(listener: (name: string) => void): () => void;
  /** What an administrator with an editor for chunk files could do: removes or replaces events as if they had always been so. */
  tamper(name: string, change: (events: Kept[]) => Kept[]): void;
}

export function streams(now: () => number = Date.now): Streams {
  const all = new Map<string, Stream>();
  const listeners = new Set<(name: string) => void>();
  let position = 0;

  const streamOf = (name: string): Stream => {
    let stream = all.get(name);
    if (stream === undefined) {
      stream = { events: [], tombstoned: false };
      all.set(name, stream);
    }
    return stream;
  };
  const lastOf = (name: string): number => all.get(name)?.events.at(-1)?.revision ?? -1;

  /** The text of each setting: numbers are compared as BigInt. */
  function settings(name: string): Readonly<Record<string, string>> {
    const newest = all.get(`$$${name}`)?.events.at(-1);
    if (newest === undefined || !newest.isJson) return {};
    const text = Buffer.from(newest.data).toString("utf8");
    return Object.fromEntries([...text.matchAll(/"(\$\w+)":\s*(\d+)/g)].map(([, key, value]) => [key, value]));
  }
  const isSoftDeleted = (name: string) => settings(name)["$tb"] === deletedStream;

  function setTruncation(name: string, before: string): void {
    const { $tb: _, ...others } = settings(name);
    const members = Object.entries({ ...others, $tb: before }).map(([key, value]) => `${JSON.stringify(key)}:${value}`);
    write(`$$${name}`, [
      {
        id: crypto.randomUUID(),
        type: "$metadata",
        isJson: true,
        data: Buffer.from(`{${members.join(",")}}`),
        metadata: new Uint8Array(),
      },
    ]);
  }

  function write(name: string, events: readonly Proposed[]): void {
    const stream = streamOf(name);
    for (const event of events) {
      const revision = (stream.events.at(-1)?.revision ?? -1) + 1;
      position += 100;
      stream.events.push({ ...event, revision, position, created: now() });
    }
    for (const listener of listeners) listener(name);
  }

  /** The check before a write: go on, or an answer without one. */
  function checked(name: string, expected: Expected, ids: readonly string[]): Written | "go on" {
    const stream = all.get(name);
    if (stream?.tombstoned === true) return { kind: "deleted" };
    const current = lastOf(name);
    const done = (last: number): Written => ({ kind: "success", last, position, idempotent: true });
    if (expected === "any" || expected === "stream_exists") {
      if (expected === "stream_exists" && isSoftDeleted(name)) return { kind: "deleted" };
      if (expected === "stream_exists" && current < 0 && lastOf(`$$${name}`) < 0) return { kind: "wrong", current };
      const known = ids.map((id) => stream?.events.find((event) => event.id === id)?.revision);
      if (known.length === 0 || known[0] === undefined) return "go on";
      // Part of it is there, part is not: what was meant cannot be told.
      return known.includes(undefined) ? { kind: "wrong", current } : done(known.at(-1) as number);
    }
    const wanted = expected === "no_stream" ? -1 : expected;
    if (wanted < current) {
      // The ids alone decide whether the same was written there before: the bytes are not looked at.
      const matching = ids.findIndex(
        (id, i) => stream?.events.find((one) => one.revision === wanted + 1 + i)?.id !== id,
      );
      if (matching === -1 && ids.length > 0) return done(wanted + ids.length);
      if (matching === 0 && expected === "no_stream" && isSoftDeleted(name)) return "go on";
      return { kind: "wrong", current };
    }
    return wanted > current ? { kind: "wrong", current } : "go on";
  }

  return {
    append(name, expected, events) {
      const size = events.reduce(
        (sum, { data, metadata, type }) => sum + data.length + metadata.length + 2 * type.length,
        0,
      );
      if (size > maxAppendSize) return { kind: "too large", max: maxAppendSize };
      const ids = events.map(({ id }) => id);
      const answer = checked(name, expected, ids);
      if (answer !== "go on") return answer;
      const deleted = isSoftDeleted(name);
      const current = lastOf(name);
      write(name, events);
      // A stream that is written to again goes on behind what was deleted.
      if (deleted) setTruncation(name, String(current + 1));
      return { kind: "success", last: lastOf(name), position, idempotent: false };
    },
    read(name, from, limit, backwards) {
      const stream = all.get(name);
      if (stream?.tombstoned === true) return "deleted";
      const { $tb, $maxCount, $maxAge } = settings(name);
      if (stream === undefined || stream.events.length === 0 || $tb === deletedStream) return "none";
      const last = lastOf(name);
      const first = Math.max(Number($tb ?? 0), $maxCount === undefined ? 0 : last - Number($maxCount) + 1);
      const oldest = $maxAge === undefined ? 0 : now() - Number($maxAge) * 1000;
      const seen = stream.events.filter(({ revision, created }) => revision >= first && created >= oldest);
      if (backwards) {
        const begin = from === "end" ? last : from === "start" ? 0 : from;
        return seen
          .filter(({ revision }) => revision <= begin)
          .reverse()
          .slice(0, limit);
      }
      const begin = from === "start" ? 0 : from === "end" ? last + 1 : from;
      return seen.filter(({ revision }) => revision >= begin).slice(0, limit);
    },
    softDelete(name, expected) {
      const answer = checked(name, expected, []);
      if (answer !== "go on") return answer;
      setTruncation(name, deletedStream);
      return { kind: "success", last: lastOf(name), position, idempotent: false };
    },
    tombstone(name, expected) {
      const answer = checked(name, expected, []);
      if (answer !== "go on") return answer;
      streamOf(name).tombstoned = true;
      for (const listener of listeners) listener(name);
      return { kind: "success", last: lastOf(name), position, idempotent: false };
    },
    heard(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tamper(name, change) {
      const stream = streamOf(name);
      stream.events = change(stream.events);
    },
  };
}
