/** `publish`: every event of the ledger to a broker, as it comes, until it is stopped. Writes nothing but its own bookmark. */
import { openOutbox } from "../../kafka/connectKafka.js";
import { publish } from "../../kafka/publish.js";
import { ensureTopics } from "../../kafka/topics.js";
import type { Context } from "../Context.js";
import { type ExitCode, malformedStop } from "../output/Problem.js";
import { marks } from "../output/style.js";
import { counted, grouped, visible } from "../output/text.js";
import { withLedger } from "../session/writing.js";
import { type BrokerWords, brokersOf, namesOf, securityOf, topicOptionsOf, waited, withBrokers } from "./brokers.js";
import { untilStopped } from "./untilStopped.js";

export interface PublishWords extends BrokerWords {
  readonly name: string;
  readonly once?: boolean;
}

export function publishEvents(context: Context, words: PublishWords): Promise<ExitCode> {
  const { json, terminal, style } = context;
  const brokers = brokersOf(context, words);
  const topics = namesOf(words);
  const options = topicOptionsOf(words);
  const security = securityOf(context, words, brokers);
  const { name } = words;
  if (!/^[A-Za-z0-9._-]{1,100}$/.test(name))
    throw malformedStop(
      "NAME_MALFORMED",
      `${name} cannot be a publisher's name.`,
      "Use letters, digits, '.', '_' and '-', at most 100.",
    );
  const say = (event: string, members: object, line: string) =>
    terminal.out(json ? JSON.stringify({ event, ...members }) : line);
  return untilStopped(context, () =>
    withLedger(context, async (ledger) => {
      const { ledger: ledgerId = "", origin = "" } = (await ledger.identity()) ?? {};
      await withBrokers(context, { ...security, brokers, clientId: `iu-publisher.${name}` }, async (connection) => {
        const partitions = await ensureTopics(connection.admin, topics, ["events"], options);
        const outbox = await openOutbox(connection, partitions);
        const count = partitions.get(topics.events) ?? 0;
        say(
          "started",
          { ledger: ledgerId, origin, name, brokers, topic: topics.events, partitions: count },
          [
            `${style.good(marks.good)} Publishing ${style.strong(origin)}  ${style.faint(`ledger ${ledgerId}, as ${name}`)}`,
            `  ${marks.arrow} ${topics.events} ${style.faint(`(${counted(count, "partition")}) at ${brokers.join(", ")}`)}`,
          ].join("\n"),
        );
        try {
          const sent = await publish({
            store: ledger.store,
            sql: ledger.sql,
            source: { ledger: ledgerId, origin },
            destination: { name, cluster: connection.cluster, topic: topics.events },
            sender: outbox,
            signal: context.signal,
            once: words.once ?? false,
            isTopicEmpty: async () =>
              (await connection.admin.fetchTopicOffsets(topics.events)).every(({ high }) => high === "0"),
            onPublished: (size, sentNow) =>
              say(
                "published",
                { size, count: sentNow },
                `${style.faint(`${counted(sentNow, "event")} sent,`)} up to position ${grouped(size - 1)}`,
              ),
            onTrouble(error, waitMs) {
              const { code = "BROKER_UNAVAILABLE", message } = error as Error & { code?: string };
              say(
                "waiting",
                { code, message, waitMs },
                `${style.open(marks.open)} ${visible(message)}; tried again in ${waited(waitMs)}`,
              );
            },
          });
          say(
            words.once && !context.signal.aborted ? "done" : "stopped",
            { sent },
            words.once && !context.signal.aborted
              ? `${style.good(marks.good)} All is sent: ${counted(sent, "event")} now.`
              : `Stopped. ${counted(sent, "event")} sent; the next start goes on behind the last of them.`,
          );
        } finally {
          await outbox.close();
        }
      });
    }),
  );
}
