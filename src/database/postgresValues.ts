/** Values on their way to Postgres and back. It must never let a value through that would come back as another one. */
import pg from "pg";
import type { SqlValue } from "./Sql.js";

/** Types by oid (pg_type.dat): what is not listed comes back as the text Postgres writes. */
const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => (text === "t" ? 1 : 0),
  17: bytesOf,
  20: Number,
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
  1016: (text) => (text === "{}" ? [] : text.slice(1, -1).split(",").map(Number)),
  1700: Number,
};

/** For a client's `types`: integers as numbers, bytea as bytes, booleans as 0 and 1, everything else as text. */
export const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number) => parsers[oid] ?? asItIs) as pg.CustomTypesConfig["getTypeParser"],
};

function asItIs(text: string): string {
  return text;
}

/** A server may be set to write bytea in its old form. */
function bytesOf(text: string): Uint8Array {
  if (text.startsWith("\\x")) return Buffer.from(text.slice(2), "hex");
  return (pg.types.getTypeParser(17) as (text: string) => Buffer)(text);
}

/** Parameters as pg takes them. Throws `TypeError` on anything odd: a bug of the caller. */
export function bind(params: readonly SqlValue[]): unknown[] {
  return params.map((value, i) => {
    if (typeof value === "number") {
      if (Number.isSafeInteger(value) || (Number.isFinite(value) && !Number.isInteger(value))) return String(value);
      throw new TypeError(`parameter $${i + 1}: ${value} is not a safe number`);
    }
    if (typeof value === "string") {
      assertText(value, `parameter $${i + 1}`);
      return value;
    }
    if (value === null) return value;
    if (value instanceof Uint8Array) return asBuffer(value);
    throw new TypeError(`parameter $${i + 1}: a ${typeof value} cannot be bound; use text, integers, bytes or null`);
  });
}

/** Throws `TypeError` on a text that Postgres cannot hold. */
export function assertText(text: string, what: string): void {
  if (!text.isWellFormed()) throw new TypeError(`${what}: a lone surrogate has no UTF-8`);
  if (text.includes("\0")) throw new TypeError(`${what}: no text holds a NUL; bind bytes`);
}

/**
 * Arrays in Postgres's binary form (array_recv in arrayfuncs.c): dimensions, has-null flag, element oid, then size and lower bound of
 * the one dimension, then each element's length (-1: null) and bytes. Half the size of the text form, and nothing to escape.
 */
export const arrayOf = {
  integer: (values: readonly number[]): Buffer => integers(23, 4, values),
  bigint: (values: readonly number[]): Buffer => integers(20, 8, values),
  text(values: readonly string[]): Buffer {
    for (const value of values) assertText(value, "an element");
    return array(
      25,
      values.map((value) => Buffer.from(value, "utf8")),
    );
  },
  bytea: (values: readonly (Uint8Array | null)[]): Buffer => array(17, values),
};

const headLength = 20;

function header(buffer: Buffer, oid: number, count: number, nulls: boolean): void {
  buffer.writeInt32BE(count === 0 ? 0 : 1, 0);
  buffer.writeInt32BE(nulls ? 1 : 0, 4);
  buffer.writeInt32BE(oid, 8);
  if (count === 0) return;
  buffer.writeInt32BE(count, 12);
  buffer.writeInt32BE(1, 16);
}

function integers(oid: number, width: 4 | 8, values: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(values.length === 0 ? 12 : headLength + values.length * (4 + width));
  header(buffer, oid, values.length, false);
  let at = headLength;
  for (const value of values) {
    at = buffer.writeInt32BE(width, at);
    at = width === 4 ? buffer.writeInt32BE(value, at) : buffer.writeBigInt64BE(BigInt(value), at);
  }
  return buffer;
}

function array(oid: number, values: readonly (Uint8Array | null)[]): Buffer {
  let length = values.length === 0 ? 12 : headLength;
  for (const value of values) length += 4 + (value?.length ?? 0);
  const buffer = Buffer.allocUnsafe(length);
  header(buffer, oid, values.length, values.includes(null));
  let at = headLength;
  for (const value of values) {
    at = buffer.writeInt32BE(value?.length ?? -1, at);
    if (value === null) continue;
    buffer.set(value, at);
    at += value.length;
  }
  return buffer;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
