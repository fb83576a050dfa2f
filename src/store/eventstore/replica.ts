/**
 * The copy of a ledger's stream in Postgres: the same tables, judged by the same function as a ledger that lives there, so that whatever
 * reads a ledger can read it, projections and people with SQL too. It is disposable: what is true is on the cluster.
 * It must never take an event that is not the next one of the cluster's stream, nor go on from a copy that is not the cluster's.
 */
import type { Sql } from "../../database/Sql.js";
import { asked, judge, type Standing, type Verdict } from "../../ledger/judge.js";
import type { Append, StoreError } from "../../ledger/Store.js";
import type { PostgresStore } from "../postgresStore.js";
import { assertKept } from "./assertKept.js";
import type { Cluster } from "./cluster.js";
import { type Placed, partReader } from "./parts.js";
import { readRecorded } from "./readRecorded.js";
import { corrupt } from "./record.js";

export interface Replica {
  /** What a batch is judged by, as the copy has it now. */
  standing(appends: readonly Append[]): Promise<Standing>;
  /** Copies what the cluster has more; answers how many events that were. Calls at the same time share the work. Throws `CORRUPT`. */
  catchUp(): Promise<number>;
  /** Copies appends that stand on the cluster, in order, the first of them right behind what is copied. Throws `CORRUPT`. */
  take(placed: readonly Placed[]): Promise<void>;
}

/** Events read from the cluster, and copied, at once. */
const pageSize = 1_000;

export function replicaOf(copy: PostgresStore, cluster: Cluster): Replica {
  let running: Promise<number> | undefined;
  let next: Promise<number> | undefined;

  /** One pass at a time; whoever comes during one shares the next, which begins after they came. */
  function catchUp(): Promise<number> {
    if (running === undefined) {
      running = pass().finally(() => {
        running = undefined;
      });
      return running;
    }
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return catchUp();
      });
    return next;
  }

  async function pass(): Promise<number> {
    const { size: before } = await copy.head();
    const [last] = before === 0 ? [] : await copy.read(before - 1, 1);
    const parts = partReader();
    let size = before;
    // One event again: what is to be continued must be what the cluster has there.
    for (let from = Math.max(0, before - 1); ; ) {
      const page = await readRecorded(cluster, from, pageSize);
      const events = from < before ? page.slice(1) : page;
      if (from < before && (page[0] === undefined || Buffer.compare(page[0].bytes, last?.bytes ?? none) !== 0))
        throw await parted(copy, cluster, before);
      const whole = events.map((event) => parts.take(event)).filter((one) => one !== undefined);
      size += await copyAll(whole);
      if (page.length < pageSize) return size - before;
      from += page.length;
    }
  }

  async function copyAll(placed: readonly Placed[]): Promise<number> {
    const [first] = placed;
    if (first === undefined) return 0;
    const appends = placed.map(({ append }) => append);
    const standing = await standingOf(copy.sql, appends);
    // Another process may have copied some of it meanwhile, in whole appends.
    const rest = placed.filter(({ position }) => position >= standing.size);
    assertNext(rest, standing);
    await take(rest);
    return placed.reduce((sum, { append }) => sum + append.entries.length, 0);
  }

  async function take(placed: readonly Placed[]): Promise<void> {
    if (placed.length === 0) return;
    const outcomes = await copy.append(placed.map(({ append }) => ({ ...append, guards: [] })));
    for (const [i, outcome] of outcomes.entries()) {
      const { position, append } = placed[i] as Placed;
      const { id, part } = append.command;
      const at =
        outcome.kind === "duplicate"
          ? (await copy.command(id))?.parts[part]?.position
          : outcome.kind === "committed"
            ? outcome.position
            : undefined;
      if (at !== position)
        throw corrupt(
          position,
          `position ${position} of the cluster, part ${part} of command ${id}, is at ${at ?? "no position"} of the copy`,
        );
    }
  }

  return { standing: (appends) => standingOf(copy.sql, appends), catchUp, take };
}

const none = new Uint8Array();

/** Appends read from the cluster must be what could have been appended there: looked at before any of them is copied. */
function assertNext(placed: readonly Placed[], standing: Standing): void {
  const [first] = placed;
  if (first === undefined) return;
  let verdict: Verdict;
  try {
    verdict = judge(
      placed.map(({ append }) => append),
      standing,
    );
  } catch (cause) {
    throw corrupt(
      first.position,
      `what stands from position ${first.position} on cannot be: ${(cause as Error).message}`,
      cause,
    );
  }
  for (const [i, outcome] of verdict.outcomes.entries()) {
    const { position, append } = placed[i] as Placed;
    const { id, part } = append.command;
    if (outcome.kind === "duplicate")
      throw corrupt(position, `position ${position} holds part ${part} of command ${id} once more`);
    if (outcome.kind === "conflict")
      throw corrupt(
        position,
        `position ${position} continues ${outcome.stream} after revision ${outcome.expected}; its newest is ${outcome.actual}`,
      );
    if (outcome.position !== position)
      throw corrupt(position, `position ${position} of the cluster would be ${outcome.position} of the copy`);
  }
}

/** Where copy and cluster part, and which of them ends first. */
async function parted(copy: PostgresStore, cluster: Cluster, size: number): Promise<StoreError> {
  // If the cluster has stopped keeping the stream that is why, and better said.
  await assertKept(cluster);
  for (let from = 0; from < size; from += pageSize) {
    const limit = Math.min(pageSize, size - from);
    const [events, copied] = await Promise.all([readRecorded(cluster, from, limit), copy.read(from, limit)]);
    for (let i = 0; i < limit; i++) {
      const [event, other] = [events[i], copied[i]];
      const position = from + i;
      if (event === undefined)
        return corrupt(
          position,
          `the cluster ends before position ${position}; the copy in Postgres has ${size} events`,
        );
      if (other === undefined || Buffer.compare(event.bytes, other.bytes) !== 0)
        return corrupt(position, `position ${position} of the copy in Postgres is not what the cluster has there`);
    }
  }
  return corrupt(
    size - 1,
    `position ${size - 1} of the copy in Postgres was not what the cluster had there, and now is`,
  );
}

const standingSql = `SELECT (SELECT coalesce(max(position) + 1, 0) FROM event) AS size,
  (SELECT json_object_agg(s.key, (SELECT max(revision) FROM event WHERE stream = s.name)) FROM json_array_elements_text($1::json) WITH ORDINALITY AS s (name, key)) AS revisions,
  (SELECT json_object_agg(c.key, (SELECT json_build_array(count(*), coalesce(max(last), 0)) FROM command WHERE id = c.name)) FROM json_array_elements_text($2::json) WITH ORDINALITY AS c (name, key)) AS parts`;

/** All that a batch is judged by, in one snapshot. */
async function standingOf(sql: Sql, appends: readonly Append[]): Promise<Standing> {
  const { streams, commands } = asked(appends);
  const [row] = await sql.query<{ size: number; revisions: string | null; parts: string | null }>(standingSql, [
    JSON.stringify([...streams]),
    JSON.stringify([...commands]),
  ]);
  const revisions = JSON.parse(row?.revisions ?? "{}") as Record<string, number | null>;
  const parts = JSON.parse(row?.parts ?? "{}") as Record<string, [number, number]>;
  const revisionOf = new Map([...streams].map((stream, i) => [stream, revisions[i + 1] ?? -1]));
  const partsOf = new Map(
    [...commands].map((id, i) => {
      const [count = 0, last = 0] = parts[i + 1] ?? [];
      return [id, { parts: count, finished: last === 1 }];
    }),
  );
  return {
    size: row?.size ?? 0,
    revision: (stream) => revisionOf.get(stream) ?? -1,
    command: (id) => partsOf.get(id) ?? { parts: 0, finished: false },
  };
}
