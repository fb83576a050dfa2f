/**
 * Whether the cluster keeps the ledger's stream for ever. A server that is told to keep only so many events, or only for so long, hides the
 * others at once and removes them when it is scavenged; nothing of that shows in an answer. So it is looked at when a ledger is opened and
 * whenever it is read from the beginning, and a stream that is not kept whole is refused.
 */
import { StoreError } from "../../ledger/Store.js";
import type { Cluster } from "./cluster.js";
import { corrupt } from "./record.js";

/** What in a stream's metadata removes events ("Stream metadata" in EventStoreDB's documentation), and what it means. */
const removing: Readonly<Record<string, (value: unknown) => string>> = {
  $maxCount: (count) => `only the newest ${shown(count)} events are kept`,
  $maxAge: (seconds) => `events are kept for ${shown(seconds)} seconds`,
  $tb: (revision) =>
    Number(revision) >= Number.MAX_SAFE_INTEGER
      ? "the stream was deleted"
      : `events before revision ${shown(revision)} are gone`,
};

/** Answers whether the stream has events. Throws `CORRUPT` where some are gone, or are going to be. */
export async function assertKept(cluster: Cluster): Promise<boolean> {
  const { stream } = cluster;
  const [said, first] = await Promise.all([cluster.newest(`$$${stream}`), cluster.read(0, 1)]);
  if (first === "deleted" || said === "deleted")
    throw corrupt(0, `the stream ${stream} of the cluster has been deleted for ever`);
  if (said !== "none") {
    if (!said.isJson || typeof said.data !== "object" || said.data === null)
      throw refused(`the metadata of ${stream} cannot be read, so nobody knows what is kept`);
    for (const [key, why] of Object.entries(removing)) {
      const value = (said.data as Readonly<Record<string, unknown>>)[key];
      if (value !== undefined && value !== null) throw refused(`the metadata of ${stream} has ${key}: ${why(value)}`);
    }
  }
  if (first === "none") return false;
  const revision = first[0]?.revision;
  if (revision !== 0n)
    throw corrupt(0, `the stream ${stream} of the cluster begins at revision ${revision ?? "none"}, not at 0`);
  return true;
}

function shown(value: unknown): string {
  return String(typeof value === "object" ? JSON.stringify(value) : value).slice(0, 40);
}

function refused(message: string): StoreError {
  return new StoreError("CORRUPT", message, {
    next: "A ledger keeps every event for ever. Take the setting back before the server is scavenged, then run replay; if events are gone already, restore the cluster from a backup.",
    position: 0,
  });
}
