/**
 * The log's side: asks the witnesses of a policy to cosign a checkpoint, each from the size it cosigned last, and judges what they answer. What they
 * cosigned is verified under the key pinned for each and put into the note; why another is missing is said with the numbers. Nothing is sent that does
 * not hold by our own tree, so that a witness's "no" speaks of what it has seen.
 */
import { addCosignature, formatAddCheckpoint } from "../tlog/addCheckpoint.js";
import type { Checkpoint } from "../tlog/checkpoint.js";
import { formatNote, parseNote } from "../tlog/note.js";
import type { PolicyWitness } from "../tlog/policy.js";
import { checkConsistency, type Proof } from "../tlog/proof.js";
import { parseCount } from "../tlog/TlogError.js";
import type { AskWitness, WitnessAnswer } from "./askWitness.js";

/** What is known of a witness from before: the largest size it cosigned, and when. Both verified. */
export interface Acknowledged {
  readonly size: number;
  readonly timeS: number;
}

export interface CollectMeans {
  readonly checkpoint: Checkpoint;
  /** The checkpoint as its log signed it, with the cosignatures that were collected before. */
  readonly note: Uint8Array;
  readonly witnesses: readonly PolicyWitness[];
  /** Those whose cosignatures are on the note already. */
  readonly done: ReadonlyMap<string, number>;
  readonly acknowledged: (witness: PolicyWitness) => Acknowledged | null;
  /** The root of the first `size` leaves, and the proof from there to the checkpoint's size. */
  readonly proofFrom: (size: number) => Promise<{ readonly root: Uint8Array; readonly proof: Proof }>;
  readonly ask: AskWitness;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * `cosigned`: its cosignature is on the note. `kept`: it was before. `forked`: it cosigned another history than ours. `ahead`: it cosigned more than
 * our checkpoint has. `forgot`: it says that it cosigned less than it did. `refused`: any other "no". `silent`: no answer that can be judged.
 */
export type WitnessOutcome = "cosigned" | "kept" | "forked" | "ahead" | "forgot" | "refused" | "silent";

export interface WitnessReport {
  readonly name: string;
  readonly url: string | null;
  readonly outcome: WitnessOutcome;
  /** POSIX seconds of its cosignature. */
  readonly timeS: number | null;
  /** Without a full stop; null where it cosigned. */
  readonly why: string | null;
  readonly numbers: Readonly<Record<string, number>>;
}

export interface Collected {
  /** The checkpoint with every cosignature there is now. */
  readonly note: Uint8Array;
  /** How many were added. */
  readonly added: number;
  /** In the order of the policy. */
  readonly witnesses: readonly WitnessReport[];
}

/** A witness may correct us so often before it is taken for one that does not know what it wants. */
const triesMax = 4;
/** How far ahead of our clock a cosignature may be. */
const clockSkewSMax = 300;

/** Asks all witnesses at once. Throws only what `proofFrom` throws. */
export async function collectCosignatures(means: CollectMeans): Promise<Collected> {
  const asked = await Promise.all(means.witnesses.map((witness) => askOne(means, witness)));
  let note = means.note;
  let added = 0;
  const witnesses = asked.map(({ report, answer }, i): WitnessReport => {
    if (answer === null) return report;
    const cosigned = addCosignature(note, answer, (means.witnesses[i] as PolicyWitness).key);
    // It held by itself; a note has no room for more than a hundred.
    if (!cosigned.ok) return { ...report, outcome: "refused", timeS: null, why: cosigned.why };
    note = cosigned.note;
    added += 1;
    return report;
  });
  return { note, added, witnesses };
}

interface One {
  readonly report: WitnessReport;
  /** The lines it answered with, verified. */
  readonly answer: Uint8Array | null;
}

async function askOne(means: CollectMeans, witness: PolicyWitness): Promise<One> {
  const { checkpoint, note, done, ask } = means;
  const url = witness.url === null ? null : utf8(witness.url);
  const told = (
    outcome: WitnessOutcome,
    why: string | null,
    numbers: WitnessReport["numbers"] = {},
    timeS: number | null = null,
    answer: Uint8Array | null = null,
  ): One => ({ report: { name: utf8(witness.name), url, outcome, timeS, why, numbers }, answer });

  const before = done.get(witness.name);
  if (before !== undefined) return told("kept", null, {}, before);
  if (url === null) return told("silent", "the policy names no URL for it");
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) return told("silent", `${url} is no address of HTTP`);
  const known = means.acknowledged(witness);
  let from = known === null || known.size > checkpoint.size ? 0 : known.size;
  for (let tries = 1; tries <= triesMax; tries++) {
    const { root, proof } = await means.proofFrom(from);
    const verdict = checkConsistency({ size: from, root }, checkpoint, proof);
    if (!verdict.ok)
      return told(
        "refused",
        `not asked: our own tree does not lead from ${from} to ${checkpoint.size}: ${verdict.why}`,
        {
          from,
          size: checkpoint.size,
        },
      );
    // Only the log's own line: what others signed is no business of this witness.
    const answer = await ask(
      url,
      formatAddCheckpoint({ oldSize: from, proof, note: ownLine(note, checkpoint.origin) }),
    );
    if (answer.status === null) return told("silent", answer.why);
    if (answer.status === 200) return judged200(means, witness, answer, told);
    if (answer.status === 422) {
      return told(
        "forked",
        `it refuses the proof from ${from} to ${checkpoint.size}, which holds by our tree: the first ${from} events that it cosigned are another history`,
        { cosigned: from, size: checkpoint.size },
      );
    }
    const size = answer.status === 409 ? sizeOf(answer) : null;
    if (size === null)
      return told("refused", `it answers ${answer.status}: ${firstLine(answer.body)}`, { status: answer.status });
    if (known !== null && size < known.size) {
      return told(
        "forgot",
        `it cosigned ${known.size} events at ${isoOf(known.timeS)}, and says now that its newest is of ${size}: it was restored or started over, and its word is worth nothing until that is explained`,
        { cosigned: known.size, says: size },
      );
    }
    if (size > checkpoint.size) {
      return told(
        "ahead",
        `it has cosigned ${size} events of this log; the newest checkpoint here is of ${checkpoint.size}`,
        { cosigned: size, size: checkpoint.size },
      );
    }
    // Version 1.0.0 of the specification says 409 where the size is the same and the root is not.
    if (size === from) {
      return told("forked", `it has cosigned another root of size ${size}`, { cosigned: size, size: checkpoint.size });
    }
    from = size;
  }
  return told("refused", `it named another size in each of ${triesMax} attempts`, { tries: triesMax });
}

function judged200(
  { note, now }: CollectMeans,
  { key }: PolicyWitness,
  { body }: WitnessAnswer,
  told: (
    outcome: WitnessOutcome,
    why: string | null,
    numbers?: WitnessReport["numbers"],
    timeS?: number | null,
    answer?: Uint8Array | null,
  ) => One,
): One {
  const cosigned = addCosignature(note, body, key);
  if (!cosigned.ok) return told("refused", cosigned.why);
  const nowS = Math.floor(now() / 1000);
  if (cosigned.timeS > nowS + clockSkewSMax) {
    return told("refused", `its cosignature is from the future: ${isoOf(cosigned.timeS)}; here it is ${isoOf(nowS)}`, {
      cosignedAt: cosigned.timeS,
      now: nowS,
    });
  }
  return told("cosigned", null, {}, cosigned.timeS, body);
}

/** The size that a 409 names. */
function sizeOf({ type, body }: WitnessAnswer): number | null {
  if (type.split(";", 1)[0]?.trim().toLowerCase() !== "text/x.tlog.size") return null;
  return parseCount(Buffer.from(body).toString("latin1").replace(/\n$/, ""));
}

function ownLine(note: Uint8Array, origin: string): Uint8Array {
  const { text, signatures } = parseNote(note);
  return formatNote({ text, signatures: signatures.filter(({ name }) => name === origin) });
}

/** A policy's texts are bytes to it. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, "latin1").toString("utf8");
}

function firstLine(body: Uint8Array): string {
  return Buffer.from(body).toString("utf8").split("\n", 1)[0]?.slice(0, 300) || "it does not say why";
}

function isoOf(timeS: number): string {
  return timeS <= 8.64e12 ? `${new Date(timeS * 1000).toISOString().slice(0, 19)}Z` : `${timeS} s`;
}
