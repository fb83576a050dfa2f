/** The tar of a backup: any tar unpacks it, the same files give the same bytes, and only what we would have written is read. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cutTar, joinTar, TarError } from "../../src/backup/tar.js";
import type { ExportFile } from "../../src/export/exportFiles.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("tar");
type Files = readonly (readonly [path: string, bytes: Uint8Array])[];

async function* given(files: Files): AsyncGenerator<ExportFile, string> {
  for (const [path, bytes] of files)
    yield { path, length: bytes.length, bytes: [bytes.subarray(0, 3), bytes.subarray(3)] };
  return "done";
}

async function joined(files: Files): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of joinTar(given(files))) parts.push(part);
  return Buffer.concat(parts);
}

/** Cut out of a stream in parts of some size. */
async function cut(tar: Uint8Array, partSize: number): Promise<Files> {
  async function* stream() {
    for (let at = 0; at < tar.length; at += partSize) yield tar.subarray(at, at + partSize);
  }
  const files: [string, Uint8Array][] = [];
  for await (const { path, bytes } of cutTar(stream())) {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(new Uint8Array(part));
    files.push([path, new Uint8Array(Buffer.concat(parts))]);
  }
  return files;
}

const drawn = fc.array(
  fc.tuple(
    fc.string({ unit: fc.constantFrom(..."abc/.019"), minLength: 1, maxLength: 100 }),
    fc.uint8Array({ maxLength: 1500 }),
  ),
  { maxLength: 6 },
);

test("what is joined is cut again, however the stream comes in parts", async () => {
  await fc.assert(
    fc.asyncProperty(drawn, fc.integer({ min: 1, max: 2000 }), async (files, partSize) => {
      const tar = await joined(files);
      assert.is(tar.length % 512, 0);
      assert.equal(await cut(tar, partSize), files);
      assert.equal(await joined(files), tar);
    }),
    { numRuns: 60 },
  );
});

test("any byte that is not of a file's own, changed, is refused; so is a tar cut off anywhere or with more behind it", async () => {
  const files: Files = [
    ["manifest.json", Buffer.from("{}")],
    ["tile/0/000.p/3", new Uint8Array(700).fill(7)],
  ];
  const tar = await joined(files);
  const refused = async (bytes: Uint8Array, what: string) => {
    const outcome = await cut(bytes, 4096).catch((error: unknown) => error);
    assert.ok(outcome instanceof TarError, what);
  };
  const own = (at: number) => (at >= 512 && at < 514) || (at >= 1536 && at < 2236);
  for (let at = 0; at < tar.length; at++) {
    if (own(at)) continue;
    const changed = Buffer.from(tar);
    changed[at] = (changed[at] ?? 0) ^ 4;
    await refused(changed, `byte ${at}`);
  }
  for (let length = 0; length < tar.length; length += 101) await refused(tar.subarray(0, length), `cut at ${length}`);
  await refused(Buffer.concat([tar, Buffer.from("x")]), "something behind");
});

test("the system's tar unpacks it", () =>
  withTempDir(async (dir) => {
    const path = join(dir, "a.tar");
    writeFileSync(
      path,
      await joined([
        ["content/ab", Buffer.from("text")],
        ["tile/entries/000", new Uint8Array(513)],
      ]),
    );
    const ran = spawnSync("tar", ["xf", path], { cwd: dir });
    assert.is(ran.status, 0, String(ran.stderr));
    assert.is(readFileSync(join(dir, "content", "ab"), "utf8"), "text");
    assert.is(readFileSync(join(dir, "tile", "entries", "000")).length, 513);
  }));

test.run();
