/**
 * The ledger in one SQLite file: the embedded default. The rules are in the tables (`src/database/migrations/sqlite/`); this
 * file judges, writes in one transaction per batch, and reads back with the eyes of somebody who expects the file to be damaged.
 * It must never answer `committed` before the commit is on the disk, and never give bytes other than those appended.
 */

import type { Sql, SqlSession } from "../database/Sql.js";
import { assertContent } from "../ledger/assertContent.js";
import { asked, assertAppend, judge, type Standing } from "../ledger/judge.js";
import {
  type Append,
  type AppendOutcome,
  type Store,
  type StoredCommand,
  type StoredEvent,
  StoreError,
} from "../ledger/Store.js";
import { type CompactRange, extendRange, hashLeaf, rootHex } from "../tlog/tree.js";
import { bell } from "./bell.js";
import { type CommandRow, commandsOf } from "./commandsOf.js";
import { follow } from "./follow.js";
import { storeErrorOf } from "./storeErrorOf.js";

/** A store and the database it lives in, where projections live too. */
export interface SqliteStore extends Store {
  readonly sql: Sql;
}

// Texts come back as bytes: they are exact that way, and a damaged one (not UTF-8) would end the process as a text.
const eventColumns = "position, CAST(stream AS BLOB) AS stream, revision, CAST(bytes AS BLOB) AS bytes";
const commandColumns = "CAST(id AS BLOB) AS id, part, position, count, last, CAST(envelope AS BLOB) AS envelope";

const statements = {
  head: "SELECT size, peaks, (SELECT coalesce(max(position) + 1, 0) FROM event) AS events FROM head WHERE id = 0",
  // All that a batch is judged by, in one round: the head, the ends of the streams in $1 and the parts of the commands in $2 (JSON arrays).
  standing: `SELECT size, peaks, (SELECT coalesce(max(position) + 1, 0) FROM event) AS events,
      (SELECT json_group_object(key, (SELECT max(revision) FROM event WHERE stream = value)) FROM json_each($1)) AS revisions,
      (SELECT json_group_object(key, (SELECT json_array(count(*), max(last)) FROM command WHERE id = value)) FROM json_each($2)) AS parts
    FROM head WHERE id = 0`,
  moveHead: "UPDATE head SET size = $1, peaks = $2 WHERE id = 0 AND size = $3",
  read: `SELECT ${eventColumns} FROM event WHERE position >= $1 AND position < $2 ORDER BY position`,
  // A page as one row: libsql takes longer to hand over a row than SQLite to find it.
  readPage: `SELECT count(*) AS count, min(position) AS first, max(position) AS last,
      CAST(group_concat(octet_length(stream) || ' ' || revision || ' ' || octet_length(bytes) || ' ' || stream || bytes, '') AS BLOB) AS page
    FROM (SELECT position, stream, revision, bytes FROM event WHERE position >= $1 AND position < $2 ORDER BY position)`,
  readStream: `SELECT ${eventColumns} FROM event WHERE stream = $1 AND revision >= $2 ORDER BY revision LIMIT $3`,
  command: `SELECT ${commandColumns} FROM command WHERE id = $1 ORDER BY part`,
  // By rowid where several stand at one position: a part without events comes before the next one.
  commands: `SELECT ${commandColumns} FROM command WHERE id IN
      (SELECT id FROM command WHERE part = 0 AND position >= $1 AND position < $2) ORDER BY part, position, rowid`,
  putContent:
    "INSERT INTO content (commitment, salt, bytes) SELECT $1, $2, $3 WHERE NOT EXISTS (SELECT 1 FROM content WHERE commitment = $1)",
  getContent: "SELECT salt, bytes FROM content WHERE commitment = $1",
  eraseContent: "DELETE FROM content WHERE commitment = $1",
} as const;

/** A store over a database that has the ledger's tables. `openSqliteStore` makes sure of those. Closing it closes the database. */
export function sqliteStore(sql: Sql): SqliteStore {
  const commits = bell();
  const closing = new AbortController();

  const read: Store["read"] = (from, limit) =>
    said(async () => {
      const { size, events: stored } = await readHead(sql);
      if (stored > size && from + limit >= size)
        throw hole(size, `events stand behind the head, from position ${size} on: nobody appended them`);
      const to = Math.min(size, from + limit);
      if (from >= to) return [];
      const [page] = await sql.query<PageRow>(statements.readPage, [from, to]);
      const whole = page === undefined ? undefined : eventsOfPage(page, from, to);
      if (whole !== undefined) return whole;
      const events = (await sql.query<EventRow>(statements.read, [from, to])).map(eventOf);
      for (let i = 0; i < to - from; i++) {
        if (events[i]?.position !== from + i) throw hole(from + i, `position ${from + i} is missing`);
      }
      return events;
    });

  return {
    sql,
    head: () =>
      said(async () => {
        const range = await readHead(sql);
        return { size: range.size, root: rootHex(range) };
      }),
    append: (appends) =>
      said(async () => {
        for (const append of appends) assertAppend(append);
        // Hashed before the lock is taken: others may write meanwhile.
        const leafHashes = new Map<Uint8Array, Uint8Array>();
        for (const { entries } of appends) for (const { bytes } of entries) leafHashes.set(bytes, hashLeaf(bytes));
        const outcomes = await sql.transaction((session) => appendIn(session, appends, leafHashes));
        commits.ring();
        return outcomes;
      }),
    read,
    readStream: (stream, from, limit) =>
      said(async () => {
        const rows = await sql.query<EventRow>(statements.readStream, [stream, from, limit ?? Number.MAX_SAFE_INTEGER]);
        const events = rows.map(eventOf);
        for (let i = 0; i < events.length; i++) {
          if (events[i]?.revision !== from + i)
            throw hole(events[i]?.position, `revision ${from + i} of ${stream} is missing`);
        }
        return events;
      }),
    command: (id) =>
      said(async () => {
        const rows = await sql.query<StoredCommandRow>(statements.command, [id]);
        return rows.length === 0 ? undefined : grouped(rows)[0];
      }),
    commands: (from, to) =>
      said(async () => grouped(await sql.query<StoredCommandRow>(statements.commands, [from, to]))),
    follow: (from, signal) => follow(read, from, AbortSignal.any([signal, closing.signal]), commits),
    content: {
      put: (commitment, content) =>
        said(async () => {
          assertContent(commitment, content);
          await sql.run(statements.putContent, [commitment, content.salt, content.bytes]);
        }),
      get: (commitment) =>
        said(async () => {
          const [row] = await sql.query<{ salt: Uint8Array; bytes: Uint8Array }>(statements.getContent, [commitment]);
          return row === undefined ? undefined : { salt: row.salt, bytes: row.bytes };
        }),
      erase: (commitment) =>
        said(async () => {
          const erased = (await sql.run(statements.eraseContent, [commitment])) === 1;
          // The pages are overwritten (secure_delete); older copies of them may wait in the log until nobody reads there.
          if (erased) await sql.query("PRAGMA wal_checkpoint(TRUNCATE)");
          return erased;
        }),
    },
    async close() {
      closing.abort();
      commits.ring();
      await said(() => sql.close());
    },
  };
}

/** One batch inside its transaction: the write lock is held, so what is read here stays true until the commit. */
async function appendIn(
  session: SqlSession,
  appends: readonly Append[],
  leafHashes: ReadonlyMap<Uint8Array, Uint8Array>,
): Promise<AppendOutcome[]> {
  const { range, standing } = await readStanding(session, appends);
  const verdict = judge(appends, standing);
  if (verdict.parts.length === 0) return verdict.outcomes;
  await session.insert(
    "event (position, stream, revision, bytes)",
    "($1, $2, $3, CAST($4 AS TEXT))",
    verdict.entries.map(({ position, stream, revision, bytes }) => [position, stream, revision, bytes]),
  );
  await session.insert(
    "command (id, part, position, count, last, envelope)",
    "($1, $2, $3, $4, $5, CAST($6 AS TEXT))",
    verdict.parts.map(({ id, part, position, count, last, envelope }) => [
      id,
      part,
      position,
      count,
      last ? 1 : 0,
      envelope,
    ]),
  );
  if (verdict.size > range.size) {
    const grown = extendRange(
      range,
      verdict.entries.map(({ bytes }) => leafHashes.get(bytes) as Uint8Array),
    );
    const moved = await session.run(statements.moveHead, [grown.size, Buffer.concat(grown.peaks), range.size]);
    if (moved !== 1)
      throw new StoreError("CORRUPT", "the head moved inside a transaction that locked it", { next: replayNext });
  }
  return verdict.outcomes;
}

interface HeadRow {
  readonly size: number;
  readonly peaks: Uint8Array;
  /** How many events the table says there are: as many, unless somebody changed the tables from outside. */
  readonly events: number;
}

async function readStanding(
  session: SqlSession,
  appends: readonly Append[],
): Promise<{ range: CompactRange; standing: Standing }> {
  const { streams, commands } = asked(appends);
  const [row] = await session.query<HeadRow & { revisions: string; parts: string }>(statements.standing, [
    JSON.stringify([...streams]),
    JSON.stringify([...commands]),
  ]);
  const range = rangeOf(row);
  const revisions = JSON.parse(row?.revisions as string) as Record<string, number | null>;
  const parts = JSON.parse(row?.parts as string) as Record<string, [number, number | null]>;
  const revisionOf = new Map<string, number>();
  const partsOf = new Map<string, { parts: number; finished: boolean }>();
  let index = 0;
  for (const stream of streams) revisionOf.set(stream, revisions[index++] ?? -1);
  index = 0;
  for (const id of commands) {
    const [count, last] = parts[index++] as [number, number | null];
    partsOf.set(id, { parts: count, finished: last === 1 });
  }
  return {
    range,
    standing: {
      size: range.size,
      revision: (stream) => revisionOf.get(stream) as number,
      command: (id) => partsOf.get(id) as { parts: number; finished: boolean },
    },
  };
}

async function readHead(sql: Pick<SqlSession, "query">): Promise<CompactRange & { readonly events: number }> {
  const [row] = await sql.query<HeadRow>(statements.head);
  return { ...rangeOf(row), events: row?.events as number };
}

function rangeOf(row: HeadRow | undefined): CompactRange {
  if (row === undefined) throw new StoreError("CORRUPT", "the ledger has lost its head", { next: replayNext });
  const { size, peaks: joined } = row;
  const peaks: Uint8Array[] = [];
  for (let at = 0; at < joined.length; at += 32) peaks.push(joined.subarray(at, at + 32));
  let bits = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
  if (!Number.isSafeInteger(size) || size < 0 || joined.length !== bits * 32) {
    throw new StoreError(
      "CORRUPT",
      `the head says ${size} events and holds ${joined.length} bytes of peaks; it should be ${bits * 32}`,
      { next: replayNext },
    );
  }
  return { size, peaks };
}

interface EventRow {
  readonly position: number;
  readonly stream: Uint8Array;
  readonly revision: number;
  readonly bytes: Uint8Array;
}

interface PageRow {
  readonly count: number;
  readonly first: number | null;
  readonly last: number | null;
  readonly page: Uint8Array | null;
}

/** The events of a page that is whole; undefined where it is not, and the rows must be looked at one by one. */
function eventsOfPage({ count, first, last, page }: PageRow, from: number, to: number): StoredEvent[] | undefined {
  if (count !== to - from || first !== from || last !== to - 1 || page === null) return undefined;
  const bytes = Buffer.from(page.buffer, page.byteOffset, page.byteLength);
  let at = 0;
  const number = (): number => {
    let value = 0;
    for (let byte = bytes[at++]; byte !== space; byte = bytes[at++]) {
      if (byte === undefined || byte < 0x30 || byte > 0x39) return Number.NaN;
      value = value * 10 + (byte - 0x30);
    }
    return value;
  };
  const events: StoredEvent[] = [];
  for (let position = from; position < to; position++) {
    const streamLength = number();
    const revision = number();
    const length = number();
    if (!(streamLength >= 0 && Number.isSafeInteger(revision) && length > 0)) return undefined;
    const start = at + streamLength;
    events.push({
      position,
      stream: bytes.toString("utf8", at, start),
      revision,
      bytes: bytes.subarray(start, start + length),
    });
    at = start + length;
  }
  return at === bytes.length ? events : undefined;
}

const space = 0x20;

function eventOf({ position, stream, revision, bytes }: EventRow): StoredEvent {
  if (
    !(stream instanceof Uint8Array && bytes instanceof Uint8Array) ||
    bytes.length === 0 ||
    !Number.isSafeInteger(revision)
  ) {
    throw hole(position, `position ${position} is not an event in shape`);
  }
  return { position, stream: text(stream), revision, bytes };
}

/** An id comes back as bytes, as texts do here. */
type StoredCommandRow = Omit<CommandRow, "id"> & { readonly id: Uint8Array };

function grouped(rows: readonly StoredCommandRow[]): StoredCommand[] {
  return commandsOf(
    rows.map((row) => ({ ...row, id: text(row.id) })),
    hole,
  );
}

const replayNext = "Stop writing, keep the file as it is, and run replay: it names everything that is wrong.";

function hole(position: number | undefined, message: string): StoreError {
  return new StoreError("CORRUPT", message, { next: replayNext, ...(position === undefined ? {} : { position }) });
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}

/** Lets nothing out but what the port promises. */
async function said<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw storeErrorOf(error);
  }
}
