/** Where the copy in Postgres is not what the cluster has: for replay, which believes neither. Only ever reads. */
import { type CopyDifference, type StoredCommand, type StoredEvent, StoreError } from "../../ledger/Store.js";
import type { PostgresStore } from "../postgresStore.js";
import type { Cluster } from "./cluster.js";
import { readRecorded } from "./readRecorded.js";
import type { Recorded } from "./record.js";

/** Compares positions [from, to) event by event, and the commands whose parts begin there. */
export async function copyDifferences(
  cluster: Cluster,
  copy: PostgresStore,
  from: number,
  to: number,
): Promise<{ compared: number; differences: CopyDifference[] }> {
  const differences: CopyDifference[] = [];
  const events = await damaged(differences, from, () => readRecorded(cluster, from, to - from));
  const copied = await damaged(differences, from, () => copy.read(from, to - from));
  const begun = await damaged(differences, from, () => copy.commands(from, to));
  if (events === undefined) return { compared: 0, differences };
  for (const [i, event] of events.entries()) {
    const other = copied?.[i];
    if (copied !== undefined && !isSame(event, other)) {
      const message = other === undefined ? "the copy has no event there" : "the copy has another event there";
      differences.push({ position: event.position, field: "event", message });
    }
  }
  if (begun === undefined) return { compared: events.length, differences };
  const known = new Map<string, StoredCommand>(begun.map((command) => [command.id, command]));
  const real = new Set<string>();
  for (const event of events.filter(({ index }) => index === 0)) {
    if (event.part === 0) real.add(event.command);
    const command = known.get(event.command) ?? (event.part === 0 ? undefined : await copy.command(event.command));
    differences.push(...ofCommand(event, command));
  }
  for (const { id, parts } of begun) {
    if (real.has(id)) continue;
    const message = `the copy says that command ${id} stands there; on the cluster it does not`;
    differences.push({ position: parts[0]?.position ?? from, field: "command", message });
  }
  return { compared: events.length, differences };
}

/** What cannot be read is a difference of its own. */
async function damaged<T>(differences: CopyDifference[], from: number, read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof StoreError && error.code === "CORRUPT")) throw error;
    differences.push({ position: error.position ?? from, field: "event", message: error.message });
    return undefined;
  }
}

function isSame(event: Recorded, other: StoredEvent | undefined): boolean {
  return (
    other !== undefined &&
    other.position === event.position &&
    other.stream === event.stream &&
    other.revision === event.revision &&
    Buffer.compare(other.bytes, event.bytes) === 0
  );
}

function ofCommand(event: Recorded, command: StoredCommand | undefined): CopyDifference[] {
  const { position, part, count, last } = event;
  const stored = command?.parts[part];
  if (stored?.position !== position || stored.count !== count || stored.last !== last) {
    const message = `part ${part} of command ${event.command} is ${count} events from position ${position} on; the copy has it otherwise`;
    return [{ position, field: "command", message }];
  }
  if (event.envelope === undefined || Buffer.compare(event.envelope, command?.envelope ?? empty) === 0) return [];
  const message = `the copy has another envelope for command ${event.command}`;
  return [{ position, field: "envelope", message }];
}

const empty = new Uint8Array();
