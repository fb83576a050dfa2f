/**
 * Events for people and programs that read: filtered, from a position on or the newest ones, in pages, so that memory stays flat.
 * What cannot be read is `CORRUPT` with its position, never left out. The shape is that of `--json`.
 */
import { type Envelope, parseEvent } from "../events/envelope.js";
import { type Store, type StoredEvent, StoreError } from "../ledger/Store.js";

/** An event with its place in the ledger: the envelope as it is, and the position beside it. */
export type EventRow = { readonly position: number } & Readonly<Envelope>;

/** All that is given must hold. */
export interface EventFilter {
  /** A stream, or a category: the part of a stream's name before the first hyphen. */
  readonly stream?: string;
  readonly types?: readonly string[];
  readonly actor?: string;
  /** Id of the run it is of, or is about. */
  readonly run?: string;
  /** Id of the command it came from. */
  readonly command?: string;
}

const pageSize = 1000;

/** The events at [from, to) that fit, in order, a page at a time; pages in which nothing fits are empty. */
export async function* eventPages(
  store: Store,
  filter: EventFilter,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<EventRow[], void, undefined> {
  for (let at = from; at < to; at += pageSize) {
    const stored = await store.read(at, Math.min(pageSize, to - at));
    yield stored.map(rowOf).filter((row) => fits(row, filter));
  }
}

/** Events from position `from` on that fit, in order, up to `limit`. */
export async function readEvents(
  store: Store,
  filter: EventFilter = {},
  { from = 0, limit = Number.POSITIVE_INFINITY }: { readonly from?: number; readonly limit?: number } = {},
): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  const { size: to } = await store.head();
  for await (const page of eventPages(store, filter, { from, to })) {
    for (const row of page) {
      if (rows.length >= limit) return rows;
      rows.push(row);
    }
  }
  return rows;
}

/** The newest `limit` events that fit, in order. */
export async function newestEvents(store: Store, limit: number, filter: EventFilter = {}): Promise<EventRow[]> {
  const newestFirst: EventRow[] = [];
  const { size } = await store.head();
  for (let end = size; end > 0 && newestFirst.length < limit; end -= pageSize) {
    const from = Math.max(0, end - pageSize);
    const page = (await store.read(from, end - from)).map(rowOf).filter((row) => fits(row, filter));
    newestFirst.push(...page.reverse());
  }
  return newestFirst.slice(0, limit).reverse();
}

/** Every event that fits, from `from` on, as they come; ends when the signal aborts. */
export async function* followEvents(
  store: Store,
  filter: EventFilter,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<EventRow, void, undefined> {
  for await (const stored of store.follow(from, signal)) {
    const row = rowOf(stored);
    if (fits(row, filter)) yield row;
  }
}

/** Nobody who writes by this program leaves an event that cannot be read: it has been changed since. */
function rowOf({ position, bytes }: StoredEvent): EventRow {
  try {
    return { position, ...parseEvent(bytes) };
  } catch (cause) {
    throw new StoreError("CORRUPT", `position ${position} does not hold an event that can be read`, {
      next: "Stop writing, and see what was changed: iu-ledger replay",
      position,
      cause,
    });
  }
}

function fits(row: EventRow, { stream, types, actor, run, command }: EventFilter): boolean {
  return (
    (stream === undefined || row.stream === stream || row.stream.startsWith(`${stream}-`)) &&
    (types === undefined || types.includes(row.type)) &&
    (actor === undefined || row.actor === actor) &&
    (run === undefined || row.stream === `run-${run}` || row.data["run"] === run) &&
    (command === undefined || row.command.id === command)
  );
}
