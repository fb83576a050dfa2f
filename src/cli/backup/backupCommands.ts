/** The words of `export`, `import` and `backup`. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { several } from "../words.js";
import type { CreateWords } from "./create.js";
import type { ExportWords } from "./export.js";
import type { RecipientsWords } from "./recipients.js";
import type { RestoreWords } from "./restore.js";
import type { VerifyWords } from "./verify.js";

export function backupCommands(program: Command, act: Act): void {
  program
    .command("export")
    .description("write the ledger to a folder that anyone can check offline: leaves, tiles, commands, contents")
    .argument("<folder>", "a folder that is not there yet, or an empty one")
    .option(
      "--checkpoint <file>",
      "a signed checkpoint of this ledger, to go with it (default: the newest one it keeps)",
    )
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

  const backup = program.command("backup").description("encrypted backups that prove themselves by being restored");

  backup
    .command("recipients")
    .description("pin whom backups are encrypted to, and who keeps each key; without --to: show them")
    .option(
      "--to <recipient=holder>",
      "an age recipient and the human who keeps its identity; may be given several times",
      several,
    )
    .addHelpText(
      "after",
      "\nIn place of those before: backups to them count no more. A holder is never an executor.\n\nExample:\n  $ iu-ledger backup recipients --to age1…=a.novak",
    )
    .action(
      act(async (context, words: RecipientsWords) => (await import("./recipients.js")).pinRecipients(context, words)),
    );

  backup
    .command("identity")
    .description("make an age identity, which opens backups, under a passphrase; shows its recipient")
    .argument("<file>", "a new file; it belongs with whoever is to restore, and nowhere else")
    .addHelpText(
      "after",
      "\nThe passphrase: --passphrase-from; none for an identity as it is.\n\nExample:\n  $ iu-ledger backup identity vault/backup.age",
    )
    .action(act(async (context, file: string) => (await import("./identity.js")).newIdentity(context, file)));

  backup
    .command("create")
    .description("write a backup of the ledger, encrypted to the pinned recipients")
    .argument("<file>", "a new file")
    .option(
      "--checkpoint <file>",
      "a signed checkpoint of this ledger, to go with it (default: the newest one it keeps)",
    )
    .addHelpText(
      "after",
      "\nNeeds no identity. It is evidence only once it was verified.\n\nExample:\n  $ iu-ledger backup create acme-monday.backup",
    )
    .action(
      act(async (context, file: string, words: CreateWords) =>
        (await import("./create.js")).create(context, file, words),
      ),
    );

  backup
    .command("verify")
    .description("restore a backup to a scratch ledger, replay and compare it; if all is equal, record it")
    .argument("<file>", "the backup")
    .requiredOption("--identity <file>", "the age identity of one of its recipients")
    .option("--for <run>", "it must hold all of this run up to its cut")
    .option("--scratch <folder>", "where the scratch files go (default: the system's temporary folder)")
    .option("--no-record", "only verify; record nothing")
    .addHelpText(
      "after",
      "\nExit code 1 where the backup is no evidence. The scratch files hold the texts as they are, and are removed (but not where the process is killed).\n\nExample:\n  $ iu-ledger backup verify acme-monday.backup --identity vault/backup.age",
    )
    .action(
      act(async (context, file: string, words: VerifyWords) =>
        (await import("./verify.js")).verify(context, file, words),
      ),
    );

  backup
    .command("restore")
    .description("make a ledger from a backup, in an empty place")
    .argument("<file>", "the backup")
    .argument("<place>", "where the ledger is to be: the path of a file, or postgres://…")
    .requiredOption("--identity <file>", "the age identity of one of its recipients")
    .option("--scratch <folder>", "where the scratch files go (default: the system's temporary folder)")
    .addHelpText(
      "after",
      "\nReplay it before anybody uses it, with a head that was kept elsewhere: what came after the backup is not in it.\n\nExample:\n  $ iu-ledger backup restore acme-monday.backup restored.sqlite --identity vault/backup.age",
    )
    .action(
      act(async (context, file: string, place: string, words: RestoreWords) =>
        (await import("./restore.js")).restore(context, file, place, words),
      ),
    );

  backup
    .command("list")
    .description("the backups on record that the recipients in force can open")
    .addHelpText("after", "\nExample:\n  $ iu-ledger backup list")
    .action(act(async (context) => (await import("./recipients.js")).listBackups(context)));
}
