/**
 * The ledger in one stream of an EventStoreDB cluster, with its verified copy in Postgres. A batch is judged on the copy and appended
 * behind the revision it was judged at: if the stream has grown meanwhile the server says so, the copy catches up, and the batch is judged
 * again. What is committed is what the cluster has; the copy may be behind for a moment, or for as long as Postgres is away.
 * It must never answer `committed` before the cluster has, nor a conflict that an older copy made up.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { mutex } from "../../database/mutex.js";
import { assertText } from "../../database/postgresValues.js";
import type { Sql } from "../../database/Sql.js";
import { assertAppend, judge, type Verdict } from "../../ledger/judge.js";
import { type Append, type AppendOutcome, type Store, StoreError } from "../../ledger/Store.js";
import type { PostgresStore } from "../postgresStore.js";
import { storeErrorOf } from "../storeErrorOf.js";
import { assertFits, callsOf } from "./appendCalls.js";
import { assertKept } from "./assertKept.js";
import type { Cluster } from "./cluster.js";
import { copyDifferences } from "./copyDifferences.js";
import { follow } from "./follow.js";
import { readRecorded } from "./readRecorded.js";
import { corrupt } from "./record.js";
import { replicaOf } from "./replica.js";
import { ambiguous, writeCall } from "./writeCall.js";

export interface EventStoreOptions {
  /** How long it is tried to learn what became of an append whose answer was lost, in milliseconds. Default 30 s. */
  readonly resolveMsMax?: number;
  /** The copy is not written: it is read as it is. */
  readonly readOnly?: boolean;
  /** How many events the copy lacks that it was not allowed to fetch. */
  readonly behind?: number;
}

/** A store, and the database of its copy, where projections live too. */
export interface EventStore extends Store {
  readonly sql: Sql;
}

/** Events asked of the cluster at once. */
const pageSize = 4_096;

/** How often a batch is judged anew because others were faster. */
const triesMax = 200;

/** A store over an open cluster and an open copy of the same stream. Closing it closes both. */
export function eventStore(cluster: Cluster, copy: PostgresStore, options: EventStoreOptions = {}): EventStore {
  const { resolveMsMax = 30_000, readOnly = false, behind = 0 } = options;
  const replica = replicaOf(copy, cluster);
  const inTurn = mutex();
  const closing = new AbortController();

  const current = async (): Promise<void> => {
    if (closing.signal.aborted) throw closedError();
    if (!readOnly) await replica.catchUp();
  };
  const said = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (closing.signal.aborted && !(error instanceof StoreError && error.ambiguous)) throw closedError();
      throw storeErrorOf(error);
    }
  };
  /** Reads of the copy, once it has what the cluster has now. */
  const fromCopy = <T>(work: () => Promise<T>): Promise<T> =>
    said(async () => {
      await current();
      return work();
    });

  async function append(appends: readonly Append[], outcomes: AppendOutcome[]): Promise<AppendOutcome[]> {
    for (let tries = 1; outcomes.length < appends.length; tries++) {
      if (tries > triesMax) throw crowded();
      const rest = appends.slice(outcomes.length);
      const standing = await replica.standing(rest);
      let verdict: Verdict;
      try {
        verdict = judge(rest, standing);
      } catch (error) {
        // A part may seem to be left out where the copy is behind.
        if (!(error instanceof RangeError) || (await replica.catchUp()) === 0) throw error;
        continue;
      }
      let settled = 0;
      let beaten = false;
      for (const call of callsOf(rest, verdict, cluster.stream, randomUUID)) {
        beaten = (await writeCall(cluster, call, { resolveMsMax })) === "elsewhere";
        if (beaten) break;
        // That the cluster took it shows that the copy was current: all that was judged up to here stands.
        outcomes.push(...verdict.outcomes.slice(settled, call.upTo + 1));
        settled = call.upTo + 1;
        // If Postgres cannot take it now it will when it is asked next; it is committed all the same.
        await replica.take(call.placed).catch(ignore);
      }
      const left = verdict.outcomes.slice(settled);
      if (left.length === 0) break;
      // What was there already stays there; a conflict may only seem to be one, on a copy that is behind.
      const final = !beaten && (left.every(({ kind }) => kind === "duplicate") || (await replica.catchUp()) === 0);
      if (final) outcomes.push(...left);
      else if (beaten && (await replica.catchUp()) === 0) await assertMoved(standing.size);
    }
    return outcomes;
  }

  /** The stream does not end where the copy does, and there is nothing to copy: its last append is not whole. */
  async function assertMoved(size: number): Promise<void> {
    // Unless another process has copied it.
    if ((await copy.head()).size > size) return;
    const [there] = await readRecorded(cluster, size, 1);
    if (there !== undefined)
      throw corrupt(
        size,
        `the append that begins at position ${size} is not whole: ${there.count} events belong to it`,
      );
    await pause(100);
  }

  return {
    sql: copy.sql,
    head: () => fromCopy(() => copy.head()),
    append: (appends) =>
      said(async () => {
        if (closing.signal.aborted) throw closedError();
        if (readOnly) throw readOnlyError();
        for (const one of appends) {
          assertAppend(one);
          assertText(one.command.id, "the command's id");
          for (const { stream } of one.guards) assertText(stream, "the stream");
          for (const { stream } of one.entries) assertText(stream, "the stream");
          assertFits(one);
        }
        const outcomes: AppendOutcome[] = [];
        return inTurn(() => append(appends, outcomes)).catch((error: unknown) => {
          const written = outcomes.some(({ kind }) => kind === "committed");
          throw written && error instanceof StoreError ? ambiguous(error) : error;
        });
      }),
    read: (from, limit) =>
      said(async () => {
        if (closing.signal.aborted) throw closedError();
        if (limit <= 0) return [];
        if (from === 0) await assertKept(cluster);
        const events = [];
        while (events.length < limit) {
          const wanted = Math.min(limit - events.length, pageSize);
          const page = await readRecorded(cluster, from + events.length, wanted);
          for (const { position, stream, revision, bytes } of page) events.push({ position, stream, revision, bytes });
          if (page.length < wanted) break;
        }
        return events;
      }),
    readStream: (stream, from, limit) => fromCopy(() => copy.readStream(stream, from, limit)),
    command: (id) => fromCopy(() => copy.command(id)),
    commands: (from, to) => fromCopy(() => copy.commands(from, to)),
    follow: (from, signal) => follow(cluster, from, AbortSignal.any([signal, closing.signal])),
    copy: { behind, differences: (from, to) => said(() => copyDifferences(cluster, copy, from, to)) },
    content: copy.content,
    async close() {
      closing.abort();
      await cluster.close();
      await copy.close();
    },
  };
}

const ignore = () => undefined;

function closedError(): StoreError {
  return new StoreError("UNAVAILABLE", "the store is closed", { next: "Open it again." });
}

function readOnlyError(): StoreError {
  return new StoreError("READ_ONLY", "the ledger was opened for reading only", { next: "Open it for writing." });
}

function crowded(): StoreError {
  return new StoreError("LOCKED", `others were faster ${triesMax} times in a row`, { next: "Try again." });
}
