// The ends that are easily forgotten: a full disk behind stdout, keys nobody may read, words that are checked too late, a flag taken for a value.

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile } from "../support/project.js";
import { withCli } from "./withCli.js";

const ends = suite("cli: bad ends");

ends("a stdout that takes nothing: exit 3, said in a few lines on stderr, for every kind of answer", () =>
  withCli(async ({ dir, iu }) => {
    if (!existsSync("/dev/full")) return;
    await iu(["init"]);
    const bin = projectFile("bin", "iu-ledger.mjs");
    for (const words of ["events --json", "events --from 0", "plan charter.md --json", "replay", "--version"]) {
      const line = `"$0" "$1" ${words} 2>&1 >/dev/full; echo "exit $?"`;
      const said = execFileSync("sh", ["-c", line, process.execPath, bin], { cwd: dir, encoding: "utf8" });
      assert.match(said, "OUTPUT_NOT_WRITTEN", words);
      assert.match(said, "ENOSPC", words);
      assert.match(said, /exit 3\n$/, words);
      assert.is(said.split("\n").length, 5, said);
    }
  }),
);

ends("a keys folder that is none: exit 3 with its name, not a stack trace", () =>
  withCli(async ({ dir, iu }) => {
    await iu(["init"]);
    writeFileSync(join(dir, "nokeys"), "");
    for (const words of [
      ["principal", "list"],
      ["document", "add", "charter.md"],
      ["journey", "charter.md"],
      ["init"],
    ]) {
      const { exit, err } = await iu([...words, "--keys", "nokeys"]);
      assert.is(exit, 3, words.join(" "));
      assert.match(err, "KEYS_UNUSABLE");
    }
  }),
);

ends("init checks every word before it makes anything", () =>
  withCli(async ({ dir, iu }) => {
    const before = readdirSync(dir);
    writeFileSync(join(dir, "file"), "");
    for (const [words, code] of [
      [["--origin", "BAD"], 2],
      [["--name", ""], 2],
      [["--keys", "file"], 3],
    ] as const) {
      const { exit } = await iu(["init", ...words]);
      assert.is(exit, code, words.join(" "));
      assert.equal(readdirSync(dir), [...before, "file"].sort());
    }
    assert.is((await iu(["init"])).exit, 0);
  }),
);

ends("with --json anywhere in front of --, malformed words are answered as JSON on stdout", () =>
  withCli(async ({ iu }) => {
    await iu(["init"]);
    for (const words of [
      ["--json=1", "run", "list"],
      ["run", "list", "--json=1"],
      ["document", "add", "charter.md", "--json", "--title"],
      ["document", "add", "charter.md", "--title", "--json"],
      ["run", "lst", "--json"],
    ]) {
      const { exit, out, err } = await iu(words);
      assert.is(exit, 2, words.join(" "));
      assert.is(err, "");
      assert.type(JSON.parse(out).error.code, "string");
    }
    // As a word of its own it is no flag.
    assert.is((await iu(["document", "add", "charter.md", "--title=--json"])).exit, 0);
    const { out } = await iu(["document", "show", "--", "--json"]);
    assert.not.match(out, /^\{/);
  }),
);

ends.run();
