// The report on the command line: written from a ledger, checked without one; and the ways it says no.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cli, withCli } from "./withCli.js";

const report = suite("cli: report");

interface Problem {
  readonly error: { readonly code: string; readonly next: string | null };
}
interface Checked {
  readonly verdict: string;
  readonly reported: string | null;
  readonly signer: { readonly principal: string; readonly keyid: string; readonly pinned: boolean } | null;
  readonly compared: number;
  readonly findings: readonly { readonly file: string; readonly code: string }[];
}
const codeOf = async (cli: Cli, ...words: string[]) => (await cli.json<Problem>(...words)).error?.code;

/** A ledger with a run on the charter that has come as far as its dry run. */
async function begun(cli: Cli): Promise<string> {
  await cli.iu(["init"]);
  await cli.iu(["document", "add", "charter.md", "--title", "Charter"]);
  const { run } = await cli.json<{ run: string }>("run", "open", "Charter");
  await cli.iu(["run", "plan", run]);
  await cli.iu(["run", "dry-run", run]);
  return run;
}

report("an enacted run: written, then checked by somebody who has neither ledger nor keys", () =>
  withCli(async (cli) => {
    assert.is((await cli.iu(["journey", "charter.md", "--rule", "sovereign"])).exit, 0);
    const [{ run }] = (await cli.json<{ runs: [{ run: string }] }>("run", "list")).runs;
    // The journey goes by this machine's clock.
    const now = new Date().toISOString();
    for (const words of [
      ["log", "key"],
      ["log", "checkpoint"],
    ]) {
      const { exit, all } = await cli.iu(words, { now });
      assert.is(exit, 0, all);
    }
    const said = await cli.iu(["report", run.slice(0, 8), "--out", "out", "--as", "editor"]);
    assert.is(said.exit, 0, said.all);
    assert.match(said.out, /✓ PASS {2}report on run [0-9a-f]{8}, signed by editor/);
    assert.match(said.out, "13 of 13 asked of this run are PASS");
    assert.match(said.out, /next iu-ledger report check out --key [0-9a-f]{16}/);
    assert.is(readdirSync("out").length, 12);
    assert.match(readFileSync(join("out", "01-precheck.md"), "utf8"), "signed by the log's key in force");
    assert.match(
      readFileSync(join("out", "11-final-report.md"), "utf8"),
      /\*\*PASS\*\*: \d+ parts are asked of this run/,
    );

    const keyid = /--key ([0-9a-f]{16})/.exec(said.out)?.[1] ?? "";
    rmSync(".iu-ledger", { recursive: true });
    const holds = await cli.iu(["report", "check", "out", "--key", keyid]);
    assert.is(holds.exit, 0, holds.all);
    assert.match(holds.out, /The report holds[\s\S]*the one you gave[\s\S]*11 of 11 compared/);
    const inside = await cli.iu(["report", "check", join("out", "statement.dsse.json")]);
    assert.is(inside.exit, 0);
    assert.match(inside.out, "The key is only the one inside");
    const { verdict, reported, signer, compared } = await cli.json<Checked>("report", "check", "out");
    assert.equal(
      [verdict, reported, signer?.principal, signer?.pinned, compared],
      ["PASS", "PASS", "editor", false, 11],
    );
    assert.not.ok(existsSync(".iu-ledger"), "nothing was made");

    const other = await cli.iu(["report", "check", "out", "--key", "0123456789abcdef"]);
    assert.is(other.exit, 1);
    assert.match(other.out, "KEY_OTHER");
    const final = join("out", "11-final-report.md");
    writeFileSync(final, readFileSync(final, "utf8").replace("**NOT_RUN**", "**PASS**"));
    const edited = await cli.iu(["report", "check", "out", "--key", keyid]);
    assert.is(edited.exit, 1);
    assert.match(edited.out, /11-final-report\.md: it is not what the statement renders to, from line \d+ on/);
    const { findings } = await cli.json<Checked>("report", "check", "out");
    assert.equal(
      findings.map(({ file, code }) => [file, code]),
      [["11-final-report.md", "DOCUMENT_CHANGED"]],
    );
  }),
);

report("a run on its way is no pass, and says what comes next; the same again is the same bytes", () =>
  withCli(async (cli) => {
    const run = await begun(cli);
    const first = await cli.iu(["report", run, "--as", "editor"]);
    assert.is(first.exit, 1);
    assert.match(first.out, "○ NOT_RUN");
    const { size, folder, next } = await cli.json<{ size: number; folder: string; next: string }>(
      "report",
      run,
      "--as",
      "editor",
      "--out",
      "again",
    );
    assert.equal([folder, next.startsWith("iu-ledger report check again --key ")], ["again", true]);
    const made = `report-${run.slice(0, 8)}-${size}`;
    for (const name of readdirSync(made))
      assert.equal(readFileSync(join(made, name)), readFileSync(join("again", name)), name);
    assert.match(readFileSync(join("again", "10-blocker-matrix.md"), "utf8"), "iu-ledger gate request");
    await cli.iu(["run", "hold", run, "--reason", "| **wait** <b>", "--as", "editor"]);
    const held = await cli.json<{ verdict: string }>("report", run, "--as", "editor", "--out", "held");
    assert.is(held.verdict, "HOLD");
    assert.match(readFileSync(join("held", "10-blocker-matrix.md"), "utf8"), "\\| \\*\\*wait\\*\\* &lt;b&gt;");
    await cli.json("report", run, "--as", "editor", "--out", "then", "--size", String(size));
    for (const name of readdirSync("then"))
      assert.equal(readFileSync(join("then", name)), readFileSync(join("again", name)), name);
    assert.is((await cli.iu(["report", "check", "held"])).exit, 0, "a report of a HOLD holds");
  }),
);

report("what cannot be meant, what is not there, what is there already", () =>
  withCli(async (cli) => {
    assert.is((await cli.iu(["report", "7d1c"])).exit, 3);
    const run = await begun(cli);
    assert.is(await codeOf(cli, "report", "ffffffff"), "RUN_UNKNOWN");
    assert.is(await codeOf(cli, "report", run, "--as-of", "yesterday"), "INSTANT_MALFORMED");
    assert.is(await codeOf(cli, "report", run, "--as-of", "2020-01-01T00:00:00.000Z"), "INSTANT_TOO_EARLY");
    assert.is(await codeOf(cli, "report", run, "--size", "9999"), "SIZE_MISSING");
    assert.is(await codeOf(cli, "report", run, "--as", "nobody"), "KEY_MISSING");
    mkdirSync("full");
    writeFileSync(join("full", "mine.md"), "mine");
    const full = await cli.iu(["report", run, "--out", "full"]);
    assert.is(full.exit, 3);
    assert.equal(readdirSync("full"), ["mine.md"], "left as it is");
    assert.is((await cli.iu(["report", "check", "nowhere"])).exit, 3);
    assert.is((await cli.iu(["report", "check", "full"])).exit, 3);
    assert.is((await cli.iu(["report", "check", "charter.md"])).exit, 1);
    assert.is((await cli.iu(["report", "check", "charter.md", "--key", "beef"])).exit, 2);
    assert.is((await cli.iu(["report", "check", "charter.md", "--public-key", "charter.md"])).exit, 2);
    assert.is((await cli.iu(["report"])).exit, 2);
  }),
);

report("the help of the group is a command's own too", () =>
  withCli(async ({ iu }) => {
    const { exit, out } = await iu(["report", "--help"]);
    assert.is(exit, 0);
    assert.match(out, /Example:\n\s+\$ iu-ledger report 7d1c/);
  }),
);

report.run();
