/**
 * One follower: takes the next batch of events, works out every projection's statements, and runs them in the one transaction that
 * moves the bookmark. Reads come first and outside of it; if another process has moved the bookmark meanwhile nothing
 * is written and the batch is begun again. So any number of processes may follow one ledger into one database.
 */

import type { Before, Positioned, Statement } from "../../projections/Projection.js";
import { projections } from "../../projections/projections.js";
import { mutex } from "../database/mutex.js";
import { type Sql, SqlError } from "../database/Sql.js";
import { leafHash } from "../events/envelope.js";
import { type Store, type StoredEvent, StoreError } from "../ledger/Store.js";
import { TlogError } from "../tlog/TlogError.js";
import { type FoldedStates, foldedStates, readContent } from "./foldedStates.js";
import { blame, readStored } from "./readStored.js";
import { type Bookmark, bookmarkIn, bookmarkName, ensureTables } from "./tables.js";

export interface Projector {
  /** How many events have been applied; makes the tables first if need be. */
  size(): Promise<number>;
  /**
   * Applies up to `limit` events, and answers how many events have been applied in all, by whomever. Callers take turns: the states that
   * rows are worked out from must not be moved on by one while another reads them. Throws `StoreError`: `CORRUPT`
   * where the ledger or the tables are not what they were, `NEWER_LEDGER` where this program is too old.
   */
  step(limit: number): Promise<Step>;
}

export interface Step {
  readonly size: number;
  /** Whether there was nothing left to apply. */
  readonly atEnd: boolean;
}

const rebuildNext = "iu-ledger rebuild";

export function projector(store: Store, sql: Sql): Projector {
  let states: FoldedStates | undefined;
  let statesSize = -1;
  let bookmark: Bookmark | undefined;
  const inTurn = mutex();

  async function current(): Promise<Bookmark> {
    if (bookmark === undefined) {
      const ensured = await ensureTables(sql);
      await assertSameLedger(store, ensured);
      bookmark = ensured;
      return ensured;
    }
    return bookmark;
  }

  function lost(): void {
    states = undefined;
    bookmark = undefined;
  }

  async function apply(from: Bookmark, stored: readonly StoredEvent[]): Promise<Bookmark | null> {
    const batch = stored.map(readStored);
    const end = from.size + batch.length;
    const { bytes } = stored.at(-1) as StoredEvent;
    const to = { size: end, leaf: leafHash(bytes) };
    if (states === undefined || statesSize !== from.size) states = foldedStates(store, end);
    states.advance(batch, end);
    try {
      const statements = await plan(batch, sql, store, states);
      const moved = await write(sql, from, to, statements);
      statesSize = end;
      return moved ? to : null;
    } catch (error) {
      // The rows that were read may be those of whoever has moved the bookmark meanwhile: then nothing is wrong.
      if ((await bookmarkIn(sql).catch(() => null))?.size !== from.size) return null;
      throw blamed(batch, from, error);
    }
  }

  async function step(limit: number): Promise<Step> {
    try {
      for (;;) {
        const from = await current();
        const stored = await store.read(from.size, limit);
        if (stored.length === 0) {
          // Another process, or a rebuild, may have moved it since.
          const now = await bookmarkIn(sql);
          if (now?.size === from.size) return { size: from.size, atEnd: true };
        } else {
          const to = await apply(from, stored);
          if (to !== null) {
            bookmark = to;
            return { size: to.size, atEnd: false };
          }
        }
        lost();
      }
    } catch (error) {
      lost();
      throw error;
    }
  }

  return {
    size: () => inTurn(async () => (await current()).size),
    step: (limit) => inTurn(() => step(limit)),
  };
}

/** The statements of all projections, in order. Everything they read is read here, before the transaction. */
async function plan(batch: readonly Positioned[], sql: Sql, store: Store, states: FoldedStates): Promise<Statement[]> {
  const before: Before = {
    query: (text, params) => sql.query(text, params),
    content: (commitment) => readContent(store, commitment),
    ask: (now, question) => states.ask(now, question),
  };
  const statements: Statement[] = [];
  for (const projection of projections) statements.push(...(await projection.project(batch, before)));
  return statements;
}

/** Moves the bookmark first: whoever comes second finds it moved and writes nothing. */
function write(sql: Sql, from: Bookmark, to: Bookmark, statements: readonly Statement[]): Promise<boolean> {
  return sql.transaction(async (session) => {
    const moved = await session.run("UPDATE bookmark SET size = $1, leaf = $2 WHERE name = $3 AND size = $4", [
      to.size,
      to.leaf,
      bookmarkName,
      from.size,
    ]);
    if (moved === 0) return false;
    for (const { sql: text, rows } of statements) await session.runEach(text, rows);
    return true;
  });
}

/** Tables that followed another ledger, or this one before somebody cut its end off, say nothing about it. */
async function assertSameLedger(store: Store, { size, leaf }: Bookmark): Promise<void> {
  if (size === 0) return;
  const [last] = await store.read(size - 1, 1);
  if (last !== undefined && leafHash(last.bytes) === leaf) return;
  const what =
    last === undefined
      ? `the projections have followed ${size} events; the ledger has fewer`
      : `the projections followed another event at position ${size - 1} than the ledger has there`;
  throw new StoreError("CORRUPT", what, {
    next: `Run replay to learn what happened to the ledger; then fill the projections again: ${rebuildNext}`,
    position: size - 1,
  });
}

function blamed(batch: readonly Positioned[], from: Bookmark, error: unknown): unknown {
  const found = blame(batch, error);
  const odd = error instanceof TlogError;
  if (!odd && (found !== error || !(error instanceof SqlError) || !["CONSTRAINT", "STATEMENT"].includes(error.code)))
    return found;
  return new StoreError(
    "CORRUPT",
    `the projections do not take the events from position ${from.size} on: somebody has changed their tables (${error.message})`,
    { next: `They are disposable: ${rebuildNext}`, position: from.size, cause: error },
  );
}
