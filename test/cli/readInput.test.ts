// Reading what was named: never more than is allowed, whatever has no end; and every no with its numbers.

import { execFileSync, spawn } from "node:child_process";
import { existsSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Stop } from "../../src/cli/output/Problem.js";
import type { Terminal } from "../../src/cli/output/Terminal.js";
import { inputSizeMax, readInput } from "../../src/cli/readInput.js";
import { embeddedPolicy } from "../../src/events/fields.js";
import { projectFile } from "../support/project.js";
import { withTempDir } from "../support/withTempDir.js";
import { endOf } from "./spawnCli.js";
import { withCli } from "./withCli.js";

const input = suite("cli: reading what was named");
const terminal = { input: async () => new Uint8Array(11) } as unknown as Terminal;

async function problemOf(path: string, sizeMax?: number) {
  try {
    await readInput({ terminal }, path, sizeMax);
  } catch (error) {
    if (error instanceof Stop) return error.problem;
    throw error;
  }
  throw new Error(`${path} was read`);
}

input("without a ledger, no more is read than a new ledger's policy takes", () => {
  assert.is(inputSizeMax, embeddedPolicy.contentSizeMax);
});

input("what is longer is refused, with the numbers; what is exactly as long is read", () =>
  withTempDir(async (dir) => {
    const file = join(dir, "text");
    writeFileSync(file, "0123456789");
    assert.is((await readInput({ terminal }, file, 10)).length, 10);
    const { code, numbers, exit } = await problemOf(file, 9);
    assert.equal([code, numbers, exit], ["CONTENT_TOO_LARGE", { length: 10, sizeMax: 9 }, 1]);
    // Nothing of it is read: it takes no room on the disk, and would take a terabyte of memory.
    truncateSync(file, 2 ** 40);
    assert.is((await problemOf(file)).numbers["length"], 2 ** 40);
    assert.equal((await problemOf("-", 10)).numbers, { sizeMax: 10 });
    assert.is((await readInput({ terminal }, "-", 11)).length, 11);
  }),
);

input("a device is no document; a folder and a missing file are none either", async () => {
  if (existsSync("/dev/zero")) assert.is((await problemOf("/dev/zero")).code, "FILE_IS_DEVICE");
  assert.is((await problemOf(projectFile("samples"))).code, "FILE_IS_FOLDER");
  assert.is((await problemOf(projectFile("samples", "none"))).code, "FILE_MISSING");
});

input("a pipe with a name is read to its end, and one without an end no further than is allowed", () =>
  withTempDir(async (dir) => {
    const writes = async <T>(words: string, read: (pipe: string) => Promise<T>): Promise<T> => {
      const pipe = join(dir, words.slice(0, 3));
      execFileSync("mkfifo", [pipe]);
      const writer = spawn("sh", ["-c", `exec ${words} > "$0"`, pipe], { stdio: "ignore" });
      try {
        return await read(pipe);
      } finally {
        writer.kill();
      }
    };
    const whole = await writes("printf One", (pipe) => readInput({ terminal }, pipe));
    assert.is(Buffer.from(whole).toString(), "One");
    const endless = await writes("yes", (pipe) => problemOf(pipe, 100_000));
    assert.equal(endless.numbers, { sizeMax: 100_000 });
  }),
);

input("document add takes what the policy in force takes", () =>
  withCli(async ({ dir, iu }) => {
    await iu(["init"]);
    writeFileSync(join(dir, "long.md"), `# Long\n\n${"word ".repeat(20)}\n`);
    await iu(["policy", "adopt", "--set", "contentSizeMax=50"]);
    const { exit, err } = await iu(["document", "add", "long.md"]);
    assert.is(exit, 1);
    assert.match(err, "CONTENT_TOO_LARGE");
    assert.is((await iu(["policy", "adopt", "--set", "contentSizeMax=500"])).exit, 0);
    assert.is((await iu(["document", "add", "long.md"])).exit, 0);
  }),
);

input("stdin without an end is refused as a process, too", () =>
  withCli(async ({ dir }) => {
    if (!existsSync("/dev/zero")) return;
    for (const words of [
      ["plan", "/dev/zero"],
      ["journey", "/dev/zero"],
    ]) {
      const { code, err } = await endOf(dir, words);
      assert.is(code, 3);
      assert.match(err, "FILE_IS_DEVICE");
    }
    const bin = projectFile("bin", "iu-ledger.mjs");
    let said = "";
    try {
      execFileSync("sh", ["-c", `"$0" "$1" plan - --json < /dev/zero`, process.execPath, bin], {
        cwd: dir,
        encoding: "utf8",
      });
    } catch (error) {
      const ended = error as { status: number; stdout: string };
      assert.is(ended.status, 1);
      said = ended.stdout;
    }
    assert.is(JSON.parse(said).error.code, "CONTENT_TOO_LARGE");
  }),
);

input.run();
