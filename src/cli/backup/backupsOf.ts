/** The backups of a ledger as the decisions see them, folded from the ledger itself: for commands that open the store only. */
import { type BackupState, backupsInForce } from "../../../commands/backup.js";
import type { Store } from "../../ledger/Store.js";
import { foldedStates } from "../../projecting/foldedStates.js";

export function backupsOf(store: Store): Promise<Readonly<BackupState>> {
  return foldedStates(store, Number.POSITIVE_INFINITY).ask("", backupsInForce);
}
