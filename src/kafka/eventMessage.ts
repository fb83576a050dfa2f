/**
 * An event of the ledger as a CloudEvent in Kafka's binary content mode (CloudEvents 1.0.2; Kafka Protocol Binding 1.0.2, section 3.2):
 * the attributes are headers `ce_<name>`, the value is the event's leaf bytes, untouched, so that a consumer can hash and check them.
 *
 *   key                 the stream: the events of one stream stand in one partition, in order (also `ce_partitionkey`, Partitioning extension)
 *   content-type        application/json
 *   ce_specversion      1.0
 *   ce_id               the event's id: the same event again, after a crash, has the same one
 *   ce_source           `iu-ledger://<origin>`, an absolute URI made of the ledger's checkpoint origin
 *   ce_type             `iu-ledger.<type>`, as `iu-ledger.RunOpened`
 *   ce_dataschema       `urn:iu-ledger:<type>:<schema>`
 *   ce_subject          the stream
 *   ce_time             the event's time
 *   ce_iuledger         the ledger's id
 *   ce_iuposition       the event's position in the ledger, decimal: for consumers to sort by, and to find what they miss
 *
 * Future: another attribute is another header; none of these changes its meaning.
 */
import { parseEvent } from "../events/envelope.js";
import { type Headers, headerText, type OutgoingMessage } from "./RawMessage.js";

/** The ledger an event is of. */
export interface EventSource {
  readonly ledger: string;
  readonly origin: string;
}

/** The message of an event. `bytes` are its leaf bytes. Throws on bytes that are no event. */
export function eventMessage(
  { position, bytes }: { readonly position: number; readonly bytes: Uint8Array },
  { ledger, origin }: EventSource,
): OutgoingMessage {
  const { id, type, schema, stream, time } = parseEvent(bytes);
  return {
    key: stream,
    value: Buffer.from(bytes),
    headers: {
      "content-type": "application/json",
      ce_specversion: "1.0",
      ce_id: id,
      ce_source: `iu-ledger://${origin}`,
      ce_type: `iu-ledger.${type}`,
      ce_dataschema: `urn:iu-ledger:${type}:${schema}`,
      ce_subject: stream,
      ce_time: time,
      ce_partitionkey: stream,
      ce_iuledger: ledger,
      ce_iuposition: String(position),
    },
  };
}

/** What stands around the leaf bytes of an event that was read from the topic. */
export interface PublishedEvent {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly stream: string;
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** Reads an event's message. Throws `TypeError` on what is none. Trusts nothing: the leaf hash of `bytes` says whether it is the ledger's. */
export function readEventMessage(message: {
  readonly value: Buffer | null;
  readonly headers?: Headers | undefined;
}): PublishedEvent {
  const header = (name: string) => {
    const text = headerText(message.headers, name);
    if (text === undefined) throw new TypeError(`not an event of a ledger: the header ${name} is missing`);
    return text;
  };
  const position = Number(header("ce_iuposition"));
  if (header("ce_specversion") !== "1.0" || !Number.isSafeInteger(position) || message.value === null)
    throw new TypeError("not an event of a ledger");
  return {
    id: header("ce_id"),
    source: header("ce_source"),
    type: header("ce_type").replace(/^iu-ledger\./, ""),
    stream: header("ce_subject"),
    position,
    bytes: message.value,
  };
}
