// What is left half done by a crash, and what the next command makes of it: an init at each of its steps, a key that was being rotated.

import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openLedger } from "../../src/app.js";
import { keyNames, loadKey, saveKey } from "../../src/keys/keyFolder.js";
import { generateSigner, publicKeyOf } from "../../src/keys/Signer.js";
import { withCli } from "./withCli.js";

const halves = suite("cli: half done");

const ledgerFile = join(".iu-ledger", "ledger.sqlite");
const keys = join(".iu-ledger", "keys");

halves("init goes on after an empty file", () =>
  withCli(async ({ iu }) => {
    mkdirSync(".iu-ledger");
    writeFileSync(ledgerFile, "");
    assert.is((await iu(["run", "list"])).exit, 3);
    const { exit, out } = await iu(["init"]);
    assert.is(exit, 0);
    assert.match(out, "Ledger opened");
  }),
);

/** For what is done beside the command line: a moment near its own. */
const clock = () => "2026-01-05T09:31:30.000Z";

halves("init goes on after tables without an event, and keeps the keys that were saved", () =>
  withCli(async ({ iu }) => {
    mkdirSync(".iu-ledger");
    await (await openLedger(ledgerFile, { create: true })).close();
    saveKey(keys, generateSigner("sovereign"));
    const { keyid } = loadKey(keys, "sovereign");
    const before = await iu(["run", "list"]);
    assert.is(before.exit, 1);
    assert.match(before.err, "LEDGER_NOT_OPEN");
    assert.match(before.err, "iu-ledger init");
    assert.is((await iu(["init"])).exit, 0);
    assert.is(loadKey(keys, "sovereign").keyid, keyid);
  }),
);

halves("init goes on after the first event, and registers who is missing", () =>
  withCli(async ({ iu, json }) => {
    mkdirSync(".iu-ledger");
    const signer = generateSigner("sovereign");
    saveKey(keys, signer);
    const ledger = await openLedger(ledgerFile, { create: true, clock });
    await ledger.init({
      name: "Local ledger",
      origin: "ledger.example/local",
      sovereign: { name: "Local sovereign", signer },
    });
    await ledger.close();
    assert.is((await iu(["init"])).exit, 0);
    const { principals } = await json<{ principals: { principal: string }[] }>("principal", "list");
    assert.equal(principals.map(({ principal }) => principal).sort(), [
      "editor",
      "orchestrator",
      "sovereign",
      "verifier",
    ]);
    assert.is((await iu(["init"])).exit, 1);
  }),
);

halves("init leaves a ledger alone that is somebody's, though some of its people have other names", () =>
  withCli(async ({ iu }) => {
    await iu(["init"]);
    await iu(["document", "add", "charter.md", "--title", "Charter"]);
    const { exit, err } = await iu(["init"]);
    assert.is(exit, 1);
    assert.match(err, "LEDGER_EXISTS");
    const elsewhere = await iu(["init", "--ledger", "charter.md"]);
    assert.is(elsewhere.exit, 3);
    assert.match(elsewhere.err, "NOT_A_LEDGER");
  }),
);

halves("a rotation that stopped before the ledger knew of it goes on with the key that waits", () =>
  withCli(async ({ iu, json }) => {
    await iu(["init"]);
    saveKey(join(keys, "next"), generateSigner("editor"));
    const { keyid } = loadKey(join(keys, "next"), "editor");
    const rotated = await json<{ keyid: string }>("principal", "rotate", "editor");
    assert.is(rotated.keyid, keyid);
    assert.is(loadKey(keys, "editor").keyid, keyid);
    assert.not.ok(existsSync(join(keys, "next")));
  }),
);

halves("a rotation that stopped after the ledger knew of it is finished by the next command that signs", () =>
  withCli(async ({ iu }) => {
    await iu(["init"]);
    // The sovereign's own: nobody else could sign the way out.
    const next = generateSigner("sovereign");
    const ledger = await openLedger(ledgerFile, { clock });
    const old = loadKey(keys, "sovereign");
    const data = { principal: "sovereign", key: publicKeyOf(next.privateKey), retires: [old.keyid] };
    assert.is((await ledger.submit("RotateKey", data, old)).kind, "committed");
    await ledger.close();
    saveKey(join(keys, "next"), next);
    const { exit, err } = await iu(["principal", "add", "a.novak", "--kind", "human", "--role", "reviewer"]);
    assert.is(exit, 0, err);
    assert.is(loadKey(keys, "sovereign").keyid, next.keyid);
    assert.ok(existsSync(join(keys, "sovereign.pem.old")), "what the old key signed must stay explainable");
  }),
);

halves("a principal that the ledger refused leaves no key behind", () =>
  withCli(async ({ iu }) => {
    await iu(["init"]);
    assert.is(
      (await iu(["principal", "add", "bot", "--kind", "agent", "--role", "sovereign", "--responsible", "editor"])).exit,
      1,
    );
    assert.is((await iu(["principal", "add", "../bot", "--kind", "agent", "--role", "editor"])).exit, 2);
    assert.equal(keyNames(keys), ["editor", "orchestrator", "sovereign", "verifier"]);
  }),
);

halves("a document that the ledger refused keeps its text, so that the refusal can be decided again", () =>
  withCli(async ({ iu, json }) => {
    await iu(["init"]);
    assert.is((await iu(["document", "add", "latin1.txt"])).exit, 1);
    assert.is((await json<{ verdict: string }>("replay")).verdict, "PASS");
  }),
);

halves("a ledger that was moved away is said to be missing, and a key that others may read is not used", () =>
  withCli(async ({ iu, dir }) => {
    await iu(["init"]);
    renameSync(join(dir, keys, "editor.pem"), join(dir, "editor.pem"));
    const missing = await iu(["document", "add", "charter.md"]);
    assert.is(missing.exit, 3);
    assert.match(missing.err, "SIGNER_MISSING");
    renameSync(ledgerFile, "elsewhere.sqlite");
    const gone = await iu(["document", "list"]);
    assert.is(gone.exit, 3);
    assert.match(gone.err, "There is no ledger at");
  }),
);

halves.run();
