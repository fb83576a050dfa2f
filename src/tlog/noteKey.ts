/**
 * The keys of signed notes: C2SP signed-note v1.0.0, "Verifier keys" and "Signature types". A verifier key (vkey) is public and is what
 * people pin; a signer key (skey) is the private key in the form other programs of the field keep it in, and must never be printed or logged.
 *
 * Examples: `example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k`; `PRIVATE+KEY+<name>+<id>+<base64>`.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { formatBase64, parseBase64 } from "./base64.js";
import { TlogError } from "./TlogError.js";

/** What a key signs: notes as they are (0x01), or timestamped checkpoint cosignatures (0x04, tlog-cosignature). Both by Ed25519. */
export const noteKeyTypes = { ed25519: 1, cosignature: 4 } as const;
export type NoteKeyType = (typeof noteKeyTypes)[keyof typeof noteKeyTypes];

export interface NoteKey {
  readonly name: string;
  /** The first four bytes of the key's hash, in hex: 8 digits. */
  readonly id: string;
  readonly type: NoteKeyType;
  /** 32 raw bytes (RFC 8032). */
  readonly publicKey: Uint8Array;
}

/** A key that can sign too. */
export interface NoteSigner extends NoteKey {
  readonly privateKey: KeyObject;
}

/** Whether a text can be the name of a key: not empty, no Unicode space, no plus, no control character. */
export function isKeyName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a note may not hold them
  return name !== "" && name.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}

/** The key of that name. Throws `MALFORMED` on a name no key can have, on other than 32 bytes and on a key that binds nobody. */
export function noteKey(name: string, type: NoteKeyType, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name))
    throw malformed(
      `${JSON.stringify(name)} is no name for a key`,
      "Use one without spaces and '+', such as ledger.example/acme.",
    );
  if (publicKey.length !== 32)
    throw malformed(
      `the public key of ${name} has ${publicKey.length} bytes; Ed25519 has 32`,
      "Ask for the key again.",
    );
  if (bindsNobody(publicKey))
    throw malformed(
      `the public key of ${name} is a point of small order, under which anyone can sign`,
      "Do not trust this key.",
    );
  const id = createHash("sha256")
    .update(`${name}\n`)
    .update(Buffer.of(type))
    .update(publicKey)
    .digest("hex")
    .slice(0, 8);
  return { name, id, type, publicKey };
}

/** The signer of that name. Throws as {@link noteKey}, and on a key that is not Ed25519. */
export function noteSigner(name: string, type: NoteKeyType, privateKey: KeyObject): NoteSigner {
  if (privateKey.asymmetricKeyType !== "ed25519")
    throw malformed(`the key of ${name} is not an Ed25519 key`, "Make a new one.");
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return { ...noteKey(name, type, spki.subarray(spki.length - 32)), privateKey };
}

/** The key as a vkey. */
export function formatVkey({ name, id, type, publicKey }: NoteKey): string {
  return `${name}+${id}+${formatBase64(Buffer.concat([Buffer.of(type), publicKey]))}`;
}

/** The key of a vkey. Throws `MALFORMED`, or `UNSUPPORTED` for a kind of key that this program does not verify. */
export function parseVkey(vkey: string): NoteKey {
  const { name, type, material } = parseParts(vkey, "vkey");
  return checkedId(vkey, noteKey(name, type, material));
}

/** A signer as an skey. The text is the private key: for files only their owner can read. */
export function formatSkey({ name, id, type, privateKey }: NoteSigner): string {
  const pkcs8 = privateKey.export({ format: "der", type: "pkcs8" });
  return `PRIVATE+KEY+${name}+${id}+${formatBase64(Buffer.concat([Buffer.of(type), pkcs8.subarray(pkcs8.length - 32)]))}`;
}

/** The signer of an skey. Throws as {@link parseVkey}; the error holds nothing of the text. */
export function parseSkey(skey: string): NoteSigner {
  const rest = /^PRIVATE\+KEY\+/.test(skey) ? skey.slice("PRIVATE+KEY+".length) : "";
  const { name, type, material } = parseParts(rest, "skey");
  if (material.length !== 32)
    throw malformed(`an skey of ${material.length} bytes; Ed25519 has 32`, "Ask for the key again.");
  // RFC 8410 section 7: the fixed PKCS #8 prefix of an Ed25519 key, then its 32 bytes.
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), material]);
  const signer = noteSigner(name, type, createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  checkedId(rest, signer);
  return signer;
}

/** The key as `node:crypto` takes it. */
export function publicKeyObject({ publicKey }: NoteKey): KeyObject {
  // RFC 8410 section 4: the fixed SubjectPublicKeyInfo prefix of an Ed25519 key.
  const key = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]);
  return createPublicKey({ key, format: "der", type: "spki" });
}

/** The three parts: name, id and base64 of the type byte and the key. */
function parseParts(text: string, what: string): { name: string; type: NoteKeyType; material: Uint8Array } {
  const why = `not a ${what}: it must read name+id+key, the id 8 hex digits, the key in base64`;
  const [, name, encoded] = /^([^+]+)\+[0-9a-f]{8}\+([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  const bytes = encoded === undefined ? null : parseBase64(encoded);
  const type = bytes?.[0];
  if (name === undefined || bytes === null || type === undefined)
    throw malformed(why, `Copy the ${what} whole, as one line.`);
  if (type !== noteKeyTypes.ed25519 && type !== noteKeyTypes.cosignature) {
    throw new TlogError(
      "UNSUPPORTED",
      `the ${what} of ${name} is of type 0x${type.toString(16).padStart(2, "0")}; this program knows 0x01 (Ed25519) and 0x04 (Ed25519 cosignature)`,
      "Use an Ed25519 key of the same party.",
    );
  }
  return { name, type, material: bytes.subarray(1) };
}

/** The id in the text must be that of the key: it was copied whole, then, and not put together. */
function checkedId(text: string, key: NoteKey): NoteKey {
  const id = text.slice(key.name.length + 1, key.name.length + 9);
  if (id !== key.id)
    throw malformed(`the key of ${key.name} has the id ${key.id}, not ${id}`, "Copy the key whole, as one line.");
  return key;
}

function malformed(message: string, next: string): TlogError {
  return new TlogError("MALFORMED", message, next);
}

/**
 * The y coordinates of the eight points of small order on edwards25519, little-endian, with those that are not reduced modulo
 * p = 2^255 - 19: 0, 1, the two of order 8, p - 1, p, p + 1. The top bit is the sign of x and says nothing here. Signatures that nobody
 * made verify under such a key.
 */
const smallOrder = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

function bindsNobody(publicKey: Uint8Array): boolean {
  const y = Buffer.from(publicKey);
  y[31] = (y[31] as number) & 0x7f;
  return smallOrder.has(y.toString("hex"));
}
