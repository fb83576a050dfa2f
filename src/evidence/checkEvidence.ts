/**
 * Checks a pack offline: the checkpoint under a key that was pinned, every event under the checkpoint, every stream whole up to there, and then with
 * replay's own checks bytes, chain, signatures, decisions, writers and content. What a pack cannot show, nobody can read out of it: that nothing of
 * a stream was left out after its newest event that is here, that nothing came after the checkpoint, and that no other stream says otherwise.
 */
import { decide } from "../../commands/decide.js";
import { runCategory } from "../../commands/run/State.js";
import type { Envelope } from "../events/envelope.js";
import { uuidV5 } from "../events/uuid.js";
import type { Check, CheckName, Finding, Verdict } from "../replay/Check.js";
import { checkBytes } from "../replay/checkBytes.js";
import { checkChain } from "../replay/checkChain.js";
import { checkContent } from "../replay/checkContent.js";
import { checkSchema } from "../replay/checkSchema.js";
import { checkSignatures } from "../replay/checkSignatures.js";
import { checkStateMachine } from "../replay/checkStateMachine.js";
import { checkWriters, type WriterSource } from "../replay/checkWriters.js";
import { contents } from "../replay/contents.js";
import { history } from "../replay/history.js";
import { leafOf, readingOf } from "../replay/Leaf.js";
import { parts } from "../replay/parts.js";
import { readLeaves } from "../replay/readLeaves.js";
import { redactions } from "../replay/redactions.js";
import { streamTails } from "../replay/streamTails.js";
import { type Counted, tally } from "../replay/tally.js";
import { type NoteKey, parseVkey } from "../tlog/noteKey.js";
import { checkInclusion } from "../tlog/proof.js";
import { openCheckpoint } from "../tlog/signedCheckpoint.js";
import { TlogError } from "../tlog/TlogError.js";
import { hashLeaf } from "../tlog/tree.js";
import type { Evidence } from "./Evidence.js";
import { packStore } from "./packStore.js";

const replayed = ["canonical-bytes", "schema", "chain", "signatures", "state-machine", "writers", "content"] as const;
export const evidenceCheckNames = ["checkpoint", "inclusion", "streams", ...replayed] as const;
export type EvidenceCheckName = (typeof evidenceCheckNames)[number];

export interface EvidenceReport {
  /** PASS only if every check passed; one that found nothing to look at is no pass of the whole, but for `content` and `writers`. */
  readonly verdict: Verdict;
  /** The size that the checkpoint says, or null where it cannot be relied on. */
  readonly size: number | null;
  /**
   * The newest position of the subject's runs in the pack, or null where it holds none of their events. The pack shows the runs up to there and no
   * further: the end of a stream can be left out of a pack, and the checkpoint does not tell.
   */
  readonly upTo: number | null;
  /** The same of each run of the subject, in its order. */
  readonly runs: readonly RunShown[];
  readonly checks: readonly {
    readonly name: EvidenceCheckName;
    readonly verdict: Verdict;
    readonly assertions: number;
    readonly findings: readonly Finding[];
    readonly note: string | null;
  }[];
}

export interface RunShown {
  readonly run: string;
  /** Position of its newest event in the pack, or null. */
  readonly upTo: number | null;
}

export interface CheckEvidenceOptions {
  /** The log's key, as whoever checks knows it. Without it the one the pack itself names is used, and that is said. */
  readonly vkey?: NoteKey;
  /** The id of the key the ledger was opened with, where it is known. */
  readonly rootKeyid?: string;
  readonly writerSource: WriterSource;
}

/** Checks a pack. Rejects only on a bug: what is wrong with the pack is in the report. */
export async function checkEvidence(evidence: Evidence, options: CheckEvidenceOptions): Promise<EvidenceReport> {
  const tallies = new Map(evidenceCheckNames.map((name) => [name, tally(100)]));
  const of = (name: EvidenceCheckName) => tallies.get(name) as Counted;
  const size = await checkUnder(evidence, of, options);
  checkStreams(evidence, of("streams"));
  checkParts(evidence, of("streams"));
  checkUnit(evidence, of("streams"));
  const runs = runsShown(evidence);
  const upTo = runs.reduce<number | null>(
    (newest, run) => (run.upTo === null ? newest : Math.max(newest ?? 0, run.upTo)),
    null,
  );
  if (upTo !== null) of("streams").remark(shownUpTo(runs, size));
  const store = storeOf(evidence, of("canonical-bytes"));
  if (store !== null) {
    const bytes = contents(store);
    const past = history(store, bytes);
    const spoken = parts(store);
    const tails = streamTails(store);
    const end = (evidence.events.at(-1)?.position ?? 0) + 1;
    const means = {
      history: past,
      contents: bytes,
      redactions: redactions(store),
      parts: spoken,
      leaves: (from: number, to: number) => readLeaves(store, from, to),
      size: size ?? end,
    };
    const ofAll: Check[] = [
      checkBytes(of("canonical-bytes")),
      checkSchema(of("schema")),
      checkChain(of("chain"), tails),
      checkSignatures(of("signatures"), means, { rootKeyid: options.rootKeyid }),
    ];
    // Of the other events not all is here that they were decided on, nor the texts they name.
    const ofSubject: Check[] = [
      checkStateMachine(of("state-machine"), { ...means, decide }),
      checkWriters(of("writers"), { ...means, source: options.writerSource }),
      checkContent(of("content"), means),
    ];
    const own = new Set(evidence.subject.runs.map((run) => `run-${run}`));
    const subject = new Set(
      evidence.events.flatMap(({ leaf }) => {
        const { stream, command } = JSON.parse(leaf) as { stream: string; command?: { id?: string } };
        return own.has(stream) && command?.id !== undefined ? [command.id] : [];
      }),
    );
    await spoken.load(0, Number.MAX_SAFE_INTEGER);
    for (const event of evidence.events) {
      const leaf = leafOf((await store.read(event.position, 1))[0] as never);
      spoken.enter(leaf.position);
      for (const check of ofAll) await check.event?.(leaf);
      if (subject.has(readingOf(leaf).envelope?.command.id ?? ""))
        for (const check of ofSubject) await check.event?.(leaf);
      tails.note(leaf);
      past.note(leaf);
    }
    for (const check of [...ofAll, ...ofSubject]) await check.end?.();
  }
  const checks = evidenceCheckNames.map((name) => {
    const { assertions, findings, found, withheld, remark } = of(name).counted(true);
    const verdict: Verdict = found > 0 ? "FAIL" : assertions > 0 && withheld === null ? "PASS" : "NOT_RUN";
    return { name, verdict, assertions, findings, note: withheld ?? remark };
  });
  const optional: readonly CheckName[] = ["writers", "content"];
  const missing = checks.some(({ name, verdict }) => verdict === "NOT_RUN" && !optional.includes(name as CheckName));
  const failed = checks.some(({ verdict }) => verdict === "FAIL");
  return { verdict: failed ? "FAIL" : missing ? "NOT_RUN" : "PASS", size, upTo, runs, checks };
}

/** The checkpoint, and each event under it. Answers its size, or null. */
async function checkUnder(
  evidence: Evidence,
  of: (name: EvidenceCheckName) => Counted,
  { vkey }: CheckEvidenceOptions,
): Promise<number | null> {
  const [checkpointTally, inclusion] = [of("checkpoint"), of("inclusion")];
  checkpointTally.assert();
  const wrong = (rule: string, message: string) =>
    checkpointTally.find({ position: null, stream: null, field: null, rule, message });
  const keys = vkey === undefined ? adoptedKeys(evidence) : [vkey];
  if (keys.length === 0) {
    wrong("signed", "no key of the log was given, and the pack names none");
    return null;
  }
  if (vkey === undefined) checkpointTally.remark("the log's key is the one the pack itself names: pin it with --vkey");
  const note = Buffer.from(evidence.checkpoint, "base64");
  const opened = openCheckpoint(note, { origin: evidence.origin, keys });
  if (!opened.ok) {
    wrong("signed", opened.why);
    return null;
  }
  const { checkpoint } = opened;
  for (const { position, leaf, proof } of evidence.events) {
    inclusion.assert();
    const hashes = proof.map((hash) => Buffer.from(hash, "base64"));
    const place = { index: position, hash: hashLeaf(Buffer.from(leaf, "utf8")) };
    const verdict = checkInclusion(place, checkpoint, hashes);
    if (!verdict.ok)
      inclusion.find({ position, stream: null, field: null, rule: "under the checkpoint", message: verdict.why });
  }
  return checkpoint.size;
}

/** The keys that events of the pack adopt for the log. */
function adoptedKeys({ events }: Evidence): NoteKey[] {
  return events.flatMap(({ leaf }) => {
    try {
      const { type, data } = JSON.parse(leaf) as { type?: unknown; data?: { vkey?: unknown } };
      return type === "LogKeyAdopted" && typeof data?.vkey === "string" ? [parseVkey(data.vkey)] : [];
    } catch (error) {
      if (error instanceof TlogError || error instanceof SyntaxError) return [];
      throw error;
    }
  });
}

/** Positions rise; the streams of the runs are there, and each stream is whole from its first event to the last that is here. */
function checkStreams({ events, subject, ledger, origin }: Evidence, tallied: Counted): void {
  tallied.assert();
  const first = parsedOf(events[0]?.leaf ?? "");
  if (
    events[0]?.position !== 0 ||
    first?.type !== "LedgerOpened" ||
    first.data?.ledger !== ledger ||
    first.data.origin !== origin
  ) {
    const message = `the first event of the ledger ${ledger}, ${origin}, is not in the pack`;
    tallied.find({ position: 0, stream: null, field: "data.ledger", rule: "which ledger", message });
  }
  const newest = new Map<string, number>();
  let before = -1;
  for (const { position, leaf } of events) {
    tallied.assert();
    const wrong = (field: string, message: string) =>
      tallied.find({ position, stream: null, field, rule: "streams are whole", message });
    if (position <= before) wrong("position", `it follows position ${before}`);
    before = position;
    let said: { stream?: unknown; revision?: unknown };
    try {
      said = JSON.parse(leaf) as typeof said;
    } catch {
      wrong("bytes", "it is no JSON");
      continue;
    }
    if (typeof said?.stream !== "string" || typeof said.revision !== "number") {
      wrong("stream", "it names no place in a stream");
      continue;
    }
    const expected = (newest.get(said.stream) ?? -1) + 1;
    if (said.revision !== expected)
      wrong("revision", `revision ${said.revision} of ${said.stream} stands where ${expected} must`);
    newest.set(said.stream, said.revision);
  }
  for (const run of subject.runs) {
    tallied.assert();
    if (!newest.has(`run-${run}`))
      tallied.find({
        position: null,
        stream: `run-${run}`,
        field: null,
        rule: "streams are whole",
        message: "the run is not in the pack",
      });
  }
}

/** How far the pack shows each run of its subject. */
export function runsShown({ events, subject }: Evidence): RunShown[] {
  const newest = new Map(
    events.map(({ position, leaf }) => [(parsedOf(leaf) as { stream?: unknown } | undefined)?.stream, position]),
  );
  return subject.runs.map((run) => ({ run, upTo: newest.get(`run-${run}`) ?? null }));
}

/** That, in words, with what it leaves open. The size is that of the checkpoint, where it is known. */
export function shownUpTo(runs: readonly RunShown[], size: number | null): string {
  const of = size === null ? "the checkpoint" : `the checkpoint of ${size} events`;
  const [first, ...others] = runs;
  if (others.length === 0)
    return `up to position ${first?.upTo} of the run; that nothing of it was left out between ${first?.upTo} and ${of}, only somebody who has the log can say`;
  const each = runs.map(({ run, upTo }) => `position ${upTo} of run ${run}`).join(", ");
  return `up to ${each}; that nothing of them was left out between there and ${of}, only somebody who has the log can say`;
}

/** Each run of the subject cut the unit, or proposed its repeal, whatever a human made of that. */
function checkUnit({ events, subject: { runs, unit } }: Evidence, tallied: Counted): void {
  if (unit === null) return;
  for (const run of runs) {
    tallied.assert();
    const stream = `run-${run}`;
    const wrong = (message: string) =>
      tallied.find({ position: null, stream, field: null, rule: "the unit is in its runs", message });
    try {
      const state = runCategory.initial(run);
      for (const { position, leaf } of events) {
        const event = JSON.parse(leaf) as Envelope;
        if (event.stream === stream) runCategory.evolve(state, event, position);
      }
      if (![...state.units, ...state.repeals].some((one) => one.unit === unit))
        wrong(`run ${run} holds no unit ${unit}, nor its repeal`);
    } catch (error) {
      // Events of another shape: `schema` says which.
      wrong(`run ${run} cannot be followed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

interface Said {
  readonly id?: unknown;
  readonly type?: unknown;
  readonly command?: { readonly id?: unknown };
  readonly data?: { readonly ledger?: unknown; readonly origin?: unknown };
}

/** The parts of each command are the events that say they are of it, as their ids say in which order; none is missing or too many. */
function checkParts({ events, commands }: Evidence, tallied: Counted): void {
  const idOf = new Map(events.map(({ position, leaf }) => [position, parsedOf(leaf)]));
  const wrong = (position: number | null, message: string) =>
    tallied.find({ position, stream: null, field: "command", rule: "parts of commands", message });
  let claimed = 0;
  for (const { id, parts } of commands) {
    for (const [index, { position, count, last }] of parts.entries()) {
      tallied.assert();
      claimed += count;
      for (let i = 0; i < Math.min(count, events.length + 1); i++) {
        const event = idOf.get(position + i);
        if (event?.command?.id === id && event.id === uuidV5(id, `${index}/${i}`)) continue;
        wrong(position + i, `part ${index} of command ${id} claims this position; the event there is not of it`);
        break;
      }
      if (last && index < parts.length - 1) wrong(position, `part ${index} of command ${id} is not its last`);
    }
  }
  tallied.assert();
  if (claimed !== events.length) wrong(null, `the commands claim ${claimed} events; there are ${events.length}`);
}

function parsedOf(leaf: string): Said | undefined {
  try {
    return JSON.parse(leaf) as Said;
  } catch {
    return undefined;
  }
}

function storeOf(evidence: Evidence, tallied: Counted) {
  try {
    return packStore(evidence);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tallied.assert();
    tallied.find({ position: null, stream: null, field: null, rule: "events", message });
    return null;
  }
}
