/**
 * A bracket: a stream of its own on a cluster, and a Postgres database of its own for the copy. The cluster is a
 * stand-in; or a real server, where IU_TEST_ESDB_URL names one (`esdb://127.0.0.1:2113?tls=false`): then what needs faults is skipped, aloud.
 */
import { randomUUID } from "node:crypto";
import { EventStoreDBClient } from "@eventstore/db-client";
import type { EventStore } from "../../../src/store/eventstore/eventStore.js";
import { type OpenEventStoreOptions, openEventStore } from "../../../src/store/eventstore/openEventStore.js";
import { type StandIn, startStandIn } from "../../support/eventstore/server.js";
import { type PostgresCluster, postgresCluster } from "../../support/postgresCluster.js";
import { skip } from "../../support/skip.js";

export interface EventStoreLedger {
  readonly url: string;
  readonly stream: string;
  readonly postgres: string;
  readonly database: string;
  readonly postgresCluster: PostgresCluster;
  /** The client itself, for what a ledger never does. */
  readonly client: EventStoreDBClient;
  /** The stand-in. Skips the test on a real server, which breaks for nobody. */
  readonly standIn: () => StandIn;
  /** Opens the ledger (makes it, unless told otherwise); the bracket closes it. */
  open(options?: Partial<OpenEventStoreOptions> & { readonly url?: string }): Promise<EventStore>;
  /** A further database for a copy. */
  otherPostgres(): Promise<string>;
}

const real = process.env["IU_TEST_ESDB_URL"];

/** Patience for tests: short enough to be waited for, long enough for a machine that is busy with others. */
export const patience = { answerMsMax: 3_000, resolveMsMax: 6_000 } as const;

export async function withEventStoreLedger<T>(use: (ledger: EventStoreLedger) => Promise<T>): Promise<T> {
  const cluster = await postgresCluster();
  const standIn = real === undefined ? await startStandIn() : undefined;
  const connection = standIn === undefined ? (real as string) : `esdb://127.0.0.1:${standIn.port}?tls=false`;
  const stream = `iu-test-${randomUUID()}`;
  const url = `${connection}${connection.includes("?") ? "&" : "?"}stream=${stream}`;
  const database = await cluster.createDatabase();
  const postgres = cluster.url(database);
  const client = EventStoreDBClient.connectionString(connection);
  const opened: EventStore[] = [];
  try {
    return await use({
      url,
      stream,
      postgres,
      database,
      postgresCluster: cluster,
      client,
      standIn: () => standIn ?? skip("IU_TEST_ESDB_URL names a real server, which breaks for nobody"),
      async open({ url: other, ...options } = {}) {
        const store = await openEventStore(other ?? url, { create: true, postgres, ...patience, ...options });
        opened.push(store);
        return store;
      },
      otherPostgres: async () => cluster.url(await cluster.createDatabase()),
    });
  } finally {
    for (const store of opened) await store.close();
    await client.dispose();
    await standIn?.stop();
  }
}
