/**
 * Checkpoints signed by their log and cosigned by witnesses: C2SP tlog-checkpoint v1.0.0 in a signed note v1.0.0. The log's key is named
 * as the origin. Nothing here knows whether a checkpoint is consistent with an older one: that is asked before it is signed.
 */
import { type Checkpoint, formatCheckpoint, parseCheckpoint } from "./checkpoint.js";
import { signCosignature } from "./cosignature.js";
import { formatNote, openNote, parseNote, signNote, type VerifiedSignature } from "./note.js";
import type { NoteKey, NoteSigner } from "./noteKey.js";
import { fails, TlogError } from "./TlogError.js";

export type OpenedCheckpoint =
  | {
      readonly ok: true;
      readonly checkpoint: Checkpoint;
      /** What was signed. */
      readonly text: string;
      readonly extensions: readonly string[];
      /** Each of the given keys that signed, the log's and the witnesses'. */
      readonly verified: readonly VerifiedSignature[];
    }
  | { readonly ok: false; readonly why: string };

/** The checkpoint as a note signed by the log. The signer must be named as the origin. */
export function signCheckpoint(checkpoint: Checkpoint, signer: NoteSigner): Uint8Array {
  if (signer.name !== checkpoint.origin) {
    throw new TlogError(
      "MALFORMED",
      `the key is named ${signer.name}, the log ${checkpoint.origin}`,
      "Sign with the key of this log.",
    );
  }
  return signNote(formatCheckpoint(checkpoint), [signer]);
}

/** The note with a witness's cosignature added: it saw that checkpoint at that time (POSIX seconds). Opens nothing: check it first. */
export function cosignCheckpoint(note: Uint8Array, timeS: number, witness: NoteSigner): Uint8Array {
  const { text, signatures } = parseNote(note);
  const signature = signCosignature(text, timeS, witness);
  return formatNote({ text, signatures: [...signatures, { name: witness.name, id: witness.id, signature }] });
}

/**
 * The checkpoint of a note that the log of that origin signed with one of its keys; who else of `others` (witnesses) did; or why not.
 * Extension lines are covered by the signature and mean nothing here.
 */
export function openCheckpoint(
  note: Uint8Array,
  log: { readonly origin: string; readonly keys: readonly NoteKey[] },
  others: readonly NoteKey[] = [],
): OpenedCheckpoint {
  const opened = openNote(note, [...log.keys, ...others]);
  if (!opened.ok) return opened;
  if (!opened.verified.some(({ key }) => log.keys.includes(key)))
    return fails(`only ${opened.verified.map(({ key }) => key.name).join(", ")} signed it, not the log ${log.origin}`);
  try {
    const { extensions, ...checkpoint } = parseCheckpoint(opened.text);
    if (checkpoint.origin !== log.origin)
      return fails(`it is a checkpoint of ${checkpoint.origin}, not of ${log.origin}`);
    return { ok: true, checkpoint, text: opened.text, extensions, verified: opened.verified };
  } catch (error) {
    if (error instanceof TlogError) return fails(error.message);
    throw error;
  }
}
