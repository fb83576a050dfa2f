/** Signed commands: the encoding that is signed is DSSE's, and no other bytes pass for it. */
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalText, isCanonical } from "../../src/events/canonical.js";
import {
  commandPayloadType,
  keyidOf,
  openEnvelope,
  preAuthEncoding,
  sealEnvelope,
  verifyEnvelope,
} from "../../src/events/dsse.js";
import { publicKeyOf, signerFromSeed } from "../../src/keys/Signer.js";
import { shared } from "../support/shared.js";

const test = suite("signed commands");
const utf8 = (text: string) => new TextEncoder().encode(text);

const signer = signerFromSeed("mara", new Uint8Array(32).fill(1));
const key = publicKeyOf(signer.privateKey);
const payload = utf8('{"id":"1"}');
const sealed = sealEnvelope(payload, signer);

function opened(bytes: Uint8Array) {
  const outcome = openEnvelope(bytes);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome;
}

/** The envelope's JSON, changed. */
function changed(
  change: (json: { payload: string; payloadType: string; signatures: { keyid: string; sig: string }[] }) => void,
) {
  const json = JSON.parse(Buffer.from(sealed).toString());
  change(json);
  return utf8(canonicalText(json));
}

test("the pre-authentication encoding of the DSSE specification, and its signature verifies over it", () => {
  const { dsse } = JSON.parse(readFileSync(shared("vectors", "golden", "golden.json"), "utf8")) as {
    dsse: { payloadType: string; body: string; pae: string; x: string; y: string; sigB64: string };
  };
  const encoded = preAuthEncoding(dsse.payloadType, utf8(dsse.body));
  assert.is(Buffer.from(encoded).toString(), dsse.pae);
  const coordinate = (decimal: string) =>
    Buffer.from(BigInt(decimal).toString(16).padStart(64, "0"), "hex").toString("base64url");
  const jwk = { kty: "EC", crv: "P-256", x: coordinate(dsse.x), y: coordinate(dsse.y) };
  const example = createPublicKey({ key: jwk, format: "jwk" });
  assert.ok(verify("sha256", encoded, { key: example, dsaEncoding: "ieee-p1363" }, Buffer.from(dsse.sigB64, "base64")));
});

test("lengths are counted in bytes", () => {
  assert.is(Buffer.from(preAuthEncoding("tý", utf8("đ😀"))).toString(), "DSSEv1 3 tý 6 đ😀");
  assert.is(Buffer.from(preAuthEncoding("", new Uint8Array())).toString(), "DSSEv1 0  0 ");
});

test("a sealed envelope opens to the payload and verifies; its bytes are canonical and the same every time", () => {
  const outcome = opened(sealed);
  assert.equal(Buffer.from(outcome.payload), Buffer.from(payload));
  assert.is(outcome.keyid, key.keyid);
  assert.ok(verifyEnvelope(outcome, key.public));
  assert.ok(isCanonical(Buffer.from(sealed).toString()));
  assert.equal(sealEnvelope(payload, signer), sealed);
});

test("another payload, another key, another payload type or one bit of the signature: not verified", () => {
  const outcome = opened(sealed);
  assert.not.ok(verifyEnvelope({ ...outcome, payload: utf8('{"id":"2"}') }, key.public));
  const other = publicKeyOf(signerFromSeed("mara", new Uint8Array(32).fill(2)).privateKey);
  assert.not.ok(verifyEnvelope(outcome, other.public));
  for (let byte = 0; byte < 64; byte++) {
    const signature = Uint8Array.from(outcome.signature);
    signature[byte] = (signature[byte] ?? 0) ^ 1;
    assert.not.ok(verifyEnvelope({ ...outcome, signature }, key.public), `byte ${byte}`);
  }
  assert.not.ok(verifyEnvelope({ ...outcome, signature: outcome.signature.subarray(0, 63) }, key.public));
  assert.not.ok(verifyEnvelope({ ...outcome, signature: new Uint8Array() }, key.public));
});

test("a signature over the bare payload, without the encoding, is none", () => {
  const outcome = opened(sealed);
  const naked = Buffer.from(preAuthEncoding("application/json", payload));
  assert.not.ok(verifyEnvelope({ ...outcome, payload: naked }, key.public));
});

const strange: [string, Uint8Array, RegExp][] = [
  ["not UTF-8", Uint8Array.of(0xff, 0x7b), /UTF-8/],
  ["no JSON", utf8("{"), /./],
  ["a byte order mark", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), sealed]), /./],
  ["another payload type", changed((json) => (json.payloadType = "application/json")), /./],
  ["no signature", changed((json) => (json.signatures = [])), /./],
  ["two signatures", changed((json) => json.signatures.push({ keyid: key.keyid, sig: "AA==" })), /./],
  ["a key id that is none", changed((json) => (json.signatures[0]!.keyid = "nobody")), /./],
  ["base64url", changed((json) => (json.payload = "_-_-")), /base64/],
  ["no padding", changed((json) => (json.payload = "YQ")), /base64/],
  ["bits behind the end of base64", changed((json) => (json.payload = "YR==")), /base64/],
  ["a field more", changed((json) => Object.assign(json, { note: 1 })), /./],
  ["a key twice", utf8(Buffer.from(sealed).toString().replace('"payload":', '"payload":"","payload":')), /twice/],
];
for (const [what, bytes, message] of strange) {
  test(`${what} is malformed, and the place is named`, () => {
    const outcome = openEnvelope(bytes);
    assert.ok(!outcome.ok);
    if (outcome.ok) return;
    assert.match(outcome.message, message);
    assert.match(outcome.at, /^envelope/);
  });
}

test("a key's name is the start of the SHA-256 of its 32 bytes, and the payload type is pinned", () => {
  assert.is(key.keyid, keyidOf(key.public));
  assert.is(key.public, "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=");
  assert.is(key.keyid, "34750f98bd59fcfc");
  assert.is(commandPayloadType, "application/vnd.iu-ledger.command+json");
});

test.run();
