/**
 * Unit ids: opaque, minted once, deterministic, so that a replay mints the same ones. Kept when a unit moves or is renumbered.
 */
import { createHash } from "node:crypto";

/**
 * UUIDv5 (RFC 9562, section 5.5) with the document's UUID as namespace and `${revision}/${address}` as name, where revision and
 * address are those of the unit's first version. Throws a TypeError when `document` is not a UUID.
 */
export function unitId(document: string, revision: number, address: string): string {
  if (!/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(document)) {
    throw new TypeError(`a document id is a UUID, not ${JSON.stringify(document)}`);
  }
  return uuid5(document, `${revision}/${address}`);
}

/** RFC 9562 section 5.5: SHA-1 over namespace bytes and name, first 16 bytes, version 5 and variant bits set. */
export function uuid5(namespace: string, name: string): string {
  const hash = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name, "utf8")
    .digest();
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex", 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
