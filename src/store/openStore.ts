/**
 * Opening a ledger by its URL: `esdb://…` a stream of an EventStoreDB cluster, `postgres://…` a database, anything else a SQLite file.
 * Only what is needed is loaded: a command line starts quickly.
 */
import type { Sql } from "../database/Sql.js";
import { type Store, StoreError } from "../ledger/Store.js";

/** A store and the database it lives in, where projections live too. */
export interface LedgerStore extends Store {
  readonly sql: Sql;
}

export interface OpenStoreOptions {
  /** Make a new ledger where there is none. Default: a missing one is `NOT_A_LEDGER`. */
  readonly create?: boolean;
  /** For reading only: nothing is written. */
  readonly readOnly?: boolean;
  /** In Postgres: the role that reads, with `readOnly`; the login must be a member of it. Elsewhere there are no roles. */
  readonly role?: string;
  /** Of a ledger on a cluster: the database of its copy and of the projections. No other ledger takes one. */
  readonly postgres?: string;
}

/** Whether a ledger's URL names a Postgres database. */
export function isPostgresUrl(url: string): boolean {
  return /^postgres(?:ql)?:\/\//i.test(url);
}

/** Whether a ledger's URL names a stream on an EventStoreDB cluster. */
export function isClusterUrl(url: string): boolean {
  return /^esdb(?:\+discover)?:\/\//i.test(url);
}

/**
 * Opens the ledger on a cluster (`esdb://…`, with `postgres`), in a Postgres database (`postgres://…`) or in a SQLite file (a path, or
 * `sqlite:<path>`). Throws `StoreError`.
 */
export async function openStore(url: string, options: OpenStoreOptions = {}): Promise<LedgerStore> {
  const { postgres } = options;
  if (isClusterUrl(url) !== (postgres !== undefined)) throw mismatched(postgres === undefined);
  if (postgres !== undefined)
    return (await import("./eventstore/openEventStore.js")).openEventStore(url, { ...options, postgres });
  if (isPostgresUrl(url)) return (await import("./openPostgresStore.js")).openPostgresStore(url, options);
  const path = url.startsWith("sqlite:") ? url.slice("sqlite:".length) : url;
  return (await import("./openSqliteStore.js")).openSqliteStore(path, options);
}

function mismatched(without: boolean): StoreError {
  const message = without
    ? "a ledger on EventStoreDB needs a Postgres database for its copy and its read models"
    : "only a ledger on EventStoreDB (esdb://…) has a Postgres database beside it";
  const next = without
    ? "Name one with --postgres postgres://user@host:port/database (in the library: openLedger(url, { postgres }))."
    : "Leave --postgres out; a ledger in Postgres itself is named by --ledger alone.";
  return new StoreError("NOT_A_LEDGER", message, { next });
}
