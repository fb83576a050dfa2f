/**
 * A witness: its key, the logs it knows and what it remembers. It cosigns a checkpoint only when that leads on from the newest one it cosigned of the
 * same log, and only once that is on the disk. The time of its cosignatures never goes back.
 */
import type { Checkpoint } from "../tlog/checkpoint.js";
import { formatNote, parseNote } from "../tlog/note.js";
import type { NoteSigner } from "../tlog/noteKey.js";
import { cosignCheckpoint } from "../tlog/signedCheckpoint.js";
import { type Declined, judgeCheckpoint, type KnownLogs, readRequest, type SignedRequest } from "./judgeCheckpoint.js";
import { WitnessError } from "./WitnessError.js";
import type { Kept, WitnessState } from "./witnessState.js";

export interface WitnessMeans {
  readonly signer: NoteSigner;
  readonly logs: KnownLogs;
  readonly state: WitnessState;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

export interface CosignedAnswer {
  readonly status: 200;
  readonly checkpoint: Checkpoint;
  readonly timeS: number;
  /** The cosignature, as a line of a note. */
  readonly line: Uint8Array;
}

/** What was asked for, as far as it could be read. */
export interface Asked {
  readonly answer: CosignedAnswer | Declined;
  readonly origin: string | null;
  readonly oldSize: number | null;
  readonly size: number | null;
  /** The checkpoint as a known log signed it, as text. */
  readonly note: string | null;
}

/** A clock that is this far behind the newest cosignature is taken for a small difference: that time is used again. */
const clockSkewSMax = 300;

/** Answers one request. Throws {@link WitnessError} where what is kept cannot be trusted, or the clock. */
export async function addCheckpoint(means: WitnessMeans, body: Uint8Array): Promise<Asked> {
  const read = readRequest(body, means.logs);
  if ("status" in read) return { answer: read, origin: null, oldSize: null, size: null, note: null };
  const { checkpoint, request } = read;
  const note = Buffer.from(read.note).toString();
  const asked = { origin: checkpoint.origin, oldSize: request.oldSize, size: checkpoint.size, note };
  const { answer } = await means.state.turn(checkpoint.origin, (kept) => decide(means, read, kept));
  return { answer, ...asked };
}

function decide(
  { signer, now }: WitnessMeans,
  read: SignedRequest,
  kept: Kept | null,
): { readonly keep: Uint8Array | null; readonly answer: CosignedAnswer | Declined } {
  const declined = judgeCheckpoint(read, kept?.checkpoint ?? null);
  if (declined !== null) return { keep: null, answer: declined };
  const timeS = timeAfter(Math.floor(now() / 1000), kept?.timeS ?? 1);
  const keep = cosignCheckpoint(read.note, timeS, signer);
  return { keep, answer: { status: 200, checkpoint: read.checkpoint, timeS, line: lastLine(keep) } };
}

/** The time to sign with: now, or, where the clock is a little behind, the newest time signed with. */
function timeAfter(nowS: number, newestS: number): number {
  if (nowS >= newestS) return nowS;
  if (newestS - nowS <= clockSkewSMax) return newestS;
  throw new WitnessError(
    "CLOCK_BEHIND",
    `the clock says ${nowS}, ${newestS - nowS} seconds before the newest cosignature, ${newestS}`,
    "Set the clock of this machine right.",
    { now: nowS, newest: newestS },
  );
}

function lastLine(note: Uint8Array): Uint8Array {
  const { text, signatures } = parseNote(note);
  const whole = formatNote({ text, signatures: signatures.slice(-1) });
  return whole.slice(Buffer.byteLength(text) + 1);
}
