/**
 * Writes one call to the cluster and finds out what became of it. An answer that tells nothing (a deadline, a lost connection, a server
 * that gave up) is followed by a look at the place itself; and while nobody's event stands there the very same call is sent again. That
 * cannot write twice: all tries expect the stream to end at the same revision, and have the same event ids.
 */
import { setTimeout as pause } from "node:timers/promises";
import { StoreError } from "../../ledger/Store.js";
import type { Call } from "./appendCalls.js";
import type { Cluster } from "./cluster.js";
import { readRecorded } from "./readRecorded.js";
import { corrupt } from "./record.js";

export interface WriteOptions {
  /** How long it is tried to learn what became of a call, in milliseconds. */
  readonly resolveMsMax: number;
}

/**
 * `written`: all of it, where it was meant to be. `elsewhere`: none of it, and never will be; others were there first. Throws a `StoreError`:
 * ambiguous, unless the server took nothing of any try.
 */
export async function writeCall(cluster: Cluster, call: Call, options: WriteOptions): Promise<"written" | "elsewhere"> {
  const end = performance.now() + options.resolveMsMax;
  let unsure: StoreError | undefined;
  for (let tries = 1; ; tries++) {
    const answer = await cluster.append(call.events, call.position - 1);
    if (answer.kind === "refused") throw unsure === undefined ? answer.error : ambiguous(answer.error);
    if (answer.kind === "written" && answer.revision === call.position + call.events.length - 1) return "written";
    if (answer.kind === "unsure") unsure = answer.error;
    const place = await lookedAt(cluster, call, end).catch((error: unknown) => {
      if (error instanceof StoreError && error.code === "UNAVAILABLE") return error;
      throw error instanceof StoreError ? ambiguous(error) : error;
    });
    if (place === "ours") return "written";
    if (place === "theirs" || answer.kind === "elsewhere") return "elsewhere";
    if (place instanceof StoreError) throw ambiguous(place);
    if (performance.now() >= end) throw ambiguous(unsure ?? strange(call));
    await pause(Math.min(20 * 2 ** tries, 500));
  }
}

/** Whose events stand where the call's should. Asked again for a while where the cluster does not answer. */
async function lookedAt(cluster: Cluster, call: Call, end: number): Promise<"ours" | "theirs" | "nothing"> {
  for (let tries = 1; ; tries++) {
    try {
      const there = await readRecorded(cluster, call.position, call.events.length);
      if (there.length === 0) return "nothing";
      if (there[0]?.id !== call.events[0]?.id) return "theirs";
      for (const [i, event] of call.events.entries()) {
        const other = there[i];
        if (other?.id !== event.id || Buffer.compare(other.bytes, event.data) !== 0)
          throw corrupt(
            call.position + i,
            `position ${call.position + i} does not hold what was appended there with the events before it`,
          );
      }
      return "ours";
    } catch (error) {
      const passing = error instanceof StoreError && error.code === "UNAVAILABLE";
      if (!passing || performance.now() >= end) throw error;
      await pause(Math.min(20 * 2 ** tries, 500));
    }
  }
}

function strange({ position }: Call): StoreError {
  return new StoreError(
    "UNAVAILABLE",
    `the cluster says that it has written position ${position}, and does not have it`,
    {
      next: "Look whether the cluster is healthy, then try again.",
    },
  );
}

/** The same trouble, of which something may have been written. */
export function ambiguous({ code, message, next, position, cause }: StoreError): StoreError {
  return new StoreError(code, message, {
    next,
    ambiguous: true,
    cause,
    ...(position === undefined ? {} : { position }),
  });
}
