/** The words of `gate` and `switch`. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { durationMs, instantOf, several } from "../words.js";
import type { ListOptions } from "./listGates.js";
import type { RuleOptions } from "./ruleGate.js";
import type { ArmOptions, DisarmOptions } from "./switch.js";

export function gateCommands(program: Command, act: Act): void {
  const gate = program
    .command("gate")
    .description("sovereign gates: SG_1 opens the cut, SG_2 enactment, SG_C the compensation of an enacted run");

  gate
    .command("request")
    .description("ask for a ruling on the run as it stands")
    .argument("<run>", "id, or the beginning of it")
    .argument("<kind>", "SG_1, SG_2 or SG_C")
    .addHelpText("after", "\nExample:\n  $ iu-ledger gate request 7d1c SG_1")
    .action(
      act(async (context, run: string, kind: string) =>
        (await import("./requestGate.js")).requestGate(context, run, kind),
      ),
    );

  gate
    .command("rule")
    .description("rule on a gate, as a sovereign human: shows what the ruling binds to, asks, signs exactly that")
    .argument("<run>", "id, or the beginning of it")
    .argument("<gate>", "the gate, like SG_1/1; a kind means its newest")
    .option("--approve", "approve")
    .option("--reject", "reject")
    .option("--reason <text>", "why; it stays on the ledger (asked for, when left out)")
    .option("--acknowledge <finding>", "a finding that was read and is accepted; may be given several times", several)
    .option("--subject <digest>", "what was shown: signs without asking, and only that")
    .addHelpText(
      "after",
      `
Without --subject it shows what would be signed and asks; a script must give the subject it was shown
('gate list --json'). There is no way to approve what was not shown.

Example:
  $ iu-ledger gate rule 7d1c SG_1 --approve --reason 'read and right'`,
    )
    .action(
      act(async (context, run: string, name: string, options: RuleOptions) =>
        (await import("./ruleGate.js")).ruleGate(context, run, name, options),
      ),
    );

  gate
    .command("list")
    .description("gates and how they stand; all, or those of a run")
    .argument("[run]", "id, or the beginning of it")
    .option("--waiting", "only those that wait for a ruling")
    .addHelpText("after", "\nExample:\n  $ iu-ledger gate list --waiting")
    .action(
      act(async (context, run: string | undefined, options: ListOptions) =>
        (await import("./listGates.js")).listAll(context, run, options),
      ),
    );

  const execution = program
    .command("switch")
    .description("the execution switch: off, but for runs armed by a sovereign");

  execution
    .command("arm")
    .description("arm execution for one run, for a while")
    .argument("<run>", "id, or the beginning of it")
    .option("--reason <text>", "why; it stays on the ledger (asked for, when left out)")
    .option("--for <duration>", "how long, like 30m or 2h (default: 1h)", durationMs)
    .option("--until <instant>", "until when, like 2026-01-05T18:00:00Z", instantOf)
    .addHelpText("after", "\nExample:\n  $ iu-ledger switch arm 7d1c --reason 'cut approved' --for 30m")
    .action(
      act(async (context, run: string, options: ArmOptions) =>
        (await import("./switch.js")).arm(context, run, options),
      ),
    );

  execution
    .command("disarm")
    .description("switch execution off: for one run, or for everything")
    .argument("[run]", "id, or the beginning of it; without: everything")
    .option("--reason <text>", "why; it stays on the ledger", "disarmed by hand")
    .addHelpText("after", "\nA cut under way stops at its next chunk.\n\nExample:\n  $ iu-ledger switch disarm")
    .action(
      act(async (context, run: string | undefined, options: DisarmOptions) =>
        (await import("./switch.js")).disarm(context, run, options),
      ),
    );

  execution
    .command("status")
    .description("what is armed now, until when")
    .addHelpText("after", "\nExample:\n  $ iu-ledger switch status")
    .action(act(async (context) => (await import("./switch.js")).status(context)));
}
