/** `export` and `import`: there and back, and what is said where something stands in the way. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withCli } from "./withCli.js";

const test = suite("export and import: the command line");

test("a ledger is exported, imported elsewhere, and is the same there", () =>
  withCli(async ({ iu, json }) => {
    await iu(["init"]);
    await iu(["document", "add", "charter.md"]);
    const { size, root, contents } = await json<{ size: number; root: string; contents: unknown }>("export", "out");
    assert.equal(contents, { present: 1, absent: 0 });
    const imported = await iu(["import", "out", "--ledger", "copy.sqlite"]);
    assert.is(imported.exit, 0, imported.err);
    assert.match(imported.out, "iu-ledger replay --ledger copy.sqlite");
    const report = await json<{ size: number; root: string; verdict: string }>("replay", "--ledger", "copy.sqlite");
    assert.equal([report.size, report.root, report.verdict], [size, root, "PASS"]);
    assert.not.ok(existsSync("copy.sqlite.importing"));
    // It goes on as a ledger.
    assert.is((await iu(["document", "add", "quy-che.txt", "--ledger", "copy.sqlite"])).exit, 0);
  }));

test("neither overwrites: a folder with something in it, a ledger that is there", () =>
  withCli(async ({ iu }) => {
    await iu(["init"]);
    mkdirSync("mine");
    writeFileSync(join("mine", "a"), "a");
    const exported = await iu(["export", "mine"]);
    assert.is(exported.exit, 3);
    assert.match(exported.err, "EXPORT_EXISTS");
    assert.is((await iu(["export", "out"])).exit, 0);
    const imported = await iu(["import", "out"]);
    assert.is(imported.exit, 3);
    assert.match(imported.err, "TARGET_NOT_EMPTY");
    const nowhere = await iu(["import", "mine", "--ledger", "copy.sqlite"]);
    assert.match(nowhere.err, "EXPORT_MISSING");
  }));

test("a damaged export is named, and makes nothing", () =>
  withCli(async ({ iu }) => {
    await iu(["init"]);
    await iu(["document", "add", "charter.md"]);
    await iu(["export", "out"]);
    const path = join("out", "commands.ndjson");
    writeFileSync(path, readFileSync(path, "utf8").replace('"count":', '"count": '));
    const { exit, err } = await iu(["import", "out", "--ledger", "copy.sqlite"]);
    assert.is(exit, 3);
    assert.match(err, "EXPORT_DAMAGED");
    assert.match(err, "commands.ndjson, line 1");
    assert.not.ok(existsSync("copy.sqlite"));
  }));

test.run();
