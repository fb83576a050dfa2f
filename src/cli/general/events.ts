/** `events`: what happened, one event a line; the last ones, from a position on, or as they come. Reads only. */
import { type Envelope, parseEvent } from "../../events/envelope.js";
import { type Store, type StoredEvent, StoreError } from "../../ledger/Store.js";
import { type Context, note } from "../Context.js";
import { eventText } from "../output/eventText.js";
import { malformedStop } from "../output/Problem.js";
import { moment, pad, shorten, shortId, visible, widthOf } from "../output/text.js";
import { findRun } from "../session/find.js";
import { withReading } from "../session/reading.js";

export interface EventsOptions {
  readonly follow?: boolean;
  readonly last?: number;
  readonly from?: number;
  readonly stream?: string;
  readonly type?: string;
  readonly run?: string;
  readonly actor?: string;
}

interface Shown {
  readonly position: number;
  readonly event: Envelope;
}

const pageSize = 1000;

export async function events(context: Context, options: EventsOptions): Promise<undefined> {
  if (options.last !== undefined && options.from !== undefined) {
    throw malformedStop("OPTIONS_CONTRADICT", "--last and --from cannot both say where to begin.", "Give one of them.");
  }
  await withReading(context, async ({ store, sql }) => {
    const run = options.run === undefined ? undefined : await findRun(sql, options.run);
    const wanted = filterOf(options, run);
    const { size } = await store.head();
    let shown = 0;
    if (options.from === undefined) {
      for (const one of await lastOnes(store, size, options.last ?? 20, wanted)) {
        show(context, one);
        shown += 1;
      }
    } else {
      for (let at = options.from; at < size && !context.terminal.closed; at += pageSize) {
        for (const one of (await store.read(at, Math.min(pageSize, size - at))).map(parsed).filter(wanted)) {
          show(context, one);
          shown += 1;
        }
        await context.terminal.flush();
      }
    }
    if (shown === 0 && options.follow !== true) note(context, "No event fits.");
    if (options.follow !== true) return;
    for await (const stored of store.follow(size, context.signal)) {
      if (context.terminal.closed) break;
      const one = parsed(stored);
      if (wanted(one)) show(context, one);
    }
  });
  return undefined;
}

function parsed({ position, bytes }: StoredEvent): Shown {
  return read(position, () => ({ position, event: parseEvent(bytes) }));
}

/** Nobody who writes by this program leaves an event that cannot be read: it has been changed since. */
function read<T>(position: number, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new StoreError("CORRUPT", `position ${position} does not hold an event that can be read`, {
      next: "Stop writing, and see what was changed: iu-ledger replay",
      position,
      cause,
    });
  }
}

/** Reads back from the end, in pages, until there are enough. */
async function lastOnes(store: Store, size: number, count: number, wanted: (one: Shown) => boolean): Promise<Shown[]> {
  let found: Shown[] = [];
  for (let end = size; end > 0 && found.length < count; end -= pageSize) {
    const from = Math.max(0, end - pageSize);
    const page = (await store.read(from, end - from)).map(parsed).filter(wanted);
    found = [...page.slice(Math.max(0, page.length - (count - found.length))), ...found];
  }
  return found;
}

function filterOf({ stream, type, actor }: EventsOptions, run: string | undefined): (one: Shown) => boolean {
  const types = type?.split(",").map((one) => one.trim());
  return ({ event }) =>
    (stream === undefined || event.stream === stream || event.stream.startsWith(`${stream}-`)) &&
    (types === undefined || types.includes(event.type)) &&
    (actor === undefined || event.actor === actor) &&
    (run === undefined || event.stream === `run-${run}` || event.data["run"] === run);
}

function show(context: Context, { position, event }: Shown): void {
  const { terminal, style } = context;
  if (context.json) {
    terminal.out(JSON.stringify({ position, ...event }));
    return;
  }
  // A narrow terminal has no room for the day and for the stream, of which the text mostly speaks.
  const narrow = terminal.width !== undefined && terminal.width < 120;
  const time = moment(event.time);
  const when = `${pad(String(position), 6, "right")}  ${narrow ? time.slice("2026-01-05 ".length) : time}`;
  const what = `${pad(visible(event.actor), 12)}  ${pad(event.type, narrow ? 16 : 20)}`;
  const [category = "", key = ""] = splitStream(event.stream);
  const stream = `${category}-${/^[0-9a-f]{8}-/.test(key) ? shortId(key) : key}`;
  const words = read(position, () => eventText(event));
  const text = narrow ? words : `${pad(stream, 17)}  ${words}`;
  const room = terminal.width === undefined ? undefined : Math.max(20, terminal.width - widthOf(`${when}  ${what}  `));
  const paint = event.type === "CommandRefused" || event.type === "RunHeld" ? style.bad : (same: string) => same;
  terminal.out(`${style.faint(when)}  ${paint(what)}  ${room === undefined ? text : shorten(text, room)}`.trimEnd());
}

function splitStream(stream: string): [string, string] {
  const at = stream.indexOf("-");
  return [stream.slice(0, at), stream.slice(at + 1)];
}
