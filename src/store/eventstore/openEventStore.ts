/** Opening a ledger on an EventStoreDB cluster with its copy in Postgres, and saying clearly why it cannot be. */
import { StoreError } from "../../ledger/Store.js";
import { openPostgresStore } from "../openPostgresStore.js";
import type { PostgresStore } from "../postgresStore.js";
import { storeErrorOf } from "../storeErrorOf.js";
import { assertKept } from "./assertKept.js";
import { type Cluster, type ClusterOptions, openCluster } from "./cluster.js";
import { parseClusterUrl } from "./clusterUrl.js";
import { type EventStore, type EventStoreOptions, eventStore } from "./eventStore.js";
import { replicaOf } from "./replica.js";

export interface OpenEventStoreOptions extends ClusterOptions, Pick<EventStoreOptions, "resolveMsMax"> {
  /** The database of the copy and of the projections: postgres://user@host:port/database. Made ready if it is empty. */
  readonly postgres: string;
  /** Make a new ledger where there is none. Default: a stream without events is `NOT_A_LEDGER`. */
  readonly create?: boolean;
  /** For reading only. The copy is brought up to date if this login may, and else is read as it is. */
  readonly readOnly?: boolean;
}

/** Opens the ledger in a stream of a cluster (see `clusterUrl.ts`). Throws {@link StoreError}. */
export async function openEventStore(url: string, options: OpenEventStoreOptions): Promise<EventStore> {
  const where = parseClusterUrl(url);
  const readOnly = options.readOnly ?? false;
  const cluster = openCluster(where, options);
  let copy: PostgresStore | undefined;
  try {
    const standing = await assertKept(cluster);
    if (!standing && (readOnly || !(options.create ?? false)))
      throw new StoreError("NOT_A_LEDGER", `there is no ledger in the stream ${where.stream} of this cluster`, {
        next: "Check the stream's name in the URL (stream=iu-…), or create a ledger there with: iu-ledger init",
      });
    const behind = readOnly ? await caughtUp(cluster, options.postgres) : 0;
    copy = await openCopy(options.postgres, where.stream, readOnly);
    // Also finds a copy of what the cluster no longer has: only now, since others may have begun the stream meanwhile.
    if (!readOnly) await replicaOf(copy, cluster).catchUp();
    return eventStore(cluster, copy, {
      readOnly,
      behind,
      ...(options.resolveMsMax === undefined ? {} : { resolveMsMax: options.resolveMsMax }),
    });
  } catch (error) {
    await cluster.close();
    await copy?.close();
    throw storeErrorOf(error);
  }
}

function openCopy(url: string, stream: string, readOnly: boolean): Promise<PostgresStore> {
  return openPostgresStore(url, { replicaOf: stream, ...(readOnly ? { readOnly } : { create: true }) });
}

/** Brings the copy up to date for somebody who is going to read only; how many events it is behind where that is not allowed. */
async function caughtUp(cluster: Cluster, url: string): Promise<number> {
  let copy: PostgresStore | undefined;
  try {
    copy = await openCopy(url, cluster.stream, false);
    await replicaOf(copy, cluster).catchUp();
    return 0;
  } catch (error) {
    const said = storeErrorOf(error);
    // Damage is what a reader wants to see named; the rest of the copy can be read all the same.
    if (said instanceof StoreError && said.code === "CORRUPT") return 0;
    if (!(said instanceof StoreError && (said.code === "READ_ONLY" || said.code === "DISK_FULL"))) throw said;
  } finally {
    await copy?.close();
  }
  copy = await openCopy(url, cluster.stream, true);
  try {
    const newest = await cluster.newest(cluster.stream);
    const size = typeof newest === "string" ? 0 : Number(newest.revision) + 1;
    return Math.max(0, size - (await copy.head()).size);
  } finally {
    await copy.close();
  }
}
