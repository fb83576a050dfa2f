/** Backups from the command line: made by who cannot open them, verified by who can, asked for by a policy before a cut, restored elsewhere. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cli, withCli } from "./withCli.js";

const test = suite("backups: the command line");

/** A ledger with a document, an operator who keeps the identity in `id.age`, and its recipient pinned. */
async function prepared({ iu, json }: Cli): Promise<void> {
  await iu(["init"]);
  await iu(["document", "add", "charter.md", "--title", "Charter"]);
  await iu(["principal", "add", "opal", "--kind", "human", "--role", "operator"]);
  const { recipient } = await json<{ recipient: string }>("backup", "identity", "id.age");
  assert.is((await iu(["backup", "recipients", "--to", `${recipient}=opal`])).exit, 0);
}

const identity = ["--identity", "id.age"];

test("made, verified and recorded, listed, restored; the restored ledger passes replay", () =>
  withCli(async (cli) => {
    const { iu, json } = cli;
    await prepared(cli);
    const made = await json<{ file: string; size: number; root: string }>("backup", "create", "one.backup");
    const said = await json<{ outcome: string; size: number; root: string; file: string }>(
      "backup",
      "verify",
      "one.backup",
      ...identity,
    );
    assert.equal([said.outcome, said.size, said.root, said.file], ["committed", made.size, made.root, made.file]);
    const { backups } = await json<{ backups: { file: string }[] }>("backup", "list");
    assert.equal(
      backups.map(({ file }) => file),
      [made.file],
    );
    assert.is((await iu(["replay"])).exit, 0);
    const restored = await iu(["backup", "restore", "one.backup", "restored.sqlite", ...identity]);
    assert.is(restored.exit, 0, restored.err);
    const report = await json<{ verdict: string; root: string }>("replay", "--ledger", "restored.sqlite");
    assert.equal([report.verdict, report.root], ["PASS", made.root]);
    assert.equal(
      readdirSync(".").filter((name) => /partial|importing|scratch/.test(name)),
      [],
    );
  }));

test("a policy that asks for a backup stops the cut until one holds the run; then it goes on", () =>
  withCli(async (cli) => {
    const { iu, json } = cli;
    await prepared(cli);
    await iu(["backup", "create", "before.backup"]);
    await iu(["backup", "verify", "before.backup", ...identity]);
    await iu(["policy", "adopt", "--set", "backupHoursMax=6"]);
    const { run } = await json<{ run: string }>("run", "open", "Charter");
    for (const words of [["assess"], ["plan"], ["dry-run"]]) {
      const { exit, err } = await iu(["run", ...words, run]);
      assert.is(exit, 0, err);
    }
    const { gate, subject } = await json<{ gate: string; subject: string }>("gate", "request", run, "SG_1");
    const ruling = ["gate", "rule", run, gate, "--approve", "--reason", "read", "--subject", subject];
    assert.is((await iu(ruling)).exit, 0);
    await iu(["switch", "arm", run, "--reason", "due"]);
    const behind = await iu(["run", "cut", run]);
    assert.is(behind.exit, 1);
    assert.match(behind.err, "BACKUP_BEHIND");
    const old = await iu(["backup", "verify", "before.backup", ...identity, "--for", run]);
    assert.is(old.exit, 1);
    assert.match(old.err, "BACKUP_BEHIND");
    const matrix = await iu(["readiness", run]);
    assert.match(matrix.out, "backup fresh");
    assert.is((await iu(["backup", "create", "after.backup"])).exit, 0);
    assert.is((await iu(["backup", "verify", "after.backup", ...identity, "--for", run])).exit, 0);
    assert.is((await iu(["readiness", run])).exit, 0);
    const cut = await iu(["run", "cut", run]);
    assert.is(cut.exit, 0, cut.err);
    assert.is((await iu(["replay"])).exit, 0);
  }));

test("each refusal by name: another's key, a changed file, another ledger's, a ledger that was rolled back, a place that is taken", () =>
  withCli(async (cli) => {
    const { iu } = cli;
    await prepared(cli);
    await iu(["backup", "create", "one.backup"]);
    const refused = async (code: string, exit: number, ...words: string[]) => {
      const { exit: actual, err } = await iu(words);
      assert.match(err, code);
      assert.is(actual, exit, err);
      assert.match(err, /\n {2}next /);
    };
    const verify = (file: string, ...more: string[]) => ["backup", "verify", file, ...identity, ...more];
    await iu(["backup", "identity", "other.age"]);
    await refused("BACKUP_NOT_OPENED", 1, "backup", "verify", "one.backup", "--identity", "other.age");
    await refused("IDENTITY_UNUSABLE", 3, "backup", "verify", "one.backup", "--identity", "charter.md");
    await refused("BACKUP_UNREADABLE", 3, ...verify("none.backup"));
    await refused("BACKUP_DAMAGED", 1, ...verify("charter.md"));
    const bytes = readFileSync("one.backup");
    writeFileSync("cut.backup", bytes.subarray(0, bytes.length - 100));
    await refused("BACKUP_DAMAGED", 1, ...verify("cut.backup"));
    await refused("BACKUP_DAMAGED", 1, "backup", "restore", "cut.backup", "new.sqlite", ...identity);
    assert.not.ok(existsSync("new.sqlite"));
    await refused("BACKUP_EXISTS", 3, "backup", "create", "one.backup");
    assert.equal(readFileSync("one.backup"), bytes);
    await refused("TARGET_NOT_EMPTY", 3, "backup", "restore", "one.backup", ".iu-ledger/ledger.sqlite", ...identity);
    // An older state of the ledger, put back in its place.
    await iu(["backup", "restore", "one.backup", "older.sqlite", ...identity]);
    await iu(["document", "add", "quy-che.txt"]);
    await iu(["backup", "create", "two.backup"]);
    await refused("BACKUP_AHEAD", 1, ...verify("two.backup", "--ledger", "older.sqlite"));
    // The same beginning, then another history.
    await iu(["policy", "adopt", "--set", "gateHours=3", "--ledger", "older.sqlite"]);
    await iu(["policy", "adopt", "--set", "gateHours=4", "--ledger", "older.sqlite"]);
    await refused("BACKUP_FORKED", 1, ...verify("two.backup", "--ledger", "older.sqlite"));
    await iu(["init", "--ledger", "elsewhere.sqlite", "--keys", "elsewhere"]);
    await refused("BACKUP_OTHER_LEDGER", 1, ...verify("one.backup", "--no-record", "--ledger", "elsewhere.sqlite"));
    assert.equal((await iu(["events", "--type", "BackupRecorded"])).out.trim(), "");
    rmSync("one.backup");
  }));

test("what a sovereign pins is looked at: the recipient, who keeps it, an identity given by mistake", () =>
  withCli(async (cli) => {
    const { iu, json } = cli;
    await prepared(cli);
    const { recipient } = await json<{ recipient: string }>("backup", "identity", "second.age");
    const typo = `${recipient.slice(0, -1)}${recipient.endsWith("q") ? "p" : "q"}`;
    const mistyped = await iu(["backup", "recipients", "--to", `${typo}=opal`]);
    assert.is(mistyped.exit, 2);
    assert.match((await iu(["backup", "recipients", "--to", `${recipient}=orchestrator`])).err, "HOLDER_UNKNOWN");
    const secret = readFileSync("second.age", "utf8").split("\n")[2] ?? "";
    const mistaken = await iu(["backup", "recipients", "--to", secret]);
    assert.is(mistaken.exit, 2);
    assert.not.match(mistaken.all, secret.slice(0, 30));
  }));

test.run();
