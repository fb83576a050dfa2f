/**
 * A command on the way to a ledger over Kafka: formatted and parsed in one place. The broker is trusted with nothing: the value is the
 * signed envelope, and whoever takes it off checks signature, role, time and ledger as for any other; contents are checked against the
 * commitments that the signature covers.
 *
 *   key      `<ledger id>/<document id>`, or `<ledger id>` for a command about no document: commands of one key are worked through in order
 *   value    the bytes of the DSSE envelope (`src/events/dsse.ts`), unchanged
 *   headers  `iu-content`, once for each content the command names and the ledger does not have yet: 32 bytes of salt, then the bytes
 *
 * Example: key `acme/0d0c…`, value `{"payload":"eyJ…","payloadType":"application/vnd.iu-ledger.command+json","signatures":[…]}`, header
 * `iu-content` = salt ‖ "Charter of the Reading Room\n…".
 *
 * A header, since a header needs no encoding and the value stays the very bytes that were signed. The message must fit the topic's
 * `max.message.bytes` (8 MiB unless it was made with another); a larger document is put where the ledger is (`iu-ledger document add`).
 * Future: other ways to hand over content get another header; a worker that does not know it answers CONTENT_MISSING, and loses nothing.
 */
import { commitContent, saltSize } from "../events/commitment.js";
import { contentsNamed } from "../events/contentsNamed.js";
import { openEnvelope } from "../events/dsse.js";
import { type Headers, headerValues, type OutgoingMessage } from "./RawMessage.js";

/** The header that carries a content. */
export const contentHeader = "iu-content";

/** Bytes and the salt they were committed with. */
export interface SaltedContent {
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}

export interface CommandMessageOptions {
  /** The document the command is about (for a step of a run: the run's document); null for a command about none. */
  readonly document: string | null;
  /** The contents the command names, where the ledger may not have them yet. */
  readonly contents?: readonly SaltedContent[];
}

/**
 * The message for a signed command (`signCommand`). Throws `TypeError` where the envelope cannot be opened, a content is not named by the
 * command, or the document is not the one the command says: it would come back as a dead letter.
 */
export function commandMessage(
  envelope: Uint8Array,
  { document, contents = [] }: CommandMessageOptions,
): OutgoingMessage {
  const opened = openEnvelope(envelope);
  if (!opened.ok) throw new TypeError(`not a signed command: ${opened.at}: ${opened.message}`);
  const command = JSON.parse(Buffer.from(opened.payload).toString("utf8")) as {
    ledger: string;
    data?: { document?: unknown };
  };
  const said = command.data?.document;
  if (typeof said === "string" && said !== document)
    throw new TypeError(`the command is about the document ${said}, not ${document}`);
  const named = contentsNamed(command.data);
  const values = contents.map(({ salt, bytes }) => {
    const commitment = commitContent(salt, bytes);
    if (!named.includes(commitment)) throw new TypeError(`the command names no content ${commitment}`);
    return Buffer.concat([salt, bytes]);
  });
  return {
    key: commandKey(command.ledger, document),
    value: Buffer.from(envelope),
    headers: values.length === 0 ? {} : { [contentHeader]: values },
  };
}

/** What commands are kept in order by. */
export function commandKey(ledger: string, document: string | null): string {
  return document === null ? ledger : `${ledger}/${document}`;
}

export type ReadContents =
  | { readonly ok: true; readonly contents: readonly (SaltedContent & { readonly commitment: string })[] }
  | { readonly ok: false; readonly code: "CONTENT_MALFORMED" | "CONTENT_NOT_NAMED"; readonly message: string };

/** The contents a message carries for a command with this data. Never throws: the bytes are anybody's. */
export function readContents(headers: Headers | undefined, data: unknown): ReadContents {
  const values = headerValues(headers, contentHeader);
  if (values.length === 0) return { ok: true, contents: [] };
  const named = contentsNamed(data);
  const contents: (SaltedContent & { readonly commitment: string })[] = [];
  for (const [index, value] of values.entries()) {
    if (!Buffer.isBuffer(value) || value.length < saltSize) {
      const length = Buffer.isBuffer(value) ? value.length : 0;
      const message = `header ${contentHeader} number ${index + 1} has ${length} bytes; a content is ${saltSize} bytes of salt, then its own`;
      return { ok: false, code: "CONTENT_MALFORMED", message };
    }
    const [salt, bytes] = [value.subarray(0, saltSize), value.subarray(saltSize)];
    const commitment = commitContent(salt, bytes);
    if (!named.includes(commitment)) {
      const message = `header ${contentHeader} number ${index + 1} is the content ${commitment}, which the command does not name`;
      return { ok: false, code: "CONTENT_NOT_NAMED", message };
    }
    contents.push({ salt, bytes, commitment });
  }
  return { ok: true, contents };
}
