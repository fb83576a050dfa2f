/**
 * A ledger's answer on the way back: formatted and parsed in one place.
 *
 *   key      the command's id
 *   value    the canonical JSON (RFC 8785) of the `Result`. Where its events would not fit a message, `events` is empty and `ranges` says
 *            at which positions they stand: [[first, count], …]; the ledger and `iu.events` have them
 *   headers  `iu-ledger` the ledger's id; `iu-kind` the result's kind; `iu-envelope` the SHA-256 of the message's value that is answered;
 *            `iu-origin` where that stood: `<topic>/<partition>/<offset>`
 *
 * Example: key `8c1f…`, value `{"events":[{"event":{…},"position":41}],"kind":"committed"}`.
 *
 * At least once: after a crash an answer may come again, as `duplicate` with the first answer in it. Whoever waits for an answer compares
 * `iu-envelope` with what they sent: anybody who may write to the topic of commands can have a "no" sent under an id that is not theirs.
 */
import { canonicalBytes } from "../events/canonical.js";
import { parseStrictJson } from "../events/strictJson.js";
import type { Committed, Result } from "../ledger/Decision.js";
import { type Headers, headerText, type OutgoingMessage } from "./RawMessage.js";

/** A result larger than this, in bytes, is sent without its events. */
export const resultSizeMax = 786_432;

export interface Answered {
  readonly ledger: string;
  readonly command: string;
  /** SHA-256 of the message's value, hex. */
  readonly envelope: string;
  /** `<topic>/<partition>/<offset>` of the message. */
  readonly origin: string;
  readonly result: Result;
}

export function resultMessage({ ledger, command, envelope, origin, result }: Answered): OutgoingMessage {
  return {
    key: command,
    value: Buffer.from(resultBytes(result)),
    headers: { "iu-ledger": ledger, "iu-kind": result.kind, "iu-envelope": envelope, "iu-origin": origin },
  };
}

/** A result as it was sent: `ranges` where the events were too many for a message. */
export type SentResult = Result & { readonly ranges?: readonly (readonly [first: number, count: number])[] };

/** Reads an answer. Throws `TypeError` on what is none. */
export function readResultMessage(message: {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Headers | undefined;
}): Omit<Answered, "result"> & { readonly result: SentResult } {
  const json = parseStrictJson(message.value?.toString("utf8") ?? "");
  if (!json.ok) throw new TypeError(`not an answer: character ${json.at}: ${json.message}`);
  const header = (name: string) => {
    const text = headerText(message.headers, name);
    if (text === undefined) throw new TypeError(`not an answer: the header ${name} is missing`);
    return text;
  };
  return {
    ledger: header("iu-ledger"),
    command: message.key?.toString("utf8") ?? "",
    envelope: header("iu-envelope"),
    origin: header("iu-origin"),
    result: json.value as SentResult,
  };
}

/** No event is smaller than this, in bytes: a cheap look at what need not be written out. */
const eventSizeMin = 300;

function resultBytes(result: Result): Uint8Array {
  if (eventsOf(result).length * eventSizeMin > resultSizeMax) return canonicalBytes(withoutEvents(result));
  const whole = canonicalBytes(result);
  return whole.length <= resultSizeMax ? whole : canonicalBytes(withoutEvents(result));
}

function eventsOf(result: Result): readonly Committed[] {
  if (result.kind === "committed") return result.events;
  return result.kind === "duplicate" && result.first.kind === "committed" ? result.first.events : [];
}

function withoutEvents(result: Result): object {
  if (result.kind === "committed") return { ...result, events: [], ranges: rangesOf(result.events) };
  if (result.kind === "duplicate" && result.first.kind === "committed")
    return {
      ...result,
      first: { ...result.first, events: [] },
      ranges: rangesOf(result.first.events),
    };
  return result;
}

/** Positions as runs of neighbours. */
function rangesOf(events: readonly Committed[]): [number, number][] {
  const ranges: [number, number][] = [];
  for (const { position } of events) {
    const last = ranges.at(-1);
    if (last !== undefined && last[0] + last[1] === position) last[1] += 1;
    else ranges.push([position, 1]);
  }
  return ranges;
}
