// What may go wrong between a client and a server, for tests to ask for. Each fault is used up by the calls it hits, in order.

/** How a call is answered although, or because, something went wrong. */
export type Answer =
  | "unavailable"
  | "cancelled"
  /** What the server says when a write was not acknowledged by enough nodes in time. */
  | "timeout"
  | "unknown"
  | "not leader"
  /** No answer, ever. */
  | "silence";

export interface AppendFault {
  readonly on: "append";
  /** Whether the events get into the stream: before the answer, not at all, or so many milliseconds after it. */
  readonly commit: boolean | number;
  readonly answer: Answer;
}

export interface ReadFault {
  readonly on: "read";
  readonly answer: Answer;
}

export interface SubscribeFault {
  readonly on: "subscribe";
  /** Each event is sent so many times, and with each the one before it again. */
  readonly copies?: number;
  /** Events sent before the subscription is dropped. */
  readonly dropAfter?: number;
  readonly answer?: Answer;
  /** An event that is left out: as if it had been lost on the way. */
  readonly leaveOut?: number;
}

/** An append that has arrived and is not looked at yet. */
export interface HeldFault {
  readonly on: "held";
  readonly until: Promise<unknown>;
  readonly reached?: () => void;
}

export type Fault = AppendFault | ReadFault | SubscribeFault | HeldFault;

export interface Faults {
  add(fault: Fault, times?: number): void;
  take<K extends Fault["on"]>(on: K): Extract<Fault, { on: K }> | undefined;
  clear(): void;
  /** How many there are left. */
  readonly size: number;
}

export function faults(): Faults {
  let waiting: Fault[] = [];
  return {
    add(fault, times = 1) {
      for (let i = 0; i < times; i++) waiting.push(fault);
    },
    take<K extends Fault["on"]>(on: K) {
      const index = waiting.findIndex((fault) => fault.on === on);
      return index < 0 ? undefined : (waiting.splice(index, 1)[0] as Extract<Fault, { on: K }>);
    },
    clear() {
      waiting = [];
    },
    get size() {
      return waiting.length;
    },
  };
}
