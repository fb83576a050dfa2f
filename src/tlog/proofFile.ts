/**
 * Proof files, `.tlog-proof`: C2SP tlog-proof v1. All it takes to check, offline and with a pinned key only, that an entry is in a
 * log: its index, the inclusion proof and the signed checkpoint. In `extra` stands the entry itself: what is proven about it is
 * proven by its hash, never by its standing there.
 *
 * Example: "c2sp.org/tlog-proof@v1\nextra eyJ…\nindex 17\nXcnae…=\n…\n\nledger.example/acme\n42\nCsUY…=\n\n— ledger.example/acme 5h…\n"
 */
import { formatBase64, parseBase64, parseHash } from "./base64.js";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.js";
import { noteSizeMax, parseNote, type VerifiedSignature } from "./note.js";
import type { NoteKey } from "./noteKey.js";
import { checkInclusion, type Proof } from "./proof.js";
import { openCheckpoint } from "./signedCheckpoint.js";
import { fails, parseCount, requireCount, TlogError } from "./TlogError.js";
import { hashLeaf } from "./tree.js";

const header = "c2sp.org/tlog-proof@v1";
/** A proof file may have this many bytes. */
export const proofFileSizeMax = 2 * noteSizeMax;
/** No tree of at most 2^53 - 1 leaves is higher. */
const hashesMax = 53;

export interface ProofFile {
  /** Bytes without meaning for the proof, or null: here the entry. */
  readonly extra: Uint8Array | null;
  readonly index: number;
  readonly proof: Proof;
  /** The signed checkpoint, verbatim. */
  readonly checkpoint: Uint8Array;
}

export type CheckedProofFile =
  | {
      readonly ok: true;
      readonly index: number;
      readonly checkpoint: Checkpoint;
      readonly verified: readonly VerifiedSignature[];
    }
  | { readonly ok: false; readonly why: string };

/** The bytes of a proof file. Throws on numbers, hashes or a note that {@link parseProofFile} would refuse. */
export function formatProofFile({ extra, index, proof, checkpoint }: ProofFile): Uint8Array {
  requireCount(index, "the index");
  const lines = [
    header,
    ...(extra === null ? [] : [`extra ${formatBase64(extra)}`]),
    `index ${index}`,
    ...proof.map(formatBase64),
    "",
    "",
  ];
  const bytes = Buffer.concat([Buffer.from(lines.join("\n")), checkpoint]);
  parseProofFile(bytes);
  return bytes;
}

/** The parts of a proof file; nothing of it is verified. Throws `MALFORMED`, naming the line, or `OUT_OF_RANGE`. */
export function parseProofFile(bytes: Uint8Array): ProofFile {
  if (bytes.length > proofFileSizeMax) {
    throw new TlogError(
      "OUT_OF_RANGE",
      `a proof file of ${bytes.length} bytes; up to ${proofFileSizeMax} are read`,
      again,
    );
  }
  const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf("\n\n");
  if (end < 0) throw malformed("it has no empty line before the checkpoint");
  const lines = Buffer.from(bytes.subarray(0, end)).toString("latin1").split("\n");
  let line = 0;
  if (lines[line++] !== header) throw malformed(`line 1 is not ${header}`);
  let extra: Uint8Array | null = null;
  if (lines[line]?.startsWith("extra ")) {
    extra = parseBase64((lines[line++] as string).slice("extra ".length));
    if (extra === null || extra.length === 0) throw malformed("line 2 holds no base64 after `extra`");
  }
  const [, digits] = /^index ([0-9]+)$/.exec(lines[line++] ?? "") ?? [];
  const index = digits === undefined ? null : parseCount(digits);
  if (index === null) throw malformed(`line ${line} is not \`index\` and a number up to ${Number.MAX_SAFE_INTEGER}`);
  const proof = lines.slice(line).map((text, i) => {
    const hash = parseHash(text);
    if (hash === null) throw malformed(`line ${line + i + 1} is no hash: 32 bytes in base64`);
    return hash;
  });
  if (proof.length > hashesMax) throw malformed(`it has ${proof.length} hashes; no tree needs more than ${hashesMax}`);
  const checkpoint = bytes.slice(end + 2);
  parseCheckpoint(parseNote(checkpoint).text);
  return { extra, index, proof, checkpoint };
}

/**
 * Checks a proof file against the log's pinned keys: its checkpoint is signed by the log of that origin, and the entry is in its tree.
 * The entry is what was given, or else what stands in `extra`. Says who of `others` (witnesses) cosigned.
 */
export function checkProofFile(
  bytes: Uint8Array,
  log: { readonly origin: string; readonly keys: readonly NoteKey[] },
  { entry, others = [] }: { readonly entry?: Uint8Array; readonly others?: readonly NoteKey[] } = {},
): CheckedProofFile {
  let file: ProofFile;
  try {
    file = parseProofFile(bytes);
  } catch (error) {
    if (error instanceof TlogError) return fails(error.message);
    throw error;
  }
  const leaf = entry ?? file.extra;
  if (leaf === null) return fails("the file does not hold the entry, and none was given");
  const opened = openCheckpoint(file.checkpoint, log, others);
  if (!opened.ok) return opened;
  const { checkpoint, verified } = opened;
  const included = checkInclusion({ index: file.index, hash: hashLeaf(leaf) }, checkpoint, file.proof);
  return included.ok ? { ok: true, index: file.index, checkpoint, verified } : included;
}

const again = "Get the proof file again, byte for byte.";

function malformed(what: string): TlogError {
  return new TlogError("MALFORMED", `not a proof file: ${what}`, again);
}
