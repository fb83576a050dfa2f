/** The words of the commands that stand alone. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import type { JourneyWords } from "../journey/journey.js";
import { several, wholeNumber } from "../words.js";
import type { CopyWords } from "./copy.js";
import type { EventsOptions } from "./events.js";
import type { InitOptions } from "./init.js";
import type { PlanWords } from "./plan.js";
import type { ReplayWords } from "./replay.js";

export function generalCommands(program: Command, act: Act): void {
  program
    .command("init")
    .description("make a new ledger, with local keys for trying out")
    .option("--name <text>", "what the ledger is called", "Local ledger")
    .option("--origin <origin>", "what checkpoints name the log by, like ledger.example/acme", "ledger.example/local")
    .addHelpText("after", "\nExample:\n  $ iu-ledger init --name 'Acme rules'")
    .action(act(async (context, options: InitOptions) => (await import("./init.js")).init(context, options)));

  program
    .command("journey")
    .description("the whole way, shown step by step: on a sample document in a new ledger, or on yours in your ledger")
    .argument("[file]", "the document; without: the sample")
    .option("--grammar <name>", "markdown or statute (default: found out)")
    .option("--profile <name>", "en, vi, de or numbered (default: found out)")
    .option("--rule <principal>", "for trying out: this local human approves every gate, unasked")
    .option("--compensate", "at the end take the enacted version back, through SG_C (the sample always does)")
    .option("--again", "open a new run although this revision was enacted, or taken back, already")
    .addHelpText(
      "after",
      "\nStops at each gate until a human has ruled: asks on a terminal, ends with exit code 1 elsewhere. The same command again\ngoes on where the run stands, after Ctrl-C too.\n\nExample:\n  $ iu-ledger journey charter.md",
    )
    .action(
      act(async (context, file: string | undefined, words: JourneyWords) =>
        (await import("../journey/journey.js")).journey(context, file, words),
      ),
    );

  program
    .command("plan")
    .description("show how a document would be cut; needs no ledger")
    .argument("<file>", "the document, UTF-8; - reads stdin")
    .option("--grammar <name>", "markdown or statute (default: found out)")
    .option("--profile <name>", "en, vi, de or numbered (default: found out)")
    .option("--depth <n>", "show the tree down to this depth only", wholeNumber)
    .addHelpText(
      "after",
      "\nExit code 1 when a finding must be acknowledged before the document can be cut.\n\nExample:\n  $ iu-ledger plan constitution.txt --depth 2",
    )
    .action(
      act(async (context, file: string, words: PlanWords) => (await import("./plan.js")).plan(context, file, words)),
    );

  program
    .command("readiness")
    .description("what the next step of a run still needs, and what closes it")
    .argument("<run>", "the run")
    .addHelpText("after", "\nExit code 1 while something is open.\n\nExample:\n  $ iu-ledger readiness 7d1c")
    .action(act(async (context, run: string) => (await import("./readiness.js")).readiness(context, run)));

  program
    .command("events")
    .description("show events, the newest last; follow them as they come")
    .option("-f, --follow", "wait for new events and show them")
    .option("-n, --last <n>", "show the last n (default: 20)", wholeNumber)
    .option("--from <position>", "show from this position on", wholeNumber)
    .option("--stream <stream>", "only this stream, or a category like run")
    .option("--type <type>", "only this type; several with commas")
    .option("--run <run>", "only what is about this run")
    .option("--actor <principal>", "only what this principal did")
    .addHelpText("after", "\nWith --json: one event a line.\n\nExample:\n  $ iu-ledger events --run 7d1c -f")
    .action(act(async (context, options: EventsOptions) => (await import("./events.js")).events(context, options)));

  program
    .command("replay")
    .description("check everything: bytes, order, hashes, signatures, decisions, writers, content, read models")
    .option(
      "--expect <size:root>",
      "a head kept elsewhere, which this ledger must continue; may be given several times",
      several,
    )
    .option("--checkpoint <file>", "a signed checkpoint kept elsewhere, which this ledger must lead on from", several)
    .option("--vkey <vkey>", "the log's verifier key that you pin: those checkpoints must be signed with it", several)
    .option("--root-key <keyid>", "the key the ledger must have been opened with")
    .addHelpText(
      "after",
      "\nReads only. Exit code 1 unless the verdict is PASS.\nKeep the size and root it ends with: given to --expect later, they show a tail cut off or a history rewritten.\n\nExample:\n  $ iu-ledger replay --ledger copy-of-ledger.sqlite",
    )
    .action(act(async (context, options: ReplayWords) => (await import("./replay.js")).replayLedger(context, options)));

  program
    .command("rebuild")
    .description("build the read models anew from the events, and compare before the swap")
    .addHelpText("after", "\nExample:\n  $ iu-ledger rebuild")
    .action(act(async (context) => (await import("./rebuild.js")).rebuildLedger(context)));

  program
    .command("copy")
    .description("copy a ledger to another place: a file, a database; goes on where an earlier copy stopped")
    .argument("<from>", "the ledger to copy: a path, or a URL; it is only read")
    .argument("<to>", "where to: empty, or begun by an earlier copy of the same ledger")
    .option("--from-postgres <url>", "of a source on EventStoreDB: the Postgres database of its copy (IU_POSTGRES)")
    .option("--to-postgres <url>", "of a target on EventStoreDB: the Postgres database of its copy (IU_POSTGRES)")
    .addHelpText(
      "after",
      "\nKeeps every byte, position and hash, signed commands, and the texts that are there. All of the source is read and must hang together\nbefore anything is written; what comes to it meanwhile is left for the next time. Read models are not copied: they are made anew.\nExit code 1 where a text is missing or damaged at the source.\n\nExample:\n  $ iu-ledger copy .iu-ledger/ledger.sqlite postgres://iu@localhost/acme",
    )
    .action(
      act(async (context, from: string, to: string, words: CopyWords) =>
        (await import("./copy.js")).copy(context, from, to, words),
      ),
    );
}
