/** What a backup goes by: the backups of a ledger as the decisions see them, folded from the ledger itself, and the checkpoint to go with one. */
import { type BackupState, backupsInForce } from "../../../commands/backup.js";
import { OutsideError } from "../../checkpoints/outside.js";
import { newestStored } from "../../checkpoints/stored.js";
import { hasTable } from "../../database/migrate.js";
import type { Store } from "../../ledger/Store.js";
import { foldedStates } from "../../projecting/foldedStates.js";
import { parseCheckpoint } from "../../tlog/checkpoint.js";
import { type NoteSignature, parseNote } from "../../tlog/note.js";
import { TlogError } from "../../tlog/TlogError.js";
import type { Context } from "../Context.js";
import { cosignedPlace } from "../log/logPlace.js";
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
  if (newest === null || newest.size > (await store.head()).size) return {};
  return { checkpoint: await cosignedOr(context, newest.note) };
}

/** The same checkpoint with what witnesses have added to it, where they have. */
async function cosignedOr(context: Context, note: Uint8Array): Promise<Uint8Array> {
  try {
    const { text, signatures } = parseNote(note);
    const kept = await cosignedPlace(context, parseCheckpoint(text).origin, undefined).newest();
    if (kept === null) return note;
    const cosigned = parseNote(kept.note);
    const lineOf = ({ name, id, signature }: NoteSignature) =>
      `${name} ${id} ${Buffer.from(signature).toString("hex")}`;
    const lines = new Set(cosigned.signatures.map(lineOf));
    return cosigned.text === text && signatures.every((one) => lines.has(lineOf(one))) ? kept.note : note;
  } catch (error) {
    // It goes along as the ledger keeps it: what is wrong with it is for whoever checks the export to say.
    if (error instanceof TlogError || error instanceof OutsideError) return note;
    throw error;
  }
}
