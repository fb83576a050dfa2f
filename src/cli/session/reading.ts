/**
 * A ledger that is open for a command that reads: the store and the read models, without the engine and the cutter, so that an answer
 * comes quickly. Reading never needs the right to write: where it is missing, the read models are shown as they were left.
 */
import type { Sql } from "../../database/Sql.js";
import { type Store, StoreError } from "../../ledger/Store.js";
import { bookmarksBehind } from "../../projecting/bookmarksBehind.js";
import { catchUp } from "../../projecting/catchUp.js";
import { openSqliteStore } from "../../store/openSqliteStore.js";
import { type Context, note } from "../Context.js";
import { counted } from "../output/text.js";
import { sqlitePath } from "./sqlitePath.js";

export interface Reading {
  readonly store: Store;
  readonly sql: Sql;
}

/** Opens the store only; closes it, whatever happens. */
export async function withStore<T>(
  context: Context,
  work: (reading: Reading) => Promise<T>,
  { readOnly = false }: { readOnly?: boolean } = {},
): Promise<T> {
  const { store, sql } = await openSqliteStore(sqlitePath(context.ledger), { readOnly });
  try {
    return await work({ store, sql });
  } finally {
    await store.close();
  }
}
