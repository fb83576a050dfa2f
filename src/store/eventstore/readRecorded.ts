/** Events of the cluster's stream, each looked at: at its own place, and what was appended there. */
import type { Cluster } from "./cluster.js";
import { corrupt, type Recorded, recordedOf } from "./record.js";

/**
 * Up to `limit` events from position `from` on; fewer only at the end of the stream. Throws `CORRUPT` with the position where one is missing
 * or is not what was appended.
 */
export async function readRecorded(cluster: Cluster, from: number, limit: number): Promise<Recorded[]> {
  const events = await cluster.read(from, limit);
  if (events === "deleted")
    throw corrupt(from, `the stream ${cluster.stream} of the cluster has been deleted for ever`);
  if (events === "none") return [];
  return events.map((event, i) => {
    const position = from + i;
    if (event.revision !== BigInt(position))
      throw corrupt(position, `position ${position} is missing: the cluster gives revision ${event.revision} there`);
    return recordedOf(event, position, cluster.stream);
  });
}
