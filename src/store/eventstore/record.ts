/**
 * A leaf as an event of EventStoreDB, and back. The data of the event is the leaf, byte for byte, as application/octet-stream, so that
 * neither server nor client ever looks into it. What the port keeps beside a leaf is the event's metadata, canonical JSON:
 *
 *   {"append":"5f0c…","command":"…","count":3,"envelope":"eyJ…","index":0,"last":true,"part":0,"revision":4,"schema":1,"stream":"run-…"}
 *
 *   append      a UUID drawn for each call that appends: the same for its retries, never the same for another's
 *   command, part, last     the append of the port that the event belongs to; index, count: its place in it
 *   stream, revision        of the leaf: the ledger's stream, not the cluster's
 *   envelope    the command's signed envelope, in base64, with the first event of part 0 and nowhere else
 *
 * The event's id is a UUID of all of it: the append's, the position, the leaf and the metadata. The server takes events for the same if
 * their ids are, and looks at nothing else; so an answer that it has them already can only mean our own call, and our own bytes.
 */
import type { BinaryEventType, EventData, RecordedEvent } from "@eventstore/db-client";
import { canonicalText, sha256Hex } from "../../events/canonical.js";
import { leafHash } from "../../events/envelope.js";
import { uuidV5 } from "../../events/uuid.js";
import { type Append, StoreError } from "../../ledger/Store.js";

/** Bytes in one call of the server, at most: data, metadata and types of all its events (its option MaxAppendSize, by default 1 MiB). */
export const callSizeMax = 1_048_576;

/** An event read back from the cluster. */
export interface Recorded {
  readonly position: number;
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly bytes: Uint8Array;
  readonly command: string;
  readonly part: number;
  readonly last: boolean;
  readonly index: number;
  readonly count: number;
  readonly envelope: Uint8Array | undefined;
}

/** The metadata as stored. */
interface Metadata {
  readonly schema: number;
  readonly append: string;
  readonly command: string;
  readonly part: number;
  readonly last: boolean;
  readonly index: number;
  readonly count: number;
  readonly stream: string;
  readonly revision: number;
  readonly envelope?: string;
}

const schemaNewest = 1;

/** The events of an append that is to stand from `position` on, in the cluster's stream `on`, in the call `call`. */
export function eventsOf(append: Append, position: number, call: string, on: string): EventData<BinaryEventType>[] {
  const { id, part, last, envelope } = append.command;
  const count = append.entries.length;
  return append.entries.map(({ stream, revision, bytes }, index) => {
    const metadata: Metadata = {
      schema: schemaNewest,
      append: call,
      command: id,
      part,
      last,
      index,
      count,
      stream,
      revision,
      ...(part === 0 && index === 0 ? { envelope: base64(envelope) } : {}),
    };
    const text = canonicalText(metadata);
    return {
      id: idOf(call, on, position + index, bytes, text),
      contentType: "application/octet-stream",
      type: typeOf(bytes),
      // A plain Uint8Array of our own: a Buffer may be a view into others' bytes, and the client tells the two apart.
      data: Uint8Array.from(bytes),
      metadata: Uint8Array.from(Buffer.from(text, "utf8")),
    };
  });
}

/** What the server counts of an event against its limit, and a little for what it may count in another version. */
export function sizeOf({ type, data, metadata }: EventData<BinaryEventType>): number {
  return data.length + (metadata as Uint8Array).length + 2 * type.length + 64;
}

function idOf(call: string, on: string, position: number, bytes: Uint8Array, metadata: string): string {
  return uuidV5(call, `${on} ${position} ${leafHash(bytes)} ${sha256Hex(metadata)}`);
}

const typeName = /^[A-Z][A-Za-z]{0,63}$/;

/** The type people see in the cluster's own tools. Nothing depends on it, and it is not read back. */
function typeOf(bytes: Uint8Array): string {
  const type = parsed(bytes)?.["type"];
  return typeof type === "string" && typeName.test(type) ? type : "Leaf";
}

/** The event at a position of the cluster's stream `on`. Throws `CORRUPT` or `NEWER_LEDGER` with the position on what no ledger wrote. */
export function recordedOf(event: RecordedEvent, position: number, on: string): Recorded {
  const { metadata, data } = event;
  if (event.isJson || !(data instanceof Uint8Array) || data.length === 0 || !isMetadata(metadata)) {
    const newer = schemaOf(metadata) > schemaNewest;
    if (newer)
      throw new StoreError("NEWER_LEDGER", `position ${position} was written by a newer iu-ledger`, {
        next: "Use the newer iu-ledger that wrote it.",
        position,
      });
    throw corrupt(position, `position ${position} of ${on} is no event of a ledger: its type is ${shown(event.type)}`);
  }
  const text = canonicalText(metadata);
  if (event.id !== idOf(metadata.append, on, position, data, text))
    throw corrupt(position, `position ${position} of ${on} does not hold the bytes its id was made of`);
  const said = parsed(data);
  const isOther = (field: "stream" | "revision") => said?.[field] !== undefined && said[field] !== metadata[field];
  if (isOther("stream") || isOther("revision"))
    throw corrupt(
      position,
      `position ${position} is filed as ${shown(metadata.stream)} ${metadata.revision}, and says it is ${shown(String(said?.["stream"]))} ${shown(String(said?.["revision"]))}`,
    );
  return {
    position,
    id: event.id,
    stream: metadata.stream,
    revision: metadata.revision,
    bytes: data,
    command: metadata.command,
    part: metadata.part,
    last: metadata.last,
    index: metadata.index,
    count: metadata.count,
    envelope: metadata.envelope === undefined ? undefined : Buffer.from(metadata.envelope, "base64"),
  };
}

function isMetadata(value: unknown): value is Metadata {
  if (typeof value !== "object" || value === null) return false;
  const { schema, append, command, part, last, index, count, stream, revision, envelope } = value as Metadata;
  const counted = [part, index, count, revision].every((number) => Number.isSafeInteger(number) && number >= 0);
  const first = part === 0 && index === 0;
  return (
    schema === schemaNewest &&
    [append, command, stream].every((text) => typeof text === "string" && text !== "") &&
    counted &&
    index < count &&
    typeof last === "boolean" &&
    (first ? typeof envelope === "string" : envelope === undefined)
  );
}

function schemaOf(metadata: unknown): number {
  const schema = (metadata as { schema?: unknown } | undefined)?.schema;
  return typeof schema === "number" ? schema : 0;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A leaf as JSON; undefined for bytes that are none: a store keeps whatever bytes it is given. */
function parsed(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

function shown(text: string): string {
  return JSON.stringify(text.length <= 80 ? text : `${text.slice(0, 79)}…`);
}

/** Damage of the cluster's stream, or of the replica, at a position. */
export function corrupt(position: number | undefined, message: string, cause?: unknown): StoreError {
  return new StoreError("CORRUPT", message, {
    next: "Stop writing, keep cluster and replica as they are, and run replay: it names everything that is wrong.",
    ...(position === undefined ? {} : { position }),
    ...(cause === undefined ? {} : { cause }),
  });
}
