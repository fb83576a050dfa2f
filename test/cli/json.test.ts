// `--json` of every command against its promised shape, along one whole run, its revision and its way back. Every yes is on stdout, alone.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { z } from "zod";
import { digest, instant, policy, uuid, writerRef } from "../../src/events/fields.js";
import * as ledgerShapes from "./ledgerShapes.js";
import * as shapes from "./shapes.js";
import { type Cli, withCli } from "./withCli.js";

const answers = suite("cli: --json");

/** Runs a command with --json and holds its answer against a shape. */
async function ask<T>({ iu }: Cli, schema: z.ZodType<T>, words: readonly string[], exit = 0): Promise<T> {
  const said = await iu([...words, "--json"]);
  const what = words.join(" ");
  assert.is(said.err, "", `${what}: stderr`);
  assert.is(said.exit, exit, `${what}: exit\n${said.out}`);
  const parsed = schema.safeParse(JSON.parse(said.out));
  if (!parsed.success) throw new Error(`${what}: ${z.prettifyError(parsed.error)}\n${said.out.slice(0, 2000)}`);
  return parsed.data;
}

/** A cut as far as approved, from `run open` on; gives the run. */
async function cutOf(cli: Cli, document: string): Promise<string> {
  const opened = await ask(cli, shapes.done({ run: uuid, document: uuid }), ["run", "open", document]);
  const { run } = opened;
  await ask(cli, shapes.done({ run: uuid }), ["run", "assess", run]);
  const planned = shapes.done({
    run: uuid,
    planDigest: digest,
    chosen: z.string(),
    units: z.int(),
    findings: shapes.findings,
  });
  await ask(cli, planned, ["run", "plan", run]);
  const tried = shapes.done({ run: uuid, verdict: z.literal("PASS"), nonMutation: shapes.nonMutation });
  await ask(cli, tried, ["run", "dry-run", run]);
  await ask(cli, shapes.readiness, ["readiness", run], 1);
  await approve(cli, run, "SG_1");
  await ask(cli, shapes.done({ run: uuid, until: instant }), ["switch", "arm", run, "--reason", "now"]);
  await ask(cli, shapes.readiness, ["readiness", run]);
  await ask(cli, shapes.done({ run: uuid }), ["run", "cut", run]);
  await ask(cli, shapes.done({ run: uuid }), ["run", "leg-b", run]);
  await ask(cli, shapes.done({ run: uuid }), ["run", "verify", run]);
  return run;
}

async function approve(cli: Cli, run: string, kind: string): Promise<void> {
  const requested = shapes.done({ run: uuid, gate: z.string(), subject: digest });
  const { gate, subject } = await ask(cli, requested, ["gate", "request", run, kind]);
  await ask(cli, shapes.gates, ["gate", "list", "--waiting"]);
  const ruled = shapes.done({ run: uuid, gate: z.string(), outcome: shapes.outcome, subject: digest });
  await ask(cli, ruled, ["gate", "rule", run, gate, "--approve", "--reason", "read", "--subject", subject]);
}

async function enact(cli: Cli, run: string): Promise<void> {
  await ask(cli, shapes.done({ run: uuid }), ["run", "review", run, "--note", "read"]);
  await approve(cli, run, "SG_2");
  await ask(cli, shapes.done({ run: uuid }), ["run", "enact", run]);
}

answers("every command keeps its shape", () =>
  withCli(async (cli) => {
    await ask(cli, shapes.plan, ["plan", "charter.md"]);
    await ask(cli, shapes.done(shapes.initExtra), ["init"]);
    const { document } = await ask(cli, shapes.done({ document: uuid, title: z.string() }), [
      "document",
      "add",
      "charter.md",
      "--title",
      "Charter",
    ]);
    const first = await cutOf(cli, "Charter");
    await enact(cli, first);
    await ask(cli, shapes.done({ document: uuid }), ["document", "revise", document, "charter-rev2.md"]);
    const second = await cutOf(cli, document.slice(0, 6));
    const { rows } = await ask(cli, shapes.rows, ["run", "resolve", second]);
    assert.ok(rows.length > 0, "the revision leaves rows to resolve");
    await ask(cli, shapes.error, ["run", "review", second, "--note", "too early"], 1);
    await ask(cli, shapes.unitVersions, ["unit", "list", "--run", second, "--open"]);
    const resolved = shapes.done({ run: uuid, open: z.literal(0) });
    await ask(cli, resolved, [
      "run",
      "resolve",
      second,
      ...rows.flatMap(({ row }) => ["--accept", row]),
      "--reason",
      "read",
    ]);
    await enact(cli, second);

    const listed = await ask(cli, shapes.runs, ["run", "list"]);
    assert.equal(
      listed.runs.map(({ run, inForce }) => [run, inForce]),
      [
        [second, true],
        [first, false],
      ],
    );
    await ask(cli, shapes.documents, ["document", "list"]);
    await ask(cli, shapes.document, ["document", "show", "charter"]);
    await ask(cli, shapes.documentText, ["document", "show", "Charter", "--text", "--revision", "0"]);
    await ask(cli, shapes.units, ["unit", "list", "Charter"]);
    const changed = rows.find(({ class: kind }) => kind === "amend")?.address ?? "";
    await ask(cli, shapes.unit, ["unit", "show", changed]);
    await ask(cli, shapes.unitHistory, ["unit", "history", changed]);
    const { parts } = await ask(cli, shapes.unitDiff, ["unit", "diff", changed]);
    assert.ok(parts.some(({ kind }) => kind === "added"));
    await ask(cli, shapes.gates, ["gate", "list"]);
    await ask(cli, shapes.switchStatus, ["switch", "status"]);

    await ask(cli, shapes.done({ run: uuid, compensationPlan: digest }), [
      "run",
      "compensate",
      second,
      "--reason",
      "try",
    ]);
    await approve(cli, second, "SG_C");
    await ask(cli, shapes.done({ run: uuid }), ["run", "compensate", second, "--execute"]);
    await ask(cli, shapes.done({ run: uuid }), ["run", "compensation-b", second]);
    await ask(cli, shapes.done({ run: uuid }), ["run", "verify-compensation", second]);
    const { revertPlan } = await ask(cli, shapes.run, ["run", "show", second]);
    assert.is(revertPlan?.status, "verified");

    await ask(cli, ledgerShapes.rebuilt, ["rebuild"]);
    const copy = await ask(cli, ledgerShapes.copied, ["copy", ".iu-ledger/ledger.sqlite", "copy.sqlite"]);
    assert.ok(copy.next.includes(`--expect ${copy.size}:${copy.root}`));
    const report = await ask(cli, ledgerShapes.replay, ["replay"]);
    assert.is(report.verdict, "PASS");
    const { out } = await cli.iu(["events", "--from", "0", "--json"]);
    const events = out
      .trimEnd()
      .split("\n")
      .map((line) => shapes.event.parse(JSON.parse(line)));
    assert.equal(
      events.map(({ position }) => position),
      events.map((_, index) => index),
    );
    assert.is(events.length, report.size);
  }),
);

answers("people, writers, policy, the switch and the ways a run ends early keep their shapes", () =>
  withCli(async (cli) => {
    await cli.iu(["init"]);
    const added = shapes.done({ principal: z.string(), keyid: z.string(), keyFile: z.string() });
    await ask(cli, added, ["principal", "add", "a.novak", "--kind", "human", "--role", "reviewer"]);
    const rotated = shapes.done({
      principal: z.string(),
      keyid: z.string(),
      retires: z.array(z.string()),
      keyFile: z.string(),
    });
    await ask(cli, rotated, ["principal", "rotate", "a.novak"]);
    await ask(cli, shapes.done({ principal: z.string() }), ["principal", "revoke", "a.novak", "--reason", "left"]);
    await ask(cli, ledgerShapes.principals, ["principal", "list"]);
    await ask(cli, shapes.done({ writer: writerRef }), ["writer", "ratify", "verify"]);
    await ask(cli, shapes.done({ writer: z.strictObject({ name: z.string(), version: z.int() }) }), [
      "writer",
      "retire",
      "verify",
      "1",
      "--reason",
      "old",
    ]);
    await ask(cli, ledgerShapes.writers, ["writer", "list"]);
    await ask(cli, shapes.done({ policy }), ["policy", "adopt", "--set", "gateHours=48"]);
    await ask(cli, ledgerShapes.policies, ["policy", "show"]);
    await cli.iu(["document", "add", "charter.md", "--title", "Charter"]);
    const { run } = await ask(cli, shapes.done({ run: uuid, document: uuid }), [
      "run",
      "open",
      "Charter",
      "--rehearsal",
    ]);
    await ask(cli, shapes.done({ run: uuid }), ["run", "hold", run, "--reason", "wait"]);
    await ask(cli, shapes.done({ run: uuid }), ["run", "release", run, "--reason", "go on", "--as", "verifier"]);
    await ask(cli, shapes.done({ run: uuid }), ["run", "abandon", run, "--reason", "enough"]);
    await ask(cli, shapes.done({ run: uuid.nullable() }), ["switch", "disarm"]);
  }),
);

answers("every no is JSON too, with the exit code of its kind", () =>
  withCli(async (cli) => {
    await ask(cli, shapes.error, ["run", "list"], 3);
    await ask(cli, shapes.error, ["plan", "nowhere.md"], 3);
    await ask(cli, shapes.error, ["plan", "latin1.txt"], 1);
    await cli.iu(["init"]);
    await ask(cli, shapes.error, ["init"], 1);
    await ask(cli, shapes.error, ["run", "lst"], 2);
    await ask(cli, shapes.error, ["document", "add"], 2);
    await ask(cli, shapes.error, ["run", "show", "7d1c"], 1);
    await ask(cli, shapes.error, ["run", "cut", "00000000-0000-4000-8000-000000000000"], 1);
    await ask(cli, shapes.error, ["document", "add", "charter.md", "--as", "nobody"], 3);
    await ask(cli, shapes.error, ["run", "list", "--ledger", "charter.md"], 3);
  }),
);

answers.run();
