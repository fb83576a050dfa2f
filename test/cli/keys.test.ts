/** Local keys under a passphrase, from the command line: where the passphrase may come from, and what is said where it cannot be had. */
import { chmodSync, closeSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { keyNames } from "../../src/keys/keyFolder.js";
import { endOf } from "./spawnCli.js";
import { withCli } from "./withCli.js";

const test = suite("keys under a passphrase: the command line");
const keys = join(".iu-ledger", "keys");
const passphrase = "seven slow snails";
const held = { IU_PASSPHRASE_FROM: "env:SNAILS", SNAILS: passphrase };
const nobody = {};

test("init asks for a passphrase twice; what signs afterwards asks once, what reads asks for none", () =>
  withCli(async ({ iu }) => {
    const init = await iu(["init"], { answers: [passphrase, passphrase], environment: nobody });
    assert.is(init.exit, 0, init.err);
    assert.match(init.out, "under your passphrase");
    assert.equal(
      readdirSync(keys).filter((name) => name.endsWith(".pem")),
      [],
    );
    assert.is((await iu(["principal", "list"], { environment: nobody })).exit, 0);
    const added = await iu(["document", "add", "charter.md"], { answers: [passphrase], environment: nobody });
    assert.is(added.exit, 0, added.err);
    assert.match(added.err, /passphrase of .*editor\.age: \n/);
    const wrong = await iu(["document", "add", "quy-che.txt"], { answers: ["eight slow snails"], environment: nobody });
    assert.is(wrong.exit, 3);
    assert.match(wrong.err, "PASSPHRASE_WRONG");
    const silent = await iu(["document", "add", "quy-che.txt"], { environment: nobody });
    assert.is(silent.exit, 3);
    assert.match(silent.err, "PASSPHRASE_MISSING");
    // A rotated key is kept as the one before it, under the passphrase that opened the signer's.
    const rotated = await iu(["principal", "rotate", "editor"], { environment: held });
    assert.is(rotated.exit, 0, rotated.err);
    assert.ok(readdirSync(keys).includes("editor.age"));
    assert.is((await iu(["document", "add", "quy-che.txt"], { environment: held })).exit, 0);
    for (const { all } of [init, added, wrong, silent, rotated]) assert.not.match(all, "snails");
  }));

test("without anybody to ask, init makes nothing; plain keys are made where that was chosen", () =>
  withCli(async ({ iu }) => {
    const refused = await iu(["init"], { environment: nobody });
    assert.is(refused.exit, 3);
    assert.match(refused.err, "PASSPHRASE_MISSING");
    assert.match(refused.err, "--passphrase-from none");
    assert.equal(keyNames(keys), []);
    const differs = await iu(["init"], { answers: [passphrase, "seven slow snakes"], environment: nobody });
    assert.match(differs.err, "PASSPHRASE_DIFFERS");
    const short = await iu(["init"], { answers: ["snail", "snail"], environment: nobody });
    assert.match(short.err, "PASSPHRASE_SHORT");
    assert.equal(keyNames(keys), []);
    const plain = await iu(["init", "--passphrase-from", "none"], { environment: nobody });
    assert.is(plain.exit, 0, plain.err);
    assert.match(plain.out, "without a passphrase");
    // The choice stands for the folder.
    assert.is(
      (await iu(["principal", "add", "mara", "--kind", "human", "--role", "reviewer"], { environment: nobody })).exit,
      0,
    );
    assert.ok(readdirSync(keys).includes("mara.pem"));
  }));

test("plain keys are put under a passphrase and it is changed, from files of the owner's only", () =>
  withCli(async ({ iu, json }) => {
    await iu(["init"]);
    writeFileSync("old", `${passphrase}\n`, { mode: 0o600 });
    writeFileSync("new", "eleven slow snails", { mode: 0o600 });
    const protect = ["keys", "protect", "editor", "verifier"];
    chmodSync("old", 0o644);
    const exposed = await iu([...protect, "--new-passphrase-from", "file:old"]);
    assert.match(exposed.err, "PASSPHRASE_EXPOSED");
    assert.match(exposed.err, "chmod 600 old");
    chmodSync("old", 0o600);
    const first = await iu([...protect, "--new-passphrase-from", "file:old"]);
    assert.is(first.exit, 0, first.err);
    assert.match(first.out, "2 keys");
    const { keys: kept } = await json<{ keys: { principal: string; sealed: boolean }[] }>("keys", "list");
    assert.equal(
      kept.filter(({ sealed }) => sealed).map(({ principal }) => principal),
      ["editor", "verifier"],
    );
    const from = ["--passphrase-from", "file:old", "--new-passphrase-from", "file:new"];
    assert.is((await iu([...protect, ...from])).exit, 0);
    // Again: they are done, which is no mistake.
    assert.is((await iu([...protect, ...from])).exit, 0);
    assert.match(
      (await iu(["document", "add", "charter.md", "--passphrase-from", "file:old"])).err,
      "PASSPHRASE_WRONG",
    );
    const fd = openSync("new", "r");
    try {
      assert.is((await iu(["document", "add", "charter.md", "--passphrase-from", `fd:${fd}`])).exit, 0);
    } finally {
      try {
        closeSync(fd);
      } catch {
        // The command has closed what it read.
      }
    }
    assert.is((await iu(["keys", "protect", "nobody", "--new-passphrase-from", "file:new"])).exit, 3);
  }));

test("a passphrase given as an argument is refused and never repeated", () =>
  withCli(async ({ iu }) => {
    for (const words of [
      ["init", "--passphrase-from", "hunter2hunter2"],
      ["init", "--passphrase-from", "pass:hunter2hunter2"],
      ["init", "--passphrase-from", "env:hunter2-hunter2", "--json"],
      ["keys", "protect", "--new-passphrase-from", "hunter2hunter2"],
    ]) {
      const { exit, all } = await iu(words);
      assert.is(exit, 2, all);
      assert.match(all, "PASSPHRASE_SOURCE_UNKNOWN");
      assert.not.match(all, "hunter2");
    }
    writeFileSync("two", "one line\nanother line\n", { mode: 0o600 });
    writeFileSync("empty", "\n", { mode: 0o600 });
    for (const [source, code] of [
      ["file:two", "PASSPHRASE_MALFORMED"],
      ["file:empty", "PASSPHRASE_MISSING"],
      ["file:nowhere", "PASSPHRASE_UNREADABLE"],
      ["fd:77", "PASSPHRASE_UNREADABLE"],
      ["env:NOWHERE", "PASSPHRASE_MISSING"],
    ])
      assert.match((await iu(["init", "--passphrase-from", source ?? ""])).err, code ?? "");
    assert.equal(keyNames(keys), []);
  }));

test("as a program: the passphrase in a variable, and the keys it makes", () =>
  withCli(async ({ dir }) => {
    const init = await endOf(dir, ["init", "--json"], held);
    assert.is(init.code, 0, init.err);
    const { principals } = JSON.parse(init.out) as { principals: { keyFile: string }[] };
    for (const { keyFile } of principals) assert.match(readFileSync(keyFile, "latin1"), /^iu-ledger key: /);
    assert.not.match(init.out + init.err, "snails");
  }));

test.run();
