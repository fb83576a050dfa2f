/** What `worker` and `publish` share: where the broker is, which topics, and a connection for one piece of work. */
import { type Connection, connectKafka, kafkaErrorOf } from "../../kafka/connectKafka.js";
import { type TopicNames, type TopicOptions, topicDefaults, topicNames } from "../../kafka/topics.js";
import { type Context, note } from "../Context.js";
import { malformedStop } from "../output/Problem.js";
import { visible } from "../output/text.js";

export interface BrokerWords {
  readonly brokers?: string;
  readonly topics: string;
  readonly partitions?: number;
  readonly replication?: number;
  readonly messageSizeMax?: number;
}

/** The addresses, checked: a word that is none is told before anything is tried. */
export function brokersOf(context: Context, words: BrokerWords): string[] {
  const given = words.brokers ?? context.config.brokers;
  if (given === undefined)
    throw malformedStop("BROKERS_MISSING", "No Kafka broker was named.", "Add --brokers HOST:PORT, or set IU_BROKERS.");
  const brokers = given.split(",").map((one) => one.trim());
  for (const broker of brokers) {
    const port = Number(/^(?:[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})$/.exec(broker)?.[1]);
    if (!(port >= 1 && port <= 65_535))
      throw malformedStop("BROKER_MALFORMED", `${broker} is no broker.`, "Write HOST:PORT, like 127.0.0.1:9092.", {
        given: broker,
      });
  }
  return brokers;
}

export function namesOf({ topics }: BrokerWords): TopicNames {
  if (!/^[A-Za-z0-9._-]{1,200}$/.test(topics))
    throw malformedStop(
      "TOPICS_MALFORMED",
      `${topics} cannot begin a topic's name.`,
      "Use letters, digits, '.', '_' and '-'.",
    );
  return topicNames(topics);
}

export function topicOptionsOf({ partitions, replication, messageSizeMax }: BrokerWords): TopicOptions {
  const limits = [
    ["--partitions", partitions, 1, 10_000],
    ["--replication", replication, 1, 100],
    ["--message-size-max", messageSizeMax, 65_536, 64 * 1024 * 1024],
  ] as const;
  for (const [option, value, min, max] of limits) {
    if (value !== undefined && (value < min || value > max))
      throw malformedStop("OPTION_OUT_OF_RANGE", `${option} must be from ${min} to ${max}.`, "Give another number.", {
        option,
        given: value,
      });
  }
  return {
    partitions: partitions ?? topicDefaults.partitions,
    messageSizeMax: messageSizeMax ?? topicDefaults.messageSizeMax,
    ...(replication === undefined ? {} : { replication }),
  };
}

/** Connects for one piece of work and lets go, whatever happens. What the client throws is said in our words. */
export async function withBrokers<T>(
  context: Context,
  brokers: readonly string[],
  clientId: string,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connectKafka({
    brokers,
    clientId,
    notice: (message) => note(context, visible(message)),
  });
  try {
    return await use(connection);
  } catch (error) {
    throw kafkaErrorOf(error, brokers);
  } finally {
    await connection.close();
  }
}

/** How long, for a person: `250 ms`, `4 s`. */
export function waited(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
