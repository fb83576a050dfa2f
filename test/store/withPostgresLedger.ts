/** A bracket: a database of its own for a ledger, that goes with its cluster; every store opened there is closed afterwards. */
import { type OpenPostgresOptions, openPostgresStore } from "../../src/store/openPostgresStore.js";
import type { PostgresStore } from "../../src/store/postgresStore.js";
import { type PostgresCluster, postgresCluster } from "../support/postgresCluster.js";

export interface PostgresLedger {
  readonly cluster: PostgresCluster;
  readonly database: string;
  readonly url: string;
  /** Opens the ledger (makes it, unless told otherwise). */
  open(options?: OpenPostgresOptions & { readonly url?: string }): Promise<PostgresStore>;
}

export async function withPostgresLedger<T>(use: (ledger: PostgresLedger) => Promise<T>): Promise<T> {
  const cluster = await postgresCluster();
  const database = await cluster.createDatabase();
  const opened: PostgresStore[] = [];
  try {
    return await use({
      cluster,
      database,
      url: cluster.url(database),
      async open(options = { create: true }) {
        const store = await openPostgresStore(options.url ?? cluster.url(database), options);
        opened.push(store);
        return store;
      },
    });
  } finally {
    for (const store of opened) await store.close();
  }
}
