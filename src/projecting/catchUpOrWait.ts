/** Catching up for a login that may not write the projections: on Postgres a team lets one service keep them, and others read. */
import { setTimeout as pause } from "node:timers/promises";
import { type Sql, SqlError } from "../database/Sql.js";
import type { Store } from "../ledger/Store.js";
import { catchUp } from "./catchUp.js";
import { readBookmark } from "./tables.js";

/**
 * As `catchUp`; where this login may not write, waits until whoever keeps the projections has reached the end the ledger has now, for
 * `waitMsMax` at most. Then they are read as they are: each row is true of the moment the bookmark names.
 */
export async function catchUpOrWait(store: Store, sql: Sql, waitMsMax = 2_000): Promise<void> {
  try {
    await catchUp(store, sql);
  } catch (error) {
    if (!(error instanceof SqlError && error.code === "READ_ONLY")) throw error;
    const since = performance.now();
    const { size } = await store.head();
    for (let pauseMs = 5; ; pauseMs = Math.min(2 * pauseMs, 100)) {
      const bookmark = await readBookmark(sql);
      // Nobody has ever made them.
      if (bookmark === null) throw error;
      if (bookmark.size >= size || performance.now() - since >= waitMsMax) return;
      await pause(pauseMs);
    }
  }
}
