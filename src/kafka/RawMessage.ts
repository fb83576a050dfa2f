/**
 * A message as a broker holds it, in the shape that the client takes and gives (kafkajs): a header that stands several times is a list, in
 * order. Types only, so that whoever makes messages need not load the client.
 */

export type HeaderValue = Buffer | string | null | undefined;
export type Headers = Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>;

/** A message on its way out. */
export interface OutgoingMessage {
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, Buffer | string | (Buffer | string)[]>;
}

/** A message that was read. */
export interface IncomingMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Headers | undefined;
  /** Decimal: a broker counts with 64 bits. */
  readonly offset: string;
  /** Milliseconds since 1970, as the broker has it. */
  readonly timestamp: string;
}

/** Every value of a header, in order; none where it is not there. */
export function headerValues(headers: Headers | undefined, name: string): readonly HeaderValue[] {
  if (headers === undefined || !Object.hasOwn(headers, name)) return [];
  const value = headers[name];
  return Array.isArray(value) ? (value as readonly HeaderValue[]) : [value as HeaderValue];
}

/** The last value of a header as text; undefined where there is none. */
export function headerText(headers: Headers | undefined, name: string): string | undefined {
  const value = headerValues(headers, name).at(-1);
  return value === null || value === undefined ? undefined : value.toString();
}
