/** Local keys: only their owner can read them, none is overwritten, and no error ever holds any of one. */
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { KeyError, keyNames, loadKey, saveKey } from "../../src/keys/keyFolder.js";
import { generateSigner, publicKeyOf, type Signer, signerFromSeed, signerOf } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("local keys");
const modeOf = (path: string) => statSync(path).mode & 0o777;

/** Everything of a private key that must never be seen: PEM lines, DER, seed, in each common writing. */
function secretsOf({ privateKey }: Signer): string[] {
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  const seed = der.subarray(der.length - 32);
  const lines = pem.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  return [
    ...lines,
    ...[der, seed].flatMap((bytes) => [bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex")]),
  ];
}

/** The error a call throws. */
function errorOf(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error("it did not throw");
}

function assertTellsNothing(error: unknown, signers: readonly Signer[]): void {
  const told = inspect(error, { depth: 10, showHidden: true }) + String((error as Error).stack);
  for (const secret of signers.flatMap(secretsOf)) assert.not.ok(told.includes(secret), "an error holds key material");
}

function assertRefused(error: Error, code: KeyError["code"], signers: readonly Signer[]): void {
  assert.ok(error instanceof KeyError, String(error));
  assert.is((error as KeyError).code, code);
  assert.ok((error as KeyError).next.length > 0);
  assertTellsNothing(error, signers);
}

test("a key is saved in a folder of mode 0700 as a file of mode 0600, and loads as the same signer", () =>
  withTempDir((dir) => {
    const folder = join(dir, "deep", "keys");
    const signer = generateSigner("mara");
    const file = saveKey(folder, signer);
    assert.is(file, join(folder, "mara.pem"));
    assert.is(modeOf(folder), 0o700);
    assert.is(modeOf(file), 0o600);
    const loaded = loadKey(folder, "mara");
    assert.equal([loaded.principal, loaded.keyid], ["mara", signer.keyid]);
    const frame = { id: "0190a000-0000-7000-8000-000000000001", ledger: "l", at: "2026-01-05T09:30:00.000Z" };
    const data = { run: null, reason: "to compare two signatures" };
    assert.equal(
      signCommand("DisarmExecution", data, frame, loaded),
      signCommand("DisarmExecution", data, frame, signer),
    );
    assert.equal(keyNames(folder), ["mara"]);
  }));

test("a folder that was open to others is closed when a key is saved in it", () =>
  withTempDir((dir) => {
    const folder = join(dir, "keys");
    mkdirSync(folder, { mode: 0o755 });
    chmodSync(folder, 0o755);
    saveKey(folder, generateSigner("mara"));
    assert.is(modeOf(folder), 0o700);
  }));

test("a key is never overwritten, not by its own principal either", () =>
  withTempDir((dir) => {
    const [first, second] = [generateSigner("mara"), generateSigner("mara")];
    const file = saveKey(dir, first);
    const before = readFileSync(file, "utf8");
    assertRefused(
      errorOf(() => saveKey(dir, second)),
      "KEY_EXISTS",
      [first, second],
    );
    assert.is(readFileSync(file, "utf8"), before);
  }));

for (const mode of [0o640, 0o604, 0o660, 0o601, 0o644, 0o610]) {
  test(`a key file of mode 0${mode.toString(8)} is refused as exposed, and the next step mends it`, () =>
    withTempDir((dir) => {
      const signer = generateSigner("mara");
      const file = saveKey(dir, signer);
      chmodSync(file, mode);
      const error = errorOf(() => loadKey(dir, "mara"));
      assertRefused(error, "KEY_EXPOSED", [signer]);
      assert.is((error as KeyError).next, `chmod 600 ${file}`);
      chmodSync(file, 0o600);
      assert.is(loadKey(dir, "mara").keyid, signer.keyid);
    }));
}

test("a missing key says which keys there are", () =>
  withTempDir((dir) => {
    const signer = generateSigner("mara");
    assertRefused(
      errorOf(() => loadKey(join(dir, "none"), "ben")),
      "KEY_MISSING",
      [],
    );
    assert.equal(keyNames(join(dir, "none")), []);
    saveKey(dir, signer);
    const error = errorOf(() => loadKey(dir, "ben"));
    assertRefused(error, "KEY_MISSING", [signer]);
    assert.match((error as KeyError).next, /mara/);
  }));

test("a damaged, cut off or foreign key file is unreadable, and its error tells nothing of it", () =>
  withTempDir((dir) => {
    const signer = generateSigner("mara");
    const pem = readFileSync(saveKey(dir, signer), "utf8");
    const file = join(dir, "other.pem");
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey.export({ format: "pem", type: "pkcs8" });
    const locked = signer.privateKey.export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "x" });
    for (const content of [
      pem.slice(0, 60),
      pem.replace(/\n.*\n/, "\nAAAA\n"),
      pem.replace("-----END", "----END"),
      "",
      rsa,
      locked,
    ]) {
      writeFileSync(file, content, { mode: 0o600 });
      const error = errorOf(() => loadKey(dir, "other"));
      assertRefused(error, "KEY_UNREADABLE", [signer]);
    }
    mkdirSync(join(dir, "folder.pem"), { mode: 0o700 });
    assertRefused(
      errorOf(() => loadKey(dir, "folder")),
      "KEY_UNREADABLE",
      [signer],
    );
  }));

test("printing a signer shows no key", () => {
  const signer = generateSigner("mara");
  assertTellsNothing(signer, [signer]);
  assert.not.ok(secretsOf(signer).some((secret) => JSON.stringify(signer).includes(secret)));
});

test("only Ed25519 keys sign; a seed is 32 bytes; the same seed is the same key", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
  assert.throws(() => signerOf("mara", rsa), /not an Ed25519 key/);
  const seed = new Uint8Array(32).fill(7);
  const error = errorOf(() => signerFromSeed("mara", seed.subarray(1)));
  assert.ok(error instanceof RangeError && /32 bytes, not 31/.test(error.message));
  assert.equal(publicKeyOf(signerFromSeed("a", seed).privateKey), publicKeyOf(signerFromSeed("b", seed).privateKey));
});

test.run();
