/** The words of `unit`. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import type { DiffOptions } from "./diffUnit.js";
import type { ListOptions, NamedOptions } from "./readUnits.js";

export function unitCommands(program: Command, act: Act): void {
  const unit = program.command("unit").description("units of documents: their texts, versions and differences");
  const named = (command: Command) =>
    command
      .argument("<unit>", "an address like art_3, a unit id, or the beginning of one")
      .option("--document <document>", "of this document, where several have the address")
      .option("--run <run>", "as this run cut it, draft or in force");

  unit
    .command("list")
    .description(
      "units, in the order of the text: what is in force, or a run's; transitions are said of a unit's own text, without its children",
    )
    .argument("[document]", "id, beginning of it, or title (default: all)")
    .option("--run <run>", "as this run cut them, draft or in force")
    .option("--kind <kind>", "only this kind, like article")
    .option("--open", "only those whose transition waits for a human (with --run)")
    .option("--all", "also those that are superseded or reverted")
    .addHelpText("after", "\nExample:\n  $ iu-ledger unit list Charter --kind article")
    .action(
      act(async (context, document: string | undefined, options: ListOptions) =>
        (await import("./readUnits.js")).listAll(context, document, options),
      ),
    );

  named(unit.command("show").description("one unit with its text, proven against what was committed to"))
    .addHelpText("after", "\nExample:\n  $ iu-ledger unit show art_3 --document Charter")
    .action(
      act(async (context, given: string, options: NamedOptions) =>
        (await import("./readUnits.js")).showOne(context, given, options),
      ),
    );

  named(unit.command("history").description("every version of a unit and what became of it"))
    .addHelpText("after", "\nExample:\n  $ iu-ledger unit history art_3")
    .action(
      act(async (context, given: string, options: NamedOptions) =>
        (await import("./readUnits.js")).showHistory(context, given, options),
      ),
    );

  named(unit.command("diff").description("what changed between two versions of a unit, word by word"))
    .option("--from <run>", "the older version: as this run cut it (default: the one before)")
    .option("--to <run>", "the newer version (default: the newest)")
    .option("--layout", "also where only white space changed")
    .addHelpText("after", "\nWithout colour: [-removed-] {+added+}.\n\nExample:\n  $ iu-ledger unit diff art_3")
    .action(
      act(async (context, given: string, options: DiffOptions) =>
        (await import("./diffUnit.js")).diffUnit(context, given, options),
      ),
    );
}
