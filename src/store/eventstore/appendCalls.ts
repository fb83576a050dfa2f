/** Which of the appends of a batch go into which calls of the server: whole appends only, in order, as many as fit. Pure. */
import type { BinaryEventType, EventData } from "@eventstore/db-client";
import type { Verdict } from "../../ledger/judge.js";
import { type Append, StoreError } from "../../ledger/Store.js";
import type { Placed } from "./parts.js";
import { callSizeMax, eventsOf, sizeOf } from "./record.js";

/** One call: what it appends, and where. */
export interface Call {
  readonly position: number;
  readonly events: readonly EventData<BinaryEventType>[];
  readonly placed: readonly Placed[];
  /** The place in the batch of the last append of the call. */
  readonly upTo: number;
}

/** The calls that write what a batch was judged to be. `newId` draws the id of a call. */
export function callsOf(
  appends: readonly Append[],
  { outcomes }: Verdict,
  stream: string,
  newId: () => string,
): Call[] {
  const calls: Call[] = [];
  let open: { id: string; size: number; events: EventData<BinaryEventType>[]; placed: Placed[] } | undefined;
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.kind !== "committed") continue;
    const append = appends[index] as Append;
    const id = open?.id ?? newId();
    let events = eventsOf(append, outcome.position, id, stream);
    const size = sizesOf(events);
    if (open === undefined || open.size + size > callSizeMax) {
      const fresh = open === undefined ? id : newId();
      if (open !== undefined) events = eventsOf(append, outcome.position, fresh, stream);
      open = { id: fresh, size: 0, events: [], placed: [] };
    }
    open.size += size;
    open.events.push(...events);
    open.placed.push({ position: outcome.position, append });
    const call = {
      position: (open.placed[0] as Placed).position,
      events: open.events,
      placed: open.placed,
      upTo: index,
    };
    if (open.placed.length === 1) calls.push(call);
    else calls[calls.length - 1] = call;
  }
  return calls;
}

/** Throws `TOO_LARGE` with the numbers on an append that no call can take: before anything of its batch is written. */
export function assertFits(append: Append): void {
  // Any id and position will do: they are as long as those it will have.
  const size = sizesOf(eventsOf(append, Number.MAX_SAFE_INTEGER, nil, ""));
  if (size <= callSizeMax) return;
  const { id, part } = append.command;
  throw new StoreError(
    "TOO_LARGE",
    `part ${part} of command ${id} is ${size} bytes in ${append.entries.length} events; EventStoreDB takes ${callSizeMax} in one append`,
    {
      next: "Ask for less in one command: a smaller document, a shorter reason. Text belongs into content, not into events.",
    },
  );
}

const nil = "00000000-0000-0000-0000-000000000000";

function sizesOf(events: readonly EventData<BinaryEventType>[]): number {
  return events.reduce((sum, event) => sum + sizeOf(event), 0);
}
