/**
 * What a log and a witness say to each other: C2SP tlog-witness v1.0.0, `add-checkpoint`. The request is an old size, a consistency proof from
 * there, an empty line and the signed checkpoint; the answer is lines of signatures. Nothing here is believed: who asks checks both.
 *
 * Example: "old 17\nXcna…=\n…\n\nledger.example/acme\n42\nCsUY…=\n\n— ledger.example/acme 5h…\n", answered by "— witness.example/w1 jWbP…=\n"
 */
import { formatBase64, parseHash } from "./base64.js";
import { openCosignature } from "./cosignature.js";
import { formatNote, noteSignaturesMax, noteSizeMax, parseNote } from "./note.js";
import type { NoteKey } from "./noteKey.js";
import type { Proof } from "./proof.js";
import { fails, parseCount, requireCount, TlogError } from "./TlogError.js";

/** The most a request may have: 63 hashes by the specification, and bytes by us, enough for a hundred Ed25519 signatures ten times over. */
export const addCheckpointHashesMax = 63;
export const addCheckpointSizeMax = 256 * 1024;

export interface AddCheckpoint {
  /** The size that the witness is thought to have cosigned last; 0 for none. */
  readonly oldSize: number;
  /** From the old size to the checkpoint's. */
  readonly proof: Proof;
  /** The signed checkpoint, verbatim. */
  readonly note: Uint8Array;
}

/** The bytes of a request. Throws on what {@link parseAddCheckpoint} would refuse. */
export function formatAddCheckpoint({ oldSize, proof, note }: AddCheckpoint): Uint8Array {
  requireCount(oldSize, "the old size");
  const lines = [`old ${oldSize}`, ...proof.map(formatBase64), "", ""];
  const bytes = Buffer.concat([Buffer.from(lines.join("\n")), note]);
  parseAddCheckpoint(bytes);
  return bytes;
}

/** The parts of a request; the note is one as far as its form goes, and nothing is verified. Throws `MALFORMED`, naming the line, or `OUT_OF_RANGE`. */
export function parseAddCheckpoint(bytes: Uint8Array): AddCheckpoint {
  if (bytes.length > addCheckpointSizeMax) {
    throw new TlogError(
      "OUT_OF_RANGE",
      `a request of ${bytes.length} bytes; up to ${addCheckpointSizeMax} are read`,
      "Send the checkpoint with the signature of its log only.",
    );
  }
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf("\n\n");
  if (end < 0) throw malformed("it has no empty line before the checkpoint");
  const [first = "", ...hashes] = Buffer.from(bytes.subarray(0, end)).toString("latin1").split("\n");
  const oldSize = first.startsWith("old ") ? parseCount(first.slice("old ".length)) : null;
  if (oldSize === null) throw malformed(`line 1 is not \`old\` and a size up to ${Number.MAX_SAFE_INTEGER}`);
  if (hashes.length > addCheckpointHashesMax)
    throw malformed(`it has ${hashes.length} lines of a proof; at most ${addCheckpointHashesMax} may be sent`);
  const proof = hashes.map((line, i) => {
    const hash = parseHash(line);
    if (hash === null) throw malformed(`line ${i + 2} is no hash: 32 bytes in base64`);
    return hash;
  });
  const note = bytes.slice(end + 2);
  parseNote(note);
  return { oldSize, proof, note };
}

export type Cosigned =
  | { readonly ok: true; readonly note: Uint8Array; readonly timeS: number }
  | { readonly ok: false; readonly why: string };

/**
 * The note with the cosignature that a witness answered with, verified under its pinned key; any other line is left out. Or why there is none.
 */
export function addCosignature(note: Uint8Array, answer: Uint8Array, witness: NoteKey): Cosigned {
  let answered: ReturnType<typeof parseNote>;
  const { text, signatures } = parseNote(note);
  try {
    if (note.length + answer.length > noteSizeMax) return fails(`its answer has ${answer.length} bytes`);
    // Its answer is lines of a note without the text, so it is read as one under this text.
    answered = parseNote(Buffer.concat([Buffer.from(`${text}\n`), answer]));
  } catch (error) {
    if (error instanceof TlogError) return fails(`its answer is no line of a signature: ${error.message}`);
    throw error;
  }
  if (answered.text !== text) return fails("its answer holds more than lines of signatures");
  const own = ({ name, id }: { name: string; id: string }) => name === witness.name && id === witness.id;
  const lines = answered.signatures.filter(own);
  const [line] = lines;
  if (line === undefined) {
    const by = answered.signatures.map(({ name, id }) => `${name} (key ${id})`).join(", ");
    return fails(`it signed with another key: known is ${witness.name} (key ${witness.id}); signed is by ${by}`);
  }
  const times = lines.map(({ signature }) => openCosignature(text, signature, witness));
  const timeS = times[0] ?? null;
  if (timeS === null || times.includes(null))
    return fails(`the cosignature of ${witness.name} (key ${witness.id}) does not verify`);
  if (timeS === 0) return fails(`the cosignature of ${witness.name} (key ${witness.id}) has no time`);
  const others = signatures.filter((one) => !own(one));
  if (others.length >= noteSignaturesMax) return fails(`the checkpoint has ${others.length} signatures already`);
  return { ok: true, note: formatNote({ text, signatures: [...others, line] }), timeS };
}

function malformed(what: string): TlogError {
  return new TlogError("MALFORMED", `not an add-checkpoint request: ${what}`, "Send it as C2SP tlog-witness says.");
}
