// Hints: every line that an answer tells somebody to type is a command that exists, with the arguments it needs; and it is typed as it works here.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { asTyped, messageWith, partsOf } from "../../src/cli/output/hint.js";
import { styleOf } from "../../src/cli/output/style.js";
import type { Terminal } from "../../src/cli/output/Terminal.js";
import { buildProgram } from "../../src/cli/program.js";
import { readConfig } from "../../src/config.js";
import { projectFile } from "../support/project.js";
import { wordsOf } from "./transcript.js";
import { withCli } from "./withCli.js";

const hints = suite("cli: hints");

/** The program with every command's work taken out. */
function parser(): Command {
  const terminal = {
    colour: false,
    width: undefined,
    out: () => undefined,
    note: () => undefined,
  } as unknown as Terminal;
  const signal = new AbortController().signal;
  const program = buildProgram({ terminal, config: readConfig({}), signal }, { exit: 0, context: undefined }, false);
  const empty = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => undefined);
    for (const child of command.commands) empty(child);
  };
  empty(program);
  return program;
}

/** The lines to type in the string literals of a source; what is filled in stands as `X`. */
function linesIn(source: string): string[] {
  const groups = new Set(parser().commands.map((one) => one.name()));
  return [...source.matchAll(/(?<=["`' ])iu-ledger ((?:\$\{[^}]*\}|[^"`'\n])+)/g)]
    .map(([, words = ""]) => words.replace(/\$\{[^}]*\}/g, "X").trimEnd())
    .filter((words) => groups.has(words.split(" ")[0] ?? ""));
}

/** What only a person can say must be in the line, as TEXT. */
const reasoned = /^(run (hold|release|abandon)|switch arm|run compensate(?!.* --execute)) /;

hints("every line in the deciders, stores and read models is a command, whole", () => {
  let seen = 0;
  for (const folder of ["commands", "src/store", "src/projecting", "src/database"]) {
    for (const name of readdirSync(projectFile(folder), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts")) continue;
      for (const words of linesIn(readFileSync(join(projectFile(folder), name), "utf8"))) {
        seen += 1;
        const what = `${folder}/${name}: iu-ledger ${words}`;
        try {
          parser().parse(wordsOf(words), { from: "user" });
        } catch (error) {
          throw new Error(`${what}: ${String(error)}`);
        }
        assert.ok(!reasoned.test(words) || words.includes(" --reason TEXT"), `${what}: says no reason`);
      }
    }
  }
  assert.ok(seen >= 25, `only ${seen} lines were found`);
});

hints("no decider names a command without the program", () => {
  for (const name of readdirSync(projectFile("commands"), { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".ts")) continue;
    const source = readFileSync(projectFile("commands", name), "utf8");
    assert.not.match(source, /'(run|gate|principal|readiness|document|writer|unit|switch) [^']*'(?!\])/, name);
  }
});

hints("a next step is typed with the program's name, short ids and the flags of the place", () => {
  const run = "7d1c0000-0000-4000-8000-000000000000";
  const typing = { program: "npx iu-ledger", flags: " --ledger a.sqlite" };
  const typed = (next: string) => asTyped(next, styleOf(false), typing);
  assert.is(typed(`iu-ledger run cut ${run}`), "npx iu-ledger run cut 7d1c0000 --ledger a.sqlite");
  assert.is(typed("Release it: iu-ledger run list"), "Release it: npx iu-ledger run list --ledger a.sqlite");
  assert.is(typed("'iu-ledger run list' shows them."), "'npx iu-ledger run list --ledger a.sqlite' shows them.");
  assert.is(typed("iu-ledger principal add a.novak"), "npx iu-ledger principal add a.novak --ledger a.sqlite");
  assert.is(typed("Use the newer iu-ledger that wrote it."), "Use the newer iu-ledger that wrote it.");
  assert.is(typed("iu-ledger run list --ledger a.sqlite"), "npx iu-ledger run list --ledger a.sqlite", "once");
});

hints("a next step has a line to type, or says something, or both", () => {
  assert.equal(partsOf("iu-ledger run list"), { said: null, line: "iu-ledger run list" });
  assert.equal(partsOf("Release it: iu-ledger run list"), { said: "Release it.", line: "iu-ledger run list" });
  assert.equal(partsOf("Ask a human."), { said: "Ask a human.", line: null });
  assert.equal(partsOf(""), { said: null, line: null });
  assert.is(messageWith("It is held: why", "Release it."), "It is held: why. Release it.");
  assert.is(messageWith("It is held.", null), "It is held.");
});

hints("the name of the program is its own only where a shell finds it so", () => {
  const path = { PATH: "/usr/bin:/opt/bin" };
  assert.is(readConfig(path, "/opt/bin/iu-ledger").program, "iu-ledger");
  assert.is(readConfig(path, "/home/me/iu-ledger/bin/iu-ledger.mjs").program, "npx iu-ledger");
  assert.is(readConfig(path, "/elsewhere/iu-ledger").program, "npx iu-ledger");
  assert.is(readConfig({ ...path, npm_execpath: "npm" }, "/opt/bin/iu-ledger").program, "npx iu-ledger");
  assert.is(readConfig({ npm_lifecycle_event: "start" }).journey, "npm start --");
  assert.is(readConfig({}, "").journey, "npx iu-ledger journey");
});

hints("in JSON `next` is a line or null, and a sentence is in the message", () =>
  withCli(async ({ iu, json }) => {
    await iu(["init"]);
    await iu(["document", "add", "charter.md", "--title", "Charter"]);
    const { run } = await json<{ run: string }>("run", "open", "Charter");
    const early = JSON.parse((await iu(["run", "cut", run, "--json"])).out) as {
      error: { message: string; next: string | null };
    };
    assert.is(early.error.next, `iu-ledger readiness ${run}`);
    assert.match(early.error.message, "See the next step.");
    const both = JSON.parse((await iu(["gate", "rule", run, "SG_1", "--approve", "--reject", "--json"])).out) as {
      error: { message: string; next: string | null };
    };
    assert.is(both.error.next, null);
    assert.match(both.error.message, "Give one of --approve and --reject.");
  }),
);

hints.run();
