// Reading where something stands in the way: no right to write, no room, an event or a file that somebody damaged. There is an answer
// all the same, or a "no" with a code and a next step; never a stack trace.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  statSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile } from "../../support/project.js";
import { skip } from "../../support/skip.js";
import { endOf } from "../spawnCli.js";
import { withCli } from "../withCli.js";

const reading = suite("reading where something stands in the way");

const ledgerPath = join(".iu-ledger", "ledger.sqlite");

/** A small ledger with a document on it; answers the path of its file. In processes of their own, which close it for certain. */
async function small(dir: string): Promise<string> {
  for (const words of [["init"], ["document", "add", "charter.md"], ["document", "list"]])
    assert.is((await endOf(dir, words)).code, 0);
  return join(dir, ledgerPath);
}

/** What somebody does to a file with a tool of their own, past the triggers. */
function tamper(path: string, statements: string): void {
  const db = new Database(path, { timeout: 5_000 });
  try {
    const triggers = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").raw().all([]) as string[][];
    for (const [name] of triggers) db.exec(`DROP TRIGGER ${name}`);
    db.exec(statements);
  } finally {
    db.close();
  }
}

reading("an event that was edited: a coded no that names its position, with --json too", () =>
  withCli(async ({ dir }) => {
    const path = await small(dir);
    tamper(path, `UPDATE event SET bytes = replace(bytes, '"schema":1', '"schema":0') WHERE position = 3`);
    const { code, err } = await endOf(dir, ["events"]);
    assert.is(code, 3);
    assert.match(err, /^✗ Position 3 does not hold an event that can be read/);
    assert.match(err, /code CORRUPT/);
    assert.match(err, /iu-ledger replay/);
    const { out } = await endOf(dir, ["events", "--last", "2", "--json"]);
    const { error } = JSON.parse(out) as { error: { code: string; numbers: unknown } };
    assert.equal([error.code, error.numbers], ["CORRUPT", { position: 3 }]);
    tamper(path, `UPDATE event SET bytes = replace(bytes, '"schema":0', '"schema":1') WHERE position = 3`);
    tamper(path, `UPDATE event SET bytes = json_set(bytes, '$.data', json('{}')) WHERE position = 3`);
    const shapeless = await endOf(dir, ["events"]);
    assert.is(shapeless.code, 3);
    assert.match(shapeless.err, /^✗ Position 3 /);
  }),
);

reading("a file that was cut short is to be restored: nobody is sent to a replay that says the same", () =>
  withCli(async ({ dir }) => {
    const path = await small(dir);
    truncateSync(path, 40_960);
    for (const words of [["replay"], ["run", "list"]]) {
      const { code, err } = await endOf(dir, words);
      assert.is(code, 3);
      assert.match(err, /code CORRUPT/);
      assert.match(err, /restore the ledger from a copy/);
    }
  }),
);

/** A disk of three megabytes; answers its folder. */
async function withDisk(dir: string, use: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(dir, "disk");
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], { stdio: "pipe" });
  } catch {
    skip("no disk of its own can be mounted here");
  }
  try {
    await use(folder);
  } finally {
    execFileSync("umount", [folder]);
  }
}

/** Leaves so many bytes free, in blocks of 4096. */
function fill(folder: string, left: number): void {
  const free = execFileSync("df", ["--output=avail", "-B1", folder], { encoding: "utf8" }).split("\n")[1];
  writeFileSync(join(folder, "fill"), Buffer.alloc(Number(free) - left));
}

reading("a full disk: read models are shown as they were left, replay works, and a write says what is missing", () =>
  withCli(async ({ dir }) =>
    withDisk(dir, async (disk) => {
      const original = await small(dir);
      const { out } = await endOf(dir, ["document", "list", "--json"]);
      const [{ document }] = (JSON.parse(out) as { documents: [{ document: string }] }).documents;
      // Refused, which is an event too; the read models do not know of it yet.
      assert.is((await endOf(dir, ["document", "revise", document, "charter.md"])).code, 1);
      const path = join(disk, "ledger.sqlite");
      for (const left of [0, 40_960]) {
        for (const name of readdirSync(disk)) unlinkSync(join(disk, name));
        copyFileSync(original, path);
        fill(disk, left);
        const list = await endOf(dir, ["document", "list", "--ledger", path]);
        assert.is(list.code, 0, list.err);
        assert.match(list.err, /^The disk is full, so what is shown is 1 event behind\.$/m);
        assert.match(list.out, /Charter/);
        assert.is((await endOf(dir, ["replay", "--ledger", path])).code, 0);
        const rebuilt = await endOf(dir, ["rebuild", "--ledger", path]);
        assert.is(rebuilt.code, 3);
        assert.match(rebuilt.err, /code DISK_FULL/);
        assert.match(rebuilt.err, /Make room/);
      }
    }),
  ),
);

/** Runs the command line as nobody. */
function asNobody(dir: string, words: readonly string[]) {
  const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath];
  const probe = spawnSync("setpriv", [...nobody, projectFile("bin", "iu-ledger.mjs"), "--help"], { cwd: "/" });
  if (probe.status !== 0) skip("no other user can be taken on here who may read the program");
  return spawnSync("setpriv", [...nobody, projectFile("bin", "iu-ledger.mjs"), ...words], {
    cwd: dir,
    encoding: "utf8",
  });
}

reading("an auditor who may only read replays and lists, and leaves nothing behind", () =>
  withCli(async ({ dir }) => {
    const path = await small(dir);
    chmodSync(dir, 0o755);
    chmodSync(join(dir, ".iu-ledger"), 0o755);
    chmodSync(path, 0o644);
    const before = { files: readdirSync(join(dir, ".iu-ledger")), at: statSync(path).mtimeMs };
    const replayed = asNobody(dir, ["replay"]);
    assert.is(replayed.status, 0, replayed.stdout + replayed.stderr);
    assert.match(replayed.stdout, /^PASS: \d+ events/m);
    const listed = asNobody(dir, ["document", "list"]);
    assert.is(listed.status, 0, listed.stderr);
    assert.match(listed.stdout, /Charter/);
    assert.is(asNobody(dir, ["events"]).status, 0);
    assert.is(asNobody(dir, ["rebuild"]).status, 3);
    assert.equal({ files: readdirSync(join(dir, ".iu-ledger")), at: statSync(path).mtimeMs }, before);
  }),
);

reading.run();
