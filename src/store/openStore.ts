/** Opening a ledger by its URL: `postgres://…` a database, anything else a SQLite file. Only what is needed is loaded: a command line starts quickly. */
import type { Sql } from "../database/Sql.js";
import type { Store } from "../ledger/Store.js";

/** A store and the database it lives in, where projections live too. */
export interface LedgerStore extends Store {
  readonly sql: Sql;
}

export interface OpenStoreOptions {
  /** Make a new ledger where there is none. Default: a missing one is `NOT_A_LEDGER`. */
  readonly create?: boolean;
  /** For reading only: nothing is written. */
  readonly readOnly?: boolean;
}

/** Whether a ledger's URL names a Postgres database. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(url);
}

/** Opens the ledger in a Postgres database (`postgres://…`) or in a SQLite file (a path, or `sqlite:<path>`). Throws `StoreError`. */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<LedgerStore> {
  if (isPostgresUrl(url)) return (await import("./openPostgresStore.js")).openPostgresStore(url, options);
  const path = url.startsWith("sqlite:") ? url.slice("sqlite:".length) : url;
  return (await import("./openSqliteStore.js")).openSqliteStore(path, options);
}
