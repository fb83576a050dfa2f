/** What a backup goes by: the backups of a ledger as the decisions see them, folded from the ledger itself, and the checkpoint to go with one. */
import { type BackupState, backupsInForce } from "../../../commands/backup.js";
import { newestStored } from "../../checkpoints/stored.js";
import { hasTable } from "../../database/migrate.js";
import type { Store } from "../../ledger/Store.js";
import { foldedStates } from "../../projecting/foldedStates.js";
import type { Context } from "../Context.js";
import { readInput } from "../readInput.js";
import type { Reading } from "../session/reading.js";

export function backupsOf(store: Store): Promise<Readonly<BackupState>> {
  return foldedStates(store, Number.POSITIVE_INFINITY).ask("", backupsInForce);
}

/** The checkpoint to go with an export or a backup: from the file that was named, or the newest that the ledger keeps; undefined where there is none. */
export async function checkpointFor(
  context: Context,
  { store, sql }: Reading,
  file: string | undefined,
): Promise<{ readonly checkpoint?: Uint8Array }> {
  if (file !== undefined) return { checkpoint: await readInput(context, file) };
  if (!(await hasTable(sql, "checkpoint"))) return {};
  const newest = await newestStored(sql);
  return newest === null || newest.size > (await store.head()).size ? {} : { checkpoint: newest.note };
}
