/** The words of `principal`, `writer` and `policy`: who may act and under which rules. Must import nothing that a command needs. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { several, wholeNumber } from "../words.js";
import type { ProtectOptions } from "./keys.js";
import type { AdoptOptions } from "./policy.js";
import type { AddOptions, RotateOptions } from "./principal.js";

export function partyCommands(program: Command, act: Act): void {
  const principal = program.command("principal").description("humans, agents and services: their roles and keys");

  principal
    .command("add")
    .description("register a principal, with a new local key or with the public key it sent")
    .argument("<principal>", "its id on the ledger, like a.novak")
    .requiredOption("--kind <kind>", "human, agent or service")
    .requiredOption(
      "--role <role>",
      "sovereign, admin, editor, orchestrator, executor, writer, verifier, reviewer or operator; may be given several times",
      several,
    )
    .option("--name <text>", "the name people know (default: the id)")
    .option(
      "--responsible <principal>",
      "the human who answers for it; needed for an agent or service, whose gates that human can never rule on (a human: themselves)",
    )
    .option("--public-key <file>", "a public Ed25519 key in PEM, made elsewhere (openssl pkey -pubout); - reads stdin")
    .addHelpText(
      "after",
      "\nExample:\n  $ iu-ledger principal add a.novak --kind human --role reviewer --public-key novak.pub",
    )
    .action(
      act(async (context, id: string, options: AddOptions) =>
        (await import("./principal.js")).addPrincipal(context, id, options),
      ),
    );

  principal
    .command("list")
    .description("all principals: roles, who answers, keys")
    .addHelpText("after", "\nExample:\n  $ iu-ledger principal list")
    .action(act(async (context) => (await import("./listPrincipals.js")).listAll(context)));

  principal
    .command("revoke")
    .description("take all power from a principal, for good")
    .argument("<principal>", "its id")
    .option("--reason <text>", "why; it stays on the ledger (asked for, when left out)")
    .addHelpText("after", "\nExample:\n  $ iu-ledger principal revoke a.novak --reason 'left the office'")
    .action(
      act(async (context, id: string, options: { reason?: string }) =>
        (await import("./principal.js")).revokePrincipal(context, id, options),
      ),
    );

  principal
    .command("rotate")
    .description("give a principal a new key; the old ones are no longer in force")
    .argument("<principal>", "its id")
    .option(
      "--public-key <file>",
      "the new public key in PEM, made elsewhere; - reads stdin (default: a new local key)",
    )
    .option("--keep", "let the old keys stay in force beside it: they overlap until --retire-old")
    .option("--retire-old", "end an overlap: of the keys in force only the local one, or --public-key, stays")
    .addHelpText(
      "after",
      "\nExample:\n  $ iu-ledger principal rotate editor --keep\n  $ iu-ledger principal rotate editor --retire-old",
    )
    .action(
      act(async (context, id: string, options: RotateOptions) =>
        (await import("./principal.js")).rotateKey(context, id, options),
      ),
    );

  const keys = program.command("keys").description("the local keys: how they are kept");

  keys
    .command("list")
    .description("the local keys, and whether each is under a passphrase")
    .addHelpText("after", "\nExample:\n  $ iu-ledger keys list")
    .action(act(async (context) => (await import("./keys.js")).listKeys(context)));

  keys
    .command("protect")
    .description("put local keys under a passphrase, or under another one")
    .argument("[principal...]", "whose keys (default: all in the folder)")
    .option(
      "--new-passphrase-from <source>",
      "where the new passphrase is: env:NAME, file:PATH, fd:N, ask, or none to keep the keys plain (default: ask)",
    )
    .addHelpText(
      "after",
      "\nInterrupted, each key is under the old passphrase or the new one; the same command again goes on.\n\nExample:\n  $ iu-ledger keys protect",
    )
    .action(
      act(async (context, principals: string[], options: ProtectOptions) =>
        (await import("./keys.js")).protectKeys(context, principals, options),
      ),
    );

  const writer = program.command("writer").description("pinned writers of records: ratified by digest");

  writer
    .command("list")
    .description("writers that this program carries and the ledger knows")
    .addHelpText("after", "\nExample:\n  $ iu-ledger writer list")
    .action(act(async (context) => (await import("./writer.js")).listAll(context)));

  writer
    .command("ratify")
    .description("put a writer that this program carries into force")
    .argument("<name>", "its name, like legB")
    .argument("[version]", "its version (default: the newest)", wholeNumber)
    .addHelpText("after", "\nExample:\n  $ iu-ledger writer ratify legB 2")
    .action(
      act(async (context, name: string, version: number | undefined) =>
        (await import("./writer.js")).ratify(context, name, version),
      ),
    );

  writer
    .command("retire")
    .description("take a writer out of force")
    .argument("<name>", "its name")
    .argument("<version>", "its version", wholeNumber)
    .option("--reason <text>", "why; it stays on the ledger (asked for, when left out)")
    .addHelpText("after", "\nExample:\n  $ iu-ledger writer retire legB 1 --reason 'v2 counts repeals'")
    .action(
      act(async (context, name: string, version: number, options: { reason?: string }) =>
        (await import("./writer.js")).retire(context, name, version, options),
      ),
    );

  const policy = program.command("policy").description("what must hold before a live cut");

  policy
    .command("show")
    .description("the policy in force, and those before it")
    .addHelpText("after", "\nExample:\n  $ iu-ledger policy show --json > policy.json")
    .action(act(async (context) => (await import("./policy.js")).show(context)));

  policy
    .command("adopt")
    .description("adopt a policy: from a file, or the one in force with some values changed")
    .argument("[file]", "JSON with all values; - reads stdin")
    .option("--set <name=value>", "change one value of the policy in force; may be given several times", several)
    .addHelpText("after", "\nExample:\n  $ iu-ledger policy adopt --set gateHours=48 --set findingsMax=10")
    .action(
      act(async (context, file: string | undefined, options: AdoptOptions) =>
        (await import("./policy.js")).adopt(context, file, options),
      ),
    );
}
