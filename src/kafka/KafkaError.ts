/** What a broker, its topics or its client cannot do: a code, a sentence, the numbers and the next step. Never for a message's own faults. */

export type KafkaErrorCode =
  /** No broker answers, or one that did is gone. Passing: tried again. */
  | "BROKER_UNAVAILABLE"
  /** A topic is set up in a way that would lose or block messages. */
  | "TOPIC_UNFIT"
  /** An acknowledged message has no rising offset: the broker has lost some. */
  | "BROKER_LOST_MESSAGES"
  /** The consumer or producer was refused for good: rights, a codec, a version. */
  | "BROKER_REFUSED"
  /** The publisher's bookmark is of another cluster or topic. */
  | "PUBLISHED_ELSEWHERE";

export class KafkaError extends Error {
  readonly code: KafkaErrorCode;
  readonly next: string;
  readonly numbers: Readonly<Record<string, string | number>>;
  constructor(
    code: KafkaErrorCode,
    message: string,
    options: { next: string; numbers?: Readonly<Record<string, string | number>>; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "KafkaError";
    this.code = code;
    this.next = options.next;
    this.numbers = options.numbers ?? {};
  }
}
