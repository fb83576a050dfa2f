/** An export: the same bytes for the same ledger, a ledger again from it, and nothing in it that can be changed without being noticed. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { checkFolder } from "../../src/export/checkFolder.js";
import { ExportError } from "../../src/export/ExportError.js";
import { exportFiles } from "../../src/export/exportFiles.js";
import { importFolder } from "../../src/export/importFolder.js";
import { writeFolder } from "../../src/export/writeFolder.js";
import type { Store } from "../../src/ledger/Store.js";
import { replay } from "../../src/replay/replay.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { type GovernedLedger, governedRun, smallStatute } from "../support/governedRun.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("exports");

let told: GovernedLedger | undefined;

/** A ledger with a run cut and verified, a refusal, a document that was refused; more than one bundle of events. */
async function story(): Promise<GovernedLedger> {
  if (told !== undefined) return told;
  const governed = await governedRun({ until: "verified" });
  const refused = await governed.putContent(Buffer.from("a\0b"));
  const document = governed.newId();
  assert.is(
    (await governed.submit("RegisterDocument", { document, title: "Odd", source: null, content: refused }, "carl"))
      .kind,
    "refused",
  );
  while ((await governed.store.head()).size < 300)
    await governed.done("DisarmExecution", { run: null, reason: "to be sure" }, "otto");
  await governed.run({ bytes: Buffer.concat([smallStatute, Buffer.from("\nArticle 6. Done.\n")]), until: "planned" });
  told = governed;
  return governed;
}

/** Every file of a folder, by path. */
function filesIn(folder: string): Map<string, Buffer> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(folder, name)).isFile(),
  );
  return new Map(names.sort().map((name) => [name, readFileSync(join(folder, name))]));
}

const exported = (store: Store, folder: string) => writeFolder(folder, exportFiles(store));

async function damage(folder: string): Promise<ExportError> {
  try {
    await checkFolder(folder);
  } catch (error) {
    if (error instanceof ExportError) return error;
    throw error;
  }
  throw new Error("nothing was found");
}

test("the same ledger at the same size gives the same bytes, which check and name the root", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const manifest = await exported(store, join(dir, "one"));
    await exported(store, join(dir, "two"));
    assert.equal(filesIn(join(dir, "one")), filesIn(join(dir, "two")));
    const head = await store.head();
    assert.equal([manifest.size, manifest.root], [head.size, head.root]);
    const checked = await checkFolder(join(dir, "one"));
    assert.equal(checked.manifest, manifest);
    assert.equal([checked.leaves, checked.tiles, checked.contents], [head.size, 3, 5]);
    assert.equal(readdirSync(dir), ["one", "two"]);
  }));

test("imported, it is the same ledger: events, commands, contents, root; exported again, the same bytes; and replay passes", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    await exported(store, join(dir, "one"));
    const again = memoryStore();
    await importFolder(join(dir, "one"), again);
    const { size } = await store.head();
    assert.equal(await again.head(), await store.head());
    assert.equal(await again.read(0, size), await store.read(0, size));
    assert.equal(await again.commands(0, size), await store.commands(0, size));
    await exported(again, join(dir, "two"));
    assert.equal(filesIn(join(dir, "one")), filesIn(join(dir, "two")));
    const report = await replay(again);
    assert.equal(
      report.checks.flatMap(({ findings }) => findings),
      [],
    );
    assert.ok(report.checks.some(({ name, verdict }) => name === "content" && verdict === "PASS"));
  }));

test("an import that stopped goes on; one onto other events is refused and adds nothing", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const folder = join(dir, "one");
    await exported(store, folder);
    const target = memoryStore();
    let appends = 0;
    const stopping: Store = {
      ...target,
      append: (batch) => {
        if (++appends > 1) throw new Error("killed");
        return target.append(batch.slice(0, 40));
      },
    };
    await importFolder(folder, stopping).then(
      () => assert.unreachable(),
      () => undefined,
    );
    const { size } = await target.head();
    assert.ok(size > 0 && size < 300);
    await importFolder(folder, target);
    assert.equal(await target.head(), await store.head());
    // Again: it is there.
    await importFolder(folder, target);
    // One event of its own on top of a common beginning.
    const other = await governedRun({ until: "assessed" });
    await other.done("DisarmExecution", { run: null, reason: "another way" }, "otto");
    const before = await other.store.head();
    const refused = await importFolder(folder, other.store).catch((error: unknown) => error);
    assert.ok(refused instanceof ExportError && refused.code === "TARGET_NOT_EMPTY", String(refused));
    assert.equal(await other.store.head(), before);
  }));

test("any byte changed in any file, any file cut off, removed or added is noticed, and named", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const folder = join(dir, "one");
    await exported(store, folder);
    let tried = 0;
    for (const [name, bytes] of filesIn(folder)) {
      const path = join(folder, name);
      // The manifest's own members are compared with all else; of the long files a byte in each stretch.
      const step = Math.max(1, Math.floor(bytes.length / 7));
      for (let at = 0; at < bytes.length; at += step) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        writeFileSync(path, changed);
        const { code } = await damage(folder);
        assert.ok(["EXPORT_DAMAGED", "EXPORT_NEWER"].includes(code), `${name} at ${at}`);
        tried++;
      }
      writeFileSync(path, bytes);
      truncateSync(path, bytes.length - 1);
      await damage(folder);
      rmSync(path);
      assert.match((await damage(folder)).code, /EXPORT_(?:DAMAGED|MISSING)/);
      writeFileSync(path, bytes);
    }
    assert.ok(tried > 60);
    for (const name of ["extra", "tile/0/000.p/3", "content/none", "tile/5/000"]) {
      mkdirSync(join(folder, name, ".."), { recursive: true });
      writeFileSync(join(folder, name), "?");
      assert.match((await damage(folder)).message, "does not belong");
      rmSync(join(folder, name));
    }
    await checkFolder(folder);
  }));

test("what is imported is checked on the way: a damaged export makes no whole ledger", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    await exported(store, join(dir, "one"));
    for (const name of ["tile/entries/000", "commands.ndjson", "contents.ndjson", "manifest.json"]) {
      cpSync(join(dir, "one"), join(dir, "two"), { recursive: true });
      const path = join(dir, "two", name);
      const bytes = readFileSync(path);
      bytes[bytes.length - 40] = (bytes[bytes.length - 40] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      const outcome = await importFolder(join(dir, "two"), memoryStore()).catch((error: unknown) => error);
      assert.ok(outcome instanceof Error, name);
      rmSync(join(dir, "two"), { recursive: true });
    }
  }));

test("what was erased is listed as absent, and everything else still checks and imports", () =>
  withTempDir(async (dir) => {
    const { store } = await governedRun({ until: "planned" });
    const whole = await exported(store, join(dir, "whole"));
    const [gone = ""] = readdirSync(join(dir, "whole", "content"));
    await store.content.erase(gone);
    const manifest = await exported(store, join(dir, "less"));
    assert.equal(manifest.contents, { present: whole.contents.present - 1, absent: 1 });
    assert.equal([manifest.root, manifest.size], [whole.root, whole.size]);
    await checkFolder(join(dir, "less"));
    assert.match(readFileSync(join(dir, "less", "contents.ndjson"), "utf8"), `{"commitment":"${gone}","length":null`);
    const again = memoryStore();
    await importFolder(join(dir, "less"), again);
    assert.is(await again.content.get(gone), undefined);
  }));

test("a folder with something in it is left alone; an interruption leaves none of that name", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    mkdirSync(join(dir, "mine"));
    writeFileSync(join(dir, "mine", "letter.txt"), "dear");
    const refused = await exported(store, join(dir, "mine")).catch((error: unknown) => error);
    assert.ok(refused instanceof ExportError && refused.code === "EXPORT_EXISTS");
    assert.equal(readdirSync(join(dir, "mine")), ["letter.txt"]);
    const signal = AbortSignal.abort(new Error("enough"));
    await writeFolder(join(dir, "new"), exportFiles(store, { signal })).then(
      () => assert.unreachable(),
      () => undefined,
    );
    assert.not.ok(existsSync(join(dir, "new")));
    assert.equal(readdirSync(dir), ["mine"]);
    mkdirSync(join(dir, "empty"));
    await exported(store, join(dir, "empty"));
  }));

test("a content that is not what was committed to is not exported as if it were", () =>
  withTempDir(async (dir) => {
    const { store } = await story();
    const changed: Store = {
      ...store,
      content: {
        ...store.content,
        async get(commitment) {
          const content = await store.content.get(commitment);
          return content && { ...content, bytes: Buffer.concat([content.bytes, Buffer.from("!")]) };
        },
      },
    };
    const refused = await exported(changed, join(dir, "one")).catch((error: unknown) => error);
    assert.ok(refused instanceof ExportError && refused.code === "CONTENT_CHANGED", String(refused));
    assert.equal(readdirSync(dir), []);
  }));

test.run();
