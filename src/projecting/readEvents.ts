/** Events for people and programs that read: filtered, from the front or from the back. The shape is that of `--json`. */
import type { Envelope } from "../events/envelope.js";
import { categoryOf } from "../events/streams.js";
import type { Store, StoredEvent } from "../ledger/Store.js";
import { readStored } from "./readStored.js";

/** An event with its place in the ledger: the envelope as it is, and the position beside it. */
export type EventRow = { readonly position: number } & Readonly<Envelope>;

export interface EventFilter {
  readonly stream?: string;
  /** The part of the stream's name before the first hyphen. */
  readonly category?: string;
  readonly type?: string;
  readonly actor?: string;
  /** Id of the command it came from. */
  readonly command?: string;
}

const pageSize = 500;

/** Events from position `from` on, in order, up to `limit`. */
export async function readEvents(
  store: Store,
  filter: EventFilter = {},
  { from = 0, limit = Number.POSITIVE_INFINITY }: { readonly from?: number; readonly limit?: number } = {},
): Promise<EventRow[]> {
  const rows: EventRow[] = [];
  for await (const row of eachEvent(store, filter, from)) {
    if (rows.length >= limit) break;
    rows.push(row);
  }
  return rows;
}

/** The newest `limit` events that fit, in order. */
export async function tailEvents(store: Store, limit: number, filter: EventFilter = {}): Promise<EventRow[]> {
  const newestFirst: EventRow[] = [];
  let { size: end } = await store.head();
  while (end > 0 && newestFirst.length < limit) {
    const from = Math.max(0, end - pageSize);
    const page = (await store.read(from, end - from)).map(rowOf).filter((row) => fits(row, filter));
    newestFirst.push(...page.reverse());
    end = from;
  }
  return newestFirst.slice(0, limit).reverse();
}

/** In pages, so that memory stays flat; by stream where one is asked for. */
async function* eachEvent(store: Store, filter: EventFilter, from: number): AsyncGenerator<EventRow, void, undefined> {
  let next = filter.stream === undefined ? from : 0;
  for (;;) {
    const page =
      filter.stream === undefined
        ? await store.read(next, pageSize)
        : await store.readStream(filter.stream, next, pageSize);
    for (const stored of page) {
      const row = rowOf(stored);
      if (row.position >= from && fits(row, filter)) yield row;
    }
    if (page.length < pageSize) return;
    next += page.length;
  }
}

function rowOf(stored: StoredEvent): EventRow {
  const { position, event } = readStored(stored);
  return { position, ...(event as unknown as Envelope) };
}

function fits(row: EventRow, { stream, category, type, actor, command }: EventFilter): boolean {
  return (
    (stream === undefined || row.stream === stream) &&
    (category === undefined || categoryOf(row.stream) === category) &&
    (type === undefined || row.type === type) &&
    (actor === undefined || row.actor === actor) &&
    (command === undefined || row.command.id === command)
  );
}
