/**
 * A worker: commands from a topic, answers to another, what is no command to a third. Puts consumer, sender and ledger together; what becomes of
 * one message is said in `handleCommand.ts`, of a batch in `workBatch.ts`.
 */
import type { Kafka } from "kafkajs";
import { type ConsumeOptions, consume } from "./consume.js";
import { type WorkPlace, workBatch } from "./workBatch.js";

export interface WorkOptions
  extends WorkPlace,
    Pick<ConsumeOptions, "brokers" | "group" | "signal" | "onJoined" | "onCrash" | "onPaused" | "onResumed"> {
  readonly kafka: Kafka;
  readonly sessionTimeoutMs?: number;
}

/** Long enough for a large cut between two signs of life, short enough that a killed worker's partitions do not wait long. */
export const sessionTimeoutMsDefault = 15_000;

/** Works until the signal aborts: then what is in hand is finished, answered and committed. Throws what will not pass. */
export function work(options: WorkOptions): Promise<void> {
  return consume({
    ...options,
    topic: options.topics.commands,
    sessionTimeoutMs: options.sessionTimeoutMs ?? sessionTimeoutMsDefault,
    work: (batch, ahead) => workBatch(options, batch, ahead),
  });
}
