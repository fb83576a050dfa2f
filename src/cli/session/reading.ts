/**
 * A ledger that is open for a command that reads: the store and the read models, without the engine and the cutter, so that an answer
 * comes quickly. Reading never needs to write: where that is not allowed, or there is no room, the read models are shown as they were left.
 */
import { hasTable } from "../../database/migrate.js";
import { type Sql, SqlError } from "../../database/Sql.js";
import { type Store, StoreError } from "../../ledger/Store.js";
import { catchUp } from "../../projecting/catchUp.js";
import { openStore } from "../../store/openStore.js";
import { type Context, note } from "../Context.js";
import { cannotStop, refusedStop } from "../output/Problem.js";
import { counted } from "../output/text.js";
import { ledgerUrl, shownLedger } from "./ledgerUrl.js";

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
  const { postgres } = context;
  const store = await openStore(ledgerUrl(context.ledger), {
    readOnly,
    ...(postgres === undefined ? {} : { postgres }),
  });
  try {
    return await work({ store, sql: store.sql });
  } finally {
    await store.close();
  }
}

/** As `withStore`, with the read models up to date; or, where nothing may be written, as they are, saying so. */
export async function withReading<T>(context: Context, work: (reading: Reading) => Promise<T>): Promise<T> {
  try {
    return await withStore(context, async (reading) => {
      await catchUp(reading.store, reading.sql);
      await assertOpened(context, reading.store);
      return work(reading);
    });
  } catch (error) {
    const why = whyNotWritten(error);
    if (why === undefined) throw error;
    return await withStore(
      context,
      async (reading) => {
        const behind = (await reading.store.head()).size - (await bookmarkOf(reading.sql, why));
        if (behind > 0) note(context, `${why.said}, so what is shown is ${counted(behind, "event")} behind.`);
        return work(reading);
      },
      { readOnly: true },
    );
  }
}

/** Why the read models cannot be brought up to date, where that is no reason not to show them. */
interface NotWritten {
  readonly said: string;
  readonly next: string;
}

function whyNotWritten(error: unknown): NotWritten | undefined {
  if (!(error instanceof StoreError || error instanceof SqlError)) return undefined;
  if (error.code === "READ_ONLY")
    return { said: "This user may not write here", next: "Let a user who may write here run: iu-ledger rebuild" };
  if (error.code === "DISK_FULL") return { said: "The disk is full", next: "Make room on the disk and try again." };
  return undefined;
}

async function assertOpened(context: Context, store: Store): Promise<void> {
  if ((await store.head()).size > 0) return;
  throw refusedStop(
    "LEDGER_NOT_OPEN",
    `${shownLedger(context.ledger)} is a ledger without a first event: its init did not finish.`,
    "iu-ledger init",
  );
}

/** How many events the read models have seen. */
async function bookmarkOf(sql: Sql, why: NotWritten): Promise<number> {
  const [bookmark] = !(await hasTable(sql, "bookmark"))
    ? []
    : await sql.query<{ size: number }>("SELECT size FROM bookmark");
  if (bookmark !== undefined) return bookmark.size;
  throw cannotStop(
    "READ_MODELS_MISSING",
    `There are no read models here. ${why.said}, so they cannot be made.`,
    why.next,
  );
}
