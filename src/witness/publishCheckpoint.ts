/**
 * Publishing: a checkpoint counts as published when the witnesses of a policy have cosigned it as its quorum asks (C2SP tlog-policy). Whatever was
 * collected is kept before anything is answered, also where the quorum is not met; the same call again asks those who are missing. Kept notes are only
 * ever added to.
 */
import type { Outside } from "../checkpoints/outside.js";
import { type Checkpoint, parseCheckpoint } from "../tlog/checkpoint.js";
import { openCosignature } from "../tlog/cosignature.js";
import { formatNote, type NoteSignature, noteSignaturesMax, parseNote } from "../tlog/note.js";
import { evaluatePolicy, type PolicyVerdict, type PolicyWitness, type WitnessPolicy } from "../tlog/policy.js";
import { TlogError } from "../tlog/TlogError.js";
import { type Acknowledged, type Collected, type CollectMeans, collectCosignatures } from "./collectCosignatures.js";

export interface PublishMeans extends Pick<CollectMeans, "proofFrom" | "ask" | "now"> {
  readonly policy: WitnessPolicy;
  readonly checkpoint: Checkpoint;
  /** As the log signed it. */
  readonly note: Uint8Array;
  /** Where cosigned checkpoints are kept. */
  readonly cosigned: Outside;
}

export interface Published extends Collected {
  /** Whether it counts, by the policy; if not, why. */
  readonly verdict: PolicyVerdict;
  /** The file that has the note; null where no witness has cosigned it. */
  readonly file: string | null;
}

/** So many of the newest kept notes are looked through for what witnesses said before. */
const rememberedMax = 200;
const triesMax = 5;

/** Collects what is missing and judges. Throws `OutsideError`, and what `proofFrom` throws. */
export async function publishCheckpoint(means: PublishMeans): Promise<Published> {
  const { policy, note, cosigned } = means;
  const { size } = means.checkpoint;
  const memory = await remembered(means);
  const begun = withLines(note, memory.lines);
  const collected = await collectCosignatures({
    ...means,
    note: begun,
    witnesses: policy.witnesses,
    // Who has cosigned more than this since then is asked all the same: that the log was rolled back is for them to say.
    done: new Map([...memory.done].filter(([name]) => (memory.acknowledged.get(name)?.size ?? 0) <= size)),
    acknowledged: ({ name }) => memory.acknowledged.get(name) ?? null,
  });
  let file = memory.file;
  let whole = collected.note;
  if (collected.added > 0) {
    for (let tries = 1; ; tries++) {
      const newest = await cosigned.newest();
      const number = newest === null ? 0 : newest.number + 1;
      // What another process has collected meanwhile is on the next one too.
      whole = withLines(collected.note, (await remembered(means)).lines);
      if (await cosigned.add(number, whole)) {
        file = (await cosigned.read(number))?.file ?? null;
        break;
      }
      if (tries === triesMax)
        throw new Error(`another process added a cosigned checkpoint in each of ${tries} attempts`);
    }
  }
  return { ...collected, note: whole, verdict: evaluatePolicy(policy, whole), file };
}

interface Memory {
  /** Verified cosignatures of this very checkpoint. */
  readonly lines: readonly NoteSignature[];
  /** By the policy's name of the witness: when. */
  readonly done: ReadonlyMap<string, number>;
  readonly acknowledged: ReadonlyMap<string, Acknowledged>;
  /** The newest file with this checkpoint. */
  readonly file: string | null;
}

/** What the policy's witnesses have cosigned before, each verified. A kept file that cannot be read says nothing. */
async function remembered({ policy, note, cosigned }: PublishMeans): Promise<Memory> {
  const { text } = parseNote(note);
  const lines = new Map<string, NoteSignature>();
  const done = new Map<string, number>();
  const acknowledged = new Map<string, Acknowledged>();
  let file: string | null = null;
  const newest = await cosigned.newest();
  for (let back = 0; newest !== null && back < rememberedMax && back <= newest.number; back++) {
    const kept = back === 0 ? newest : await cosigned.read(newest.number - back);
    const read = kept === null ? null : readNote(kept.note);
    if (kept === null || read === null) continue;
    if (read.text === text) file ??= kept.file;
    for (const witness of policy.witnesses) {
      const own = cosignatureOf(read.text, read.signatures, witness);
      if (own === null) continue;
      const before = acknowledged.get(witness.name);
      if (before === undefined || read.size > before.size)
        acknowledged.set(witness.name, { size: read.size, timeS: own.timeS });
      if (read.text === text && !done.has(witness.name)) {
        lines.set(witness.name, own.line);
        done.set(witness.name, own.timeS);
      }
    }
  }
  return { lines: [...lines.values()], done, acknowledged, file };
}

function readNote(bytes: Uint8Array): { text: string; signatures: readonly NoteSignature[]; size: number } | null {
  try {
    const { text, signatures } = parseNote(bytes);
    return { text, signatures, size: parseCheckpoint(text).size };
  } catch (error) {
    if (error instanceof TlogError) return null;
    throw error;
  }
}

function cosignatureOf(
  text: string,
  signatures: readonly NoteSignature[],
  { key }: PolicyWitness,
): { readonly line: NoteSignature; readonly timeS: number } | null {
  for (const line of signatures) {
    if (line.name !== key.name || line.id !== key.id) continue;
    const timeS = openCosignature(text, line.signature, key);
    if (timeS !== null) return { line, timeS };
  }
  return null;
}

/** The note with these lines, where it has none of the same key. */
function withLines(note: Uint8Array, lines: readonly NoteSignature[]): Uint8Array {
  const { text, signatures } = parseNote(note);
  const more = lines.filter((line) => !signatures.some(({ name, id }) => name === line.name && id === line.id));
  return formatNote({ text, signatures: [...signatures, ...more].slice(0, noteSignaturesMax) });
}
