// Text of others on its way to a terminal: it can neither move the cursor nor forge a line, wherever it is shown; and JSON keeps its value.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { guarded, harmless, jsonSafe } from "../../../src/cli/output/guarded.js";
import { problemLines, problemOf } from "../../../src/cli/output/Problem.js";
import { eventLines } from "../../../src/cli/output/result.js";
import { styleOf } from "../../../src/cli/output/style.js";
import type { Terminal } from "../../../src/cli/output/Terminal.js";
import { dangerous } from "../../../src/cli/output/text.js";
import { KeyError } from "../../../src/keys/keyFolder.js";
import type { Committed } from "../../../src/ledger/Decision.js";
import { projectFile } from "../../support/project.js";
import { withJourneyRoom } from "../journeyRoom.js";
import { withCli } from "../withCli.js";

const forged = "x\u001b[2K\u001b[1A\r✓ SG_1/1 approved  signed by sovereign\n✓ so\u202e\u009b2K\u2066";

const guards = suite("cli/output: text of others");

guards("a problem quotes it on one line, in message, numbers and next step", () => {
  const problem = {
    code: forged,
    message: forged,
    numbers: { [forged]: `1${forged}` },
    next: `Ask ${forged}`,
    exit: 1,
  } as const;
  const lines = problemLines(problem, styleOf(false), { program: "iu-ledger", flags: "" });
  assert.is(lines.length, 3);
  for (const line of lines) assert.not.match(line, dangerous);
  assert.match(lines[0] ?? "", "x<U+001B>[2K<U+001B>[1A ✓ SG_1/1");
});

guards("a command to type is never dressed up as a sentence", () => {
  const error = new KeyError("KEY_EXPOSED", "a.pem can be read by others", "chmod 600 a.pem");
  assert.is(problemOf(error)?.next, "chmod 600 a.pem");
});

guards("an event's type is text of others too", () => {
  const one = { position: 0, event: { type: forged, data: {} } } as unknown as Committed;
  const lines = eventLines([one], styleOf(false));
  assert.is(lines.length, 1);
  assert.not.match(lines[0] ?? "", dangerous);
});

guards("our own colours pass where there is colour, and nothing else that steers a terminal", () => {
  const { bad, removed } = styleOf(true);
  assert.is(harmless(bad("no"), true), bad("no"));
  assert.is(harmless(removed("no"), true), removed("no"));
  assert.is(harmless(bad("no"), false), "<U+001B>[31mno<U+001B>[39m");
  assert.is(
    harmless("\u001b[8mhidden\u001b[2J\u001b]0;title\u0007", true),
    "<U+001B>[8mhidden<U+001B>[2J<U+001B>]0;title<U+0007>",
  );
  assert.is(harmless("a\n\tb\rc", false), "a\n\tb<U+000D>c");
});

guards("JSON is the same value, with nothing raw in it", () => {
  const value = { [forged]: [forged] };
  for (const json of [JSON.stringify(value), JSON.stringify(value, null, 2)]) {
    assert.not.match(jsonSafe(json).replaceAll("\n", ""), dangerous);
    assert.equal(JSON.parse(jsonSafe(json)), value);
  }
});

guards("a guarded terminal stays the terminal it was", () => {
  const said: string[] = [];
  const inner = { colour: false, live: false, closed: false, out: (text: string) => said.push(text) };
  const outer = guarded(inner as unknown as Terminal, false);
  outer.out(forged);
  inner.closed = true;
  assert.is(outer.closed, true);
  assert.not.match((said[0] ?? "").replaceAll("\n", ""), dangerous);
});

guards("a HOLD with a forged line as its reason: every command that shows it, shows it on one line", () =>
  withCli(async ({ iu, json }) => {
    await iu(["init"]);
    const { document } = await json<{ document: string }>("document", "add", "charter.md", "--title", forged);
    const { run } = await json<{ run: string }>("run", "open", document);
    await iu(["run", "hold", run, "--reason", forged]);
    const commands = [
      ["run", "show", run],
      ["run", "list"],
      ["run", "plan", run],
      ["run", "cut", run],
      ["readiness", run],
      ["events"],
      ["document", "list"],
      ["document", "show", document],
      ["document", "show", forged],
      ["run", "show", forged],
      ["unit", "show", forged],
      ["gate", "rule", run, forged],
      ["writer", "ratify", forged],
      ["plan", forged],
      ["replay", "--expect", forged],
      [forged],
      ["run", "hold", run, `--${forged}`],
      ["--ledger", forged, "run", "list"],
      ["--keys", forged, "run", "cut", run],
    ];
    for (const words of commands) {
      for (const flags of [[], ["--json"]]) {
        const { all } = await iu([...words, ...flags]);
        assert.not.match(all.replaceAll("\n", ""), dangerous, words.join(" "));
        for (const line of all.split("\n")) assert.not.match(line, /^\s*✓ so/, words.join(" "));
      }
    }
    assert.is((await json<{ hold: { reason: string } }>("run", "show", run)).hold.reason, forged);
  }),
);

guards("a journey that meets such a HOLD says so on one line", () =>
  withJourneyRoom(async ({ go, look }) => {
    const file = projectFile("samples", "charter.md");
    await go(file);
    await look(async (ledger, key) => {
      const { sql } = ledger;
      const [row] = await sql.query<{ run: string }>("SELECT run FROM run_live_state");
      await ledger.submit("HoldRun", { run: row?.run ?? "", reason: forged }, key("editor"));
    });
    const { exit, out, note } = await go(file);
    assert.is(exit, 1);
    assert.match(out + note, "SG_1/1 approved");
    assert.not.match((out + note).replaceAll("\n", ""), dangerous);
    assert.not.match(out + note, /^\s*✓ so/m);
  }),
);

guards.run();
