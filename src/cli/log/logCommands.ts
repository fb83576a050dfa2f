/** The words of `log`: its key, checkpoints, proofs and tiles. Must import nothing that a command needs. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { durationMs, several, wholeNumber } from "../words.js";
import type { CheckOptions } from "./check.js";
import type { CheckpointOptions, IncarnationOptions } from "./checkpoint.js";
import type { KeyOptions } from "./key.js";
import type { ProveOptions } from "./prove.js";
import type { PublishOptions } from "./publish.js";

export function logCommands(program: Command, act: Act): void {
  const log = program
    .command("log")
    .description("the Merkle log: signed and witnessed checkpoints, proofs anybody can check, tiles");
  const outside =
    "the folder outside of the database that keeps checkpoints (default: checkpoints, beside the keys; IU_CHECKPOINTS)";

  log
    .command("key")
    .description("make the key that checkpoints are signed with, and adopt it on the ledger")
    .option("--rotate", "make a new one, in place of the one in force")
    .option("--make-only", "make it and show its public half; a sovereign elsewhere adopts it with 'log adopt'")
    .addHelpText("after", "\nExample:\n  $ iu-ledger log key")
    .action(act(async (context, options: KeyOptions) => (await import("./key.js")).makeKey(context, options)));

  log
    .command("adopt")
    .description("adopt a key that was made elsewhere, by its verifier key")
    .argument("<vkey>", "name+id+key, as 'log key --make-only' shows it")
    .addHelpText("after", "\nExample:\n  $ iu-ledger log adopt ledger.example/acme+f3a1c2d4+ATq…")
    .action(act(async (context, vkey: string) => (await import("./key.js")).adoptKey(context, vkey)));

  log
    .command("checkpoint")
    .description("sign the log as it is: only if it leads on from the last checkpoint")
    .option("--full", "hash every event again, not only those since the last checkpoint")
    .option("--outside <dir>", outside)
    .addHelpText("after", "\nExit code 1 where nothing may be signed.\n\nExample:\n  $ iu-ledger log checkpoint --full")
    .action(
      act(async (context, options: CheckpointOptions) =>
        (await import("./checkpoint.js")).signCheckpoint(context, options),
      ),
    );

  log
    .command("incarnation")
    .description("go on, for all to see, from a ledger that a signed checkpoint does not lead to")
    .option("--reason <text>", "why; it stays on the ledger (asked for, when left out)")
    .option("--checkpoint <file>", "the checkpoint that is lost (default: the newest outside)")
    .option("--outside <dir>", outside)
    .addHelpText("after", "\nExample:\n  $ iu-ledger log incarnation --reason 'restored from the backup of Tuesday'")
    .action(
      act(async (context, options: IncarnationOptions) =>
        (await import("./checkpoint.js")).startIncarnation(context, options),
      ),
    );

  log
    .command("publish")
    .description("have the newest checkpoint cosigned by witnesses, as a policy asks")
    .requiredOption(
      "--witness-policy <file>",
      "the policy (C2SP tlog-policy): witnesses with their keys and URLs, and the quorum",
    )
    .option("--timeout <duration>", "how long to wait for each answer (default: 10s)", durationMs)
    .option("--outside <dir>", outside)
    .addHelpText(
      "after",
      `
It counts as published when the quorum is met; exit code 1 until then, saying who is missing and why, and where a witness has seen another
history of this log. What was collected is kept, and the same command goes on.

Example:
  $ iu-ledger log publish --witness-policy witnesses.txt`,
    )
    .action(
      act(async (context, options: PublishOptions) => (await import("./publish.js")).publishLog(context, options)),
    );

  log
    .command("prove")
    .description("write the proof that an event is in the signed log: a .tlog-proof file")
    .argument("<position>", "the event's position", wholeNumber)
    .option("--out <file>", "where to write it (default: stdout)")
    .option("--outside <dir>", outside)
    .addHelpText(
      "after",
      "\nBy the newest checkpoint that witnesses have cosigned, if the event is under it, or else by the newest.\n\nExample:\n  $ iu-ledger log prove 17 --out 17.tlog-proof",
    )
    .action(
      act(async (context, position: number, options: ProveOptions) =>
        (await import("./prove.js")).proveEvent(context, position, options),
      ),
    );

  log
    .command("check")
    .description("check a .tlog-proof file, offline: nothing but the file and a key you trust")
    .argument("<file>", "the proof; - reads stdin")
    .option("--vkey <vkey>", "the log's verifier key; several, where it was rotated", several)
    .option("--policy <file>", "a trust policy (C2SP tlog-policy) instead: logs, witnesses and their quorum")
    .option("--entry <file>", "the event itself, byte for byte (default: the one in the file)")
    .addHelpText(
      "after",
      "\nExit code 1 where it does not hold.\n\nExample:\n  $ iu-ledger log check 17.tlog-proof --vkey ledger.example/acme+f3a1c2d4+ATq…",
    )
    .action(
      act(async (context, file: string, options: CheckOptions) =>
        (await import("./check.js")).checkProof(context, file, options),
      ),
    );

  log
    .command("consistency")
    .description("prove that the log of one size is that of a smaller one with events added")
    .argument("<from>", "the smaller size", wholeNumber)
    .argument("[to]", "the larger size (default: that of the newest checkpoint)", wholeNumber)
    .addHelpText("after", "\nExample:\n  $ iu-ledger log consistency 40 112")
    .action(
      act(async (context, from: number, to: number | undefined) =>
        (await import("./prove.js")).proveConsistency(context, from, to),
      ),
    );

  log
    .command("tiles")
    .description("write the log as files anybody can fetch: checkpoint, hash tiles, entry bundles (C2SP tlog-tiles)")
    .argument("<dir>", "the folder; what stands there is never written over")
    .addHelpText("after", "\nExample:\n  $ iu-ledger log tiles public")
    .action(act(async (context, folder: string) => (await import("./tiles.js")).publishTiles(context, folder)));

  log
    .command("serve")
    .description("serve a folder of tiles over HTTP, read-only")
    .argument("<dir>", "the folder that 'log tiles' wrote")
    .option("--port <n>", "the port (default: any free one)", wholeNumber)
    .option("--host <address>", "the address to listen on (default: 127.0.0.1)")
    .addHelpText("after", "\nExample:\n  $ iu-ledger log serve public --port 8080")
    .action(
      act(async (context, folder: string, options: { port?: number; host?: string }) =>
        (await import("./tiles.js")).serve(context, folder, options),
      ),
    );
}
