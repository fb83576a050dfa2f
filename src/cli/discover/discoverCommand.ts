/** The words of `discover`. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { durationMs, several } from "../words.js";
import type { DiscoverWords } from "./discover.js";

export function discoverCommand(program: Command, act: Act): void {
  program
    .command("discover")
    .description("find documents to cut, in a folder or in rows of a Postgres query: what is new, changed or odd")
    .argument("<from>", "a folder, or postgres://user@host:port/database")
    .option("--type <ends>", "files: which ends of names are documents, with commas (default: md,markdown,txt,text)")
    .option("--name <name>", "rows: what this collection is called, for ever; a row is known by it and its id")
    .option("--table <table>", "rows: the table, like acme.statute")
    .option("--id <column>", "rows: the table's column with the id (default: id)")
    .option("--title <column>", "rows: the one with the title (default: title)")
    .option("--body <column>", "rows: the one with the text, text or bytea (default: body)")
    .option("--query <sql>", "rows: instead of a table, one SELECT that gives id, title and body")
    .option("--timeout <duration>", "rows: how long the server may take for a statement (default: 60s)", durationMs)
    .option("--plan", "cut every text, in memory only, for its units and findings (else: what has changed)")
    .option("--all", "list what is the same as well")
    .option("--accept <code>", "enter in spite of TITLE_MISSING or BODY_DUPLICATE; may be given twice", several)
    .option("--register", "enter what is new and revise what has changed, signed by the editor (else: only look)")
    .addHelpText(
      "after",
      `
Only looks, unless --register is given; with it, the same again enters nothing twice. Exit code 1 when a finding keeps a document back.
Rows are read in one read-only transaction, by a login that can only read: any other is refused.
With --json: one value a line, {"found": …} for each document, {"gone": …}, then {"summary": …}.

Example:
  $ iu-ledger discover postgres://reader@db/acme --name statutes --table acme.statute --id no --body text`,
    )
    .action(
      act(async (context, from: string, words: DiscoverWords) =>
        (await import("./discover.js")).discover(context, from, words),
      ),
    );
}
