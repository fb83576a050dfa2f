/**
 * Cosignatures of witnesses: C2SP tlog-cosignature v1.0.1, `cosignature/v1` by Ed25519. A witness says: at that time this was the
 * largest consistent tree of that log that I had seen. The signature is 8 bytes of POSIX time, big-endian, then 64 of Ed25519 over
 * "cosignature/v1\ntime <seconds>\n" and the whole text of the checkpoint.
 */
import { sign, verify } from "node:crypto";
import { parseCheckpoint } from "./checkpoint.js";
import { type NoteKey, type NoteSigner, noteKeyTypes, publicKeyObject } from "./noteKey.js";
import { requireCount, TlogError } from "./TlogError.js";

/** Signs a checkpoint's text as seen at a time (POSIX seconds): 72 bytes. Throws on a key of another type and on what is no checkpoint. */
export function signCosignature(text: string, timeS: number, signer: NoteSigner): Uint8Array {
  requireCount(timeS, "the time of a cosignature");
  if (signer.type !== noteKeyTypes.cosignature) {
    throw new TlogError(
      "UNSUPPORTED",
      `the key of ${signer.name} signs notes; a witness cosigns with one of type 0x04`,
      "Make the signer of that type: the same private key has another id then.",
    );
  }
  parseCheckpoint(text);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(timeS));
  return Buffer.concat([time, sign(null, messageOf(text, timeS), signer.privateKey)]);
}

/** The time (POSIX seconds) at which the key cosigned the checkpoint's text, or null where this is no such cosignature. */
export function openCosignature(text: string, signature: Uint8Array, key: NoteKey): number | null {
  if (key.type !== noteKeyTypes.cosignature || signature.length !== 72) return null;
  const time = Buffer.from(signature.subarray(0, 8)).readBigUInt64BE();
  if (time > BigInt(Number.MAX_SAFE_INTEGER)) return null;
  try {
    parseCheckpoint(text);
  } catch (error) {
    if (error instanceof TlogError) return null;
    throw error;
  }
  const timeS = Number(time);
  return verify(null, messageOf(text, timeS), publicKeyObject(key), signature.subarray(8)) ? timeS : null;
}

function messageOf(text: string, timeS: number): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${timeS}\n${text}`);
}
