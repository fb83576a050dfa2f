/** The words of `witness`: its key, its service, and the way back to what it remembers. Must import nothing that a command needs. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { several } from "../words.js";
import type { ServeOptions } from "./serve.js";
import type { PlaceOptions } from "./witnessPlace.js";

export function witnessCommands(program: Command, act: Act): void {
  const witness = program
    .command("witness")
    .description("watch the logs of others: cosign what leads on from what was seen before (C2SP tlog-witness)");
  const which = "whose key, by name or vkey (default: the only one here)";
  const where =
    "the folder of what it remembers (default: witness, beside the keys); not one that is restored from backups";

  witness
    .command("key")
    .description("make the key that a witness cosigns with, and show its public half")
    .argument("<name>", "who watches, like witness.example/acme")
    .addHelpText("after", "\nExample:\n  $ iu-ledger witness key witness.example/acme")
    .action(act(async (context, name: string) => (await import("./key.js")).makeWitnessKey(context, name)));

  witness
    .command("serve", { isDefault: true })
    .description("cosign checkpoints over HTTP, until it is stopped")
    .option(
      "--log <vkey>",
      "the verifier key of a log to watch; several, also of one log whose key was rotated",
      several,
    )
    .option("--logs <file>", "a file of them, one a line; lines that begin with # say nothing")
    .option("--key <name>", which)
    .option("--state <dir>", where)
    .option("--listen <host:port>", "where to listen; other than loopback, put TLS in front", "127.0.0.1:8470")
    .addHelpText(
      "after",
      `
Answers POST /add-checkpoint, and GET /<SHA-256 of the origin>/checkpoint. A line for each request; with --json one JSON object a line.
It refuses to start where what it remembers was changed, or is older than the marks beside its key.

Example:
  $ iu-ledger witness serve --log ledger.example/acme+f3a1c2d4+ATq…`,
    )
    .action(act(async (context, options: ServeOptions) => (await import("./serve.js")).serve(context, options)));

  witness
    .command("recover")
    .description("go on from the marks beside the key, where the state is older or lost")
    .option("--key <name>", which)
    .option("--state <dir>", where)
    .addHelpText(
      "after",
      `
Only if the marks are the newest there are: a witness that goes on from an old one can cosign two histories.

Example:
  $ iu-ledger witness recover --key witness.example/acme`,
    )
    .action(act(async (context, options: PlaceOptions) => (await import("./serve.js")).recover(context, options)));
}
