/**
 * What a read model is: tables, and how a batch of events changes them. A projection may look at the world before its batch is
 * written; what it answers is plain statements, run in order, in the transaction that moves the bookmark.
 *
 * The one law: rows depend on the events so far and on nothing else, not on how they were cut into batches. So a rebuild in one go
 * gives the same rows as years of following, and can be compared with them byte by byte.
 */
import type { SqlValue } from "../src/database/Sql.js";
import type { Event } from "../src/events/decode.js";
import type { World } from "../src/ledger/Decision.js";

/** An event and its place in the ledger, as a type and as the leaf bytes it was read from. */
export interface Positioned {
  readonly position: number;
  readonly event: Event;
  readonly bytes: Uint8Array;
}

/** One statement, run once for each row of parameters. */
export interface Statement {
  readonly sql: string;
  readonly rows: readonly (readonly SqlValue[])[];
}

/** What may be looked at before a batch is written. */
export interface Before {
  /** The tables as the batch will find them: as of the bookmark. */
  query<R>(sql: string, params?: readonly SqlValue[]): Promise<R[]>;
  /** Content that is what its commitment says; undefined where it was never put or has been erased. */
  content(commitment: string): Promise<{ readonly salt: Uint8Array; readonly bytes: Uint8Array } | undefined>;
  /**
   * Asks about the streams' states as they are at the end of the batch. `now` is what the world's clock says. The question may
   * be asked again and must only look.
   */
  ask<T>(now: string, question: (world: World) => T): Promise<T>;
}

export interface Projection {
  /** The folder's name. */
  readonly name: string;
  /** What its `table.sql` creates, in that order. */
  readonly tables: readonly string[];
  readonly views: readonly string[];
  /** The statements that bring its tables from before the batch to after it. Never empty batches. */
  project(batch: readonly Positioned[], before: Before): Statement[] | Promise<Statement[]>;
}
