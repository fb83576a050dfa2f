/**
 * What a witness says to a checkpoint: C2SP tlog-witness v1.0.0, "add-checkpoint", as a decision without clock, disk or network. First what needs no
 * memory (`readRequest`), then, while nobody else may, what the kept checkpoint decides (`judgeCheckpoint`). Must never answer 200 for a checkpoint
 * that does not lead on from the kept one.
 */
import { type AddCheckpoint, parseAddCheckpoint } from "../tlog/addCheckpoint.js";
import { type Checkpoint, parseCheckpoint } from "../tlog/checkpoint.js";
import { formatNote, parseNote } from "../tlog/note.js";
import { type NoteKey, noteKeyTypes, parseVkey } from "../tlog/noteKey.js";
import { checkConsistency, emptyRoot, same } from "../tlog/proof.js";
import { openCheckpoint } from "../tlog/signedCheckpoint.js";
import { TlogError } from "../tlog/TlogError.js";

/** The logs a witness knows, each by its origin, with the keys pinned for it. */
export type KnownLogs = ReadonlyMap<string, readonly NoteKey[]>;

/** A "no", as HTTP says it. */
export interface Declined {
  readonly status: 400 | 403 | 404 | 409 | 422;
  readonly why: string;
  /** With 409: the size of the newest checkpoint that was cosigned. */
  readonly size?: number;
}

/** A checkpoint that a known log signed; whether it leads on from the kept one is not known yet. */
export interface SignedRequest {
  readonly request: AddCheckpoint;
  readonly checkpoint: Checkpoint;
  /** The checkpoint with the signatures of known keys of its log only. */
  readonly note: Uint8Array;
}

/** The logs of some vkeys; several of one origin where its key was rotated. Throws `MALFORMED` or `UNSUPPORTED` on what is no key of a log. */
export function knownLogs(vkeys: readonly string[]): KnownLogs {
  const logs = new Map<string, NoteKey[]>();
  for (const vkey of vkeys) {
    const key = parseVkey(vkey);
    if (key.type !== noteKeyTypes.ed25519) {
      throw new TlogError(
        "UNSUPPORTED",
        `${key.name} is the key of a witness (type 0x04); a log signs with one of type 0x01`,
        "Ask the log's operator for its verifier key: iu-ledger log key",
      );
    }
    const keys = logs.get(key.name) ?? [];
    if (!keys.some(({ id, publicKey }) => id === key.id && same(publicKey, key.publicKey))) keys.push(key);
    logs.set(key.name, keys);
  }
  return logs;
}

/** Reads a request as far as it can be judged without what is kept. */
export function readRequest(body: Uint8Array, logs: KnownLogs): SignedRequest | Declined {
  let request: AddCheckpoint;
  let origin: string;
  try {
    request = parseAddCheckpoint(body);
    origin = parseCheckpoint(parseNote(request.note).text).origin;
  } catch (error) {
    if (error instanceof TlogError) return { status: 400, why: error.message };
    throw error;
  }
  const keys = logs.get(origin);
  if (keys === undefined) return { status: 404, why: "this log is not known here" };
  const opened = openCheckpoint(request.note, { origin, keys });
  if (!opened.ok) return { status: 403, why: opened.why };
  const { checkpoint, text } = opened;
  if (request.oldSize > checkpoint.size)
    return { status: 400, why: `the old size ${request.oldSize} is above the checkpoint's, ${checkpoint.size}` };
  const lines = keys.flatMap(
    (key) => parseNote(request.note).signatures.find(({ name, id }) => name === key.name && id === key.id) ?? [],
  );
  return { request, checkpoint, note: formatNote({ text, signatures: lines }) };
}

/** Whether the checkpoint leads on from the one that was cosigned last; null: it does. */
export function judgeCheckpoint(
  { request, checkpoint }: SignedRequest,
  kept: Pick<Checkpoint, "size" | "root"> | null,
): Declined | null {
  const older = kept ?? { size: 0, root: emptyRoot() };
  if (request.oldSize !== older.size) {
    const why = `the newest checkpoint cosigned here is of ${older.size}, not of ${request.oldSize}`;
    return { status: 409, why, size: older.size };
  }
  if (checkpoint.size === 0 && !same(checkpoint.root, emptyRoot()))
    return { status: 422, why: "the root of size 0 is not that of the empty tree" };
  const verdict = checkConsistency(older, checkpoint, request.proof);
  return verdict.ok ? null : { status: 422, why: verdict.why };
}
