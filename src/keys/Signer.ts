/** A signer: a principal's name and the private key it signs with. Must never print, log or put a private key into an error. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { keyidOf } from "../events/dsse.js";
import type { PublicKey } from "../events/fields.js";

export interface Signer {
  readonly principal: string;
  readonly keyid: string;
  readonly privateKey: KeyObject;
}

/** A new Ed25519 key (RFC 8032) for a principal. */
export function generateSigner(principal: string): Signer {
  return signerOf(principal, generateKeyPairSync("ed25519").privateKey);
}

/** The signer of a private key. Throws `TypeError` on a key that is not Ed25519. */
export function signerOf(principal: string, privateKey: KeyObject): Signer {
  if (privateKey.asymmetricKeyType !== "ed25519") throw new TypeError(`the key of ${principal} is not an Ed25519 key`);
  return { principal, keyid: publicKeyOf(privateKey).keyid, privateKey };
}

/** The same key for the same 32-byte seed: for tests and golden histories only; a guessable seed is no secret. */
export function signerFromSeed(principal: string, seed: Uint8Array): Signer {
  if (seed.length !== 32) throw new RangeError(`a seed is 32 bytes, not ${seed.length}`);
  // RFC 8410 section 7: the fixed PKCS #8 prefix of an Ed25519 key, then its 32 bytes.
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  return signerOf(principal, createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
}

/** What goes on the ledger of a key: its raw 32 public bytes in base64 and its id. */
export function publicKeyOf(key: KeyObject): PublicKey {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const raw = spki.subarray(spki.length - 32).toString("base64");
  return { keyid: keyidOf(raw), public: raw };
}
