/**
 * Salted commitments: what the ledger says about text without saying the text. Salt and bytes are stored together beside the
 * ledger and erased together; after that a commitment proves nothing and gives nothing away, even of a one-word text.
 */
import { createHash } from "node:crypto";

/** Salts are this many bytes. */
export const saltSize = 32;

/** Commitment to a content: SHA-256("iu-ledger/content/v1" ‖ 0x00 ‖ salt ‖ bytes), hex. */
export function commitContent(salt: Uint8Array, bytes: Uint8Array): string {
  return commit("iu-ledger/content/v1", salt, bytes);
}

/** Commitment to a unit's bytes under its content's salt: SHA-256("iu-ledger/unit/v1" ‖ 0x00 ‖ salt ‖ bytes), hex. */
export function commitUnit(salt: Uint8Array, bytes: Uint8Array): string {
  return commit("iu-ledger/unit/v1", salt, bytes);
}

/** Commitment to a unit's norm digest under its content's salt: SHA-256("iu-ledger/norm/v1" ‖ 0x00 ‖ salt ‖ norm digest, 32 bytes), hex. */
export function commitNorm(salt: Uint8Array, norm: string): string {
  return commit("iu-ledger/norm/v1", salt, Buffer.from(norm, "hex"));
}

function commit(label: string, salt: Uint8Array, bytes: Uint8Array): string {
  if (salt.length !== saltSize) throw new RangeError(`a salt is ${saltSize} bytes, not ${salt.length}`);
  return createHash("sha256").update(label).update(zero).update(salt).update(bytes).digest("hex");
}

const zero = new Uint8Array([0]);
