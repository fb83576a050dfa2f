/**
 * Ed25519 public keys that bind nobody. Under a point of small order (one of eight, in fourteen encodings) signatures verify that no one
 * holds a private key for, over any message; 32 bytes that are no point verify nothing. `node:crypto` looks at neither.
 */
import { Point } from "@noble/ed25519";

/** Why a key may not be used, or null. `publicKey`: 32 raw bytes in base64. Decoding is that of RFC 8032 section 5.1.3. */
export function weaknessOf(publicKey: string): string | null {
  let point: Point;
  try {
    point = Point.fromBytes(Buffer.from(publicKey, "base64"));
  } catch {
    return "its 32 bytes are no point of the curve";
  }
  return point.isSmallOrder() ? "it is a point of small order, under which anyone can sign" : null;
}
