/**
 * A bracket: a ledger with its people, a real broker with topics of its own, and an orchestrator that knows the ledger only by its id: it signs,
 * sends and waits for answers. Workers and publishers are the program itself, in processes of their own. Everything ends with the test.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import kafkajs, { type Admin, type Consumer, type Kafka, type Producer } from "kafkajs";
import type { CommandData, CommandType } from "../../commands/Command.js";
import { type GovernedLedger, generateSigner, openLedger, publicKeyOf, type Signer, saveKey } from "../../src/app.js";
import { commitContent } from "../../src/events/commitment.js";
import { type CommandMessageOptions, commandMessage } from "../../src/kafka/commandMessage.js";
import type { IncomingMessage, OutgoingMessage } from "../../src/kafka/RawMessage.js";
import { readResultMessage, type SentResult } from "../../src/kafka/resultMessage.js";
import { type TopicNames, topicNames } from "../../src/kafka/topics.js";
import { signCommand } from "../../src/keys/signCommand.js";
import { type Ended, endOf, spawnCli } from "../cli/spawnCli.js";
import { type KafkaBroker, kafkaBroker } from "../support/kafkaBroker.js";
import { postgresCluster } from "../support/postgresCluster.js";
import { withTempDir } from "../support/withTempDir.js";

export interface ReadMessage extends IncomingMessage {
  readonly partition: number;
}

export interface KafkaRoom {
  readonly broker: KafkaBroker;
  readonly admin: Admin;
  readonly topics: TopicNames;
  readonly url: string;
  readonly ledger: GovernedLedger;
  readonly ledgerId: string;
  readonly signers: Readonly<Record<"alice" | "erin" | "otto" | "worker", Signer>>;
  /** Starts `iu-ledger worker` or `publish`; resolves once it is at work. `json` lines on its stdout. */
  start(command: "worker" | "publish", ...words: string[]): Promise<ReturnType<typeof spawnCli>>;
  /** Runs `worker` or `publish` to its end, with these words only. */
  run(words: readonly string[], environment?: Record<string, string>): Promise<Ended>;
  /** A signed command: its id and envelope. */
  sign<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    who: "alice" | "erin" | "otto",
    ledger?: string,
  ): { readonly id: string; readonly envelope: Uint8Array };
  /** A new salt, and what commits to the bytes. */
  salted(bytes: Uint8Array): { readonly salt: Uint8Array; readonly bytes: Uint8Array; readonly commitment: string };
  send(...messages: OutgoingMessage[]): Promise<void>;
  /** Signs, sends, and waits for the answer. */
  ask<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    who: "alice" | "erin" | "otto",
    options: CommandMessageOptions,
  ): Promise<SentResult>;
  /** The first answer to a command. */
  answer(id: string): Promise<SentResult>;
  /** Every message that stands in a topic now, by partition and in order. */
  readAll(topic: string): Promise<ReadMessage[]>;
}

const people = {
  alice: ["human", ["sovereign", "admin"], "alice"],
  erin: ["human", ["editor", "reviewer"], "erin"],
  otto: ["agent", ["orchestrator", "executor"], "erin"],
  worker: ["service", ["operator"], "erin"],
} as const;

/** Waits until something is so; the runner's own limit ends a wait in vain. */
export async function until(test: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await test())) await sleep(50);
}

export async function withKafkaRoom<T>(
  options: { readonly on: "sqlite" | "postgres" },
  use: (room: KafkaRoom) => Promise<T>,
): Promise<T> {
  const broker = await kafkaBroker();
  const cluster = options.on === "postgres" ? await postgresCluster() : undefined;
  return withTempDir(async (dir) => {
    const url = cluster === undefined ? join(dir, "ledger.sqlite") : cluster.url(await cluster.createDatabase());
    const kafka = new kafkajs.Kafka({
      brokers: [broker.address],
      clientId: "test",
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { retries: 20, initialRetryTime: 100, maxRetryTime: 1000 },
    });
    const admin = kafka.admin();
    const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    const ledger = await openLedger(url, { create: true });
    const children: ReturnType<typeof spawnCli>[] = [];
    const closing: (() => Promise<unknown>)[] = [];
    try {
      await admin.connect();
      await producer.connect();
      const signers = await populate(ledger, join(dir, "keys"));
      const ledgerId = (await ledger.identity())?.ledger ?? "";
      const prefix = `iu-${randomUUID().slice(0, 8)}`;
      const parts = { broker, admin, producer, kafka, ledger, ledgerId, signers, dir, url, prefix, children, closing };
      return await use(await roomOf(parts));
    } finally {
      for (const { child } of children) child.kill("SIGKILL");
      await Promise.all(children.map(({ ended }) => ended));
      for (const close of closing) await close().catch(() => undefined);
      await producer.disconnect().catch(() => undefined);
      await admin.disconnect().catch(() => undefined);
      await ledger.close();
    }
  });
}

async function populate(ledger: GovernedLedger, keys: string): Promise<KafkaRoom["signers"]> {
  const signers = Object.fromEntries(Object.keys(people).map((name) => [name, generateSigner(name)])) as Record<
    keyof typeof people,
    Signer
  >;
  await ledger.init({
    name: "Room",
    origin: "ledger.example/room",
    sovereign: { name: "Alice", signer: signers.alice },
  });
  for (const [name, [kind, roles, responsible]] of Object.entries(people)) {
    const signer = signers[name as keyof typeof people];
    if (name !== "alice") {
      const data = { principal: name, kind, name, roles: [...roles], responsible, key: publicKeyOf(signer.privateKey) };
      const { kind: answer } = await ledger.submit("RegisterPrincipal", data, signers.alice);
      if (answer !== "committed") throw new Error(`${name}: ${answer}`);
    }
    if (name === "worker") saveKey(keys, signer);
  }
  return signers;
}

interface Parts {
  readonly broker: KafkaBroker;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly kafka: Kafka;
  readonly ledger: GovernedLedger;
  readonly ledgerId: string;
  readonly signers: KafkaRoom["signers"];
  readonly dir: string;
  readonly url: string;
  readonly prefix: string;
  readonly children: ReturnType<typeof spawnCli>[];
  readonly closing: (() => Promise<unknown>)[];
}

async function roomOf(parts: Parts): Promise<KafkaRoom> {
  const { broker, admin, producer, kafka, ledger, ledgerId, signers, dir, url, prefix, children, closing } = parts;
  const topics = topicNames(prefix);
  const answers = new Map<string, SentResult>();
  let listening: Promise<Consumer> | undefined;

  async function listen(): Promise<Consumer> {
    const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100 });
    closing.push(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topics: [topics.results], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        const { command, result } = readResultMessage(message);
        if (!answers.has(command)) answers.set(command, result);
      },
    });
    return consumer;
  }

  const sign: KafkaRoom["sign"] = (type, data, who, of = ledgerId) => {
    const id = randomUUID();
    return { id, envelope: signCommand(type, data, { id, ledger: of, at: new Date().toISOString() }, signers[who]) };
  };
  const send: KafkaRoom["send"] = async (...messages) => {
    await producer.send({ topic: topics.commands, acks: -1, messages });
  };
  const answer: KafkaRoom["answer"] = async (id) => {
    listening ??= listen();
    await listening;
    await until(() => answers.has(id));
    return answers.get(id) as SentResult;
  };
  return {
    broker,
    admin,
    topics,
    url,
    ledger,
    ledgerId,
    signers,
    sign,
    send,
    answer,
    run: (words, environment) =>
      endOf(dir, [...words, "--topics", prefix, "--ledger", url, "--keys", "keys", "--json"], environment),
    async start(command, ...words) {
      const child = spawnCli(dir, [
        command,
        "--brokers",
        broker.address,
        "--topics",
        prefix,
        "--ledger",
        url,
        ...(command === "worker" ? ["--keys", "keys", "--session-timeout", "6s"] : []),
        "--json",
        ...words,
      ]);
      children.push(child);
      await child.until(command === "worker" ? '{"event":"joined"' : '{"event":"started"');
      return child;
    },
    salted(bytes) {
      const salt = randomBytes(32);
      return { salt, bytes, commitment: commitContent(salt, bytes) };
    },
    async ask(type, data, who, options) {
      const { id, envelope } = sign(type, data, who);
      await send(commandMessage(envelope, options));
      return answer(id);
    },
    readAll: (topic) => readAll(kafka, admin, topic),
  };
}

async function readAll(kafka: Kafka, admin: Admin, topic: string): Promise<ReadMessage[]> {
  const ends = new Map((await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => [partition, Number(high)]));
  const wanted = [...ends.values()].reduce((sum, end) => sum + end, 0);
  const found: ReadMessage[] = [];
  if (wanted === 0) return found;
  const consumer = kafka.consumer({ groupId: `test-${randomUUID()}`, maxWaitTimeInMs: 100 });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ partition, message }) => {
        if (Number(message.offset) < (ends.get(partition) ?? 0))
          found.push({ ...(message as IncomingMessage), partition });
      },
    });
    await until(() => found.length >= wanted);
  } finally {
    await consumer.disconnect();
  }
  return found.sort((a, b) => a.partition - b.partition || Number(a.offset) - Number(b.offset));
}
