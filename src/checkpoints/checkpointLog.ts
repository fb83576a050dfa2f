/**
 * Signing the next checkpoint. Never one that is not consistent with the last: the leaves since then are hashed again from the stored
 * bytes, on top of the tree that the last checkpoint signed for; what the store and the tiles say must agree with it. The last one is also
 * looked for outside of the database, where a restored or rewritten database cannot reach. Where an incarnation explains it away, or another
 * key signs than signed it, that stands in the ledger alone: then every event must first prove to be somebody's signed command.
 *
 * Order, so that a crash at any moment loses nothing: signed, then kept outside, then stored in the database. Killed in between, the
 * outside one is ahead; the next call finds it, checks it like any other, and stores it. The other way round a checkpoint could be read from the
 * database, and believed, that the place outside has never seen: rolled back then, the log would sign its contradiction.
 */
import type { Sql } from "../database/Sql.js";
import { sha256Hex } from "../events/canonical.js";
import type { Head, Store } from "../ledger/Store.js";
import { type Checkpoint, parseCheckpoint } from "../tlog/checkpoint.js";
import { parseNote } from "../tlog/note.js";
import { formatVkey, type NoteSigner } from "../tlog/noteKey.js";
import { openCheckpoint, signCheckpoint } from "../tlog/signedCheckpoint.js";
import { TlogError } from "../tlog/TlogError.js";
import { type Checkpointed, type CheckpointRefused, type Earlier, incarnationNext, refused } from "./Checkpointed.js";
import { keyInForce, type LogHistory, readLogHistory } from "./logHistory.js";
import type { Outside } from "./outside.js";
import { rehash } from "./rehash.js";
import { addStored, newestStored } from "./stored.js";

export interface CheckpointMeans {
  readonly store: Store;
  readonly sql: Sql;
  readonly origin: string;
  readonly outside: Outside;
  /** Brings the read models up to the newest event. */
  readonly catchUp: () => Promise<void>;
  /** Null: the key in force is not here; what else stands in the way is said first. */
  readonly signer: NoteSigner | null;
  /**
   * What speaks against the events, each decided from a signed command in its place; null: nothing. Asked in the rare moments when only the
   * ledger's own word lets the log go on: an incarnation, a new key.
   */
  readonly vouch: () => Promise<{ readonly position: number | null; readonly message: string } | null>;
  /** Hashes every leaf again, not only those since the last checkpoint. */
  readonly full?: boolean;
  readonly onProgress?: (done: number, of: number) => void;
}

/** How often it begins again because another process has signed meanwhile. */
const triesMax = 5;

/** Signs a checkpoint of the ledger as it is now, or says why not. Throws `StoreError`, `OutsideError` where something cannot be read or written. */
export async function checkpointLog(means: CheckpointMeans): Promise<Checkpointed> {
  for (let tries = 1; ; tries++) {
    const done = await attempt(means);
    if (done !== null) return done;
    if (tries === triesMax) {
      return refused(
        "CHECKPOINT_RACE",
        `Another process signed a checkpoint during each of ${tries} attempts.`,
        { tries },
        "Let one process sign at a time, and try again.",
      );
    }
  }
}

/** One attempt; null where another process was faster. */
async function attempt(means: CheckpointMeans): Promise<Checkpointed | null> {
  const { store, sql, origin, outside, signer } = means;
  const head = await store.head();
  const log = await readLogHistory(store);
  const kept = await outside.newest();
  const stored = await newestStored(sql);
  const earlier: Earlier[] = [];
  let started: { readonly incarnation: number; readonly position: number } | null = null;
  for (const [from, found] of [
    ["outside", kept],
    ["database", stored],
  ] as const) {
    if (found === null) continue;
    const explained = log.incarnations.get(sha256Hex(found.note));
    if (explained !== undefined) {
      if (started === null || explained.position > started.position) started = explained;
      continue;
    }
    const judged = judge(from, found, origin, head, log);
    if ("kind" in judged) return judged;
    earlier.push(judged);
  }
  const key = keyInForce(log, head.size);
  if (key === null) {
    return refused("LOG_KEY_NOT_ADOPTED", "No key has been adopted that this log signs with.", {}, "iu-ledger log key");
  }
  if (signer === null) {
    return refused(
      "LOG_KEY_ELSEWHERE",
      `The log signs with ${key.vkey}, and that key is not here.`,
      { adopted: key.vkey },
      "Use the folder that has it, with --keys, or put a new one in its place: iu-ledger log key --rotate",
    );
  }
  if (key.vkey !== formatVkey(signer)) {
    return refused(
      "LOG_KEY_OTHER",
      `The log signs with ${key.vkey}; the key here is ${formatVkey(signer)}.`,
      { adopted: key.vkey, here: formatVkey(signer) },
      "Use the key that was adopted, or make a new one: iu-ledger log key --rotate",
    );
  }
  // Only now: tables that have followed more events than there are could not follow on, and the checkpoint says it better.
  await means.catchUp();
  const checked = await rehash({ ...means, head, earlier });
  if ("kind" in checked) return checked;

  const last = earlier.reduce<Earlier | null>(
    (newest, one) => (newest === null || one.checkpoint.size > newest.checkpoint.size ? one : newest),
    null,
  );
  if (started !== null || (last !== null && key.position >= last.checkpoint.size)) {
    const against = await means.vouch();
    if (against !== null) return unproven(started, key.position, against);
  }
  const incarnation = started?.incarnation ?? null;
  const outsideLast = earlier.find(({ from }) => from === "outside");
  let number = stored === null ? 0 : stored.number + 1;
  // Signed and kept outside, and then the process died: stored now, so that the database has every one of them.
  if (outsideLast !== undefined && (stored === null || !sameNote(outsideLast, stored.note)) && outsideLast === last) {
    if (!(await addStored(sql, { number, size: outsideLast.checkpoint.size, note: outsideLast.note }))) return null;
    number += 1;
  }
  const nextOutside = kept === null ? 0 : kept.number + 1;
  if (last !== null && last.checkpoint.size === head.size) {
    // Signed elsewhere, by whoever has another place outside: from now on this one knows of it.
    if (last.from === "database" && !(await outside.add(nextOutside, last.note))) return null;
    return {
      kind: "unchanged",
      checkpoint: last.checkpoint,
      note: last.note,
      since: head.size,
      hashed: checked.hashed,
      incarnation,
    };
  }
  const checkpoint = { origin, size: head.size, root: Buffer.from(head.root, "hex") };
  const note = signCheckpoint(checkpoint, signer);
  if (!(await outside.add(nextOutside, note))) return null;
  // Where another process stored one first, it has seen ours outside or will: nothing is lost.
  await addStored(sql, { number, size: head.size, note });
  return { kind: "signed", checkpoint, note, since: last?.checkpoint.size ?? 0, hashed: checked.hashed, incarnation };
}

/** The "no" to what only the ledger's own word would allow, where that word does not hold. */
function unproven(
  started: { readonly incarnation: number; readonly position: number } | null,
  key: number,
  { position, message }: NonNullable<Awaited<ReturnType<CheckpointMeans["vouch"]>>>,
): CheckpointRefused {
  const numbers = position === null ? {} : { position };
  const where = position === null ? "" : `, at position ${position}`;
  const next = "Somebody may have written past the ledger. Sign nothing, and see what: iu-ledger replay";
  if (started === null) {
    const why = `The key adopted at position ${key} is not proven: replay objects${where}: ${message}`;
    return refused("LOG_KEY_UNPROVEN", why, { adoptedAt: key, ...numbers }, next);
  }
  const why = `The newest checkpoint is one this ledger does not lead on from, and incarnation ${started.incarnation}, at position ${started.position}, which says that this is meant, is not proven: replay objects${where}: ${message}`;
  const { incarnation, position: startedAt } = started;
  return refused("INCARNATION_UNPROVEN", why, { incarnation, startedAt, ...numbers }, next);
}

function sameNote({ note }: Earlier, other: Uint8Array): boolean {
  return Buffer.compare(note, other) === 0;
}

/** Whether an earlier checkpoint is one that this ledger can lead on from, as far as that shows without its leaves. */
function judge(
  from: Earlier["from"],
  found: { readonly number: number; readonly note: Uint8Array },
  origin: string,
  head: Head,
  log: LogHistory,
): Earlier | CheckpointRefused {
  const where = from === "outside" ? "kept outside of the database" : "stored in the database";
  let said: Checkpoint;
  try {
    said = parseCheckpoint(parseNote(found.note).text);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return refused(
      "CHECKPOINT_UNREADABLE",
      `The newest checkpoint ${where} cannot be read: ${error.message}.`,
      { number: found.number },
      from === "outside"
        ? "Somebody has changed the file. Put it back from a copy; without it nobody can tell what was signed."
        : "Somebody has changed the database: run replay, and restore it from a backup.",
    );
  }
  if (said.size > head.size) {
    return refused(
      "ROLLED_BACK",
      `The ledger has ${head.size} events; the newest checkpoint ${where} is of ${said.size}: ${said.size - head.size} are gone. It was cut short, or restored from an older backup.`,
      { size: head.size, checkpoint: said.size, missing: said.size - head.size },
      `Put the newer database back. If it is lost for good, a sovereign goes on from here, for all to see: ${incarnationNext}`,
    );
  }
  const key = keyInForce(log, said.size);
  const opened = openCheckpoint(found.note, { origin, keys: key === null ? [] : [key.key] });
  if (!opened.ok) {
    return refused(
      "CHECKPOINT_FOREIGN",
      `The newest checkpoint ${where}, of ${said.size} events, is not this ledger's: ${opened.why}.`,
      { size: head.size, checkpoint: said.size, key: key?.vkey ?? "none" },
      `If it is another log's, name another place with --outside. If this ledger was rewritten or restored from before its key was adopted, put the newer one back, or go on for all to see: ${incarnationNext}`,
    );
  }
  return { from, checkpoint: opened.checkpoint, note: found.note };
}
