/** The words of `document`. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { wholeNumber } from "../words.js";
import type { AddOptions } from "./changeDocument.js";
import type { ShowOptions } from "./readDocuments.js";

export function documentCommands(program: Command, act: Act): void {
  const document = program.command("document").description("governed documents: add, revise, list, show");

  document
    .command("add")
    .description("register a document with its first text")
    .argument("<file>", "the text, UTF-8; - reads stdin")
    .option("--title <text>", "its title (default: the heading the text begins with, else the file's name)")
    .option("--source <text>", "where it comes from (default: the file's path)")
    .addHelpText("after", "\nExample:\n  $ iu-ledger document add charter.md --title 'Charter'")
    .action(
      act(async (context, file: string, options: AddOptions) =>
        (await import("./changeDocument.js")).addDocument(context, file, options),
      ),
    );

  document
    .command("revise")
    .description("give a document a new text; the old ones stay")
    .argument("<document>", "id, beginning of it, or title")
    .argument("<file>", "the new text, UTF-8; - reads stdin")
    .addHelpText("after", "\nExample:\n  $ iu-ledger document revise Charter charter-2.md")
    .action(
      act(async (context, given: string, file: string) =>
        (await import("./changeDocument.js")).reviseDocument(context, given, file),
      ),
    );

  document
    .command("list")
    .description("all documents")
    .addHelpText("after", "\nExample:\n  $ iu-ledger document list")
    .action(act(async (context) => (await import("./readDocuments.js")).listAll(context)));

  document
    .command("show")
    .description("one document: revisions, open run, what is in force; or its text")
    .argument("<document>", "id, beginning of it, or title")
    .option("--text", "print the text itself, byte for byte")
    .option("--revision <n>", "of this revision (default: the newest)", wholeNumber)
    .addHelpText("after", "\nExample:\n  $ iu-ledger document show Charter --text > charter.md")
    .action(
      act(async (context, given: string, options: ShowOptions) =>
        (await import("./readDocuments.js")).showOne(context, given, options),
      ),
    );
}
