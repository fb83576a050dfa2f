/**
 * A message that is no command, on its way to the dead-letter topic: key, value and headers as they were, and headers that say why and
 * whence. Must never change what it carries: somebody may have to find out what it was.
 *
 *   iu-dead-code     why, as recorded on the ledger: MALFORMED, CONTENT_MALFORMED, CONTENT_NOT_NAMED, NO_VALUE
 *   iu-dead-reason   the same in a sentence
 *   iu-dead-origin   `<topic>/<partition>/<offset>`
 *   iu-dead-time     the broker's time of the message, milliseconds since 1970
 *   iu-dead-null     a header that had a null for value, which the client cannot write: it is empty here. Once for each
 *
 * Where a header of that name was there already (a dead letter that died again) ours is the last one of the name.
 */
import { type HeaderValue, headerValues, type IncomingMessage, type OutgoingMessage } from "./RawMessage.js";

/** Why a message is no command. */
export interface Poison {
  readonly code: "MALFORMED" | "CONTENT_MALFORMED" | "CONTENT_NOT_NAMED" | "NO_VALUE";
  readonly message: string;
}

/** Room that the headers added here may take, in bytes: the dead-letter topic must take that much more than the topic of commands. */
export const deadHeadersSize = 65_536;

export function deadMessage(
  message: IncomingMessage,
  origin: string,
  { code, message: reason }: Poison,
): OutgoingMessage {
  const headers: Record<string, (Buffer | string)[]> = {};
  const nulls: string[] = [];
  for (const name of Object.keys(message.headers ?? {})) {
    headers[name] = headerValues(message.headers, name).map((value: HeaderValue) => {
      if (value !== null && value !== undefined) return value;
      nulls.push(name);
      return "";
    });
  }
  const own: Record<string, string[]> = {
    "iu-dead-code": [code],
    // A reason may quote the message.
    "iu-dead-reason": [reason.slice(0, 2000)],
    "iu-dead-origin": [origin],
    "iu-dead-time": [message.timestamp],
    ...(nulls.length === 0 ? {} : { "iu-dead-null": [...new Set(nulls)].slice(0, 16) }),
  };
  for (const [name, values] of Object.entries(own)) headers[name] = [...(headers[name] ?? []), ...values];
  return { key: message.key, value: message.value, headers };
}
