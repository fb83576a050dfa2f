// Rulings: findings are acknowledged one by one, by id; what is signed is what was shown; the line to copy is exactly right.
import { writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { wordsOf } from "./transcript.js";
import { type Cli, withCli } from "./withCli.js";

const rulings = suite("cli: rulings");

/** A run whose plan has a finding that blocks: an article is printed twice. Waits at SG_1. */
async function waiting({ iu, json }: Cli): Promise<{ run: string; finding: string }> {
  writeFileSync("twice.md", "# Act\n\n## Article 1\n\nOne.\n\n## Article 1\n\nOne again.\n\n## Article 2\n\nTwo.\n");
  const planned = await iu(["plan", "twice.md", "--json"]);
  assert.is(planned.exit, 1, "a finding to acknowledge is exit code 1");
  const { findings } = JSON.parse(planned.out) as { findings: { id: string; blocking: boolean }[] };
  const [finding = ""] = findings.filter(({ blocking }) => blocking).map(({ id }) => id);
  await iu(["init"]);
  await iu(["document", "add", "twice.md", "--title", "Twice"]);
  const { run } = await json<{ run: string }>("run", "open", "Twice");
  for (const step of ["plan", "dry-run"]) assert.is((await iu(["run", step, run])).exit, 0);
  assert.is((await iu(["gate", "request", run, "SG_1"])).exit, 0);
  return { run, finding };
}

rulings("the line to copy names subject and findings, and is taken as it stands", () =>
  withCli(async (cli) => {
    const { run, finding } = await waiting(cli);
    const asked = await cli.iu(["gate", "rule", run, "SG_1", "--approve", "--reason", "it is a misprint"]);
    assert.is(asked.exit, 2);
    assert.match(asked.err, finding);
    const [, line = ""] = /next iu-ledger (.*)/.exec(asked.err) ?? [];
    assert.match(line, `--acknowledge ${finding}`);
    const ruled = await cli.iu(wordsOf(line));
    assert.is(ruled.exit, 0, ruled.err);
    assert.match(ruled.out, "SG_1/1 approved");
  }),
);

rulings("an approval without the finding is refused, and says which line would do", () =>
  withCli(async (cli) => {
    const { run, finding } = await waiting(cli);
    const { gates } = await cli.json<{ gates: { subject: string }[] }>("gate", "list", run);
    const words = ["gate", "rule", run, "SG_1", "--approve", "--reason", "fine", "--subject", gates[0]?.subject ?? ""];
    const refused = await cli.iu([...words, "--json"]);
    assert.is(refused.exit, 1);
    const { error } = JSON.parse(refused.out) as { error: { code: string; next: string } };
    assert.is(error.code, "FINDINGS_OPEN");
    assert.match(error.next, `--acknowledge ${finding}`);
    assert.is((await cli.iu([...words, "--acknowledge", finding])).exit, 0);
  }),
);

rulings("at a terminal each finding is asked about; a no signs nothing", () =>
  withCli(async (cli) => {
    const { run } = await waiting(cli);
    const words = ["gate", "rule", run, "SG_1", "--approve", "--reason", "read"];
    const no = await cli.iu(words, { answers: ["no"] });
    assert.is(no.exit, 1);
    assert.match(no.err, "nothing was signed");
    const nobody = await cli.iu(words, { answers: ["yes"] });
    assert.is(nobody.exit, 1, "the end of input is no approval");
    const { gates } = await cli.json<{ gates: { status: string }[] }>("gate", "list", run);
    assert.is(gates[0]?.status, "waiting");
    assert.is((await cli.iu(words, { answers: ["yes", "approve"] })).exit, 0);
  }),
);

rulings("with --json nobody is asked, though somebody is there", () =>
  withCli(async (cli) => {
    const { run } = await waiting(cli);
    const said = await cli.iu(["gate", "rule", run, "SG_1", "--approve", "--json"], {
      answers: ["approve", "approve"],
    });
    assert.is(said.exit, 2);
    assert.is(said.err, "");
    assert.is((JSON.parse(said.out) as { error: { code: string } }).error.code, "SUBJECT_REQUIRED");
  }),
);

rulings("what was approved expires", () =>
  withCli(async (cli) => {
    const { run, finding } = await waiting(cli);
    const words = ["gate", "rule", run, "SG_1", "--approve", "--reason", "read", "--acknowledge", finding];
    assert.is((await cli.iu(words, { answers: ["approve"] })).exit, 0);
    const later = "2026-01-07T09:30:00.000Z";
    const listed = await cli.iu(["gate", "list", run], { now: later });
    assert.match(listed.out, "expired");
    const ready = await cli.iu(["readiness", run], { now: later });
    assert.is(ready.exit, 1);
    assert.match(ready.out, "SG_1/1 expired at 2026-01-06");
  }),
);

rulings("who cannot rule, and what is ruled already, is told so before anything is asked", () =>
  withCli(async (cli) => {
    const { run, finding } = await waiting(cli);
    const words = ["gate", "rule", run, "SG_1", "--approve", "--reason", "read", "--acknowledge", finding];
    const agent = await cli.iu([...words, "--as", "orchestrator"], { answers: ["approve"] });
    assert.is(agent.exit, 1);
    assert.match(agent.err, "HUMAN_REQUIRED");
    assert.not.match(agent.err, "Type approve");
    assert.is((await cli.iu(words, { answers: ["approve"] })).exit, 0);
    const again = await cli.iu(words, { answers: ["approve"] });
    assert.is(again.exit, 1);
    assert.match(again.err, "GATE_RULED");
    assert.not.match(again.err, "Type approve");
  }),
);

rulings("an agent without a human to answer for it is not registered", () =>
  withCli(async ({ iu }) => {
    await iu(["init"]);
    const words = ["principal", "add", "bot", "--kind", "agent", "--role", "orchestrator"];
    const unanswered = await iu(words);
    assert.is(unanswered.exit, 2);
    assert.match(unanswered.err, "RESPONSIBLE_MISSING");
    assert.is((await iu([...words, "--responsible", "editor"])).exit, 0);
  }),
);

rulings("a row's class that there is not is named in the command line's own words", () =>
  withCli(async ({ iu, json }) => {
    await iu(["init"]);
    await iu(["document", "add", "charter.md", "--title", "Charter"]);
    const { run } = await json<{ run: string }>("run", "open", "Charter");
    writeFileSync("rows.json", JSON.stringify([{ row: "art_1", class: "rewrite", unit: run }]));
    const said = await iu(["run", "resolve", run, "--rows", "rows.json", "--reason", "x"]);
    assert.is(said.exit, 2);
    assert.match(said.err, "art_1 cannot be rewrite: there is no such class.");
  }),
);

rulings.run();
