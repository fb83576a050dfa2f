/** A ratified writer never changes: its file's bytes are those of the lock, and it imports nothing that could change beneath it. */
import { readdirSync, readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sha256Hex } from "../../src/events/canonical.js";
import { writersLock } from "../../src/writers/lock.js";
import { writerCode } from "../../src/writers/registry.js";

const folder = new URL("../../../src/writers/", import.meta.url);
const files = readdirSync(folder).filter((name) => /\.v\d+\.ts$/.test(name));
const test = suite("the writers' lock");

for (const file of files) {
  const [, name = "", version = "0"] = /^(\w+)\.v(\d+)\.ts$/.exec(file) ?? [];
  const bytes = readFileSync(new URL(file, folder));

  test(`${file} has the bytes it was pinned with`, () => {
    const pinned = writersLock.find((one) => one.name === name && one.version === Number(version));
    assert.is(
      pinned?.source,
      sha256Hex(bytes),
      `${file} changed. A ratified writer never does: put the new behaviour in ${name}.v${Number(version) + 1}.ts`,
    );
  });

  test(`${file} imports nothing but node:crypto and types`, () => {
    const imports = bytes.toString("utf8").match(/^import .*$/gm) ?? [];
    const other = imports.filter((line) => !/^import type |^import \{ createHash \} from "node:crypto";$/.test(line));
    assert.equal(other, []);
  });

  test(`${file} is in the registry`, () => {
    assert.type(writerCode(name, Number(version)), "function");
  });
}

test("every pinned writer has its file", () => {
  assert.equal(writersLock.map((one) => `${one.name}.v${one.version}.ts`).sort(), [...files].sort());
});

test.run();
