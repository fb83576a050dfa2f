/** A ledger that is open for a command that writes: the whole engine. */
import { type GovernedLedger, openLedger } from "../../app.js";
import type { Context } from "../Context.js";
import { refusedStop } from "../output/Problem.js";
import { ledgerUrl, shownLedger } from "./ledgerUrl.js";

/** Opens the ledger for one piece of work and closes it, whatever happens. With `create`, makes the file where there is none. */
export async function withLedger<T>(
  context: Context,
  work: (ledger: GovernedLedger) => Promise<T>,
  { create = false }: { create?: boolean } = {},
): Promise<T> {
  const { clock, newId, newSalt, postgres } = context;
  const ledger = await openLedger(ledgerUrl(context.ledger), {
    create,
    ...(postgres === undefined ? {} : { postgres }),
    ...(clock === undefined ? {} : { clock }),
    ...(newId === undefined ? {} : { newId }),
    ...(newSalt === undefined ? {} : { newSalt }),
  });
  try {
    if (!create && (await ledger.identity()) === null) throw notOpened(context);
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

/** As `withLedger`, with the read models up to date. */
export function withCurrentLedger<T>(context: Context, work: (ledger: GovernedLedger) => Promise<T>): Promise<T> {
  return withLedger(context, async (ledger) => {
    await ledger.catchUp();
    return work(ledger);
  });
}

function notOpened(context: Context): Error {
  return refusedStop(
    "LEDGER_NOT_OPEN",
    `${shownLedger(context.ledger)} is a ledger without a first event: its init did not finish.`,
    "iu-ledger init",
  );
}
