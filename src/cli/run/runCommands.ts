/** The words of `run`, in the order a run goes through them. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { several, wholeNumber } from "../words.js";
import type { CompensateOptions } from "./compensate.js";
import type { PlanOptions } from "./planRun.js";
import type { ProveWords } from "./proveRun.js";
import type { ListOptions } from "./readRuns.js";
import type { ResolveOptions } from "./resolve.js";
import type { StepName } from "./step.js";

export function runCommands(program: Command, act: Act): void {
  const run = program.command("run").description("one attempt to cut one document, step by step");
  const named = (name: string, description: string, example = `iu-ledger run ${name} 7d1c`) =>
    run
      .command(name)
      .description(description)
      .argument("<run>", "id, or the beginning of it")
      .addHelpText("after", `\nExample:\n  $ ${example}`);
  const step = (name: StepName, description: string) =>
    named(name, description).action(
      act(async (context, id: string) => (await import("./step.js")).step(context, name, id)),
    );
  const withReason = (name: StepName, description: string, reason: string) =>
    named(name, description, `iu-ledger run ${name} 7d1c --reason '${reason}'`)
      .option("--reason <text>", "why; it stays on the ledger (asked for, when left out)")
      .action(
        act(async (context, id: string, options: { reason?: string }) =>
          (await import("./step.js")).step(context, name, id, options.reason),
        ),
      );

  run
    .command("open")
    .description("open a run on the newest revision of a document")
    .argument("<document>", "id, beginning of it, or title")
    .option("--rehearsal", "only to try: such a run can never cut")
    .addHelpText("after", "\nExample:\n  $ iu-ledger run open Charter")
    .action(
      act(async (context, document: string, options: { rehearsal?: boolean }) =>
        (await import("./openRun.js")).openRun(context, document, options),
      ),
    );

  step("assess", "say, with reasons, whether the document is a safe target");
  named(
    "plan",
    "plan the cut; assesses the target first where that was not done",
    "iu-ledger run plan 7d1c --profile vi",
  )
    .option("--grammar <name>", "markdown or statute (default: found out)")
    .option("--profile <name>", "en, vi, de or numbered (default: found out)")
    .action(
      act(async (context, id: string, options: PlanOptions) =>
        (await import("./planRun.js")).planTheRun(context, id, options),
      ),
    );
  named("dry-run", "work the whole cut out on an overlay, and prove that nothing was written").action(
    act(async (context, id: string) => (await import("./dryRun.js")).dryRunTheRun(context, id)),
  );
  named("cut", "carry the plan out; continues where an earlier cut stopped").action(
    act(async (context, id: string) => (await import("./cut.js")).cutRun(context, id)),
  );
  step("leg-b", "write the governance record of the cut");
  step("verify", "verify the cut, as another human with another key; a fail holds the run");
  named(
    "resolve",
    "say what the open rows of the transition are; without rows: list them",
    "iu-ledger run resolve 7d1c --accept art_3 --reason 'reworded only'",
  )
    .option("--accept <row>", "take the row as it is proposed; may be given several times", several)
    .option("--row <row=class[:unit]>", "say what the row is; may be given several times", several)
    .option("--rows <file>", "take the rows of a JSON file, as --json lists them")
    .option("--reason <text>", "why; it stays on the ledger")
    .action(
      act(async (context, id: string, options: ResolveOptions) =>
        (await import("./resolve.js")).resolveRows(context, id, options),
      ),
    );
  named("review", "say that the cut was read and is right", "iu-ledger run review 7d1c --note 'read in full'")
    .option("--note <text>", "what was reviewed; it stays on the ledger (asked for, when left out)")
    .action(
      act(async (context, id: string, options: { note?: string }) =>
        (await import("./step.js")).step(context, "review", id, options.note),
      ),
    );
  step("enact", "put the units into force, under SG_2");
  named(
    "compensate",
    "take a cut back: first plan it (--reason), then carry it out (--execute)",
    "iu-ledger run compensate 7d1c --reason 'wrong annex'",
  )
    .option("--reason <text>", "plan it, for this reason; nothing is taken back yet")
    .option("--execute", "carry the plan out; an enacted run needs SG_C first")
    .action(
      act(async (context, id: string, options: CompensateOptions) =>
        (await import("./compensate.js")).compensate(context, id, options),
      ),
    );
  named(
    "prove",
    "prove that an operation of the run writes nothing, and record it, signed by an operator",
    "iu-ledger run prove 7d1c --operation verify",
  )
    .requiredOption(
      "--operation <name>",
      "plan, dry-run, verify or compensation-plan; where the run stands, it must be possible",
    )
    .option("--reader <url>", "on Postgres: the login that reads, a member of iu_reader (default: that of --ledger)")
    .option("--no-record", "only show it")
    .action(
      act(async (context, id: string, words: ProveWords) =>
        (await import("./proveRun.js")).proveTheRun(context, id, words),
      ),
    );
  step("compensation-b", "write the governance record of the compensation");
  step("verify-compensation", "verify the compensation, as another human with another key");
  withReason("hold", "stop the run with its evidence, until a human releases it", "the annex is missing");
  withReason("release", "let a held run go on, as another human than the one who caused it", "the annex was found");
  withReason("abandon", "give up a run that has cut nothing", "superseded by a new draft");

  run
    .command("list")
    .description("all runs, the newest first")
    .option("--open", "only those that are open")
    .option("--held", "only those on HOLD")
    .option("--document <document>", "only those of this document")
    .option("-n, --last <n>", "at most n", wholeNumber)
    .addHelpText("after", "\nExample:\n  $ iu-ledger run list --open")
    .action(act(async (context, options: ListOptions) => (await import("./readRuns.js")).listAll(context, options)));
  named("show", "one run: where it stands, its plan, records and HOLD").action(
    act(async (context, id: string) => (await import("./readRuns.js")).showOne(context, id)),
  );
}
