/** Where a journey takes place: finds or makes the folder, opens the ledger in it, and lets nothing append once the journey is interrupted. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { compose, type GovernedLedger } from "../../app.js";
import { openStore } from "../../store/openStore.js";
import type { Context } from "../Context.js";
import { ledgerFolder, ledgerUrl, shownLedger } from "../session/ledgerUrl.js";
import { makeFolder } from "../session/makeFolder.js";
import type { Place } from "./act.js";
import { interruptible } from "./interrupt.js";

/** A new folder `journey-<n>` under `.iu-ledger`, one above the highest there is, so that no journey overwrites another. */
export function newSamplePlace(folder: string, program: string): Place {
  makeFolder(folder);
  for (let number = 1; ; number++) {
    const place = join(folder, `journey-${number}`);
    if (existsSync(place)) continue;
    try {
      mkdirSync(place);
    } catch (error) {
      // Another journey began at the same moment and took it.
      if ((error as NodeJS.ErrnoException).code === "EEXIST") continue;
      throw error;
    }
    const ledger = join(place, "ledger.sqlite");
    const keys = join(place, "keys");
    return { ledger, keys, ledgerFlags: ["--ledger", ledger], keysFlags: ["--keys", keys], program };
  }
}

/** The place a context names. */
export function placeOf({
  ledger,
  postgres,
  keys,
  config,
}: Pick<Context, "ledger" | "postgres" | "keys" | "config">): Place {
  return {
    ledger: ledgerUrl(ledger),
    postgres,
    keys,
    ledgerFlags: [
      ...(ledger === config.ledger ? [] : ["--ledger", shownLedger(ledger)]),
      ...(postgres === undefined || postgres === config.postgres ? [] : ["--postgres", shownLedger(postgres)]),
    ],
    keysFlags: keys === config.keys ? [] : ["--keys", keys],
    program: config.program,
  };
}

/** Opens the place's ledger, making file and folder where there are none. `appended` is told of every durable append. */
export async function openPlace(
  place: Place,
  signal: AbortSignal,
  appended: (events: number) => void,
): Promise<GovernedLedger> {
  const folder = ledgerFolder(place.ledger);
  if (folder !== undefined) makeFolder(folder);
  const { postgres } = place;
  const store = await openStore(place.ledger, { create: true, ...(postgres === undefined ? {} : { postgres }) });
  return compose(interruptible(store, signal, appended), store.sql);
}
