/** `log prove` and `log consistency`: proofs out of the read model, checked here as anybody else would before they are given away. */
import { consistencyProof, inclusionProof, merkleRoot } from "../../../projections/merkle_log/queries.js";
import { keyInForce, readLogHistory } from "../../checkpoints/logHistory.js";
import { newestStored } from "../../checkpoints/stored.js";
import { replaceFile } from "../../files/durableFile.js";
import { formatBase64 } from "../../tlog/base64.js";
import type { Checkpoint } from "../../tlog/checkpoint.js";
import { formatVkey, type NoteKey } from "../../tlog/noteKey.js";
import { checkConsistency, type Proof, same } from "../../tlog/proof.js";
import { checkProofFile, formatProofFile } from "../../tlog/proofFile.js";
import { openCheckpoint } from "../../tlog/signedCheckpoint.js";
import { answer, note as aside, type Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { refusedStop } from "../output/Problem.js";
import { marks } from "../output/style.js";
import { counted } from "../output/text.js";
import { type Reading, withReading } from "../session/reading.js";
import { cosignedPlace } from "./logPlace.js";

/** The newest checkpoint in the database, its signature checked by the key in force at its size. */
export async function newestCheckpoint({
  store,
  sql,
}: Reading): Promise<{ readonly note: Uint8Array; readonly checkpoint: Checkpoint; readonly key: NoteKey }> {
  const stored = await newestStored(sql);
  if (stored === null) {
    throw refusedStop("CHECKPOINT_MISSING", "No checkpoint of this log has been signed.", "iu-ledger log checkpoint");
  }
  const key = keyInForce(await readLogHistory(store), stored.size)?.key;
  const opened = openCheckpoint(stored.note, { origin: key?.name ?? "", keys: key === undefined ? [] : [key] });
  if (!opened.ok || key === undefined) {
    throw refusedStop(
      "CHECKPOINT_FOREIGN",
      `The newest checkpoint in the database is not signed by the log's key: ${opened.ok ? "none was adopted" : opened.why}.`,
      "Somebody has changed the database: iu-ledger replay",
      { size: stored.size },
    );
  }
  return { note: stored.note, checkpoint: opened.checkpoint, key };
}

/**
 * The checkpoint to prove a position by: the newest that witnesses have cosigned, if the position is under it and it is of this tree, since nobody can
 * be shown another in its place; else the newest there is.
 */
async function checkpointOver(context: Context, reading: Reading, position: number, named: string | undefined) {
  const newest = await newestCheckpoint(reading);
  const kept = await cosignedPlace(context, newest.checkpoint.origin, named).newest();
  if (kept === null) return newest;
  const log = await readLogHistory(reading.store);
  const opened = openCheckpoint(kept.note, { origin: newest.checkpoint.origin, keys: log.keys.map(({ key }) => key) });
  if (!opened.ok) return newest;
  const { size, root } = opened.checkpoint;
  const key = keyInForce(log, size)?.key;
  if (position >= size || size > newest.checkpoint.size || key === undefined) return newest;
  if (!opened.verified.some((one) => formatVkey(one.key) === formatVkey(key))) return newest;
  if (!same(await merkleRoot(reading.sql, size), root)) return newest;
  return { note: kept.note, checkpoint: opened.checkpoint, key };
}

export interface ProveOptions {
  readonly out?: string;
  readonly outside?: string;
}

export async function proveEvent(
  context: Context,
  position: number,
  { out, outside }: ProveOptions,
): Promise<undefined> {
  await withReading(context, async (reading) => {
    const { note, checkpoint, key } = await checkpointOver(context, reading, position, outside);
    const [event] = await reading.store.read(position, 1);
    if (event === undefined || position >= checkpoint.size) {
      const size = (await reading.store.head()).size;
      throw refusedStop(
        position < size ? "NOT_CHECKPOINTED" : "POSITION_MISSING",
        position < size
          ? `The newest checkpoint is of ${counted(checkpoint.size, "event")}; position ${position} is not under it yet.`
          : `The ledger has ${counted(size, "event")}, from position 0 on; there is none at ${position}.`,
        position < size ? "iu-ledger log checkpoint" : "iu-ledger events",
        { position, size, checkpoint: checkpoint.size },
      );
    }
    const proof = await inclusionProof(reading.sql, position, checkpoint.size);
    const file = formatProofFile({ extra: event.bytes, index: position, proof, checkpoint: note });
    const checked = checkProofFile(file, { origin: key.name, keys: [key] });
    if (!checked.ok) throw damaged(`The proof of position ${position} does not hold: ${checked.why}.`, { position });
    if (out !== undefined) await replaceFile(out, file);
    const text = Buffer.from(file).toString();
    const next = `iu-ledger log check ${out ?? "FILE"} --vkey ${formatVkey(key)}`;
    if (out === undefined && !context.json) {
      context.terminal.outBytes(file);
      aside(context, `Checked by whoever pins the key: ${next}`);
      return;
    }
    answer(
      context,
      { position, size: checkpoint.size, origin: checkpoint.origin, file: out ?? null, proof: text, next },
      () => [
        `${context.style.good(marks.good)} Position ${position} of ${counted(checkpoint.size, "event")}: proof in ${out}`,
        `  next ${asTyped(next, context.style, context.typing)}`,
      ],
    );
  });
  return undefined;
}

export async function proveConsistency(context: Context, from: number, to: number | undefined): Promise<undefined> {
  await withReading(context, async (reading) => {
    const { sql } = reading;
    const end = to ?? (await newestCheckpoint(reading)).checkpoint.size;
    const { size } = await reading.store.head();
    if (from > end || end > size) {
      throw refusedStop(
        "SIZE_MISSING",
        end > size
          ? `The log has ${counted(size, "event")}; there is no tree of ${end}.`
          : `${from} is more than ${end}: the smaller size comes first.`,
        "iu-ledger log consistency FROM TO, both up to the size of the log.",
        { from, to: end, size },
      );
    }
    const older = { size: from, root: await merkleRoot(sql, from) };
    const newer = { size: end, root: await merkleRoot(sql, end) };
    const proof: Proof = await consistencyProof(sql, from, end);
    const verdict = checkConsistency(older, newer, proof);
    if (!verdict.ok)
      throw damaged(`The proof from ${from} to ${end} does not hold: ${verdict.why}.`, { from, to: end });
    const told = (tree: typeof older) => ({ size: tree.size, root: Buffer.from(tree.root).toString("hex") });
    answer(context, { from: told(older), to: told(newer), proof: proof.map(formatBase64) }, () => [
      `${context.style.good(marks.good)} The log of ${counted(end, "event")} is that of ${from} with events added`,
      `  ${from}  ${told(older).root}`,
      `  ${end}  ${told(newer).root}`,
      ...proof.map((hash) => `  ${formatBase64(hash)}`),
    ]);
  });
  return undefined;
}

/** A proof of ours that does not hold is no answer: the read model is not what the events give. */
function damaged(message: string, numbers: Readonly<Record<string, number>>) {
  return refusedStop("TREE_WRONG", message, "iu-ledger rebuild", numbers);
}
