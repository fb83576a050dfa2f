/** What a submitter is told: from outcomes and from what is stored of a command. The same command gets the same answer for ever. */
import { openEnvelope } from "../events/dsse.js";
import type { Committed, Refused, Result, SignedCommand } from "./Decision.js";
import { type ParseEvent, parseStored } from "./load.js";
import { type Store, type StoredCommand, StoreError } from "./Store.js";

type Refusal = Extract<Result, { kind: "refused" }>;

/** A refusal, and where it was recorded. */
export function refusal({ code, message, numbers, next }: Omit<Refused, "record">, position: number | null): Refusal {
  return { kind: "refused", code, message, numbers, next, position };
}

/** The type of the event that records a refusal. */
export const refusedType = "CommandRefused";

/** The type of the event that records a yes that changed nothing. */
export const answeredType = "CommandAnswered";

/** Whether a command was right and changed nothing: all it wrote is that it was answered. */
export function changedNothing(events: readonly Pick<Committed, "event">[]): boolean {
  return events.every(({ event }) => event.type === answeredType);
}

/** The answer of a finished command, from its events. */
export function answerOf(
  events: readonly Committed[],
): Refusal | { readonly kind: "committed"; readonly events: readonly Committed[] } {
  const end = events.at(-1);
  if (end?.event.type !== refusedType) return { kind: "committed", events };
  return refusal(end.event.data as unknown as Refused, end.position);
}

/** All events of a command so far, part by part. */
export async function eventsOf(
  store: Pick<Store, "read">,
  known: StoredCommand,
  parse: ParseEvent,
): Promise<Committed[]> {
  const events: Committed[] = [];
  for (const { position, count } of known.parts) {
    const stored = await store.read(position, count);
    if (stored.length !== count) {
      throw new StoreError("CORRUPT", `command ${known.id} has lost events from position ${position} on`, {
        next: "Stop writing and run replay: it names everything that is wrong.",
        position,
      });
    }
    for (const one of stored) events.push({ position: one.position, event: parseStored(one, parse) });
  }
  return events;
}

/** The stored envelope of a known command, opened; undefined where it says something else than this command: the id was reused. */
export function sameCommand(
  known: StoredCommand,
  signed: SignedCommand,
): Pick<SignedCommand, "payload" | "keyid" | "signature"> | undefined {
  const stored = openEnvelope(known.envelope);
  if (!stored.ok) {
    throw new StoreError("CORRUPT", `the envelope stored for command ${known.id} cannot be opened: ${stored.message}`, {
      next: "Stop writing and run replay: it names everything that is wrong.",
    });
  }
  const { payload, keyid, signature } = stored;
  return Buffer.compare(payload, signed.payload) === 0 ? { payload, keyid, signature } : undefined;
}

/** The no to another command under an id that is taken. Not recorded: the id belongs to the first. */
export function idReused(known: StoredCommand): Refusal {
  const position = known.parts[0]?.position ?? null;
  return refusal(
    {
      kind: "refused",
      code: "COMMAND_ID_REUSED",
      message: `The id ${known.id} belongs to another command, which came first.`,
      numbers: { id: known.id, firstPosition: position },
      next: "Give this command an id of its own and sign it again.",
    },
    null,
  );
}
