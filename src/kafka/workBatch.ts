/**
 * A batch of commands from one partition: each is answered, or set aside, or waits. The offset moves only over messages whose append and whose
 * result are acknowledged, in order and without a gap. Must never let a message go because something else was in trouble.
 */
import type { Signer } from "../keys/Signer.js";
import type { Result } from "../ledger/Decision.js";
import { StoreError } from "../ledger/Store.js";
import { mayPass } from "./backOff.js";
import { deadMessage } from "./deadMessage.js";
import { type CommandLedger, handleCommand, type Trouble } from "./handleCommand.js";
import { KafkaError } from "./KafkaError.js";
import { inLanes } from "./lanes.js";
import type { IncomingMessage } from "./RawMessage.js";
import { type RecordingLedger, recordDeadLetter } from "./recordDeadLetter.js";
import { resultMessage } from "./resultMessage.js";
import type { Sender } from "./sender.js";
import type { TopicNames } from "./topics.js";

/** What is told of each message, as it happens. */
export type WorkNews =
  | {
      readonly kind: "answered";
      readonly origin: string;
      readonly command: { readonly id: string; readonly type: string; readonly actor: string };
      readonly result: Result;
    }
  | { readonly kind: "dead"; readonly origin: string; readonly code: string; readonly reason: string }
  | { readonly kind: "waiting"; readonly origin: string; readonly trouble: Trouble };

export interface WorkPlace {
  readonly ledger: CommandLedger & RecordingLedger;
  readonly ledgerId: string;
  readonly signer: Signer;
  readonly sender: Sender;
  readonly topics: TopicNames;
  readonly onNews: (news: WorkNews) => void;
}

/** A batch as a consumer hands it over. */
export interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly IncomingMessage[];
  /** Whether nothing new is to be begun: the worker stops, or the partition goes to another. */
  stopped(): boolean;
  /** Keeps the partition ours while work goes on; rejects when it is not any more. */
  heartbeat(): Promise<void>;
  /** All up to and with this offset is done: the place to begin at is the one after it. Rejects where that could not be kept. */
  commit(offset: string): Promise<void>;
}

/** `waits`: the first message that is not done, and why; null when all are, or nothing more is to be begun. */
export interface BatchOutcome {
  readonly waits: { readonly offset: string; readonly trouble: Trouble } | null;
}

/** Messages taken in hand at once. */
const windowCount = 128;
const windowBytes = 16 * 1024 * 1024;
const lanesAtOnce = 32;
const beatMs = 1000;

/** Messages of a partition that were done although one before them waits: not done again by this process. */
export type DoneAhead = Set<string>;

/** Works through a batch, window by window. Throws what will not pass, and what `commit` or `heartbeat` threw, after what was begun is finished. */
export async function workBatch(place: WorkPlace, batch: Batch, ahead: DoneAhead): Promise<BatchOutcome> {
  for (let at = 0; at < batch.messages.length && !batch.stopped(); ) {
    const window = windowOf(batch.messages, at);
    const troubles = new Map<string, Trouble>();
    let lost: { readonly error: unknown } | undefined;
    const working = inLanes(window, {
      width: lanesAtOnce,
      laneOf: ({ key }) => key?.toString("base64") ?? "",
      stopped: () => lost !== undefined || batch.stopped(),
      async work(message) {
        if (ahead.has(message.offset)) return true;
        const trouble = await workOne(place, batch, message);
        if (trouble !== null) troubles.set(message.offset, trouble);
        else ahead.add(message.offset);
        return trouble === null;
      },
    });
    await beating(working, batch, (error) => {
      lost ??= { error };
    });
    const finished = await working;
    const open = finished.indexOf(false);
    const done = open < 0 ? window.length : open;
    const last = window[done - 1];
    if (last !== undefined) {
      await batch.commit(last.offset);
      for (const { offset } of window.slice(0, done)) ahead.delete(offset);
    }
    if (lost !== undefined) throw lost.error;
    if (open >= 0) {
      const message = window[open] as IncomingMessage;
      const trouble = troubles.get(message.offset);
      return { waits: trouble === undefined ? null : { offset: message.offset, trouble } };
    }
    at += window.length;
  }
  return { waits: null };
}

function windowOf(messages: readonly IncomingMessage[], from: number): IncomingMessage[] {
  const window: IncomingMessage[] = [];
  let bytes = 0;
  for (const message of messages.slice(from, from + windowCount)) {
    bytes += message.value?.length ?? 0;
    if (window.length > 0 && bytes > windowBytes) break;
    window.push(message);
  }
  return window;
}

/** Heartbeats until the work is over. A heartbeat that fails is told once; the work goes on to where it can stop. */
async function beating(working: Promise<unknown>, batch: Batch, onLost: (error: unknown) => void): Promise<void> {
  let over = false;
  const end = working.then(
    () => undefined,
    () => undefined,
  );
  void end.then(() => {
    over = true;
  });
  for (let kept = true; !over; ) {
    let timer: NodeJS.Timeout | undefined;
    const tick = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, beatMs);
    });
    await Promise.race([end, tick]);
    clearTimeout(timer);
    if (!kept) continue;
    try {
      await batch.heartbeat();
    } catch (error) {
      kept = false;
      onLost(error);
    }
  }
}

/** One message, to its acknowledged end; else why it waits. */
async function workOne(place: WorkPlace, batch: Batch, message: IncomingMessage): Promise<Trouble | null> {
  const origin = `${batch.topic}/${batch.partition}/${message.offset}`;
  try {
    const trouble = await worked(place, batch, message, origin);
    if (trouble !== null) place.onNews({ kind: "waiting", origin, trouble });
    return trouble;
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === null) throw error;
    place.onNews({ kind: "waiting", origin, trouble });
    return trouble;
  }
}

async function worked(
  { ledger, ledgerId, signer, sender, topics, onNews }: WorkPlace,
  { topic, partition }: Batch,
  message: IncomingMessage,
  origin: string,
): Promise<Trouble | null> {
  const handled = await handleCommand(ledger, message);
  if (handled.kind === "trouble") return handled.trouble;
  if (handled.kind === "poison") {
    const trouble = await recordDeadLetter(ledger, signer, { topic, partition }, message, handled.poison);
    if (trouble !== null) return trouble;
    await sender.send(topics.dead, deadMessage(message, origin, handled.poison));
    onNews({ kind: "dead", origin, code: handled.poison.code, reason: handled.poison.message });
  }
  const command = handled.kind === "answered" ? handled.command.id : handled.command;
  if (command !== null) {
    const { envelope, result } = handled;
    await sender.send(topics.results, resultMessage({ ledger: ledgerId, command, envelope, origin, result }));
  }
  if (handled.kind === "answered") {
    onNews({ kind: "answered", origin, command: handled.command, result: handled.result });
  }
  return null;
}

/** Trouble of ours with one message; null where the worker itself must stop: a damaged ledger, a broker that loses messages. */
function troubleOf(error: unknown): Trouble | null {
  if (mayPass(error)) {
    const { code, message, next } = error as Error & Partial<Trouble>;
    const waits = "Check that the broker is up; it is tried again.";
    return { code: typeof code === "string" ? code : "BROKER_UNAVAILABLE", message, next: next ?? waits };
  }
  if (error instanceof StoreError || error instanceof KafkaError) return null;
  // A mistake of this program, or an answer the broker will not take: this message waits for somebody, the other partitions do not.
  const { name, message, stack } = error as Error;
  const where = stack?.split("\n")[1]?.trim() ?? "";
  const next = "Keep the message; report what is said here. Its partition waits, the others go on.";
  return { code: "UNEXPECTED", message: `${name}: ${message} ${where}`.trim(), next };
}
