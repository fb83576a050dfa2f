/**
 * From a stored event to a typed fact. Old shapes are upcast here, so that everything beyond this file knows only the newest;
 * stored bytes are never touched. Must never guess: an unknown type or shape is an error that names it.
 */
import type { Envelope } from "./envelope.js";
import { type Fact, type FactType, facts } from "./facts.js";

/** The newest schema number of each event type, where it is not 1. */
const newest: { readonly [T in FactType]?: number } = {};

/** An event with its data typed. */
export type Event = Omit<Envelope, "type" | "data"> & Fact;

/** The schema number new events of a type are written with. */
export function schemaOf(type: FactType): number {
  return newest[type] ?? 1;
}

export function isFactType(type: string): type is FactType {
  return Object.hasOwn(facts, type);
}

/** Checks the data of an event against its type. Throws `TypeError` naming the event, the field and the rule. */
export function decodeEvent(envelope: Envelope): Event {
  if (!isFactType(envelope.type))
    throw new TypeError(`event ${envelope.id}: this program does not know the type ${envelope.type}`);
  if (envelope.schema > schemaOf(envelope.type)) {
    throw new TypeError(
      `event ${envelope.id}: ${envelope.type} schema ${envelope.schema} is newer than this program's ${schemaOf(envelope.type)}`,
    );
  }
  const parsed = facts[envelope.type].safeParse(envelope.data);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new TypeError(
      `event ${envelope.id}: ${envelope.type}.${issue?.path.join(".") ?? ""}: ${issue?.message ?? "wrong shape"}`,
    );
  }
  return envelope as unknown as Event;
}

/** For folds: the event as typed, trusting that it was checked when it was written or read. */
export function asEvent(envelope: Envelope): Event {
  return envelope as unknown as Event;
}
