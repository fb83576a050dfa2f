/**
 * A place for a ledger, filled from an export. A file is filled under another name and given its own when it is whole: what is cut short must
 * not be taken for the ledger. A database holds a beginning meanwhile, which the same import goes on with.
 */
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import type { Sql } from "../../database/Sql.js";
import { ExportError } from "../../export/ExportError.js";
import { type ImportOptions, importFolder } from "../../export/importFolder.js";
import { catchUp } from "../../projecting/catchUp.js";
import { openStore } from "../../store/openStore.js";
import { ledgerFolder, ledgerUrl, shownLedger } from "../session/ledgerUrl.js";
import { makeFolder } from "../session/makeFolder.js";

/** Sees that there is no file where a ledger is to be; a database is looked at when it is filled. */
export function assertPlaceFree(url: string): void {
  if (ledgerFolder(url) === undefined || !existsSync(ledgerUrl(url))) return;
  throw new ExportError(
    "TARGET_NOT_EMPTY",
    `there is a file at ${shownLedger(url)} already`,
    "Name a place where there is no ledger yet.",
  );
}

export interface FillOptions extends ImportOptions {
  /** Of a ledger on EventStoreDB: the database of its copy. */
  readonly postgres?: string | undefined;
}

/** Fills the ledger at a URL. Throws {@link ExportError} `TARGET_NOT_EMPTY` where there is one. */
export async function fillLedger(url: string, folder: string, options: FillOptions = {}): Promise<void> {
  const place = ledgerFolder(url);
  if (place === undefined) return fill(ledgerUrl(url), folder, options);
  const path = ledgerUrl(url);
  assertPlaceFree(url);
  makeFolder(place);
  const partial = `${path}.importing`;
  await fill(partial, folder, options);
  assertPlaceFree(url);
  renameSync(partial, path);
  for (const beside of ["-wal", "-shm"]) rmSync(partial + beside, { force: true });
}

/**
 * Everything into the one file, and nothing left in the log beside it: the file is given another name, and what the log held would stay behind.
 */
async function gatherIn(sql: Sql, path: string): Promise<void> {
  await sql.query("PRAGMA wal_checkpoint(TRUNCATE)");
  const log = `${path}-wal`;
  if (existsSync(log) && statSync(log).size > 0)
    throw new Error(`${log} still holds pages: somebody else has the file open`);
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

async function fill(url: string, folder: string, { postgres, ...options }: FillOptions): Promise<void> {
  const store = await openStore(url, { create: true, ...(postgres === undefined ? {} : { postgres }) });
  try {
    await importFolder(folder, store, options);
    await catchUp(store, store.sql);
    if (store.sql.dialect === "sqlite") await gatherIn(store.sql, url);
  } finally {
    await store.close();
  }
}
