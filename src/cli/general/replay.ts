/** `replay`: an auditor's check of everything, on a ledger opened for reading only. Changes nothing, whatever it finds. */

import { readCheckpoints } from "../../checkpoints/stored.js";
import type { ReplayReport } from "../../replay/Check.js";
import type { KnownHead } from "../../replay/checkRoot.js";
import { compareDatabase } from "../../replay/compareDatabase.js";
import { compareProjections } from "../../replay/compareProjections.js";
import { formatReport } from "../../replay/formatReport.js";
import { replay } from "../../replay/replay.js";
import { parseCheckpoint } from "../../tlog/checkpoint.js";
import { noteSizeMax, parseNote } from "../../tlog/note.js";
import { type NoteKey, parseVkey } from "../../tlog/noteKey.js";
import { TlogError } from "../../tlog/TlogError.js";
import { answer, type Context } from "../Context.js";
import { type ExitCode, malformedStop } from "../output/Problem.js";
import { progress } from "../output/progress.js";
import { readInput } from "../readInput.js";
import { withStore } from "../session/reading.js";

export interface ReplayWords {
  readonly expect?: readonly string[];
  readonly rootKey?: string;
  readonly checkpoint?: readonly string[];
  readonly vkey?: readonly string[];
}

export async function replayLedger(
  context: Context,
  { expect = [], rootKey, checkpoint = [], vkey = [] }: ReplayWords,
): Promise<ExitCode> {
  const vkeys = vkey.map(keyOf);
  const knownCheckpoints: { note: Uint8Array; from: string }[] = [];
  for (const from of checkpoint) {
    const note = await readInput(context, from, noteSizeMax);
    assertCheckpoint(note, from);
    knownCheckpoints.push({ note, from });
  }
  const knownHeads = expect.map(headOf);
  context.interrupted = () => ["Stopped before the end: nothing was decided, and nothing was changed."];
  const report = await withStore(
    context,
    async ({ store, sql }) => {
      const { signal } = context;
      const events = progress(context.terminal, "replaying", "events");
      const tables = progress(context.terminal, "comparing", "events");
      try {
        return await replay(store, {
          signal,
          knownHeads,
          knownCheckpoints,
          vkeys,
          checkpoints: () => readCheckpoints(sql),
          now: context.now(),
          ...(rootKey === undefined ? {} : { rootKeyid: rootKey }),
          onProgress: ({ position, size }) => events.update(position, size),
          database: compareDatabase(sql),
          projections: compareProjections(store, sql, {
            signal,
            onProgress: (done, of) => tables.update(done, of),
          }),
        });
      } finally {
        tables.end();
      }
    },
    { readOnly: true },
  );
  answer(context, report, () => reportLines(report, context));
  return report.verdict === "PASS" ? 0 : 1;
}

function keyOf(words: string): NoteKey {
  try {
    return parseVkey(words);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw malformedStop("VKEY_MALFORMED", `${words}: ${error.message}.`, error.next, { given: words });
  }
}

/** `110:5674e1…` as a head that somebody kept. */
function headOf(words: string): KnownHead {
  const [, size, root] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(words) ?? [];
  if (size !== undefined && root !== undefined) return { size: Number(size), root, from: "--expect" };
  throw malformedStop(
    "HEAD_MALFORMED",
    `${words} is no head.`,
    "Write SIZE:ROOT, as an earlier replay ended: a number, a colon, 64 hex digits.",
    { given: words },
  );
}

function reportLines(report: ReplayReport, { style }: Context): string[] {
  const paint = { PASS: style.good, FAIL: style.bad, NOT_RUN: style.open };
  return formatReport(report, { verdict: (verdict, text) => paint[verdict](text), dim: style.faint });
}

/** A file that is no checkpoint says nothing about the ledger. */
function assertCheckpoint(note: Uint8Array, from: string): void {
  try {
    parseCheckpoint(parseNote(note).text);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw malformedStop(
      "CHECKPOINT_MALFORMED",
      `${from} is no checkpoint: ${error.message}.`,
      "Give a file that 'iu-ledger log checkpoint' kept, or the log published.",
    );
  }
}
