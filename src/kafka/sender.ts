/**
 * The way out to a broker: one awaited send at a time for each partition, of all that has come in meanwhile. The client's idempotent and
 * transactional producers are never used: their sequence numbers can lose what was acknowledged. Instead the offset that a broker gives
 * must rise from send to send; where it does not, messages that were acknowledged are gone, and nothing more is sent.
 */
import { KafkaError } from "./KafkaError.js";
import type { OutgoingMessage } from "./RawMessage.js";

/** Appends messages to a partition, acknowledged by all replicas in sync; answers the offset of the first, decimal. */
export type Produce = (topic: string, partition: number, messages: readonly OutgoingMessage[]) => Promise<string>;

export interface Sender {
  /** Resolves once the message is acknowledged; its place. Rejects with what the broker said, or with `BROKER_LOST_MESSAGES`. */
  send(topic: string, message: OutgoingMessage): Promise<{ readonly partition: number; readonly offset: bigint }>;
}

export interface SenderOptions {
  readonly produce: Produce;
  /** Which partition of the topic a message belongs to. */
  readonly partitionOf: (topic: string, message: OutgoingMessage) => number;
  /** Bytes of one send, at most, as counted here; one message larger than that goes alone. */
  readonly batchBytesMax?: number;
  readonly batchCountMax?: number;
}

interface Waiting {
  readonly message: OutgoingMessage;
  readonly size: number;
  resolve(place: { partition: number; offset: bigint }): void;
  reject(error: unknown): void;
}

interface Lane {
  waiting: Waiting[];
  busy: boolean;
  /** The lowest offset the next send may be given. */
  floor: bigint;
}

export function sender(options: SenderOptions): Sender {
  const { produce, partitionOf } = options;
  // A topic's max.message.bytes bounds the batch, not the message: half a megabyte fits the smallest that is taken.
  const bytesMax = options.batchBytesMax ?? 524_288;
  const countMax = options.batchCountMax ?? 500;
  const lanes = new Map<string, Lane>();
  let lost: KafkaError | undefined;

  async function drain(topic: string, partition: number, lane: Lane): Promise<void> {
    lane.busy = true;
    while (lane.waiting.length > 0) {
      const batch = nextBatch(lane);
      try {
        if (lost !== undefined) throw lost;
        const base = BigInt(
          await produce(
            topic,
            partition,
            batch.map(({ message }) => message),
          ),
        );
        if (base < lane.floor) {
          lost = lostMessages(topic, partition, base, lane.floor);
          throw lost;
        }
        lane.floor = base + BigInt(batch.length);
        for (const [index, one] of batch.entries()) one.resolve({ partition, offset: base + BigInt(index) });
      } catch (error) {
        // What waits behind it must not overtake it: its sender decides what to send again.
        const rest = lane.waiting;
        lane.waiting = [];
        for (const one of [...batch, ...rest]) one.reject(error);
      }
    }
    lane.busy = false;
  }

  function nextBatch(lane: Lane): Waiting[] {
    let count = 0;
    for (let bytes = 0; count < lane.waiting.length && count < countMax; count++) {
      bytes += (lane.waiting[count] as Waiting).size;
      if (count > 0 && bytes > bytesMax) break;
    }
    return lane.waiting.splice(0, count);
  }

  return {
    send(topic, message) {
      if (lost !== undefined) return Promise.reject(lost);
      const partition = partitionOf(topic, message);
      const name = `${topic}/${partition}`;
      let lane = lanes.get(name);
      if (lane === undefined) {
        lane = { waiting: [], busy: false, floor: 0n };
        lanes.set(name, lane);
      }
      const { waiting, busy } = lane;
      const into = lane;
      return new Promise((resolve, reject) => {
        waiting.push({ message, size: sizeOf(message), resolve, reject });
        if (!busy) {
          into.busy = true;
          // One turn of the event loop, so that what is sent together goes together.
          setImmediate(() => void drain(topic, partition, into));
        }
      });
    },
  };
}

/** About what a message takes in a batch. */
export function sizeOf({ key, value, headers }: OutgoingMessage): number {
  let size = 64 + (key === null ? 0 : Buffer.byteLength(key)) + (value?.length ?? 0);
  for (const [name, values] of Object.entries(headers)) {
    for (const one of Array.isArray(values) ? values : [values]) size += 16 + name.length + Buffer.byteLength(one);
  }
  return size;
}

function lostMessages(topic: string, partition: number, base: bigint, floor: bigint): KafkaError {
  return new KafkaError(
    "BROKER_LOST_MESSAGES",
    `${topic}/${partition} gave the offset ${base} to a message, after it had given ${floor - 1n}: what it acknowledged in between is gone`,
    {
      next: "Find out what the broker lost (an unclean election of a leader, a restored disk, a topic made anew). Then start again: what was not answered is answered again.",
      numbers: { topic, partition, given: String(base), expected: String(floor) },
    },
  );
}
