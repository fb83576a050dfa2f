// Help: every command says what it does and shows an example that parses; a slip is met with a suggestion.
import type { Command } from "commander";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Terminal } from "../../src/cli/output/Terminal.js";
import { buildProgram } from "../../src/cli/program.js";
import { readConfig } from "../../src/config.js";
import { wordsOf } from "./transcript.js";
import { withCli } from "./withCli.js";

const help = suite("cli: help");

help("every command has a description, explained arguments and an example that names it", async () => {
  await withCli(async ({ iu }) => {
    for (const words of commandsOf(programForHelp())) {
      const { exit, out } = await iu([...words, "--help"]);
      const name = words.join(" ");
      assert.is(exit, 0, name);
      const [, example = ""] = /Example:\n\s+\$ (.*)/.exec(out) ?? [];
      assert.ok(example.startsWith(`iu-ledger ${name}`), `${name} --help shows: ${example || "no example"}`);
      assert.ok(wordsOf(example).length >= words.length + 1, name);
    }
  });
});

help("a group without a command shows its commands, and is malformed", () =>
  withCli(async ({ iu }) => {
    const { exit, out, err } = await iu(["unit"]);
    assert.is(exit, 2);
    assert.is(out, "");
    assert.match(err, "history");
  }),
);

help("a slip of the finger is met with a suggestion", () =>
  withCli(async ({ iu }) => {
    const said = [
      await iu(["runn", "list"]),
      await iu(["gate", "lsit"]),
      await iu(["plan", "charter.md", "--profil", "en"]),
    ];
    for (const { exit, err } of said) {
      assert.is(exit, 2);
      assert.match(err, "Did you mean");
    }
  }),
);

help("the environment names the place, and a flag comes before it", () => {
  assert.is(readConfig({ IU_LEDGER: "acme.sqlite", IU_KEYS: "keys" }).ledger, "acme.sqlite");
  assert.ok(readConfig({ NO_COLOR: "1" }).colourOff);
  assert.not.ok(readConfig({ NO_COLOR: "" }).colourOff);
});

help("lines to copy name the place where it was named", () =>
  withCli(async ({ iu }) => {
    const place = ["--ledger", "acme books.sqlite", "--keys", "acme"];
    assert.is((await iu(["init", ...place])).exit, 0);
    const { out } = await iu(["document", "add", "charter.md", ...place]);
    assert.match(out, /next iu-ledger run open [0-9a-f]{8} --ledger 'acme books\.sqlite' --keys acme/);
  }),
);

/** The program as it stands, for looking at its commands only. */
function programForHelp(): Command {
  const terminal = { colour: false, width: undefined } as Terminal;
  const signal = new AbortController().signal;
  return buildProgram(
    { terminal, config: { ...readConfig({}), program: "iu-ledger" }, signal },
    { exit: 0, context: undefined },
    false,
  );
}

/** The words of every command that does something. */
function commandsOf(command: Command, before: readonly string[] = []): string[][] {
  return command.commands
    .filter((child) => child.name() !== "help")
    .flatMap((child) => {
      const words = [...before, child.name()];
      return child.commands.length === 0 ? [words] : commandsOf(child, words);
    });
}

help.run();
