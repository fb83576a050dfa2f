/** Keys for the tests of the log's formats: the same for the same letter, made when needed, worth nothing. */
import { createHash } from "node:crypto";
import { signerFromSeed } from "../../src/keys/Signer.js";
import { type NoteKeyType, type NoteSigner, noteKeyTypes, noteSigner } from "../../src/tlog/noteKey.js";

/** The signer of that name whose key follows from `letter`. */
export function signerOf(name: string, letter = name, type: NoteKeyType = noteKeyTypes.ed25519): NoteSigner {
  const seed = createHash("sha256").update(`a key for tests: ${letter}`).digest();
  return noteSigner(name, type, signerFromSeed("test", seed).privateKey);
}

export function witnessOf(name: string): NoteSigner {
  return signerOf(name, name, noteKeyTypes.cosignature);
}

/** Every copy of the bytes with one bit turned, and every beginning of them that is shorter, each with its name. */
export function* damaged(bytes: Uint8Array): Generator<readonly [string, Uint8Array]> {
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const copy = Uint8Array.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    yield [`bit ${bit & 7} of byte ${bit >> 3}`, copy];
  }
  for (let length = 0; length < bytes.length; length++) yield [`the first ${length} bytes`, bytes.slice(0, length)];
}
