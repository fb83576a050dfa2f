/** The words of `evidence`. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import type { CheckOptions } from "./checkPack.js";
import type { PackOptions } from "./writePack.js";

export function evidenceCommands(program: Command, act: Act): void {
  const evidence = program
    .command("evidence")
    .description("one file that lets an outsider check a run, or a unit, with no ledger at hand");

  evidence
    .command("pack")
    .description("write the evidence of a run, or of a unit through all its runs, under the newest checkpoint")
    .argument("[run]", "id, or the beginning of it; left out with --unit")
    .option("--unit <unit>", "of this unit: id, or the beginning of it")
    .option("--out <file>", "where (default: evidence-RUN.html)")
    .addHelpText(
      "after",
      "\nThe file holds the texts of its documents: it is for whoever may read them.\n\nExample:\n  $ iu-ledger evidence pack 7d1c --out run.html",
    )
    .action(
      act(async (context, run: string | undefined, options: PackOptions) =>
        (await import("./writePack.js")).writePack(context, run, options),
      ),
    );

  evidence
    .command("check")
    .description("check such a file, offline: needs no ledger, no keys, no network")
    .argument("<file>", "the file")
    .option("--vkey <vkey>", "the log's key, as you know it from elsewhere: name+id+key")
    .option("--root-key <keyid>", "the id of the key the ledger was opened with")
    .option("--data-only", "leave the page unchecked, and rely on nothing in it: of a file that another release made")
    .addHelpText(
      "after",
      "\nExit code 0 only if everything holds, the page that people read too. A run is shown up to its newest event in the file:\nthat nothing of it was left out between there and the checkpoint, only somebody who has the log can say.\n\nExample:\n  $ iu-ledger evidence check run.html --vkey ledger.example/acme+f3a1c2d4+ATq…",
    )
    .action(
      act(async (context, file: string, options: CheckOptions) =>
        (await import("./checkPack.js")).checkPack(context, file, options),
      ),
    );
}
