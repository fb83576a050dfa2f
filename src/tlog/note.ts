/**
 * Signed notes: C2SP signed-note v1.0.0. A text ending in a newline, an empty line, then lines `— name base64(key id ‖ signature)`. The
 * text means nothing until a trusted key has signed it: use {@link openNote}, and {@link parseNote} only to pass a note on.
 *
 * Lines of unknown keys are kept and not looked at, so that a log's note can carry what its witnesses add. A line of a known key
 * that does not verify condemns the whole note.
 */
import { sign, verify } from "node:crypto";
import { formatBase64, parseBase64 } from "./base64.js";
import { openCosignature } from "./cosignature.js";
import { isKeyName, type NoteKey, type NoteSigner, noteKeyTypes, publicKeyObject } from "./noteKey.js";
import { fails, TlogError } from "./TlogError.js";

/** A note may have this many bytes and signatures. */
export const noteSizeMax = 1_000_000;
export const noteSignaturesMax = 100;

/** A signature line: whose it says it is, and the bytes after the key id. */
export interface NoteSignature {
  readonly name: string;
  readonly id: string;
  readonly signature: Uint8Array;
}

/** A note as it is written; nothing of it is verified. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Who signed, and for a cosignature when (POSIX seconds). */
export interface VerifiedSignature {
  readonly key: NoteKey;
  readonly timeS: number | null;
}

export type OpenedNote =
  | {
      readonly ok: true;
      readonly text: string;
      /** Each known key that signed, once, in the order of the keys. Never empty. */
      readonly verified: readonly VerifiedSignature[];
      /** Lines of keys that are not known. */
      readonly unknown: readonly NoteSignature[];
    }
  | { readonly ok: false; readonly why: string };

/** The bytes of a note. Throws `MALFORMED` or `OUT_OF_RANGE` on what {@link parseNote} would not give back. */
export function formatNote({ text, signatures }: Note): Uint8Array {
  const lines = signatures.map(
    ({ name, id, signature }) => `— ${name} ${formatBase64(Buffer.concat([Buffer.from(id, "hex"), signature]))}\n`,
  );
  const bytes = Buffer.from(`${text}\n${lines.join("")}`);
  const again = parseNote(bytes);
  if (again.text !== text || again.signatures.length !== signatures.length)
    throw malformed("its text or a name in it would be read as something else");
  return bytes;
}

/** The note that bytes are. Throws `MALFORMED` or `OUT_OF_RANGE`. */
export function parseNote(bytes: Uint8Array): Note {
  if (bytes.length > noteSizeMax) throw outOfRange(`a note of ${bytes.length} bytes; up to ${noteSizeMax} are read`);
  const whole = decode(bytes);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids them
  const control = /[\u0000-\u0009\u000b-\u001f]/.exec(whole);
  if (control !== null) throw malformed(`it holds the control character ${control[0].charCodeAt(0)}`);
  const split = whole.lastIndexOf("\n\n");
  if (split < 0) throw malformed("it has no empty line between text and signatures");
  const lines = whole.slice(split + 2);
  if (!lines.endsWith("\n")) throw malformed("it does not end in a line of a signature and a newline");
  const signatures = lines.slice(0, -1).split("\n").map(parseLine);
  if (signatures.length > noteSignaturesMax)
    throw outOfRange(`a note with ${signatures.length} signatures; up to ${noteSignaturesMax} are read`);
  return { text: whole.slice(0, split + 1), signatures };
}

/** Signs a text with Ed25519 keys (type 0x01). Throws on a text that does not end in a newline or cannot be one of a note. */
export function signNote(text: string, signers: readonly NoteSigner[]): Uint8Array {
  const signatures = signers.map((signer) => {
    if (signer.type !== noteKeyTypes.ed25519) {
      throw new TlogError(
        "UNSUPPORTED",
        `the key of ${signer.name} is one of a witness; it signs checkpoints with a time, and no notes`,
        "Cosign with it, or use a key of type 0x01.",
      );
    }
    return { name: signer.name, id: signer.id, signature: sign(null, Buffer.from(text), signer.privateKey) };
  });
  return formatNote({ text, signatures });
}

/** The text of a note that at least one of the keys signed, and who signed it; or why not. */
export function openNote(bytes: Uint8Array, keys: readonly NoteKey[]): OpenedNote {
  let note: Note;
  try {
    note = parseNote(bytes);
  } catch (error) {
    if (error instanceof TlogError) return fails(error.message);
    throw error;
  }
  const verified = new Map<NoteKey, VerifiedSignature>();
  const unknown: NoteSignature[] = [];
  for (const line of note.signatures) {
    const known = keys.filter(({ name, id }) => name === line.name && id === line.id);
    if (known.length === 0) unknown.push(line);
    // Two keys may share name and id; the line is that of one of them.
    const signed = known.flatMap((key) => verifiedBy(key, note.text, line.signature) ?? []);
    if (known.length > 0 && signed.length === 0)
      return fails(`the signature of ${line.name} (key ${line.id}) does not verify`);
    for (const one of signed) if (!verified.has(one.key)) verified.set(one.key, one);
  }
  if (verified.size === 0) {
    const wanted = keys.map(({ name, id }) => `${name} (key ${id})`).join(", ") || "no key was given";
    const there = note.signatures.map(({ name, id }) => `${name} (key ${id})`).join(", ");
    return fails(`none of the known keys signed it: known is ${wanted}; signed is by ${there}`);
  }
  const inOrder = keys.flatMap((key) => verified.get(key) ?? []);
  return { ok: true, text: note.text, verified: [...new Set(inOrder)], unknown };
}

function verifiedBy(key: NoteKey, text: string, signature: Uint8Array): VerifiedSignature | null {
  if (key.type === noteKeyTypes.cosignature) {
    const timeS = openCosignature(text, signature, key);
    return timeS === null ? null : { key, timeS };
  }
  const ok = signature.length === 64 && verify(null, Buffer.from(text), publicKeyObject(key), signature);
  return ok ? { key, timeS: null } : null;
}

function parseLine(line: string): NoteSignature {
  const [, name, encoded] = /^— ([^ ]+) ([^ ]+)$/u.exec(line) ?? [];
  const bytes = encoded === undefined ? null : parseBase64(encoded);
  if (name === undefined || !isKeyName(name) || bytes === null || bytes.length < 5)
    throw malformed(`${JSON.stringify(line.slice(0, 80))} is no line of a signature`);
  return { name, id: Buffer.from(bytes.subarray(0, 4)).toString("hex"), signature: bytes.subarray(4) };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed("it is not UTF-8");
  }
}

function malformed(what: string): TlogError {
  return new TlogError("MALFORMED", `not a signed note: ${what}`, "Get the note again, byte for byte.");
}

function outOfRange(what: string): TlogError {
  return new TlogError("OUT_OF_RANGE", what, "Ask where this note comes from.");
}
