/**
 * The client of a broker, set up once: short waits, no talk of its own, errors in our words. Must never print: what the client logs is
 * dropped, but for what somebody has to know.
 */
import type { Admin, Kafka, KafkaConfig, LogEntry, Producer } from "kafkajs";
// A CommonJS package: Node finds its names on the default export only.
import kafkajs from "kafkajs";
import { KafkaError } from "./KafkaError.js";
import type { OutgoingMessage } from "./RawMessage.js";
import { type Sender, sender } from "./sender.js";
import type { Partitions } from "./topics.js";

export interface BrokerOptions {
  /** `host:port`, one or more of the cluster. */
  readonly brokers: readonly string[];
  /** How this program calls itself to the broker. */
  readonly clientId: string;
  /** TLS, and the certificates to trust in PEM where those of the system do not do. */
  readonly tls?: { readonly ca?: string };
  readonly user?: BrokerUser;
  /** Is told what somebody has to know of what the client would have logged. */
  readonly notice?: (message: string) => void;
}

export const mechanisms = ["plain", "scram-sha-256", "scram-sha-512"] as const;

/** Who signs in to the broker (SASL). What is sent is signed by others all the same. */
export interface BrokerUser {
  readonly mechanism: (typeof mechanisms)[number];
  readonly name: string;
  readonly password: string;
}

export interface Connection {
  readonly kafka: Kafka;
  readonly admin: Admin;
  /** The cluster's own id. */
  readonly cluster: string;
  close(): Promise<void>;
}

/** Connects; a broker that does not answer is `BROKER_UNAVAILABLE`, within seconds. */
export async function connectKafka(options: BrokerOptions): Promise<Connection> {
  const { brokers, clientId, tls, user } = options;
  const kafka = new kafkajs.Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 3000,
    requestTimeout: 20_000,
    retry: { retries: 2, initialRetryTime: 200, maxRetryTime: 2000 },
    logCreator: () => (entry: LogEntry) => tell(entry, options.notice),
    ...(tls === undefined ? {} : { ssl: tls.ca === undefined ? true : { ca: [tls.ca] } }),
    ...(user === undefined ? {} : { sasl: saslOf(user) }),
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { clusterId } = await admin.describeCluster();
    return { kafka, admin, cluster: clusterId, close: () => admin.disconnect().catch(() => undefined) };
  } catch (error) {
    await admin.disconnect().catch(() => undefined);
    throw kafkaErrorOf(error, brokers);
  }
}

function saslOf({ mechanism, name: username, password }: BrokerUser): NonNullable<KafkaConfig["sasl"]> {
  switch (mechanism) {
    case "plain":
      return { mechanism, username, password };
    case "scram-sha-256":
      return { mechanism, username, password };
    case "scram-sha-512":
      return { mechanism, username, password };
  }
}

/** The few messages of the client that say something was lost, in our words. */
function tell({ log }: LogEntry, notice: BrokerOptions["notice"]): void {
  if (notice === undefined || !log.message.startsWith("Offset out of range")) return;
  const where = `${log["topic"]}/${log["partition"]}`;
  notice(`${where}: messages were removed before they were read; going on with the oldest there is.`);
}

/** A producer as it may be used, under a {@link Sender}. */
export interface Outbox extends Sender {
  close(): Promise<void>;
}

export async function openOutbox({ kafka }: Pick<Connection, "kafka">, partitions: Partitions): Promise<Outbox> {
  const producer: Producer = kafka.producer({
    idempotent: false,
    allowAutoTopicCreation: false,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    retry: { retries: 4, initialRetryTime: 200, maxRetryTime: 3000 },
  });
  await producer.connect();
  const partitioner = kafkajs.Partitioners.DefaultPartitioner();
  const metadata = new Map(
    [...partitions].map(([topic, count]) => [topic, Array.from({ length: count }, (_, id) => partitionMetadata(id))]),
  );
  const out = sender({
    partitionOf: (topic, { key, value }) =>
      partitioner({ topic, partitionMetadata: metadata.get(topic) ?? [partitionMetadata(0)], message: { key, value } }),
    async produce(topic, partition, messages) {
      const placed = await producer.send({
        topic,
        acks: -1,
        timeout: 15_000,
        messages: messages.map((message: OutgoingMessage) => ({ ...message, partition })),
      });
      const [place] = placed;
      if (placed.length !== 1 || place?.partition !== partition || place.baseOffset === undefined)
        throw new TypeError(`the broker answered ${JSON.stringify(placed)} for one send to ${topic}/${partition}`);
      return place.baseOffset;
    },
  });
  return { ...out, close: () => producer.disconnect().catch(() => undefined) };
}

/** Only the number is looked at, and that there is a leader. */
function partitionMetadata(partitionId: number) {
  return { partitionErrorCode: 0, partitionId, leader: 0, replicas: [0], isr: [0], offlineReplicas: [] };
}

interface ClientError extends Error {
  readonly retriable?: boolean;
  readonly type?: string;
  readonly broker?: string;
}

/** What the client threw, as what it means. Errors of our own, and bugs, are given back as they are. */
export function kafkaErrorOf(error: unknown, brokers: readonly string[]): unknown {
  if (!(error instanceof Error) || !error.name.startsWith("KafkaJS")) return error;
  const root = rootOf(error as ClientError);
  const at = brokers.join(", ");
  if (isPassing(error))
    return new KafkaError("BROKER_UNAVAILABLE", `no Kafka broker answers at ${root.broker ?? at}: ${root.message}`, {
      next: `Check that Kafka runs and listens at ${at}, and that it advertises addresses that can be reached from here.`,
      numbers: { brokers: at },
      cause: error,
    });
  return new KafkaError("BROKER_REFUSED", `the Kafka broker at ${root.broker ?? at} refuses: ${root.message}`, {
    next: "Check the rights and settings there, then start again.",
    numbers: { brokers: at, ...(root.type === undefined ? {} : { type: root.type }) },
    cause: error,
  });
}

/** Called final by the client, and are not: a broker that has just started has no coordinator yet, and a lock is waited for too shortly. */
const passingNames: readonly string[] = ["KafkaJSGroupCoordinatorNotFound", "KafkaJSLockTimeout", "KafkaJSTimeout"];

/** Whether it may be otherwise when tried again. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error) || !error.name.startsWith("KafkaJS")) return false;
  const root = rootOf(error as ClientError);
  if (passingNames.includes(error.name) || passingNames.includes(root.name)) return true;
  // A slip of the client's own, in a state it got into: a new one has another state.
  if (root instanceof TypeError || root instanceof RangeError) return true;
  return error.name === "KafkaJSNumberOfRetriesExceeded" ? root.retriable !== false : root.retriable === true;
}

function rootOf(error: ClientError): ClientError {
  let root = error;
  while (root.cause instanceof Error && root.cause !== root) root = root.cause as ClientError;
  return root;
}
