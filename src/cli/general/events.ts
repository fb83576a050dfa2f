/** `events`: what happened, one event a line; the last ones, from a position on, or as they come. Reads only. */
import { StoreError } from "../../ledger/Store.js";
import {
  type EventFilter,
  type EventRow,
  eventPages,
  followEvents,
  newestEvents,
} from "../../projecting/readEvents.js";
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

export async function events(context: Context, options: EventsOptions): Promise<undefined> {
  if (options.last !== undefined && options.from !== undefined) {
    throw malformedStop("OPTIONS_CONTRADICT", "--last and --from cannot both say where to begin.", "Give one of them.");
  }
  await withReading(context, async ({ store, sql }) => {
    const run = options.run === undefined ? undefined : await findRun(sql, options.run);
    const filter = filterOf(options, run);
    const { size } = await store.head();
    let shown = 0;
    const pages =
      options.from === undefined
        ? [await newestEvents(store, options.last ?? 20, filter)]
        : eventPages(store, filter, { from: options.from, to: size });
    for await (const page of pages) {
      for (const one of page) show(context, one);
      shown += page.length;
      await context.terminal.flush();
      if (context.terminal.closed) return;
    }
    if (shown === 0 && options.follow !== true) note(context, "No event fits.");
    if (options.follow !== true) return;
    for await (const one of followEvents(store, filter, size, context.signal)) {
      if (context.terminal.closed) break;
      show(context, one);
    }
  });
  return undefined;
}

function filterOf({ stream, type, actor }: EventsOptions, run: string | undefined): EventFilter {
  return {
    ...(stream === undefined ? {} : { stream }),
    ...(type === undefined ? {} : { types: type.split(",").map((one) => one.trim()) }),
    ...(actor === undefined ? {} : { actor }),
    ...(run === undefined ? {} : { run }),
  };
}

function show(context: Context, event: EventRow): void {
  const { terminal, style } = context;
  if (context.json) {
    terminal.out(JSON.stringify(event));
    return;
  }
  const { position } = event;
  // A narrow terminal has no room for the day and for the stream, of which the text mostly speaks.
  const narrow = terminal.width !== undefined && terminal.width < 120;
  const time = moment(event.time);
  const when = `${pad(String(position), 6, "right")}  ${narrow ? time.slice("2026-01-05 ".length) : time}`;
  const what = `${pad(visible(event.actor), 12)}  ${pad(event.type, narrow ? 16 : 20)}`;
  const [category = "", key = ""] = splitStream(event.stream);
  const stream = `${category}-${/^[0-9a-f]{8}-/.test(key) ? shortId(key) : key}`;
  const words = worded(event);
  const text = narrow ? words : `${pad(stream, 17)}  ${words}`;
  const room = terminal.width === undefined ? undefined : Math.max(20, terminal.width - widthOf(`${when}  ${what}  `));
  const paint = event.type === "CommandRefused" || event.type === "RunHeld" ? style.bad : (same: string) => same;
  terminal.out(`${style.faint(when)}  ${paint(what)}  ${room === undefined ? text : shorten(text, room)}`.trimEnd());
}

/** The event in words. Nobody who writes by this program leaves one that cannot be worded: it has been changed since. */
function worded(event: EventRow): string {
  try {
    return eventText(event);
  } catch (cause) {
    throw new StoreError("CORRUPT", `position ${event.position} does not hold an event that can be read`, {
      next: "Stop writing, and see what was changed: iu-ledger replay",
      position: event.position,
      cause,
    });
  }
}

function splitStream(stream: string): [string, string] {
  const at = stream.indexOf("-");
  return [stream.slice(0, at), stream.slice(at + 1)];
}
