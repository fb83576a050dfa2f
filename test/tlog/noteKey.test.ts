/** Verifier and signer keys: published ones, our own, and every way to write one wrongly. */
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { weaknessOf } from "../../src/events/weakKey.js";
import {
  formatSkey,
  formatVkey,
  isKeyName,
  noteKey,
  noteKeyTypes,
  noteSigner,
  parseSkey,
  parseVkey,
} from "../../src/tlog/noteKey.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import { shared } from "../support/shared.js";
import { signerOf, witnessOf } from "./keys.js";

const test = suite("note keys");

const refusal = (ask: () => unknown) => {
  try {
    ask();
  } catch (error) {
    return error instanceof TlogError ? error : new Error(`no refusal: ${error}`);
  }
  throw new Error("answered");
};
const codeOf = (ask: () => unknown) => (refusal(ask) as TlogError).code;

const golden = () =>
  JSON.parse(readFileSync(shared("vectors", "golden", "golden.json"), "utf8")) as {
    signedNote: { vkey: string }[];
    badVkeys: { vkey?: string; why: string }[];
    cosignatureVkey: { vkey: string; type: number };
  };

test("the published keys are read and written alike; the bad ones are refused", () => {
  const { signedNote, badVkeys, cosignatureVkey } = golden();
  for (const { vkey } of [...signedNote, cosignatureVkey]) assert.is(formatVkey(parseVkey(vkey)), vkey);
  assert.is(parseVkey(cosignatureVkey.vkey).type, cosignatureVkey.type);
  for (const { vkey, why } of badVkeys) {
    if (vkey !== undefined) assert.ok(["MALFORMED", "UNSUPPORTED"].includes(codeOf(() => parseVkey(vkey))), why);
  }
});

test("every proper substring of a key, and every byte of it one higher, is refused", () => {
  const vkey = formatVkey(signerOf("ledger.example/acme"));
  for (let start = 0; start < vkey.length; start++)
    for (let end = start; end <= vkey.length; end++) {
      if (end - start < vkey.length) refusal(() => parseVkey(vkey.slice(start, end)));
    }
  for (let i = 0; i < vkey.length; i++)
    refusal(() => parseVkey(vkey.slice(0, i) + String.fromCharCode(vkey.charCodeAt(i) + 1) + vkey.slice(i + 1)));
  for (const around of [` ${vkey}`, `${vkey}\n`, `${vkey} `, vkey.replace("+", "++")]) refusal(() => parseVkey(around));
});

test("a signer is written and read alike, signs the same, and stays out of errors", () => {
  for (const signer of [signerOf("ledger.example/acme"), witnessOf("witness.example")]) {
    const skey = formatSkey(signer);
    assert.ok(skey.startsWith(`PRIVATE+KEY+${signer.name}+${signer.id}+`));
    const read = parseSkey(skey);
    assert.is(formatVkey(read), formatVkey(signer));
    assert.ok(read.privateKey.equals(signer.privateKey));
    const secret = skey.split("+").at(-1) as string;
    for (const bad of [skey.slice(0, -4), skey.replace(signer.id, "00000000"), skey.slice(1), `${skey}AAAA`]) {
      const { message, next } = refusal(() => parseSkey(bad)) as TlogError;
      assert.not.ok(`${message}${next}`.includes(secret.slice(4, 12)), message);
    }
  }
});

test("the same private key has another id for another name or another use", () => {
  const ids = [
    signerOf("a", "same"),
    signerOf("b", "same"),
    signerOf("a", "same", noteKeyTypes.cosignature),
    signerOf("a", "other"),
  ].map(({ id }) => id);
  assert.is(new Set(ids).size, 4);
});

test("names: no space of any kind, no plus, no control character, nothing empty", () => {
  for (const name of ["", "a b", "a+b", "a\u00a0b", "a\u2003b", "a\u0085b", "a\tb", "a\u0000b", "\ud800", "a\nb"]) {
    assert.not.ok(isKeyName(name), JSON.stringify(name));
    assert.is(
      codeOf(() => noteKey(name, noteKeyTypes.ed25519, signerOf("x").publicKey)),
      "MALFORMED",
    );
  }
  for (const name of ["a", "ledger.example/acme", "Điều", "oid/1.2.3"]) assert.ok(isKeyName(name), name);
});

test("kinds of keys that are not verified here are UNSUPPORTED, by their number", () => {
  const { message, code } = refusal(() =>
    parseVkey(`a+00000000+${Buffer.alloc(33, 6).toString("base64")}`),
  ) as TlogError;
  assert.is(code, "UNSUPPORTED");
  assert.match(message, /0x06/);
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  assert.is(
    codeOf(() => noteSigner("a", noteKeyTypes.ed25519, privateKey)),
    "MALFORMED",
  );
});

test("a key that binds nobody is refused: all fourteen encodings of the points of small order", () => {
  const p = 2n ** 255n - 19n;
  const bytes = (y: bigint, sign: number) => {
    const key = Buffer.from(y.toString(16).padStart(64, "0"), "hex").reverse();
    key[31] = (key[31] as number) | (sign << 7);
    return key;
  };
  const eight = BigInt("0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826");
  for (const y of [0n, 1n, p - 1n, p, p + 1n, eight, p - eight])
    for (const sign of [0, 1]) {
      const key = bytes(y, sign);
      assert.is(
        codeOf(() => noteKey("a", noteKeyTypes.ed25519, key)),
        "MALFORMED",
        key.toString("hex"),
      );
      // What decodes the points says so too: of small order, or no point at all.
      assert.ok(weaknessOf(key.toString("base64")) !== null, key.toString("hex"));
    }
  assert.is(
    codeOf(() => noteKey("a", noteKeyTypes.ed25519, Buffer.alloc(31))),
    "MALFORMED",
  );
});

test.run();
