/**
 * The heads that backups on record claim: whoever recorded one said that at that size the root was this. Each is compared with the root recomputed, so a
 * record of a backup that was never of this ledger is found. They are the ledger's own word, not an outsider's.
 */
import { asEvent } from "../events/decode.js";
import { backupKey, streamName } from "../events/streams.js";
import type { Store } from "../ledger/Store.js";
import type { KnownHead } from "./checkRoot.js";
import { leafOf, readingOf } from "./Leaf.js";
import { isCorrupt } from "./readLeaves.js";

/** In order of their records. What cannot be read is other checks' to tell. */
export async function recordedBackups(store: Pick<Store, "readStream">): Promise<KnownHead[]> {
  let stored: Awaited<ReturnType<Store["readStream"]>>;
  try {
    stored = await store.readStream(streamName("backup", backupKey), 0);
  } catch (error) {
    if (isCorrupt(error)) return [];
    throw error;
  }
  return stored.flatMap((row) => {
    const { envelope, fault } = readingOf(leafOf(row));
    if (envelope === null || fault !== null) return [];
    const event = asEvent(envelope);
    if (event.type !== "BackupRecorded") return [];
    const { size, root } = event.data;
    return [{ size, root, from: `the backup recorded at position ${row.position}` }];
  });
}
