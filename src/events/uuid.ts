/** Name-based UUIDs: the same name in the same namespace is the same id, on any machine. No clock, no randomness. */
import { createHash } from "node:crypto";

/** UUIDv5 (RFC 9562 section 5.5): the SHA-1 of the namespace's 16 bytes and the UTF-8 of the name, cut to 122 bits. Lower case. */
export function uuidV5(namespace: string, name: string): string {
  const bytes = createHash("sha1")
    .update(Buffer.from(namespace.replaceAll("-", ""), "hex"))
    .update(name)
    .digest();
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = bytes.toString("hex", 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The namespace of dead letters: a UUID of our own, for this purpose only. */
export const deadLetters = "6f1f2f62-4a0e-4f0e-9b58-0c7d6b1b9a51";
