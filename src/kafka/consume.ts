/**
 * A consumer that is looked after: built, run, and built anew when it crashes or falls silent, until it is told to stop or will never work.
 * Offsets are committed by hand, one past what is done; nothing is committed by a clock. A partition in trouble is paused and tried again.
 */
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import { backOffMs, mayPass, pauseFor } from "./backOff.js";
import { kafkaErrorOf } from "./connectKafka.js";
import type { IncomingMessage } from "./RawMessage.js";
import type { Batch, BatchOutcome, DoneAhead } from "./workBatch.js";

export interface ConsumeOptions {
  readonly kafka: Kafka;
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  /** How long a consumer that has died keeps its partitions, in milliseconds. */
  readonly sessionTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly work: (batch: Batch, ahead: DoneAhead) => Promise<BatchOutcome>;
  readonly onJoined: (partitions: readonly number[]) => void;
  /** The consumer crashed or fell silent; another is built after so long. */
  readonly onCrash: (error: unknown, waitMs: number) => void;
  readonly onPaused: (partition: number, outcome: NonNullable<BatchOutcome["waits"]>, waitMs: number) => void;
  readonly onResumed: (partition: number) => void;
}

/** How long a fetch waits for something to come, in milliseconds: a stop waits as long. */
const fetchWaitMs = 500;
/** How long a consumer may be given to say good-bye. */
const leaveMs = 10_000;

/** Consumes until the signal aborts: then what is in hand is finished. Throws what will not pass. */
export async function consume(options: ConsumeOptions): Promise<void> {
  const { signal, brokers } = options;
  for (let attempt = 1; !signal.aborted; attempt++) {
    const began = Date.now();
    const ended = await consumeOnce(options);
    if (ended === null) return;
    const error = kafkaErrorOf(ended.error, brokers);
    if (ended.fatal || !mayPass(error)) throw error;
    // One that worked for a while has earned a quick start.
    if (Date.now() - began > 60_000) attempt = 1;
    const waitMs = backOffMs(attempt);
    options.onCrash(error, waitMs);
    await pauseFor(waitMs, signal);
  }
}

interface Ended {
  readonly error: unknown;
  /** It came out of the work itself, and will not pass. */
  readonly fatal: boolean;
}

/** One consumer's life: null when it was told to stop. */
async function consumeOnce(options: ConsumeOptions): Promise<Ended | null> {
  const { kafka, topic, group, sessionTimeoutMs, signal } = options;
  const consumer = kafka.consumer({
    groupId: group,
    sessionTimeout: sessionTimeoutMs,
    heartbeatInterval: Math.floor(sessionTimeoutMs / 5),
    rebalanceTimeout: 60_000,
    maxWaitTimeInMs: fetchWaitMs,
    allowAutoTopicCreation: false,
    // Its own restart keeps state that a new one has not: rebuilt from nothing instead.
    retry: { retries: 5, initialRetryTime: 300, restartOnFailure: () => Promise.resolve(false) },
  });
  const timers = new Set<NodeJS.Timeout>();
  const partitions = new Map<number, { readonly ahead: DoneAhead; troubles: number }>();
  let inHand = 0;
  let seen = Date.now();
  let watch: NodeJS.Timeout | undefined;
  const ended = new Promise<Ended | null>((resolve) => {
    const stop = () => resolve(null);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    const { CRASH, GROUP_JOIN, FETCH_START, HEARTBEAT } = consumer.events;
    consumer.on(CRASH, ({ payload }) => resolve({ error: payload.error, fatal: false }));
    consumer.on(GROUP_JOIN, ({ payload }) => {
      seen = Date.now();
      // What another has had in hand meanwhile is not ours to know.
      partitions.clear();
      options.onJoined(payload.memberAssignment[topic] ?? []);
    });
    for (const sign of [FETCH_START, HEARTBEAT]) {
      consumer.on(sign, () => {
        seen = Date.now();
      });
    }
    watch = setInterval(() => {
      if (inHand === 0 && Date.now() - seen > 3 * sessionTimeoutMs + 60_000)
        resolve({ error: fellSilent(), fatal: false });
    }, 5000);
    watch.unref();
    const start = async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [topic], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 8,
        eachBatch: async (payload) => {
          inHand += 1;
          try {
            await eachBatch(payload, resolve);
          } finally {
            inHand -= 1;
            seen = Date.now();
          }
        },
      });
    };
    start().catch((error: unknown) => resolve({ error, fatal: false }));
  });

  async function eachBatch(payload: EachBatchPayload, end: (ended: Ended) => void): Promise<void> {
    const { batch } = payload;
    const { partition } = batch;
    const state = partitions.get(partition) ?? { ahead: new Set<string>(), troubles: 0 };
    partitions.set(partition, state);
    const stopped = () => signal.aborted || !payload.isRunning() || payload.isStale();
    let outcome: BatchOutcome;
    try {
      outcome = await options.work({ ...handedOver(payload), stopped }, state.ahead);
    } catch (error) {
      // The client's own errors are for the client: a rebalance makes it join again. Anything else ends the worker.
      if (error instanceof Error && error.name.startsWith("KafkaJS")) throw error;
      payload.pause();
      end({ error, fatal: true });
      return;
    }
    if (outcome.waits === null) {
      if (state.troubles > 0 && !stopped()) options.onResumed(partition);
      state.troubles = 0;
      return;
    }
    state.troubles += 1;
    const waitMs = backOffMs(state.troubles);
    options.onPaused(partition, outcome.waits, waitMs);
    const resume = payload.pause();
    const timer = setTimeout(() => {
      timers.delete(timer);
      resume();
    }, waitMs);
    timers.add(timer);
  }

  const outcome = await ended;
  clearInterval(watch);
  for (const timer of timers) clearTimeout(timer);
  await leave(consumer);
  return outcome;
}

/** The client's batch as the work knows it. */
function handedOver(payload: EachBatchPayload): Omit<Batch, "stopped"> {
  const { topic, partition, messages } = payload.batch;
  return {
    topic,
    partition,
    messages: messages as readonly IncomingMessage[],
    heartbeat: () => payload.heartbeat(),
    async commit(offset) {
      payload.resolveOffset(offset);
      const next = (BigInt(offset) + 1n).toString();
      await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: next }] }] });
    },
  };
}

/** Leaves the group, so that others take over at once; one that cannot is left behind. */
async function leave(consumer: Consumer): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, leaveMs);
  });
  await Promise.race([consumer.disconnect().catch(() => undefined), late]);
  clearTimeout(timer);
}

function fellSilent(): Error {
  return Object.assign(new Error("the consumer neither fetched nor gave a sign of life"), {
    name: "KafkaJSSilent",
    retriable: true,
  });
}
