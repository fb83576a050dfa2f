/** The words of `grants`: who may do what in the ledger's database. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { several } from "../words.js";
import type { AuditWords } from "./auditGrants.js";

export function grantsCommands(program: Command, act: Act): void {
  const grants = program.command("grants").description("who may do what in the ledger's database (Postgres)");

  grants
    .command("audit")
    .description("compare roles and privileges with what they should be, and try every forbidden act; changes nothing")
    .option("--admin <url>", "the login that looks, best a superuser (default: that of --ledger)")
    .option("--owner <role>", "who must own the schema (default: whoever does; all that is in it must be theirs too)")
    .option(
      "--login <role=url>",
      "try the acts of this role on a connection of a real member; may be given several times",
      several,
    )
    .option("--record", "put the report on the ledger, signed by an operator: a policy can ask for a clean one")
    .addHelpText(
      "after",
      "\nEverything is done in one transaction that is rolled back. Exit code 1 unless the verdict is PASS; what could not be\ntried is NOT_RUN, which is none. A password is better kept in .pgpass or PGPASSWORD than in a URL.\n\nExample:\n  $ iu-ledger grants audit --ledger postgres://operator@db/acme --admin postgres://postgres@db/acme --record",
    )
    .action(
      act(async (context, words: AuditWords) => (await import("./auditGrants.js")).auditTheGrants(context, words)),
    );
}
