/**
 * A private key under a passphrase: what stands in a file `<principal>.age`, sealed and opened in one place. Must never print, log or put into an
 * error any of the key or of the passphrase.
 *
 *     iu-ledger key: editor
 *     public: 3q2+7w…=
 *
 *     -----BEGIN AGE ENCRYPTED FILE-----
 *     …
 *     -----END AGE ENCRYPTED FILE-----
 *
 * The lines in front (RFC 7468 section 5.2 lets text stand there) name the public half, so that a key can be chosen without a passphrase; they are
 * compared with the key once it is open. Behind them is an age v1 file in its armor, with one scrypt recipient, around the PEM (PKCS #8): in ten years
 * `sed '1,/^$/d' editor.age | age -d` gives the key without this program. Future: another first line is another format.
 */
import { createPrivateKey } from "node:crypto";
import { keyidOf } from "../events/dsse.js";
import { type PublicKey, publicKey } from "../events/fields.js";
import { publicKeyOf, type Signer, signerOf } from "./Signer.js";

/** log₂ of scrypt's N: 2^17 with r = 8 is 128 MiB and about a second, what OWASP asks for at least. Paid once for each key that is opened. */
export const scryptWorkFactor = 17;

/** Why a sealed key cannot be had: `damaged` is no key file or an altered one; `wrong` may be the passphrase, or the part of the file it opens. */
export type Unopened = "damaged" | "wrong";

/** The file of a signer's key under a passphrase. */
export async function sealKey(signer: Signer, passphrase: string, workFactor = scryptWorkFactor): Promise<string> {
  // Loaded when asked for: a command that signs with a plain key, or not at all, does not wait for it.
  const { Encrypter, armor } = await import("age-encryption");
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(workFactor);
  const pem = signer.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const sealed = armor.encode(await encrypter.encrypt(pem));
  return `iu-ledger key: ${signer.principal}\npublic: ${publicKeyOf(signer.privateKey).public}\n\n${sealed}`;
}

/** The public half that a sealed key says it has; undefined where the text is no sealed key. */
export function publicHalfOf(text: string): PublicKey | undefined {
  const [, said] = head.exec(text) ?? [];
  if (said === undefined) return undefined;
  const parsed = publicKey.safeParse({ keyid: keyidOf(said), public: said });
  return parsed.success ? parsed.data : undefined;
}

/** The signer of a sealed key. */
export async function openSealed(text: string, principal: string, passphrase: string): Promise<Signer | Unopened> {
  const said = publicHalfOf(text);
  if (said === undefined) return "damaged";
  const { Decrypter, armor } = await import("age-encryption");
  let file: Uint8Array;
  try {
    file = armor.decode(text.replace(head, ""));
  } catch {
    return "damaged";
  }
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  let pem: string;
  try {
    pem = await decrypter.decrypt(file, "text");
  } catch {
    // The library's error is not kept: which of its parts a file failed at tells nobody what to do.
    return "wrong";
  }
  try {
    const signer = signerOf(principal, createPrivateKey(pem));
    return signer.keyid === said.keyid ? signer : "damaged";
  } catch {
    return "damaged";
  }
}

/** Whose key it is: a principal's name, or the id of a log's or a witness's key, which may begin with a digit. */
const head = /^iu-ledger key: [a-z0-9][a-z0-9._-]*\npublic: ([A-Za-z0-9+/]{43}=)\n\n/;
