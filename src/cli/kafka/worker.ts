/** `worker`: commands from a broker, answered one line each, until it is stopped. Leaves the group, and the ledger, in good order. */
import type { GovernedLedger } from "../../app.js";
import { openOutbox } from "../../kafka/connectKafka.js";
import { ensureTopics } from "../../kafka/topics.js";
import { work } from "../../kafka/work.js";
import type { WorkNews } from "../../kafka/workBatch.js";
import type { Signer } from "../../keys/Signer.js";
import { changedNothing } from "../../ledger/answers.js";
import type { Result } from "../../ledger/Decision.js";
import type { Context } from "../Context.js";
import { type ExitCode, Stop } from "../output/Problem.js";
import { marks } from "../output/style.js";
import { counted, grouped, visible } from "../output/text.js";
import { signerFor } from "../session/signer.js";
import { withLedger } from "../session/writing.js";
import { type BrokerWords, brokersOf, namesOf, securityOf, topicOptionsOf, waited, withBrokers } from "./brokers.js";
import { untilStopped } from "./untilStopped.js";

export interface WorkerWords extends BrokerWords {
  readonly group?: string;
  readonly sessionTimeout?: number;
}

export function worker(context: Context, words: WorkerWords): Promise<ExitCode> {
  const brokers = brokersOf(context, words);
  const topics = namesOf(words);
  const options = topicOptionsOf(words);
  const security = securityOf(context, words, brokers);
  return untilStopped(context, () =>
    withLedger(context, async (ledger) => {
      const { ledger: ledgerId = "", origin = "" } = (await ledger.identity()) ?? {};
      const signer = await operator(context, ledger);
      await withBrokers(
        context,
        { ...security, brokers, clientId: `iu-worker.${signer.principal}` },
        async (connection) => {
          const partitions = await ensureTopics(connection.admin, topics, ["commands", "results", "dead"], options);
          const group = words.group ?? `iu-worker.${ledgerId}`;
          const tell = teller(context);
          const outbox = await openOutbox(connection, partitions);
          tell.started({ ledger: ledgerId, origin, group, as: signer.principal, brokers, topics, partitions });
          try {
            await work({
              kafka: connection.kafka,
              brokers,
              group,
              topics,
              ledger,
              ledgerId,
              signer,
              sender: outbox,
              signal: context.signal,
              onNews: tell.news,
              onJoined: tell.joined,
              onCrash: tell.crashed,
              onPaused: (partition, { offset, trouble }, waitMs) =>
                tell.paused(`${topics.commands}/${partition}/${offset}`, trouble, waitMs),
              onResumed: (partition) => tell.resumed(`${topics.commands}/${partition}`),
              ...(words.sessionTimeout === undefined ? {} : { sessionTimeoutMs: words.sessionTimeout }),
            });
          } finally {
            await outbox.close();
            tell.ended();
          }
        },
      );
    }),
  );
}

/** Who signs what the worker records. Without one nothing is begun: a message that is no command could not be let go. */
async function operator(context: Context, ledger: GovernedLedger): Promise<Signer> {
  try {
    return await signerFor(context, ledger, "RecordDeadLetter");
  } catch (error) {
    if (!(error instanceof Stop) || error.problem.code !== "SIGNER_MISSING") throw error;
    const next =
      "Register one for it: iu-ledger principal add worker --kind service --role operator --responsible <human>";
    throw new Stop({ ...error.problem, next }, { cause: error });
  }
}

interface Started {
  readonly ledger: string;
  readonly origin: string;
  readonly group: string;
  readonly as: string;
  readonly brokers: readonly string[];
  readonly topics: { readonly commands: string; readonly results: string; readonly dead: string };
  readonly partitions: ReadonlyMap<string, number>;
}

/** What is said while it works: lines for people, one JSON object a line for machines. */
function teller({ json, terminal, style, signal }: Context) {
  const count = { answered: 0, refused: 0, dead: 0 };
  const say = (event: string, members: object, line: () => string) =>
    terminal.out(json ? JSON.stringify({ event, ...members }) : line());
  return {
    started({ partitions, topics, brokers, ...rest }: Started) {
      const made = Object.fromEntries(partitions);
      say("started", { ...rest, brokers, topics, partitions: made }, () =>
        [
          `${style.good(marks.good)} Answering for ${style.strong(rest.origin)}  ${style.faint(`ledger ${rest.ledger}`)}`,
          `  ${topics.commands} ${style.faint(`(${counted(partitions.get(topics.commands) ?? 0, "partition")})`)} ${marks.arrow} ${topics.results}, ${topics.dead}`,
          `  ${style.faint(`${brokers.join(", ")}, group ${rest.group}, dead letters signed by ${rest.as}`)}`,
        ].join("\n"),
      );
    },
    joined(partitions: readonly number[]) {
      say("joined", { partitions }, () =>
        style.faint(
          partitions.length === 0
            ? "no partition is left for this worker; it waits"
            : `partitions ${partitions.join(", ")} are this worker's`,
        ),
      );
    },
    news(news: WorkNews) {
      if (news.kind === "waiting") return;
      if (news.kind === "dead") {
        count.dead += 1;
        const { origin, code, reason } = news;
        say(
          "dead",
          { origin, code, reason },
          () => `${style.bad(marks.bad)} ${style.faint(origin)}  ${code}  ${visible(reason).slice(0, 200)}`,
        );
        return;
      }
      const { origin, command, result } = news;
      count.answered += 1;
      const first = result.kind === "duplicate" ? result.first : result;
      const no = first.kind === "refused";
      if (no) count.refused += 1;
      const positions = first.kind === "committed" ? first.events.map(({ position }) => position) : [];
      const from = positions[0] ?? (no ? first.position : null);
      const members = { origin, command: command.id, type: command.type, actor: command.actor, kind: result.kind };
      say(
        "answered",
        { ...members, position: from, events: positions.length, ...(no ? { code: first.code } : {}) },
        () =>
          `${no ? style.open(marks.open) : style.good(marks.good)} ${style.faint(origin)}  ${visible(command.type)} by ${visible(command.actor)}  ${words(result)}`,
      );
    },
    crashed(error: unknown, waitMs: number) {
      const { code = "CONSUMER_CRASHED", message } = error as Error & { code?: string };
      say(
        "crashed",
        { code, message, waitMs },
        () => `${style.open(marks.open)} ${visible(message)}; begun anew in ${waited(waitMs)}`,
      );
    },
    paused(origin: string, { code, message, next }: { code: string; message: string; next: string }, waitMs: number) {
      say(
        "paused",
        { origin, code, message, next, waitMs },
        () =>
          `${style.open(marks.open)} ${style.faint(origin)}  waits ${waited(waitMs)}: ${code}: ${visible(message)}  ${style.faint(visible(next))}`,
      );
    },
    resumed(partition: string) {
      say("resumed", { partition }, () => `${style.good(marks.good)} ${style.faint(partition)}  goes on`);
    },
    ended() {
      if (!signal.aborted) return;
      say(
        "stopped",
        count,
        () =>
          `Stopped. ${counted(count.answered, "command")} answered (${grouped(count.refused)} refused), ${counted(count.dead, "dead letter")}. What was not begun is left for the next worker.`,
      );
    },
  };
}

function words(result: Result): string {
  switch (result.kind) {
    case "committed":
      return changedNothing(result.events)
        ? "it was so already"
        : places(result.events.map(({ position }) => position));
    case "duplicate":
      return `answered before: ${words(result.first)}`;
    case "refused":
      return `${result.code}: ${visible(result.message)}`;
    case "malformed":
    case "unknown":
      return visible(result.message);
    case "conflict":
      return result.kind;
  }
}

function places(positions: readonly number[]): string {
  const [first, last] = [positions[0], positions.at(-1)];
  return first === last ? `event ${first}` : `${counted(positions.length, "event")}, ${first} to ${last}`;
}
