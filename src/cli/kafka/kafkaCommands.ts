/** The words of `worker` and `publish`: the ledger on a broker. Must import nothing that a command needs: that is loaded when it is called. */
import type { Command } from "commander";
import type { Act } from "../Act.js";
import { durationMs, wholeNumber } from "../words.js";
import type { PublishWords } from "./publish.js";
import type { WorkerWords } from "./worker.js";

export function kafkaCommands(program: Command, act: Act): void {
  common(program.command("worker").description("answer commands from Kafka, until it is stopped"))
    .option("--group <name>", "the consumer group that shares the work (default: iu-worker.<ledger id>)")
    .option(
      "--message-size-max <bytes>",
      "the largest command message, of topics made here (default: 8388608)",
      wholeNumber,
    )
    .option(
      "--session-timeout <duration>",
      "how long a worker that was killed keeps its partitions (default: 15s)",
      durationMs,
    )
    .addHelpText(
      "after",
      `
Commands come from <prefix>.commands, answers go to <prefix>.results, what is no command to <prefix>.commands.dead. What is missing is
made. It signs what it records of dead letters: it needs the key of an operator (--as, --keys). Ctrl-C or SIGTERM lets it finish what it
has in hand. Start as many as you like, on as many machines.

Example:
  $ iu-ledger worker --brokers 127.0.0.1:9092 --as worker`,
    )
    .action(act(async (context, words: WorkerWords) => (await import("./worker.js")).worker(context, words)));

  common(program.command("publish").description("send every event to Kafka as a CloudEvent, until it is stopped"))
    .option("--name <name>", "whose bookmark: each name sends every event once, from the first", "default")
    .option("--once", "end when everything there is has been sent")
    .addHelpText(
      "after",
      `
Events go to <prefix>.events, keyed by stream; how far it has got is kept in the ledger's database. At least once, in order by stream.

Example:
  $ iu-ledger publish --brokers 127.0.0.1:9092`,
    )
    .action(act(async (context, words: PublishWords) => (await import("./publish.js")).publishEvents(context, words)));
}

/** What both take. */
function common(command: Command): Command {
  return command
    .option("--brokers <host:port,…>", "one or more brokers of the cluster (IU_BROKERS)")
    .option("--tls", "speak TLS with the brokers")
    .option("--tls-ca <file>", "trust these certificates, in PEM, instead of the system's (with --tls)")
    .option("--user <name>", "sign in to the brokers; the password is IU_BROKERS_PASSWORD")
    .option("--sasl <mechanism>", "how to sign in: plain, scram-sha-256 or scram-sha-512 (default: scram-sha-512)")
    .option("--topics <prefix>", "what the names of the topics begin with", "iu")
    .option("--partitions <n>", "partitions of topics made here (default: 6)", wholeNumber)
    .option(
      "--replication <n>",
      "copies of topics made here (default: 3, or as many as there are brokers)",
      wholeNumber,
    );
}
