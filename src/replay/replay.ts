/**
 * Replay: an auditor reads the ledger from its first event and needs nobody's word for it. Every check sees every event once, in
 * order; what is wrong is noted with position, stream, field and rule, and reading goes on. It writes nothing, and its memory does not
 * grow with the ledger. See `ReplayReport` for what the verdicts mean.
 */
import { setImmediate as breathe } from "node:timers/promises";
import { decide } from "../../commands/decide.js";
import type { Decide } from "../ledger/Decision.js";
import type { Head, Store } from "../ledger/Store.js";
import type { NoteKey } from "../tlog/noteKey.js";
import { type Check, type CheckName, checkNames, type ReplayReport, type Verdict } from "./Check.js";
import { checkBytes } from "./checkBytes.js";
import { checkChain } from "./checkChain.js";
import { checkCheckpoints } from "./checkCheckpoints.js";
import { checkContent } from "./checkContent.js";
import { checkCopy } from "./checkCopy.js";
import { type CompareDatabase, checkDatabase } from "./checkDatabase.js";
import { checkPositions } from "./checkPositions.js";
import { type CompareProjections, checkProjections } from "./checkProjections.js";
import { checkRoot, type KnownHead, rootWatch } from "./checkRoot.js";
import { checkSchema } from "./checkSchema.js";
import { checkSignatures } from "./checkSignatures.js";
import { checkStateMachine } from "./checkStateMachine.js";
import { checkTime } from "./checkTime.js";
import { checkWriters } from "./checkWriters.js";
import { contents } from "./contents.js";
import { history } from "./history.js";
import type { Leaf } from "./Leaf.js";
import { parts } from "./parts.js";
import { isCorrupt, isLost, type Lost, type ReadAhead, readLeaves } from "./readLeaves.js";
import { recordedBackups } from "./recordedBackups.js";
import { redactions } from "./redactions.js";
import { shippedWriter, writersIn } from "./shippedWriter.js";
import { streamTails } from "./streamTails.js";
import { type Counted, tally } from "./tally.js";

export interface ReplayOptions {
  /** Which checks to run; default: all that have their means. A check left out is NOT_RUN. */
  readonly checks?: readonly CheckName[];
  /** Called after each page. `position`: how many events have been looked at; `size`: how many there are. */
  readonly onProgress?: (progress: { readonly position: number; readonly size: number }) => void;
  /** Stops replay between two pages; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Heads that somebody outside the database kept: an older replay's, a checkpoint's. */
  readonly knownHeads?: readonly KnownHead[];
  /** Reads the signed checkpoints of the ledger's database (`readCheckpoints`). */
  readonly checkpoints?: () => Promise<
    readonly { readonly number: number; readonly size: number; readonly note: Uint8Array }[]
  >;
  /** Signed checkpoints that somebody kept elsewhere, and where they are from, for people. */
  readonly knownCheckpoints?: readonly { readonly note: Uint8Array; readonly from: string }[];
  /** Keys of the log that the auditor pins: those checkpoints must be signed with one of them, and the log must sign with one now. */
  readonly vkeys?: readonly NoteKey[];
  /** The auditor's clock (RFC 3339, UTC, milliseconds): no event may be of a time after it. Without it that is not looked at. */
  readonly now?: string;
  /** The id of the key the ledger must have been opened with. */
  readonly rootKeyid?: string;
  /** Rebuilds the projections in shadow and compares (`compareProjections`). Without it that check is NOT_RUN. */
  readonly projections?: CompareProjections;
  /** Compares what the database is made of with what this program makes (`compareDatabase`). Without it that check is NOT_RUN. */
  readonly database?: CompareDatabase;
  /** Decides the commands again. Default: this program's own decisions; a ledger that was written by other ones is judged by those. */
  readonly decide?: Decide;
  /** The folder with the writers' source files. Default: the one this program ships. */
  readonly writersFolder?: string | URL;
  /** How many findings of a check are kept. Default 100; all are counted. */
  readonly findingsMax?: number;
}

/** Events read at once. */
const pageSize = 2_000;

/** After so many positions in a row that cannot be read, the rest is not tried: a head may claim any size. */
const lostMax = 100_000;

/** Checks that look at states, commands or content, beside the events themselves. */
const deep: readonly CheckName[] = ["signatures", "state-machine", "writers", "content"];

/**
 * Replays a ledger as of now. Rejects with a `StoreError` only where the store cannot be read at all (locked, gone); whatever is
 * wrong with what is stored is in the report.
 */
export async function replay(store: Store, options: ReplayOptions = {}): Promise<ReplayReport> {
  const head = await readHead(store);
  const size = "unreadable" in head ? 0 : head.size;
  const wanted = new Set<CheckName>(options.checks ?? checkNames);
  const tails = streamTails(store);
  const bytes = contents(store);
  const spoken = parts(store);
  const past = history(store, bytes);
  const tallies = new Map(checkNames.map((name) => [name, tally(options.findingsMax ?? 100)]));
  const of = (name: CheckName) => tallies.get(name) as Counted;

  const knownHeads = wanted.has("root") ? [...(options.knownHeads ?? []), ...(await recordedBackups(store))] : [];
  const watch = rootWatch();
  const root = checkRoot(of("root"), head, knownHeads, watch);
  const signed = {
    stored: await storedCheckpoints(options, of("checkpoints")),
    given: options.knownCheckpoints ?? [],
    vkeys: options.vkeys ?? [],
  };
  let page: (Leaf | Lost)[] = [];
  /** Events again, for a check that looks ahead: from the page in hand where they are in it. */
  const leaves: ReadAhead = async (from, to) => {
    const first = page[0]?.position ?? 0;
    return from >= first && to <= first + page.length
      ? page.slice(from - first, to - first)
      : readLeaves(store, from, to);
  };
  const means = { history: past, contents: bytes, redactions: redactions(store), parts: spoken, store, size, leaves };
  const all: Check[] = [
    checkBytes(of("canonical-bytes")),
    checkSchema(of("schema")),
    checkPositions(of("positions"), { ...means, tails }),
    checkTime(of("positions"), { now: options.now }),
    checkChain(of("chain"), tails),
    root,
    checkCheckpoints(of("checkpoints"), { ...signed, watch }),
    checkSignatures(of("signatures"), means, { rootKeyid: options.rootKeyid }),
    checkStateMachine(of("state-machine"), { ...means, decide: options.decide ?? decide }),
    checkWriters(of("writers"), {
      ...means,
      source: options.writersFolder === undefined ? shippedWriter : writersIn(options.writersFolder),
    }),
    checkContent(of("content"), means),
    ...(options.projections === undefined ? [] : [checkProjections(of("projections"), options.projections)]),
    ...(options.database === undefined ? [] : [checkDatabase(of("database"), options.database)]),
    ...(store.copy === undefined ? [] : [checkCopy(of("copy"), store.copy, head, options.signal)]),
  ];
  // The root is always recomputed: the report names it. What the database is made of may tell why there is no head.
  const lives = (check: Check) => !("unreadable" in head) || check.name === "database" || check.name === "copy";
  const running = all.filter((check) => check === root || (wanted.has(check.name) && lives(check)));
  const withCommands = wanted.has("signatures") || wanted.has("state-machine") || wanted.has("positions");
  const withStates = deep.some((name) => wanted.has(name));

  let lostInARow = 0;
  for (let from = 0; from < size && lostInARow < lostMax; from += pageSize) {
    options.signal?.throwIfAborted();
    const to = Math.min(size, from + pageSize);
    if (withCommands) await spoken.load(from, to);
    page = await readLeaves(store, from, to);
    for (const one of page) {
      if (withCommands) spoken.enter(one.position);
      if (isLost(one)) {
        lostInARow++;
        for (const check of running) check.lost?.(one);
        continue;
      }
      lostInARow = 0;
      for (const check of running) {
        const looking = check.event?.(one);
        if (looking !== undefined) await looking;
      }
      tails.note(one);
      if (withStates) past.note(one);
    }
    options.onProgress?.({ position: to, size });
    // The database answers without ever waiting: a signal or a terminal would not get its turn.
    await breathe();
  }
  for (const check of running) await check.end?.();
  // A check that somebody stopped has compared nothing, whatever it says.
  options.signal?.throwIfAborted();

  const notes = (name: CheckName) => {
    const { withheld } = of(name).counted(wanted.has(name));
    return withheld === null ? noteOf(name, wanted, options, head) : { note: withheld, withholds: true };
  };
  const reported = checkNames.filter((name) => name !== "copy" || store.copy !== undefined);
  const checks = reported.map((name) => {
    const { assertions, findings, found, withheld, remark } = of(name).counted(wanted.has(name));
    const done = assertions > 0 && withheld === null;
    const verdict: Verdict = found > 0 ? "FAIL" : done ? "PASS" : "NOT_RUN";
    const outside = (options.knownHeads ?? []).length + (options.knownCheckpoints ?? []).length;
    const alone = name === "root" && wanted.has("root") && size > 0 && outside === 0;
    const note = verdict === "NOT_RUN" ? notes(name).note : alone ? noOutsideRoot(size, root.root()) : remark;
    return { name, verdict, assertions, findings, more: found - findings.length, note };
  });
  const failed = checks.some((check) => check.verdict === "FAIL");
  const withheld = size === 0 || checks.some((check) => check.verdict === "NOT_RUN" && notes(check.name).withholds);
  return { size, root: root.root(), verdict: failed ? "FAIL" : withheld ? "NOT_RUN" : "PASS", checks };
}

/** What no ledger can say of itself. */
function noOutsideRoot(size: number, root: string): string {
  return `no outside root was given: a tail cut off with its head, or a history rewritten with every key, cannot be noticed; keep ${size}:${root} and give it with --expect`;
}

/** Why a check compared nothing, and whether the whole is not a pass for it. */
function noteOf(
  name: CheckName,
  wanted: Set<CheckName>,
  options: ReplayOptions,
  head: Head | { readonly unreadable: string },
): { note: string; withholds: boolean } {
  if (!wanted.has(name)) return { note: "left out, as asked", withholds: true };
  if (name === "projections" && options.projections === undefined) {
    return { note: "no way to rebuild the projections was given", withholds: true };
  }
  if (name === "database" && options.database === undefined) {
    return { note: "no database was given to look at", withholds: true };
  }
  if ("unreadable" in head) return { note: "the head cannot be read, so no event can", withholds: true };
  if (head.size === 0) return { note: "there are no events", withholds: true };
  if (name === "checkpoints") return { note: "no checkpoint has been signed", withholds: false };
  if (name === "projections") return { note: "this database has no projections to compare", withholds: false };
  return { note: "nothing on this ledger for it to look at", withholds: false };
}

/** Those of the database; where they cannot be read the check is not done, and says why. */
async function storedCheckpoints({ checkpoints }: ReplayOptions, tally: Counted) {
  try {
    return (await checkpoints?.()) ?? [];
  } catch (error) {
    tally.withhold(`the signed checkpoints cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

async function readHead(store: Store): Promise<Head | { readonly unreadable: string }> {
  try {
    return await store.head();
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    return { unreadable: error.message };
  }
}
