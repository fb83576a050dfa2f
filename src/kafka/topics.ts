/**
 * The topics: what they are called, how they are made, and which settings of an existing one would lose or block messages. Must never change
 * a topic that is there: it is refused with the numbers, and whoever runs the broker decides.
 */
import type { Admin } from "kafkajs";
import kafkajs from "kafkajs";
import { commandAgeHoursMax } from "../../commands/untimely.js";
import { leafSizeMax } from "../events/envelope.js";
import { deadHeadersSize } from "./deadMessage.js";
import { KafkaError } from "./KafkaError.js";
import { resultSizeMax } from "./resultMessage.js";

export interface TopicNames {
  readonly commands: string;
  readonly results: string;
  readonly dead: string;
  readonly events: string;
}

/** `iu` gives iu.commands, iu.results, iu.commands.dead, iu.events. */
export function topicNames(prefix: string): TopicNames {
  return {
    commands: `${prefix}.commands`,
    results: `${prefix}.results`,
    dead: `${prefix}.commands.dead`,
    events: `${prefix}.events`,
  };
}

export interface TopicOptions {
  /** Partitions of a topic that is made here. */
  readonly partitions: number;
  /** Copies of a topic that is made here; default: three, or as many as there are brokers. */
  readonly replication?: number;
  /** The largest message of commands, in bytes, of a topic that is made here. */
  readonly messageSizeMax: number;
}

export const topicDefaults: TopicOptions = { partitions: 6, messageSizeMax: 8 * 1024 * 1024 };

/** What a topic's messages are; the rules differ. */
export type Purpose = keyof TopicNames;

/** A broker's settings of a topic, by Kafka's own names. */
export type Settings = Readonly<Record<string, string>>;

/** Room for what stands around a message's own bytes. */
const framing = 4096;
const hourMs = 3_600_000;
const sizeName = "max.message.bytes";

/** The settings a topic is made with. */
export function settingsOf(purpose: Purpose, { messageSizeMax }: TopicOptions): Record<string, string> {
  const week = String(7 * 24 * hourMs);
  switch (purpose) {
    case "commands":
      return {
        "cleanup.policy": "delete",
        // The broker unpacks: a worker need know no codec, and no small batch can become a large one in its memory.
        "compression.type": "uncompressed",
        "retention.ms": week,
        "retention.bytes": "-1",
        [sizeName]: String(messageSizeMax),
      };
    case "results":
      return { "cleanup.policy": "delete", "retention.ms": week, [sizeName]: "1048588" };
    case "dead":
      return {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        [sizeName]: String(messageSizeMax + deadHeadersSize),
      };
    case "events":
      return { "cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1", [sizeName]: "1048588" };
  }
}

/** What is wrong with a topic for its purpose, and how it should be; null: nothing. `commandSizeMax`: the largest message of commands. */
export function unfit(
  purpose: Purpose,
  settings: Settings,
  { replicas, commandSizeMax }: { readonly replicas: number; readonly commandSizeMax: number },
): { readonly setting: string; readonly is: string; readonly must: string; readonly why: string } | null {
  const no = (setting: string, must: string, why: string) => ({
    setting,
    is: settings[setting] ?? "not set",
    must,
    why,
  });
  const size = Number(settings[sizeName] ?? Number.NaN);
  const retentionMs = Number(settings["retention.ms"] ?? -1);
  if (purpose !== "results" && (settings["cleanup.policy"] ?? "delete").includes("compact"))
    return no("cleanup.policy", "delete", "compaction removes all but the newest message of a key");
  if (settings["unclean.leader.election.enable"] === "true")
    return no("unclean.leader.election.enable", "false", "a leader that lags behind loses what was acknowledged");
  if (Number(settings["min.insync.replicas"] ?? 1) > replicas)
    return no(
      "min.insync.replicas",
      `at most ${replicas}`,
      `the topic has ${replicas} replicas: nothing can be written`,
    );
  if (purpose === "commands") {
    if (settings["compression.type"] !== "uncompressed")
      return no(
        "compression.type",
        "uncompressed",
        "a worker reads no codec that a sender may choose; the broker is to unpack",
      );
    if (retentionMs !== -1 && retentionMs < commandAgeHoursMax * hourMs)
      return no("retention.ms", `-1, or at least ${commandAgeHoursMax * hourMs}`, "a command counts for a day");
  }
  const needed = {
    commands: 65_536,
    results: resultSizeMax + framing,
    dead: commandSizeMax + deadHeadersSize,
    events: leafSizeMax + framing,
  }[purpose];
  if (!(size >= needed)) return no(sizeName, `at least ${needed}`, "its largest message must fit");
  return null;
}

/** Topics with their number of partitions. */
export type Partitions = ReadonlyMap<string, number>;

/**
 * Makes the topics that are missing and checks all of them. Safe to run from several processes at once. Throws `TOPIC_UNFIT` with the
 * setting, what it is and what it must be.
 */
export async function ensureTopics(
  admin: Admin,
  names: TopicNames,
  purposes: readonly Purpose[],
  options: TopicOptions,
): Promise<Partitions> {
  const there = new Set(await admin.listTopics());
  const missing = purposes.filter((purpose) => !there.has(names[purpose]));
  if (missing.length > 0) {
    const brokers = (await admin.describeCluster()).brokers.length;
    const replicationFactor = options.replication ?? Math.min(3, brokers);
    await admin.createTopics({
      waitForLeaders: true,
      topics: missing.map((purpose) => ({
        topic: names[purpose],
        numPartitions: options.partitions,
        replicationFactor,
        configEntries: Object.entries({
          ...settingsOf(purpose, options),
          "min.insync.replicas": replicationFactor > 2 ? "2" : "1",
          // A single copy has nobody to have it as well: what is acknowledged must be on its disk.
          ...(replicationFactor === 1 ? { "flush.messages": "1" } : {}),
        }).map(([name, value]) => ({ name, value })),
      })),
    });
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: purposes.map((purpose) => names[purpose]) });
  const settings = await describe(
    admin,
    purposes.map((purpose) => names[purpose]),
  );
  const commandSizeMax = Number(settings.get(names.commands)?.[sizeName] ?? options.messageSizeMax);
  const partitions = new Map<string, number>();
  for (const purpose of purposes) {
    const topic = names[purpose];
    const found = topics.find(({ name }) => name === topic)?.partitions ?? [];
    const replicas = Math.min(...found.map((one) => one.replicas.length));
    const wrong = unfit(purpose, settings.get(topic) ?? {}, { replicas, commandSizeMax });
    if (wrong !== null) throw unfitError(topic, wrong);
    partitions.set(topic, found.length);
  }
  return partitions;
}

async function describe(admin: Admin, topics: readonly string[]): Promise<Map<string, Settings>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: topics.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}

function unfitError(topic: string, { setting, is, must, why }: NonNullable<ReturnType<typeof unfit>>): KafkaError {
  return new KafkaError("TOPIC_UNFIT", `${topic} has ${setting} ${is}; it must be ${must}: ${why}`, {
    next: `Set it with Kafka's own tools (kafka-configs.sh --alter --entity-type topics --entity-name ${topic} --add-config …), or name other topics with --topics.`,
    numbers: { topic, setting, is, must },
  });
}
