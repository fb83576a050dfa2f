/**
 * Base64 as the C2SP formats mean it (RFC 4648 section 4), in the one canonical way: padded, the unused last bits zero, no line
 * breaks. A lenient decoder would take several texts for the same bytes, and a changed file for an unchanged one.
 */

const canonical = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;

/** The bytes as base64. */
export function formatBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** The bytes of a base64 text, or null where it is not the one way to write them. */
export function parseBase64(text: string): Uint8Array | null {
  return text.length % 4 === 0 && canonical.test(text) ? Buffer.from(text, "base64") : null;
}

/** As {@link parseBase64}, of exactly 32 bytes: a SHA-256 digest. */
export function parseHash(text: string): Uint8Array | null {
  // 44 characters are 31 to 33 bytes; anything else is not looked at further.
  const bytes = text.length === 44 ? parseBase64(text) : null;
  return bytes?.length === 32 ? bytes : null;
}
