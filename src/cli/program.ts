/**
 * The words of the command line: every command, its arguments, its help. Loading it must stay cheap, for every invocation does: the
 * groups only name their commands; what a command does is imported when it is called.
 */
import { Command, CommanderError } from "commander";
import { readPackageFile } from "../database/packageFile.js";
import type { Act, Ending } from "./Act.js";
import { backupCommands } from "./backup/backupCommands.js";
import type { Context, Setting } from "./Context.js";
import { discoverCommand } from "./discover/discoverCommand.js";
import { documentCommands } from "./document/documentCommands.js";
import { evidenceCommands } from "./evidence/evidenceCommands.js";
import { gateCommands } from "./gate/gateCommands.js";
import { generalCommands } from "./general/generalCommands.js";
import { grantsCommands } from "./grants/grantsCommands.js";
import { kafkaCommands } from "./kafka/kafkaCommands.js";
import { logCommands } from "./log/logCommands.js";
import { malformedStop } from "./output/Problem.js";
import { styleOf } from "./output/style.js";
import { partyCommands } from "./party/partyCommands.js";
import { redactionCommands } from "./redaction/redactionCommands.js";
import { reportCommands } from "./report/reportCommands.js";
import { runCommands } from "./run/runCommands.js";
import { postgresBeside, shownLedger } from "./session/ledgerUrl.js";
import { unitCommands } from "./unit/unitCommands.js";
import { witnessCommands } from "./witness/witnessCommands.js";
import { quoted } from "./words.js";

interface GlobalOptions {
  readonly ledger?: string;
  readonly postgres?: string;
  readonly keys?: string;
  readonly passphraseFrom?: string;
  readonly as?: string;
  readonly json?: boolean;
  readonly color: boolean;
}

/** The program `iu-ledger`, ready to parse one invocation. `wantsJson`: `--json` stands among its words. */
export function buildProgram(setting: Setting, ending: Ending, wantsJson: boolean): Command {
  const { terminal, config } = setting;
  const program = new Command("iu-ledger")
    .description(
      "An event-sourced governance ledger: governed documents, cut into versioned units; every act signed, chained and replayable.",
    )
    .option("--ledger <path|url>", `where the ledger is (default: ${config.ledger}; IU_LEDGER)`)
    .option("--postgres <url>", "of a ledger on EventStoreDB: the Postgres database of its copy (IU_POSTGRES)")
    .option("--keys <dir>", `the folder of local keys (default: ${config.keys}; IU_KEYS)`)
    .option(
      "--passphrase-from <source>",
      "where the passphrase of local keys is: env:NAME, file:PATH, fd:N, ask, or none for new keys without one (default: ask; IU_PASSPHRASE_FROM)",
    )
    .option("--as <principal>", "who signs (default: the one of your keys whose role the command needs)")
    .option("--json", "answer with JSON on stdout, also when the answer is no")
    .option("--no-color", "no colour (also: NO_COLOR)")
    .option("--version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command");
  program.on("option:version", () => {
    terminal.out((JSON.parse(readPackageFile("package.json")) as { version: string }).version);
    throw new CommanderError(0, "commander.version", "");
  });
  const act: Act =
    (work) =>
    async (...args) => {
      const options = program.opts<GlobalOptions>();
      const context: Context = {
        ...setting,
        style: styleOf(terminal.colour && options.color),
        json: options.json ?? false,
        ledger: options.ledger ?? config.ledger,
        postgres: postgresBeside(options.ledger ?? config.ledger, options.postgres, config.postgres),
        keys: options.keys ?? config.keys,
        passphraseFrom: options.passphraseFrom ?? config.passphraseFrom,
        as: options.as,
        typing: {
          program: config.program,
          flags: placeOf(options)
            .map((word) => ` ${quoted(word)}`)
            .join(""),
        },
        now: setting.clock ?? (() => new Date().toISOString()),
        interrupted: () => [],
      };
      ending.context = context;
      // `--title --json`: the option took the flag for its value.
      if (wantsJson && !context.json) {
        throw malformedStop(
          "OPTION_MISSING_ARGUMENT",
          "The option before --json has no value.",
          "Give it one; a value that begins with a dash is written --option=VALUE.",
        );
      }
      ending.exit = (await work(context, ...args)) ?? 0;
    };
  generalCommands(program, act);
  discoverCommand(program, act);
  documentCommands(program, act);
  runCommands(program, act);
  reportCommands(program, act);
  gateCommands(program, act);
  unitCommands(program, act);
  redactionCommands(program, act);
  evidenceCommands(program, act);
  partyCommands(program, act);
  grantsCommands(program, act);
  kafkaCommands(program, act);
  backupCommands(program, act);
  logCommands(program, act);
  witnessCommands(program, act);
  program.addHelpText(
    "after",
    `
Run and document ids may be shortened to a beginning that fits only one; documents may be named by title.
Exit codes: 0 done, 1 refused or a finding, 2 malformed, 3 cannot, 130 interrupted.

First steps:
  $ iu-ledger journey            the whole way, on a sample document
  $ iu-ledger init               a ledger of your own
  $ iu-ledger plan FILE          how a document would be cut; needs no ledger`,
  );
  return settle(program, setting, false);
}

/** The flags that name the place, as words. */
function placeOf({ ledger, postgres, keys, passphraseFrom }: GlobalOptions): string[] {
  return [
    ...(ledger === undefined ? [] : ["--ledger", shownLedger(ledger)]),
    ...(postgres === undefined ? [] : ["--postgres", shownLedger(postgres)]),
    ...(keys === undefined ? [] : ["--keys", keys]),
    // Only what names a source: whoever gave a passphrase by mistake must not see it again.
    ...(passphraseFrom === undefined || !/^(?:env|file|fd):|^ask$/.test(passphraseFrom)
      ? []
      : ["--passphrase-from", passphraseFrom]),
  ];
}

/** The same manners for every command: our streams, no exit, help that names the global options. */
function settle(command: Command, setting: Setting, inner: boolean): Command {
  const { terminal, config } = setting;
  const named = (text: string) => text.trimEnd().replace(/(?<=\$ |^Usage: )iu-ledger\b/gm, config.program);
  command.exitOverride();
  command.configureOutput({
    writeOut: (text) => terminal.out(named(text)),
    writeErr: (text) => terminal.note(named(text)),
    outputError: () => undefined,
    getOutHelpWidth: () => Math.min(terminal.width ?? 100, 120),
    getErrHelpWidth: () => Math.min(terminal.width ?? 100, 120),
    getOutHasColors: () => terminal.colour,
    getErrHasColors: () => terminal.colour,
  });
  command.configureHelp({ showGlobalOptions: inner, styleTitle: (title) => styleOf(terminal.colour).strong(title) });
  if (inner) command.helpOption("-h, --help", "show this help");
  for (const child of command.commands) settle(child, setting, true);
  return command;
}
