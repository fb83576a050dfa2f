/**
 * The ledger in a Postgres database. The rules, and the judgement of an append, are in the database (`src/database/migrations/postgres/`):
 * a batch is one call of a function, which is all that an appender may do. This file calls it, and reads back with the eyes of somebody
 * who expects the tables to be damaged. It must never answer `committed` before the server has committed, never give bytes
 * other than those appended, and keep nothing in a session: a pooler may stand between.
 */
import type { PostgresSql } from "../database/postgres.js";
import { sqlStateOf } from "../database/postgresErrors.js";
import { assertText } from "../database/postgresValues.js";
import type { Sql } from "../database/Sql.js";
import { assertContent } from "../ledger/assertContent.js";
import { assertAppend } from "../ledger/judge.js";
import { type Store, type StoredEvent, StoreError } from "../ledger/Store.js";
import { type CompactRange, rootHex } from "../tlog/tree.js";
import { appendCall } from "./appendCall.js";
import { type Bell, bell } from "./bell.js";
import { type CommandRow, commandsOf } from "./commandsOf.js";
import { follow } from "./follow.js";
import { storeErrorOf } from "./storeErrorOf.js";

/** A store and the database it lives in, where projections live too. */
export interface PostgresStore extends Store {
  readonly sql: Sql;
}

// What is selected of the head, with how many events the table says there are: as many, unless somebody changed the tables from outside.
const newestHead = `SELECT size, peaks, (SELECT coalesce(max(position) + 1, 0) FROM iu.event) AS events
  FROM iu.head ORDER BY parts DESC LIMIT 1`;
const commandColumns = "id, part, position, count, last, envelope";

// Every name is qualified: see `PostgresSql.read`.
const statements = {
  head: `SELECT size, (SELECT string_agg(peak, ''::bytea ORDER BY n) FROM unnest(peaks) WITH ORDINALITY AS p (peak, n)) AS peaks
    FROM (${newestHead}) AS h`,
  // One snapshot of head and events; a row without position where there is no event.
  read: `SELECT h.size, h.events, e.position, e.stream, e.revision, e.bytes FROM (${newestHead}) AS h
    LEFT JOIN iu.event AS e ON e.position >= $1::int8 AND e.position < least($2::int8, h.size) ORDER BY e.position`,
  readStream: `SELECT position, stream, revision, bytes FROM iu.event WHERE stream = $1 AND revision >= $2 ORDER BY revision LIMIT $3`,
  command: `SELECT ${commandColumns} FROM iu.command WHERE id = $1 ORDER BY part`,
  commands: `SELECT ${commandColumns} FROM iu.command WHERE id IN
      (SELECT id FROM iu.command WHERE part = 0 AND position >= $1 AND position < $2) ORDER BY part, position`,
  putContent: "SELECT iu.content_put($1, $2, $3)",
  getContent: "SELECT salt, bytes FROM iu.content WHERE commitment = $1",
  eraseContent: "SELECT iu.content_erase($1) AS erased",
} as const;

/** The channel that `iu.append` notifies. */
const channel = "iu_event";

/** A store over a database that has the ledger's tables. `openPostgresStore` makes sure of those. Closing it closes the database. */
export function postgresStore(sql: PostgresSql): PostgresStore {
  const commits = bell();
  const closing = new AbortController();
  const ears = listeners(sql, commits);

  const read: Store["read"] = (from, limit) =>
    said(async () => {
      if (limit <= 0) return [];
      const end = Math.min(from + limit, Number.MAX_SAFE_INTEGER);
      const rows = await sql.read<Pick<HeadRow, "size" | "events"> & EventRow>(statements.read, [from, end]);
      const { size, events: stored } = present(rows[0]);
      if (stored > size && end >= size)
        throw hole(size, `events stand behind the head, from position ${size} on: nobody appended them`);
      if (from >= size) return [];
      const to = Math.min(size, end);
      for (let i = 0; i < to - from; i++) {
        if (rows[i]?.position !== from + i) throw hole(from + i, `position ${from + i} is missing`);
      }
      return rows.map(eventOf);
    });

  async function* followed(from: number, signal: AbortSignal): AsyncGenerator<StoredEvent, void, undefined> {
    const leave = ears.join();
    try {
      yield* follow(read, from, signal, commits);
    } finally {
      leave();
    }
  }

  return {
    sql,
    head: () =>
      said(async () => {
        const [row] = await sql.read<HeadRow>(statements.head);
        const range = headOf(row);
        return { size: range.size, root: rootHex(range) };
      }),
    append: (appends) =>
      said(async () => {
        for (const append of appends) assertAppend(append);
        if (appends.length === 0) return [];
        const call = appendCall(appends);
        const [row] = await sql.write<{ answer: number[] }>(call.sql, call.params, "iu_append_1");
        const outcomes = call.outcomes(row?.answer ?? []);
        commits.ring();
        return outcomes;
      }),
    read,
    readStream: (stream, from, limit) =>
      said(async () => {
        assertText(stream, "the stream");
        const rows = await sql.read<EventRow>(statements.readStream, [stream, from, limit ?? null]);
        const events = rows.map(eventOf);
        for (let i = 0; i < events.length; i++) {
          if (events[i]?.revision !== from + i)
            throw hole(events[i]?.position, `revision ${from + i} of ${stream} is missing`);
        }
        return events;
      }),
    command: (id) =>
      said(async () => {
        assertText(id, "the command's id");
        const rows = await sql.read<CommandRow>(statements.command, [id]);
        return rows.length === 0 ? undefined : commandsOf(rows, hole)[0];
      }),
    commands: (from, to) =>
      said(async () => commandsOf(await sql.read<CommandRow>(statements.commands, [from, to]), hole)),
    follow: (from, signal) => followed(from, AbortSignal.any([signal, closing.signal])),
    content: {
      put: (commitment, content) =>
        said(async () => {
          assertContent(commitment, content);
          await sql.write(statements.putContent, [commitment, content.salt, content.bytes]);
        }),
      get: (commitment) =>
        said(async () => {
          assertText(commitment, "the commitment");
          const [row] = await sql.read<{ salt: Uint8Array; bytes: Uint8Array }>(statements.getContent, [commitment]);
          return row === undefined ? undefined : { salt: row.salt, bytes: row.bytes };
        }),
      erase: (commitment) =>
        said(async () => {
          assertText(commitment, "the commitment");
          const [row] = await sql.write<{ erased: number }>(statements.eraseContent, [commitment]);
          return row?.erased === 1;
        }),
    },
    async close() {
      closing.abort();
      commits.ring();
      ears.close();
      await said(() => sql.close());
    },
  };
}

/** One connection listens for all followers of this process, from the first who comes to the last who leaves. */
function listeners(sql: PostgresSql, commits: Bell): { join(): () => void; close(): void } {
  let count = 0;
  let stop = new AbortController();
  return {
    join() {
      if (count++ === 0) {
        stop = new AbortController();
        void sql.listen(channel, () => commits.ring(), stop.signal);
      }
      return () => {
        if (--count === 0) stop.abort();
      };
    },
    close: () => stop.abort(),
  };
}

interface HeadRow {
  readonly size: number;
  /** Null where there are none. */
  readonly peaks: Uint8Array | null;
  readonly events: number;
}

function present<R>(row: R | undefined): R {
  if (row === undefined) throw new StoreError("CORRUPT", "the ledger has lost its head", { next: replayNext });
  return row;
}

function headOf(row: HeadRow | undefined): CompactRange {
  const { size, peaks: joined } = present(row);
  const peaks: Uint8Array[] = [];
  for (let at = 0; at < (joined?.length ?? 0); at += 32) peaks.push((joined as Uint8Array).subarray(at, at + 32));
  return { size, peaks };
}

interface EventRow {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly bytes: Uint8Array;
}

function eventOf({ position, stream, revision, bytes }: EventRow): StoredEvent {
  if (!Number.isSafeInteger(position) || !Number.isSafeInteger(revision))
    throw hole(position, `position ${position} is not an event in shape`);
  return { position, stream, revision, bytes };
}

const replayNext = "Stop writing, keep the database as it is, and run replay: it names everything that is wrong.";

function hole(position: number | undefined, message: string): StoreError {
  return new StoreError("CORRUPT", message, { next: replayNext, ...(position === undefined ? {} : { position }) });
}

/** What the database's functions call a mistake of their caller (IU002 in the migrations). */
const meantByNobody = "IU002";

/** Lets nothing out but what the port promises. */
async function said<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (sqlStateOf(error) === meantByNobody) throw new RangeError((error as Error).message, { cause: error });
    throw storeErrorOf(error);
  }
}
