/** Keys under a passphrase: they open with it and with nothing else, whatever is changed in the file; and nothing ever tells what they hold. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { KeyError, keyNames, loadKey, openKey, publicHalf, saveKey, saveSealedKey } from "../../src/keys/keyFolder.js";
import { protectKey } from "../../src/keys/protectKey.js";
import { generateSigner, type Signer } from "../../src/keys/Signer.js";
import { openSealed, publicHalfOf, sealKey } from "../../src/keys/sealedKey.js";
import { secretsOf } from "../support/secrets.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("keys under a passphrase");
const passphrase = "correct horse battery staple";
/** Quick; what the product uses is a thousand times as much work. */
const quick = 6;

async function refusedAs(code: KeyError["code"], signer: Signer, call: () => unknown): Promise<KeyError> {
  let error: unknown;
  try {
    await call();
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof KeyError, String(error));
  assert.is(error.code, code);
  assert.ok(error.next.length > 0);
  const told = inspect(error, { depth: 10, showHidden: true }) + error.stack;
  for (const secret of [...secretsOf(signer), passphrase])
    assert.not.ok(told.includes(secret), "an error tells a secret");
  return error;
}

test("a sealed key opens with its passphrase as the same signer; its file is the owner's and tells the public half only", () =>
  withTempDir(async (dir) => {
    const signer = generateSigner("mara");
    const file = await saveSealedKey(dir, signer, passphrase, quick);
    assert.is(file, join(dir, "mara.age"));
    assert.is(statSync(file).mode & 0o777, 0o600);
    assert.is(publicHalf(dir, "mara").keyid, signer.keyid);
    assert.equal(keyNames(dir), ["mara"]);
    const opened = await openKey(dir, "mara", async () => passphrase);
    assert.ok(opened.privateKey.equals(signer.privateKey));
    const text = readFileSync(file, "latin1");
    for (const secret of secretsOf(signer)) assert.not.ok(text.includes(secret));
  }));

test("another passphrase, or none at hand, is refused; so is a file that others may read, before anything is asked", () =>
  withTempDir(async (dir) => {
    const signer = generateSigner("mara");
    const file = await saveSealedKey(dir, signer, passphrase, quick);
    for (const wrong of ["", "Correct horse battery staple", `${passphrase} `, passphrase.normalize("NFD").slice(1)])
      await refusedAs("PASSPHRASE_WRONG", signer, () => openKey(dir, "mara", async () => wrong));
    await refusedAs("KEY_LOCKED", signer, () => loadKey(dir, "mara"));
    chmodSync(file, 0o640);
    let asked = false;
    await refusedAs("KEY_EXPOSED", signer, () =>
      openKey(dir, "mara", async () => {
        asked = true;
        return passphrase;
      }),
    );
    assert.not.ok(asked);
  }));

test("a sealed key is never overwritten, nor is a plain one by a sealed one", () =>
  withTempDir(async (dir) => {
    const [first, second] = [generateSigner("mara"), generateSigner("mara")];
    const before = readFileSync(await saveSealedKey(dir, first, passphrase, quick), "latin1");
    await refusedAs("KEY_EXISTS", second, () => saveSealedKey(dir, second, passphrase, quick));
    await refusedAs("KEY_EXISTS", second, () => saveKey(dir, second));
    assert.is(readFileSync(join(dir, "mara.age"), "latin1"), before);
    const other = generateSigner("ben");
    saveKey(dir, other);
    await refusedAs("KEY_EXISTS", other, () => saveSealedKey(dir, generateSigner("ben"), passphrase, quick));
  }));

test("cut off anywhere, or with any byte changed, it opens no more, or is the same key", async () => {
  const signer = generateSigner("mara");
  const text = await sealKey(signer, passphrase, quick);
  const same = (opened: unknown) => typeof opened === "object" && (opened as Signer).keyid === signer.keyid;
  assert.ok(same(await openSealed(text, "mara", passphrase)));
  // White space behind the armor is nothing to age: without the last line break nothing is lost.
  for (let length = 0; length < text.length - 1; length += 7)
    assert.not.ok(same(await openSealed(text.slice(0, length), "mara", passphrase)), `cut off at ${length}`);
  const named = text.indexOf("\npublic");
  for (let at = 0; at < text.length - 1; at += 1) {
    const byte = text.charCodeAt(at);
    const changed = text.slice(0, at) + String.fromCharCode(byte ^ 1) + text.slice(at + 1);
    // The name in the first line is for people: the file's own name counts.
    if (at >= "iu-ledger key: ".length && at < named) continue;
    const opened = await openSealed(changed, "mara", passphrase);
    assert.ok(opened === "damaged" || opened === "wrong", `byte ${at} changed`);
  }
});

test("a public half that is not the key's is found out", async () => {
  const [signer, other] = [generateSigner("mara"), generateSigner("mara")];
  const text = await sealKey(signer, passphrase, quick);
  const [own, foreign] = [publicHalfOf(text), publicHalfOf(await sealKey(other, passphrase, quick))];
  assert.ok(own !== undefined && foreign !== undefined);
  assert.is(await openSealed(text.replace(own.public, foreign.public), "mara", passphrase), "damaged");
});

test("a plain key is put under a passphrase, the passphrase changed, and taken off: always the same key", () =>
  withTempDir(async (dir) => {
    const signer = generateSigner("mara");
    saveKey(dir, signer);
    const none = async () => {
      throw new Error("nothing was to be asked");
    };
    const file = await protectKey(dir, "mara", none, { passphrase, workFactor: quick });
    assert.equal(readdirSync(dir), ["mara.age"]);
    assert.is(statSync(file).mode & 0o777, 0o600);
    await protectKey(dir, "mara", async () => passphrase, { passphrase: "another one entirely", workFactor: quick });
    await refusedAs("PASSPHRASE_WRONG", signer, () => openKey(dir, "mara", async () => passphrase));
    const opened = await openKey(dir, "mara", async () => "another one entirely");
    assert.is(opened.keyid, signer.keyid);
    await protectKey(dir, "mara", async () => "another one entirely", "plain");
    assert.equal(readdirSync(dir), ["mara.pem"]);
    assert.ok(loadKey(dir, "mara").privateKey.equals(signer.privateKey));
  }));

test("a wrong passphrase changes nothing; a conversion that was interrupted goes on", () =>
  withTempDir(async (dir) => {
    const signer = generateSigner("mara");
    const plain = readFileSync(saveKey(dir, signer));
    await protectKey(dir, "mara", async () => "", { passphrase, workFactor: quick });
    const sealed = readFileSync(join(dir, "mara.age"));
    await refusedAs("PASSPHRASE_WRONG", signer, () =>
      protectKey(dir, "mara", async () => "no", { passphrase: "x", workFactor: quick }),
    );
    assert.equal(readFileSync(join(dir, "mara.age")), sealed);
    // Killed between the sealed file and the removal of the plain one; and while the new file was written.
    writeFileSync(join(dir, "mara.pem"), plain, { mode: 0o600 });
    writeFileSync(join(dir, "mara.age.new"), sealed.subarray(0, 40), { mode: 0o600 });
    assert.equal(keyNames(dir), ["mara"]);
    await refusedAs("KEY_LOCKED", signer, () => loadKey(dir, "mara"));
    await protectKey(dir, "mara", async () => passphrase, { passphrase, workFactor: quick });
    assert.equal(readdirSync(dir), ["mara.age"]);
    assert.is((await openKey(dir, "mara", async () => passphrase)).keyid, signer.keyid);
  }));

test("what the product seals with costs scrypt 2^17, and is an age file any age reads behind its first lines", async () => {
  const text = await sealKey(generateSigner("mara"), passphrase);
  const armor = text.slice(text.indexOf("-----BEGIN"));
  assert.match(text, /^iu-ledger key: mara\npublic: [A-Za-z0-9+/]{43}=\n\n-----BEGIN AGE ENCRYPTED FILE-----\n/);
  const file = Buffer.from(armor.replace(/-----[^\n]*-----|\n/g, ""), "base64").toString("latin1");
  assert.match(file, /^age-encryption\.org\/v1\n-> scrypt [A-Za-z0-9+/]{22} 17\n/);
  // The way that the head comment promises.
  const sed = execFileSync("sed", ["1,/^$/d"], { input: text, encoding: "latin1" });
  assert.is(sed, armor);
});

test("a file that is no sealed key is told so before anything is asked", () =>
  withTempDir(async (dir) => {
    const signer = generateSigner("mara");
    const ask = async () => {
      throw new Error("nothing was to be asked");
    };
    for (const text of ["", "age-encryption.org/v1\n", "iu-ledger key: mara\n\n"]) {
      writeFileSync(join(dir, "mara.age"), text, { mode: 0o600 });
      await refusedAs("KEY_UNREADABLE", signer, () => openKey(dir, "mara", ask));
      await refusedAs("KEY_UNREADABLE", signer, () => publicHalf(dir, "mara"));
    }
    assert.not.ok(existsSync(join(dir, "mara.pem")));
  }));

test.run();
