/**
 * Signed commands, and what else is signed: a DSSE envelope (secure-systems-lab/dsse protocol v1.0.2) over canonical bytes, one Ed25519
 * signature each. Format and parse stand here together; what is stored is the canonical JSON of the envelope.
 *
 * Example: {"payload":"eyJ…","payloadType":"application/vnd.iu-ledger.command+json","signatures":[{"keyid":"9f…","sig":"qk…"}]}
 */
import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { z } from "zod";
import { canonicalBytes, sha256Hex } from "./canonical.js";
import { parseStrictJson } from "./strictJson.js";

export const commandPayloadType = "application/vnd.iu-ledger.command+json";

/** The one way to write bytes in base64 (RFC 4648 section 3.5): the same command must not exist in two envelopes. */
const base64 = z
  .string()
  .regex(
    /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/,
    "must be padded base64, its last bits zero",
  );

const dsseSchema = z.strictObject({
  payload: base64,
  payloadType: z.string(),
  signatures: z.tuple([z.strictObject({ keyid: z.string().regex(/^[0-9a-f]{16}$/), sig: base64 })]),
});

export interface OpenedEnvelope {
  readonly payload: Uint8Array;
  readonly keyid: string;
  readonly signature: Uint8Array;
}

export type EnvelopeOutcome =
  | ({ readonly ok: true } & OpenedEnvelope)
  | { readonly ok: false; readonly at: string; readonly message: string };

/** DSSE pre-authentication encoding: "DSSEv1" SP len(type) SP type SP len(body) SP body, lengths in decimal bytes. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = Buffer.from(payloadType, "utf8");
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} `), type, Buffer.from(` ${payload.length} `), payload]);
}

/** Signs payload bytes; answers the canonical envelope bytes. `payloadType`: what the bytes are, covered by the signature. */
export function sealEnvelope(
  payload: Uint8Array,
  key: { keyid: string; privateKey: KeyObject },
  payloadType: string = commandPayloadType,
): Uint8Array {
  const signature = sign(null, preAuthEncoding(payloadType, payload), key.privateKey);
  return canonicalBytes({
    payload: Buffer.from(payload).toString("base64"),
    payloadType,
    signatures: [{ keyid: key.keyid, sig: signature.toString("base64") }],
  });
}

/** Parses envelope bytes of that payload type strictly. Does not verify: that needs to know whose key it is ({@link verifyEnvelope}). */
export function openEnvelope(bytes: Uint8Array, payloadType: string = commandPayloadType): EnvelopeOutcome {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { ok: false, at: "envelope", message: "not UTF-8" };
  }
  const json = parseStrictJson(text);
  if (!json.ok) return { ok: false, at: `envelope, character ${json.at}`, message: json.message };
  const parsed = dsseSchema.safeParse(json.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return {
      ok: false,
      at: `envelope.${issue?.path.join(".") ?? ""}`,
      message: issue?.message ?? "not a DSSE envelope",
    };
  }
  if (parsed.data.payloadType !== payloadType)
    return { ok: false, at: "envelope.payloadType", message: `must be ${payloadType}` };
  const [{ keyid, sig }] = parsed.data.signatures;
  return {
    ok: true,
    payload: Buffer.from(parsed.data.payload, "base64"),
    keyid,
    signature: Buffer.from(sig, "base64"),
  };
}

/** Whether the signature over the payload is that of the key (RFC 8032, Ed25519). `publicKey` is the raw 32 bytes in base64. */
export function verifyEnvelope(
  opened: OpenedEnvelope,
  publicKey: string,
  payloadType: string = commandPayloadType,
): boolean {
  if (opened.signature.length !== 64) return false;
  return verify(null, preAuthEncoding(payloadType, opened.payload), keyObject(publicKey), opened.signature);
}

/** The name of a key: the first 16 hex digits of the SHA-256 of its raw 32 bytes. */
export function keyidOf(publicKey: string): string {
  return sha256Hex(Buffer.from(publicKey, "base64")).slice(0, 16);
}

// RFC 8410 section 4: the fixed SubjectPublicKeyInfo prefix of an Ed25519 key.
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");
const keyObjects = new Map<string, KeyObject>();

/** Key objects are costly to build and a ledger has few keys: they are kept, the newest thousand. */
function keyObject(publicKey: string): KeyObject {
  let key = keyObjects.get(publicKey);
  if (key === undefined) {
    if (keyObjects.size >= 1000) keyObjects.clear();
    key = createPublicKey({
      key: Buffer.concat([spkiPrefix, Buffer.from(publicKey, "base64")]),
      format: "der",
      type: "spki",
    });
    keyObjects.set(publicKey, key);
  }
  return key;
}
