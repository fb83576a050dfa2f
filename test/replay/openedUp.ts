/**
 * A ledger opened up as the owner of its database could: every row can be changed, on memory and on SQLite alike. What is written here is
 * what replay must notice. `fixHead` and `rechain` are how a careful forger would go about it.
 */

import { canonicalBytes } from "../../src/events/canonical.js";
import { type Envelope, leafHash } from "../../src/events/envelope.js";
import {
  type Content,
  type Head,
  type Store,
  type StoredCommand,
  type StoredEvent,
  StoreError,
} from "../../src/ledger/Store.js";
import type { SqliteStore } from "../../src/store/sqliteStore.js";
import { type CompactRange, emptyRange, extendRange, hashLeaf, rootHex } from "../../src/tlog/tree.js";

export interface OpenedUp {
  /** Everything there is, in order of position. */
  events(): Promise<StoredEvent[]>;
  /** Replaces all event rows. */
  setEvents(events: readonly StoredEvent[]): Promise<void>;
  commands(): Promise<StoredCommand[]>;
  setCommands(commands: readonly StoredCommand[]): Promise<void>;
  setContent(commitment: string, content: Content | null): Promise<void>;
  /** Makes the head say what is there now, or something else. */
  setHead(range: CompactRange): Promise<void>;
  /** The store over what is there now. */
  readonly store: Store;
}

/** The event with that leaf, changed and canonical again. */
export function edited(
  event: StoredEvent,
  edit: (envelope: Envelope & { data: Record<string, unknown> }) => void,
): StoredEvent {
  const envelope = JSON.parse(Buffer.from(event.bytes).toString("utf8")) as Envelope;
  edit(envelope);
  return { ...event, bytes: canonicalBytes(envelope) };
}

export function parsed(event: StoredEvent): Envelope {
  return JSON.parse(Buffer.from(event.bytes).toString("utf8")) as Envelope;
}

/** The events with every `prev` right again. */
export function rechained(events: readonly StoredEvent[]): StoredEvent[] {
  const newest = new Map<string, string>();
  return events.map((event) => {
    const again = edited(event, (envelope) => {
      envelope.prev = newest.get(event.stream) ?? null;
    });
    newest.set(event.stream, leafHash(again.bytes));
    return again;
  });
}

/** The events at positions 0, 1, 2, … whatever they said before. */
export function renumbered(events: readonly StoredEvent[]): StoredEvent[] {
  return events.map((event, position) => ({ ...event, position }));
}

export function rangeOf(events: readonly StoredEvent[]): CompactRange {
  return extendRange(
    emptyRange,
    events.map(({ bytes }) => hashLeaf(bytes)),
  );
}

/** Changes one event as `edit` says, and nothing else. */
export async function change(
  ledger: OpenedUp,
  position: number,
  edit: (event: StoredEvent) => StoredEvent,
): Promise<void> {
  await ledger.setEvents((await ledger.events()).map((event) => (event.position === position ? edit(event) : event)));
}

/** Makes the head agree with the events. */
export async function fixHead(ledger: OpenedUp): Promise<void> {
  await ledger.setHead(rangeOf(await ledger.events()));
}

/** A copy of a ledger in plain arrays. It behaves towards damage as every store must: a hole is CORRUPT. */
export async function openedUpInMemory(from: Store): Promise<OpenedUp> {
  const { size } = await from.head();
  let events = await from.read(0, size);
  let commands = await from.commands(0, size + 1);
  const contents = new Map<string, Content | null>();
  let head: Head = await from.head();
  const corrupt = (message: string) => new StoreError("CORRUPT", message, { next: "run replay" });
  const store: Store = {
    head: async () => head,
    append: () => Promise.reject(new Error("an auditor appends nothing")),
    async read(start, limit) {
      const to = Math.min(head.size, start + limit);
      const found = events
        .filter(({ position }) => position >= start && position < to)
        .sort((a, b) => a.position - b.position);
      for (let i = 0; i < to - start; i++)
        if (found[i]?.position !== start + i) throw corrupt(`position ${start + i} is missing`);
      return found;
    },
    async readStream(stream, start, limit = Number.POSITIVE_INFINITY) {
      const found = events.filter((event) => event.stream === stream && event.revision >= start);
      found.sort((a, b) => a.revision - b.revision);
      found.forEach(({ revision }, i) => {
        if (revision !== start + i) throw corrupt(`revision ${start + i} of ${stream} is missing`);
      });
      return found.slice(0, limit);
    },
    command: async (id) => commands.find((command) => command.id === id),
    commands: async (start, to) =>
      commands.filter(({ parts: [first] }) => first !== undefined && first.position >= start && first.position < to),
    follow: () => {
      throw new Error("an auditor does not wait");
    },
    content: {
      put: () => Promise.reject(new Error("an auditor stores nothing")),
      get: async (commitment) =>
        contents.has(commitment) ? (contents.get(commitment) ?? undefined) : from.content.get(commitment),
      erase: async () => false,
    },
    close: async () => undefined,
  };
  return {
    store,
    events: async () => events,
    setEvents: async (next) => {
      events = [...next];
    },
    commands: async () => commands,
    setCommands: async (next) => {
      commands = [...next];
    },
    setContent: async (commitment, content) => {
      contents.set(commitment, content);
    },
    setHead: async (range) => {
      head = { size: range.size, root: rootHex(range) };
    },
  };
}

/** The tables themselves, their triggers dropped first. */
export async function openedUpSqlite(store: SqliteStore): Promise<OpenedUp> {
  const { sql } = store;
  const triggers = await sql.query<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'trigger'");
  await sql.exec(triggers.map(({ name }) => `DROP TRIGGER ${name};`).join("\n"));
  const rows = async () => {
    const found = await sql.query<{ position: number; stream: string; revision: number; bytes: Uint8Array }>(
      "SELECT position, stream, revision, CAST(bytes AS BLOB) AS bytes FROM event ORDER BY position",
    );
    return found.map((row) => ({ ...row, bytes: new Uint8Array(row.bytes) }));
  };
  const commands = () => store.commands(0, Number.MAX_SAFE_INTEGER);
  return {
    store,
    events: rows,
    setEvents: (events) =>
      sql.transaction(async (session) => {
        await session.run("DELETE FROM event");
        await session.runEach(
          "INSERT INTO event (position, stream, revision, bytes) VALUES ($1, $2, $3, CAST($4 AS TEXT))",
          events.map(({ position, stream, revision, bytes }) => [position, stream, revision, bytes]),
        );
      }),
    commands,
    setCommands: (next) =>
      sql.transaction(async (session) => {
        await session.run("DELETE FROM command");
        await session.runEach(
          "INSERT INTO command (id, part, position, count, last, envelope) VALUES ($1, $2, $3, $4, $5, CAST($6 AS TEXT))",
          next.flatMap(({ id, envelope, parts }) =>
            parts.map(({ position, count, last }, part) => [
              id,
              part,
              position,
              count,
              last ? 1 : 0,
              part === 0 ? envelope : null,
            ]),
          ),
        );
      }),
    async setContent(commitment, content) {
      if (content === null) await sql.run("DELETE FROM content WHERE commitment = $1", [commitment]);
      else
        await sql.run("UPDATE content SET salt = $2, bytes = $3 WHERE commitment = $1", [
          commitment,
          content.salt,
          content.bytes,
        ]);
    },
    async setHead(range) {
      await sql.run("UPDATE head SET size = $1, peaks = $2", [range.size, Buffer.concat(range.peaks)]);
    },
  };
}
