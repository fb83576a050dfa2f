/**
 * The port: what the ledger needs of a store, and what every store promises. The contract suite
 * (`test/store/contract.ts`) tests each sentence on every adapter; the in-memory store is the reference.
 *
 * - A ledger is one totally ordered log. `position` is dense from 0 in commit order; within a stream `revision` is dense from 0.
 * - `append` takes several appends at once, in as few transactions as it can. Each append is atomic: all its entries or none. They are judged in
 *   the order given, each against the ledger as left by those before it; one that conflicts leaves no trace and does not
 *   disturb its neighbours. An answer `committed` means durable.
 * - A guard names a stream and the newest revision the decision saw (-1: no event). If any guard does not hold the append
 *   answers `conflict` with the stream, what was expected and what is there.
 * - A command part (`command.id`, `command.part`) is appended once. Again: `duplicate`, whatever the entries. Parts of a
 *   command are appended in order, nothing after the last one. The signed envelope is stored with part 0.
 * - A throw from `append` is one of two kinds: a `StoreError` whose `ambiguous` is false (nothing was written), or true (it may
 *   have been: read back with `command`).
 * - `read` is contiguous: a hole, or a row that is not what was appended in shape, is `StoreError` code `CORRUPT`, never skipped.
 * - Nothing stored is ever changed or deleted; only `content.erase` removes bytes, and leaves the commitment.
 * - Several processes may use one ledger; any of them may die at any moment.
 */

/** One event to append: its stream, its revision there and the leaf bytes, which say the same inside. */
export interface Entry {
  readonly stream: string;
  readonly revision: number;
  readonly bytes: Uint8Array;
}

/** What the decision saw of a stream: its newest revision, or -1. */
export interface Guard {
  readonly stream: string;
  readonly revision: number;
}

/** One part of a command's events, at least one, with every stream the decision read. A part is known by its events: none would leave no trace in the log. */
export interface Append {
  readonly command: {
    readonly id: string;
    readonly part: number;
    readonly last: boolean;
    readonly envelope: Uint8Array;
  };
  readonly entries: readonly Entry[];
  readonly guards: readonly Guard[];
}

export type AppendOutcome =
  | { readonly kind: "committed"; readonly position: number; readonly count: number }
  | { readonly kind: "conflict"; readonly stream: string; readonly expected: number; readonly actual: number }
  | { readonly kind: "duplicate" };

/** An event as the store holds it. */
export interface StoredEvent {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly bytes: Uint8Array;
}

/** What is stored of a command: its signed envelope and where its parts stand. */
export interface StoredCommand {
  readonly id: string;
  readonly envelope: Uint8Array;
  readonly parts: readonly { readonly position: number; readonly count: number; readonly last: boolean }[];
}

/** Size and RFC 6962 root (hex) of the whole log. The root of an empty log is the SHA-256 of nothing. */
export interface Head {
  readonly size: number;
  readonly root: string;
}

export interface Store {
  head(): Promise<Head>;
  /** One outcome per append, in order. */
  append(appends: readonly Append[]): Promise<AppendOutcome[]>;
  /** Up to `limit` events from position `from` on, in order; empty at the end. */
  read(from: number, limit: number): Promise<StoredEvent[]>;
  /** Events of one stream from revision `from` on, in order, up to `limit` (default: all). */
  readStream(stream: string, from: number, limit?: number): Promise<StoredEvent[]>;
  /** The stored command of that id. */
  command(id: string): Promise<StoredCommand | undefined>;
  /** The commands whose part 0 stands at positions [from, to), in order of position: for replay, which reads in pages. */
  commands(from: number, to: number): Promise<StoredCommand[]>;
  /** Every event once, in order, from `from` on; waits for new ones until the signal aborts; survives a reconnect. */
  follow(from: number, signal: AbortSignal): AsyncIterable<StoredEvent>;
  readonly content: ContentStore;
  /** Of a store that answers from a copy of its ledger (all but `read` and `follow`): what replay compares that copy by. */
  readonly copy?: LedgerCopy;
  close(): Promise<void>;
}

/** A copy of the ledger that a store answers from, compared with the ledger itself. Reads only. */
export interface LedgerCopy {
  /** How many events of the ledger the copy lacked when the store was opened, and was not allowed to fetch. */
  readonly behind: number;
  /** Where events, and the commands that wrote them, differ at positions [from, to); and how many events there were to compare. */
  differences(
    from: number,
    to: number,
  ): Promise<{ readonly compared: number; readonly differences: readonly CopyDifference[] }>;
}

export interface CopyDifference {
  readonly position: number;
  readonly field: "event" | "command" | "envelope";
  readonly message: string;
}

/** Bytes and the salt they were committed with. */
export interface Content {
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * Text beside the ledger, addressed by its salted commitment (see `src/events/commitment.ts`).
 * `put` is idempotent and durable when it returns; it refuses a content whose commitment is not `commitment`.
 * `get` gives undefined where the bytes were never put or have been erased; the caller checks the commitment.
 */
export interface ContentStore {
  put(commitment: string, content: Content): Promise<void>;
  get(commitment: string): Promise<Content | undefined>;
  /** Removes salt and bytes together. Answers whether there was something to erase. */
  erase(commitment: string): Promise<boolean>;
}

/** A store that cannot: code, what it was doing, the next step, and whether the write may have happened. */
export class StoreError extends Error {
  readonly code:
    | "CORRUPT"
    | "DISK_FULL"
    | "READ_ONLY"
    | "LOCKED"
    | "NOT_A_LEDGER"
    | "NEWER_LEDGER"
    | "TOO_LARGE"
    | "UNAVAILABLE";
  readonly next: string;
  readonly ambiguous: boolean;
  readonly position: number | undefined;
  constructor(
    code: StoreError["code"],
    message: string,
    options: { next: string; ambiguous?: boolean; position?: number; cause?: unknown },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StoreError";
    this.code = code;
    this.next = options.next;
    this.ambiguous = options.ambiguous ?? false;
    this.position = options.position;
  }
}
