/** Waiting longer each time something fails again, and telling it apart from what will never work. */
import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "../ledger/Store.js";
import { isPassing } from "./connectKafka.js";
import { KafkaError } from "./KafkaError.js";

/** Milliseconds before try number `attempt` (from 1): a quarter of a second, doubling, half a minute at most. */
export function backOffMs(attempt: number): number {
  return Math.min(30_000, 250 * 2 ** Math.min(attempt - 1, 10));
}

/** Waits, or ends at once when the signal aborts. Never rejects. */
export async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

const passingStoreCodes: readonly StoreError["code"][] = ["UNAVAILABLE", "LOCKED", "DISK_FULL", "READ_ONLY"];

/** Trouble of the place that may pass by itself or by somebody's hand: worth trying again, and never a fault of a message. */
export function mayPass(error: unknown): boolean {
  if (error instanceof StoreError) return passingStoreCodes.includes(error.code);
  if (error instanceof KafkaError) return error.code === "BROKER_UNAVAILABLE";
  return isPassing(error);
}
