/** What `worker` and `publish` share: where the broker is, which topics, and a connection for one piece of work. */
import { readFileSync } from "node:fs";
import {
  type BrokerOptions,
  type Connection,
  connectKafka,
  kafkaErrorOf,
  mechanisms,
} from "../../kafka/connectKafka.js";
import { type TopicNames, type TopicOptions, topicDefaults, topicNames } from "../../kafka/topics.js";
import { type Context, note } from "../Context.js";
import { cannotStop, malformedStop } from "../output/Problem.js";
import { visible } from "../output/text.js";

export interface BrokerWords {
  readonly brokers?: string;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly user?: string;
  readonly sasl?: string;
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

type Security = Pick<BrokerOptions, "tls" | "user">;

/** How to speak to the brokers, and as whom. A password never goes over a line that anybody can read, unless it is this machine's own. */
export function securityOf(context: Context, words: BrokerWords, brokers: readonly string[]): Security {
  const { tls = false, tlsCa, user, sasl = "scram-sha-512" } = words;
  if (tlsCa !== undefined && !tls)
    throw malformedStop("OPTIONS_CONTRADICT", "--tls-ca says whom to trust over TLS, and there is none.", "Add --tls.");
  const secure = tls ? { tls: tlsCa === undefined ? {} : { ca: certificates(tlsCa) } } : {};
  if (user === undefined) {
    if (words.sasl !== undefined)
      throw malformedStop("OPTIONS_CONTRADICT", "--sasl says how to sign in, and nobody is to.", "Add --user NAME.");
    return secure;
  }
  const mechanism = mechanisms.find((one) => one === sasl);
  if (mechanism === undefined)
    throw malformedStop("SASL_UNKNOWN", `${sasl} is no way to sign in.`, `Use ${mechanisms.join(", ")}.`, {
      given: sasl,
    });
  const password = context.config.brokersPassword;
  if (password === undefined)
    throw malformedStop("PASSWORD_MISSING", `There is no password for ${user}.`, "Set IU_BROKERS_PASSWORD.", { user });
  if (mechanism === "plain" && !tls && !brokers.every((broker) => /^(?:localhost|127\.[\d.]+|\[::1\]):/.test(broker)))
    throw malformedStop(
      "PASSWORD_OPEN",
      "The password would go over the network for anybody to read.",
      "Add --tls, or use --sasl scram-sha-512.",
    );
  return { ...secure, user: { mechanism, name: user, password } };
}

function certificates(path: string): string {
  try {
    const text = readFileSync(path, "utf8");
    if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  } catch (error) {
    throw cannotStop(
      "CERTIFICATES_UNREADABLE",
      `${path} cannot be read: ${(error as Error).message}.`,
      "Check the path.",
    );
  }
  throw malformedStop(
    "CERTIFICATES_MALFORMED",
    `${path} holds no certificate in PEM.`,
    "Give the file of the authority's certificate.",
  );
}

/** Connects for one piece of work and lets go, whatever happens. What the client throws is said in our words. */
export async function withBrokers<T>(
  context: Context,
  options: BrokerOptions,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connectKafka({ ...options, notice: (message) => note(context, visible(message)) });
  try {
    return await use(connection);
  } catch (error) {
    throw kafkaErrorOf(error, options.brokers);
  } finally {
    await connection.close();
  }
}

/** How long, for a person: `250 ms`, `4 s`. */
export function waited(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 1000)} s`;
}
