// `discover` over a folder: looks first, enters once, finds the same file again, and is not led astray by links, pipes, or what is no text.
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile } from "../../support/project.js";
import { type Cli, withCli } from "../withCli.js";
import { type Discovered, parseDiscovered } from "./discoverShapes.js";

const folder = suite("cli: discover a folder");

async function discovered({ iu }: Cli, words: readonly string[], exit = 0): Promise<Discovered> {
  const said = await iu(["discover", ...words, "--json"]);
  assert.is(said.exit, exit, said.all);
  assert.is(said.err, "");
  return parseDiscovered(said.out);
}

/** What stands in a folder by path: the status and the codes of the findings. */
function byPath({ found }: Discovered): Record<string, string> {
  return Object.fromEntries(
    found.map(({ id, status, findings }) => [id ?? "", [status, ...findings.map(({ code }) => code)].join(" ")]),
  );
}

function write(dir: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [path, bytes] of Object.entries(files)) {
    mkdirSync(join(dir, path, ".."), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
}

const law = (title: string) => `# ${title}\n\n## Article 1\n\nText of ${title}.\n`;

folder(
  "looks first and writes nothing; enters; the same again enters nothing; a change is a revision, a loss is said",
  () =>
    withCli(async (cli) => {
      const { dir, iu, json } = cli;
      await iu(["init"]);
      write(dir, { "rules/a.md": law("Alpha"), "rules/deep/b.txt": law("Beta"), "rules/c.MD": law("Gamma") });
      const size = async () => (await json<{ size: number }>("replay")).size;
      const before = await size();
      const looked = await iu(["discover", "rules"]);
      assert.is(looked.exit, 0);
      assert.match(looked.out, /new {17}\d+ {2}rules\/a\.md {2}“Alpha”/);
      assert.match(looked.out, "rules: 3 files, 3 new, 0 changed, 0 the same, 0 blocked");
      assert.match(looked.out, "next iu-ledger discover rules --register");
      assert.match(looked.err, "Nothing was written");
      assert.is(await size(), before);

      const entered = await discovered(cli, ["rules", "--register"]);
      assert.equal(entered.summary.registered, 3);
      assert.is(entered.summary.signedBy, "editor");
      assert.is(await size(), before + 3);
      const again = await discovered(cli, ["./rules/", "--register"]);
      assert.equal([again.summary.same, again.summary.registered, again.summary.revised], [3, 0, 0]);
      assert.is(await size(), before + 3);

      write(dir, { "rules/a.md": `${law("Alpha")}\n## Article 2\n\nMore.\n` });
      renameSync(join(dir, "rules/c.MD"), join(dir, "rules/d.md"));
      const changed = await discovered(cli, ["rules"], 0);
      assert.equal(byPath(changed), { "rules/a.md": "changed", "rules/d.md": "new", "rules/deep/b.txt": "same" });
      assert.equal(
        changed.gone.map(({ source }) => source),
        ["rules/c.MD"],
      );
      const target = changed.found.find(({ id }) => id === "rules/a.md")?.target;
      assert.is(target?.verdict, "safe");
      assert.equal(
        target?.reasons.map(({ code }) => code),
        ["OPEN_RUN", "CONTENT", "SIZE", "CUTTABLE", "FINDINGS", "REVISION", "IN_FORCE", "BACKUP"],
      );
      const revised = await discovered(cli, ["rules", "--register"]);
      assert.equal([revised.summary.revised, revised.summary.registered, revised.summary.gone], [1, 1, 1]);
      // What a file is known by is what `document add` and a journey know it by.
      const listed = await json<{ documents: { source: string; revision: number; title: string }[] }>(
        "document",
        "list",
      );
      assert.equal(listed.documents.map(({ source, revision }) => [source, revision]).sort(), [
        ["rules/a.md", 1],
        ["rules/c.MD", 0],
        ["rules/d.md", 0],
        ["rules/deep/b.txt", 0],
      ]);
      assert.is((await json<{ verdict: string }>("replay")).verdict, "PASS");
    }),
);

folder("a document that was added by hand is found again; one that was added twice is not guessed at", () =>
  withCli(async (cli) => {
    const { dir, iu } = cli;
    await iu(["init"]);
    write(dir, { "rules/a.md": law("Alpha"), "rules/b.md": law("Beta") });
    await iu(["document", "add", "./rules/a.md", "--title", "By hand"]);
    await iu(["document", "add", "rules/b.md"]);
    await iu(["document", "add", "rules/b.md"]);
    const { found } = await discovered(cli, ["rules"], 1);
    assert.equal(
      found.map(({ title, status, findings }) => [title, status, findings.map(({ code }) => code)]),
      [
        ["By hand", "same", []],
        ["Beta", "blocked", ["SOURCE_AMBIGUOUS"]],
      ],
    );
  }),
);

folder("links, circles, pipes, folders and bytes that are no text are findings, and nothing of them is entered", () =>
  withCli(async (cli) => {
    const { dir, iu } = cli;
    await iu(["init"]);
    write(dir, {
      "rules/a.md": law("Alpha"),
      "rules/binary.md": Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0, 1, 2),
      "rules/blank.md": " \n\t\n",
      "rules/empty.md": "",
      "rules/latin1.txt": Buffer.from("Grüße\n", "latin1"),
      "rules/picture.png": "",
      "rules/Makefile": "",
      "rules/.hidden.md": law("Hidden"),
      "rules/.git/c.md": law("Hidden too"),
      "rules/twin.md": law("Alpha"),
      "rules/large.md": "x".repeat(70_000),
      "secret.txt": "not in the folder\n",
    });
    symlinkSync(".", join(dir, "rules/circle"));
    symlinkSync("other.md", join(dir, "rules/other.md"));
    symlinkSync("../secret.txt", join(dir, "rules/secret.txt"));
    mkdirSync(join(dir, "rules/folder.md"));
    execFileSync("mkfifo", [join(dir, "rules/pipe.md")]);
    writeFileSync(Buffer.concat([Buffer.from(join(dir, "rules/")), Buffer.from([0x67, 0xfc, 0x2e, 0x6d, 0x64])]), "x");
    await iu(["policy", "show"]);
    const seen = await discovered(cli, ["rules", "--register"], 1);
    assert.equal(byPath(seen), {
      "rules/a.md": "new",
      "rules/binary.md": "blocked NUL_BYTE",
      "rules/blank.md": "blocked BODY_BLANK",
      "rules/circle": "blocked LINK",
      "rules/empty.md": "blocked BODY_EMPTY",
      "rules/g\ufffd.md": "blocked NAME_NOT_UTF8",
      "rules/large.md": "new",
      "rules/latin1.txt": "blocked INVALID_UTF8",
      "rules/other.md": "blocked LINK",
      "rules/pipe.md": "blocked NOT_A_FILE",
      "rules/secret.txt": "blocked LINK",
      "rules/twin.md": "blocked TITLE_DUPLICATE BODY_DUPLICATE",
    });
    assert.equal(seen.found.find(({ id }) => id === "rules/latin1.txt")?.findings[0]?.numbers, { offset: 2 });
    assert.is(seen.summary.registered, 2);
    assert.equal(seen.summary.notes, [
      "not looked at: 1 without a type, 1 .png (--type takes other types)",
      "hidden, not looked at: 2",
    ]);
    const accepted = await discovered(cli, ["rules", "--register", "--accept", "BODY_DUPLICATE"], 1);
    assert.is(accepted.summary.registered, 1);
  }),
);

folder("a file and a folder that this user may not read are findings; the rest is found", () =>
  withCli(({ dir }) => {
    write(dir, { "rules/a.md": law("Alpha"), "rules/closed/b.md": law("Beta"), "rules/no.md": law("No") });
    chmodSync(join(dir, "rules/no.md"), 0);
    chmodSync(join(dir, "rules/closed"), 0);
    chmodSync(dir, 0o755);
    const script = `
      const { openFolder } = await import(process.argv[1]);
      const source = await openFolder({ path: "rules", types: [".md"], sizeMax: 1000 });
      const found = [];
      for await (const one of source.read()) found.push([one.id, ...one.findings.map(({ code }) => code)]);
      process.stdout.write(JSON.stringify(found));`;
    const words = ["--input-type=module", "-e", script, projectFile("build", "src", "discover", "folder.js")];
    // Root may read everything.
    const nobody =
      process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] : [];
    const [program = "", ...rest] = [...nobody, process.execPath, ...words];
    const said = spawnSync(program, rest, { cwd: dir, encoding: "utf8" });
    chmodSync(join(dir, "rules/closed"), 0o755);
    assert.equal([said.status, said.stderr], [0, ""]);
    assert.equal(JSON.parse(said.stdout), [
      ["rules/a.md"],
      ["rules/closed", "FOLDER_UNREADABLE"],
      ["rules/no.md", "FILE_UNREADABLE"],
    ]);
    return Promise.resolve();
  }),
);

folder("a title that would steer a terminal is shown harmless, and kept as it is", () =>
  withCli(async (cli) => {
    const { dir, iu } = cli;
    await iu(["init"]);
    write(dir, {
      "rules/\u001b[2Ja.md": "# \u001b]0;owned\u0007 Title\u202e\n\n## Article 1\n\nText.\n\n## Article 2\n\nMore.\n",
    });
    const { out } = await iu(["discover", "rules"]);
    for (const char of ["\u001b", "\u0007", "\u202e"]) assert.not.ok(out.includes(char));
    assert.match(out, "<U+001B>");
    const { found } = await discovered(cli, ["rules"]);
    assert.is(found[0]?.title, "\u001b]0;owned\u0007 Title\u202e");
  }),
);

folder("a document under a run: what has changed waits for it, and nothing is asked of the ledger in vain", () =>
  withCli(async (cli) => {
    const { dir, iu, json } = cli;
    await iu(["init"]);
    write(dir, { "rules/a.md": law("Alpha") });
    await discovered(cli, ["rules", "--register"]);
    await iu(["run", "open", "Alpha"]);
    write(dir, { "rules/a.md": law("Alpha again") });
    const { size } = await json<{ size: number }>("replay");
    const seen = await discovered(cli, ["rules", "--register"], 1);
    assert.equal(byPath(seen), { "rules/a.md": "blocked RUN_OPEN" });
    assert.is(seen.found[0]?.target?.verdict, "unsafe");
    assert.is((await json<{ size: number }>("replay")).size, size);
  }),
);

folder(
  "words that cannot be meant, folders that are none, keys that may not sign: a no with a code, before anything is read",
  () =>
    withCli(async ({ dir, iu }) => {
      await iu(["init"]);
      write(dir, { "rules/a.md": law("Alpha") });
      const cases: [words: string[], exit: number, code: string][] = [
        [["nowhere"], 3, "FOLDER_MISSING"],
        [["charter.md"], 2, "NOT_A_FOLDER"],
        [["rules", "--table", "law"], 2, "OPTIONS_CONTRADICT"],
        [["rules", "--accept", "NUL_BYTE"], 2, "NOT_ACCEPTABLE"],
        [["mysql://db/acme"], 2, "SOURCE_UNKNOWN"],
        [["postgres://reader@127.0.0.1:1/db"], 2, "SOURCE_INCOMPLETE"],
        [["postgres://reader@127.0.0.1:1/db", "--table", "law"], 2, "SOURCE_INCOMPLETE"],
        [["postgres://reader@127.0.0.1:1/db", "--query", "SELECT 1", "--table", "law"], 2, "OPTIONS_CONTRADICT"],
        [["postgres://reader@127.0.0.1:1/db", "--type", "md"], 2, "OPTIONS_CONTRADICT"],
        [["postgres://reader@127.0.0.1:1/db", "--table", "law", "--name", "a/b"], 2, "SOURCE_NAME_MALFORMED"],
        [["postgres://reader@127.0.0.1:1/db", "--query", "DELETE FROM law", "--name", "a"], 2, "QUERY_NOT_SELECT"],
        [["postgres://reader@127.0.0.1:1/db", "--table", "law", "--name", "a"], 3, "SOURCE_UNAVAILABLE"],
        [["rules", "--register", "--as", "verifier"], 1, "ROLE_REQUIRED"],
      ];
      for (const [words, exit, code] of cases) {
        const said = await iu(["discover", ...words]);
        assert.is(said.exit, exit, said.all);
        assert.match(said.err, `code ${code}`, words.join(" "));
      }
      rmSync(join(dir, ".iu-ledger"), { recursive: true });
      assert.match((await iu(["discover", "rules"])).err, "NOT_A_LEDGER");
    }),
);

folder.run();
