/** The words of `export`, `import` and `backup`. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import type { ExportWords } from "./export.js";

export function backupCommands(program: Command, act: Act): void {
  program
    .command("export")
    .description("write the ledger to a folder that anyone can check offline: leaves, tiles, commands, contents")
    .argument("<folder>", "a folder that is not there yet, or an empty one")
    .option("--checkpoint <file>", "a signed checkpoint of this ledger, to go with it")
    .addHelpText(
      "after",
      "\nThe texts go with it, as they are: keep it as you keep the ledger. What was erased is listed, and absent.\n\nExample:\n  $ iu-ledger export acme-2026-01",
    )
    .action(
      act(async (context, folder: string, words: ExportWords) =>
        (await import("./export.js")).exportLedger(context, folder, words),
      ),
    );

  program
    .command("import")
    .description("make a ledger from an export: the same positions, bytes, contents and root")
    .argument("<folder>", "the export")
    .addHelpText(
      "after",
      "\nThe ledger named with --ledger must not be there yet, or be an import of the same export that was interrupted.\n\nExample:\n  $ iu-ledger import acme-2026-01 --ledger copy.sqlite",
    )
    .action(act(async (context, folder: string) => (await import("./import.js")).importLedger(context, folder)));
}
