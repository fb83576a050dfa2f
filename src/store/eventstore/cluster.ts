/**
 * The cluster, asked with this program's own patience. The client (6.2.1) is known to wait for ever in places, and to answer one call with
 * the failure of another; so every call here has a timer of its own, and whatever is not a clear yes or no is called unsure.
 * It must never call an append written, or not written, of which it does not know.
 *
 * - Appends go one by one, each in a call of its own: the client's batch mode keeps the appends of all clients of the process in one
 *   place, rejects all of them when one stream fails, and throws out of nowhere when an answer comes late.
 * - Reads of the client have no deadline, nor has its question for what the server can do: the one is cancelled here, the other not asked.
 */
import {
  AccessDeniedError,
  BACKWARDS,
  type BinaryEventType,
  END,
  type EventData,
  EventStoreDBClient,
  FORWARDS,
  MaxAppendSizeExceededError,
  NO_STREAM,
  type RecordedEvent,
  type ResolvedEvent,
  START,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from "@eventstore/db-client";
import { StoreError } from "../../ledger/Store.js";
import type { ClusterUrl } from "./clusterUrl.js";

/** What became of an append. */
export type AppendAnswer =
  | { readonly kind: "written"; readonly revision: number }
  /** The stream does not end where it was expected to. */
  | { readonly kind: "elsewhere" }
  /** The server took nothing of it. */
  | { readonly kind: "refused"; readonly error: StoreError }
  /** It may have been written, or may be yet. */
  | { readonly kind: "unsure"; readonly error: StoreError };

/** Why a stream cannot be read; `none`: there is no event that could be. */
export type Missing = "none" | "deleted";

export interface Cluster {
  readonly stream: string;
  /** Up to `limit` events from revision `from` on, as the leader has them; or that there is no stream. Throws `UNAVAILABLE`, `READ_ONLY`. */
  read(from: number, limit: number): Promise<RecordedEvent[] | Missing>;
  /** What the newest event of a stream says: the metadata of a stream are in another, whose name begins with $$. */
  newest(stream: string): Promise<RecordedEvent | Missing>;
  /** Appends all of the events behind revision `expected` (-1: to a stream that is not there), or none. */
  append(events: readonly EventData<BinaryEventType>[], expected: number): Promise<AppendAnswer>;
  /** Events from revision `from` on, as they come, from one subscription. Ends when the signal aborts; throws when it is dropped. */
  subscribe(from: number, signal: AbortSignal): AsyncIterable<RecordedEvent>;
  close(): Promise<void>;
}

export interface ClusterOptions {
  /** How long the cluster may take to answer, or to send the next event of an answer, in milliseconds. Default 10 s. */
  readonly answerMsMax?: number;
}

type Client = EventStoreDBClient;
type Streaming = AsyncIterable<ResolvedEvent> & {
  on(name: "error", heard: (error: Error) => void): unknown;
  once(name: "confirmation", heard: () => void): unknown;
  destroy(error?: Error): unknown;
};

export function openCluster({ connection, stream }: ClusterUrl, options: ClusterOptions = {}): Cluster {
  const answerMsMax = options.answerMsMax ?? 10_000;
  const closing = new AbortController();
  let client: Client | undefined;

  function current(): Client {
    if (closing.signal.aborted) throw closedError();
    client ??= newClient(connection);
    return client;
  }

  /** A client that did not answer may never answer again: the next call gets a new one. Calls under way keep theirs. */
  function giveUp(used: Client): void {
    if (client === used) client = undefined;
  }

  async function collect(from: bigint | "start" | "end", limit: number, of: string, backwards: boolean) {
    const used = current();
    const reading = used.readStream(of, {
      fromRevision: from,
      maxCount: limit,
      direction: backwards ? BACKWARDS : FORWARDS,
      resolveLinkTos: false,
      requiresLeader: true,
    });
    const events: RecordedEvent[] = [];
    try {
      await drain(
        reading as unknown as Streaming,
        closing.signal,
        answerMsMax,
        () => reading.cancel(),
        (event) => {
          events.push(event);
        },
      );
      return events;
    } catch (error) {
      if (error instanceof StreamNotFoundError) return "none";
      if (error instanceof StreamDeletedError) return "deleted";
      giveUp(used);
      throw readErrorOf(error);
    }
  }

  return {
    stream,
    read: (from, limit) => collect(from === 0 ? START : BigInt(from), limit, stream, false),
    async newest(of) {
      const found = await collect(END, 1, of, true);
      return typeof found === "string" ? found : (found[0] ?? "none");
    },
    async append(events, expected) {
      const used = current();
      const call = used.appendToStream(stream, [...events], {
        expectedRevision: expected < 0 ? NO_STREAM : BigInt(expected),
        deadline: answerMsMax,
        requiresLeader: true,
      });
      try {
        const { success, nextExpectedRevision } = await withTimer(call, answerMsMax + 1_000);
        if (!success) return { kind: "elsewhere" };
        return { kind: "written", revision: Number(nextExpectedRevision) };
      } catch (error) {
        const answer = answerOf(error);
        if (answer.kind === "unsure") giveUp(used);
        return answer;
      }
    },
    async *subscribe(from, signal) {
      // A client of its own: what ends the subscription leaves the others alone, and the other way round.
      const own = newClient(connection);
      const subscription = own.subscribeToStream(stream, {
        fromRevision: from === 0 ? START : BigInt(from - 1),
        resolveLinkTos: false,
      });
      const stop = AbortSignal.any([signal, closing.signal]);
      const streaming = subscription as unknown as Streaming;
      try {
        yield* eventsOf(streaming, stop, answerMsMax);
      } catch (error) {
        if (stop.aborted) return;
        throw error instanceof StreamDeletedError ? error : readErrorOf(error);
      } finally {
        streaming.destroy();
        void subscription.unsubscribe().catch(ignore);
        void letGo(own);
      }
    },
    async close() {
      closing.abort();
      const last = client;
      client = undefined;
      if (last !== undefined) await withTimer(letGo(last), 1_000).catch(ignore);
    },
  };
}

/** A client that appends in a call of its own each time, and asks the server nothing without a deadline. */
function newClient(connection: string): Client {
  let client: Client;
  try {
    client = EventStoreDBClient.connectionString(connection);
  } catch (cause) {
    throw new StoreError("UNAVAILABLE", "the client cannot use the URL of the cluster", {
      next: "It looks like esdb://user:password@host:2113?tls=true&stream=iu-acme. Certificates must be files that can be read.",
      cause,
    });
  }
  Object.defineProperty(client, "supports", { value: () => Promise.resolve(false) });
  return client;
}

/** Ends what a client has open, and its connection: `dispose` ends only the streams. */
async function letGo(client: Client): Promise<void> {
  await client.dispose();
  const channel = await (client as unknown as { getChannel(): Promise<{ close(): void }> }).getChannel();
  channel.close();
}

/** Hands out the events of a stream as they come; throws what ends it, or that the first sign of life was too long in coming. */
async function* eventsOf(stream: Streaming, signal: AbortSignal, confirmMsMax: number): AsyncGenerator<RecordedEvent> {
  // For whatever comes after the end: an error nobody hears would end the process.
  stream.on("error", ignore);
  const stop = () => stream.destroy();
  const late = setTimeout(() => stream.destroy(lateError(confirmMsMax)), confirmMsMax);
  stream.once("confirmation", () => clearTimeout(late));
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const { event } of stream) if (event !== undefined) yield event;
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", stop);
  }
}

/** Takes all events of a stream that ends by itself; throws what went wrong, or that nothing came for too long. */
async function drain(
  stream: Streaming,
  signal: AbortSignal,
  idleMsMax: number,
  cancel: () => Promise<void>,
  take: (event: RecordedEvent) => void,
): Promise<void> {
  stream.on("error", ignore);
  const end = (error: Error) => {
    stream.destroy(error);
    void cancel().catch(ignore);
  };
  const late = setTimeout(() => end(lateError(idleMsMax)), idleMsMax);
  const stop = () => end(closedError());
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const { event } of stream) {
      late.refresh();
      if (event !== undefined) take(event);
    }
  } finally {
    clearTimeout(late);
    signal.removeEventListener("abort", stop);
  }
}

/** The promise, or that it took too long; whatever it says later is not heard. */
async function withTimer<T>(promise: Promise<T>, msMax: number): Promise<T> {
  promise.catch(ignore);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(lateError(msMax)), msMax);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const ignore = () => undefined;

const reachable =
  "Look whether the cluster is up and has a leader, and whether its URL and certificates are right; then try again.";

function lateError(ms: number): StoreError {
  return new StoreError("UNAVAILABLE", `the cluster did not answer within ${ms} ms`, { next: reachable });
}

function closedError(): StoreError {
  return new StoreError("UNAVAILABLE", "the store is closed", { next: "Open it again." });
}

function saidBy(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function deniedError(cause: Error): StoreError {
  return new StoreError("READ_ONLY", `the cluster refuses this login (${cause.message})`, {
    next: "Check user and password of the URL, and what the stream's access list allows.",
    cause,
  });
}

function readErrorOf(error: unknown): unknown {
  if (error instanceof StoreError) return error;
  if (error instanceof AccessDeniedError) return deniedError(error);
  return new StoreError("UNAVAILABLE", `the cluster cannot be read (${saidBy(error)})`, {
    next: reachable,
    cause: error,
  });
}

/** What an append's failure means. Only what the server says before it writes is a no; all else may have been written. */
function answerOf(error: unknown): AppendAnswer {
  if (error instanceof WrongExpectedVersionError) return { kind: "elsewhere" };
  if (error instanceof AccessDeniedError) return { kind: "refused", error: deniedError(error) };
  if (error instanceof StreamDeletedError) {
    const next = "Nothing can be appended to it any more: restore the cluster from a backup.";
    const cause = { next, cause: error };
    return {
      kind: "refused",
      error: new StoreError("CORRUPT", "the ledger's stream has been deleted for ever", cause),
    };
  }
  if (error instanceof MaxAppendSizeExceededError) {
    const message = `the cluster takes ${error.maxAppendSize} bytes in one append`;
    const next = "Set the server's MaxAppendSize to 1 MiB (1048576) or more.";
    return { kind: "refused", error: new StoreError("TOO_LARGE", message, { next, cause: error }) };
  }
  if (error instanceof StoreError) return { kind: "unsure", error };
  const message = `the cluster did not say what became of the append (${saidBy(error)})`;
  return { kind: "unsure", error: new StoreError("UNAVAILABLE", message, { next: reachable, cause: error }) };
}
