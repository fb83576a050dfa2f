/** Another event store on Postgres, as the bench asks it: the same events, in appends of the same size, each durable when it is answered. */
import type { Append } from "../src/ledger/Store.js";

export interface Peer {
  /** Its name and version. */
  readonly name: string;
  /** What appends these events when it is called: made ready before the clock starts, as the events of the ledger are. */
  readonly prepared: (append: Append) => () => Promise<unknown>;
  /** Reads everything appended so far in order, in pages, and verifies nothing. Answers how many events. */
  readonly read: () => Promise<number>;
  readonly close: () => Promise<void>;
}

/** Why one is not there to be measured. */
export interface Missing {
  readonly name: string;
  readonly reason: string;
}

/** Events of a page, on every side. */
export const pageSize = 2_000;
