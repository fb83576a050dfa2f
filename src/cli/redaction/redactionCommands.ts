/** The words of `redaction`. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { several } from "../words.js";
import type { RequestOptions } from "./requestRedaction.js";
import type { RuleOptions } from "./ruleRedaction.js";

export function redactionCommands(program: Command, act: Act): void {
  const redaction = program
    .command("redaction")
    .description("erase texts by authority: asked for, ruled on by a sovereign, carried out; every proof still holds");

  redaction
    .command("request")
    .description("ask for texts to be erased; a sovereign must rule")
    .option("--document <document>", "its text, of every revision, and the plans made of it")
    .option("--revision <number>", "with --document: of this revision only", (text) => text)
    .option("--content <commitment>", "a stored content; may be given several times", several)
    .option(
      "--reason <text>",
      "why; it stays on the ledger for ever, so it must not repeat the text (asked for, when left out)",
    )
    .addHelpText(
      "after",
      "\nExample:\n  $ iu-ledger redaction request --document Charter --revision 0 --reason 'ruling 12/26'",
    )
    .action(
      act(async (context, options: RequestOptions) =>
        (await import("./requestRedaction.js")).requestRedaction(context, options),
      ),
    );

  redaction
    .command("rule")
    .description("rule on a redaction, as a sovereign human who did not ask for it")
    .argument("<redaction>", "id, or the beginning of it")
    .option("--approve", "approve")
    .option("--reject", "reject")
    .option("--reason <text>", "why; it stays on the ledger (asked for, when left out)")
    .option("--subject <digest>", "what was shown: signs without asking, and only that")
    .addHelpText("after", "\nExample:\n  $ iu-ledger redaction rule 3f2a --approve --reason 'as the court ruled'")
    .action(
      act(async (context, id: string, options: RuleOptions) =>
        (await import("./ruleRedaction.js")).ruleRedaction(context, id, options),
      ),
    );

  redaction
    .command("execute")
    .description("carry out what was approved: the texts and their salts are erased, for good")
    .argument("<redaction>", "id, or the beginning of it")
    .addHelpText(
      "after",
      "\nSafe to repeat: after a crash it erases what is left. Backups, exports and copies keep their texts: see to those too.\n\nExample:\n  $ iu-ledger redaction execute 3f2a",
    )
    .action(act(async (context, id: string) => (await import("./executeRedaction.js")).executeRedaction(context, id)));

  redaction
    .command("list")
    .description("redactions and how they stand")
    .addHelpText("after", "\nExample:\n  $ iu-ledger redaction list")
    .action(act(async (context) => (await import("./listRedactions.js")).listAll(context)));
}
