/** `log checkpoint` and `log incarnation`: signing the log as it is, and going on where a signed checkpoint was lost. */
import { join } from "node:path";
import type { CheckpointRefused } from "../../checkpoints/Checkpointed.js";
import { checkpointLog } from "../../checkpoints/checkpointLog.js";
import { readLogHistory } from "../../checkpoints/logHistory.js";
import { parseCheckpoint } from "../../tlog/checkpoint.js";
import { parseNote } from "../../tlog/note.js";
import { answer, type Context } from "../Context.js";
import { refusedStop, type Stop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { counted } from "../output/text.js";
import { readInput } from "../readInput.js";
import { wordsFor } from "../session/ask.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withLedger } from "../session/writing.js";
import { logSigner, outsidePlace } from "./logPlace.js";

export interface CheckpointOptions {
  readonly full?: boolean;
  readonly outside?: string;
}

export interface IncarnationOptions {
  readonly reason?: string;
  readonly checkpoint?: string;
  readonly outside?: string;
}

export async function signCheckpoint(
  context: Context,
  { full = false, outside: named }: CheckpointOptions,
): Promise<undefined> {
  await withLedger(context, async (ledger) => {
    const origin = (await ledger.identity())?.origin ?? "";
    const outside = outsidePlace(context, origin, named);
    const signer = await logSigner(context, origin, await readLogHistory(ledger.store));
    const hashing = progress(context.terminal, "hashing", "events");
    const { store, sql } = ledger;
    const done = await checkpointLog({
      store,
      sql,
      origin,
      outside,
      signer,
      full,
      catchUp: () => ledger.catchUp(),
      // Loaded when asked for: it seldom is.
      vouch: async () => (await import("../../replay/vouch.js")).vouch(store),
      onProgress: (position, of) => hashing.update(position, of),
    }).finally(() => hashing.end());
    if (done.kind === "refused") throw refusalOf(done);
    const { size } = done.checkpoint;
    const root = Buffer.from(done.checkpoint.root).toString("hex");
    const note = Buffer.from(done.note).toString();
    const kept = (await outside.newest())?.file ?? join(outside.folder, "?");
    answer(
      context,
      {
        outcome: done.kind,
        origin,
        size,
        root,
        since: done.since,
        hashed: done.hashed,
        incarnation: done.incarnation,
        outside: kept,
        note,
      },
      () => [
        done.kind === "signed"
          ? `${context.style.good(marks.good)} Checkpoint signed`
          : `Nothing new: the newest checkpoint is of ${counted(size, "event")} already`,
        ...pairs(
          [
            ["log", origin],
            ["size", String(size)],
            ["root", root],
            [
              "gone on from",
              done.incarnation === null ? null : `incarnation ${done.incarnation}: an earlier checkpoint was lost`,
            ],
            ["hashed", `${counted(done.hashed, "event")} again`],
            ["outside", kept],
          ],
          context.style,
        ),
      ],
    );
  });
  return undefined;
}

export async function startIncarnation(context: Context, options: IncarnationOptions): Promise<undefined> {
  const reason = await wordsFor(context, options.reason, "reason");
  await withLedger(context, async (ledger) => {
    const origin = (await ledger.identity())?.origin ?? "";
    const note =
      options.checkpoint === undefined
        ? (await outsidePlace(context, origin, options.outside).newest())?.note
        : await readInput(context, options.checkpoint, 20_000);
    if (note === undefined) {
      throw refusedStop(
        "CHECKPOINT_MISSING",
        "There is no checkpoint outside that could be lost.",
        "Name the place with --outside, or the file with --checkpoint.",
      );
    }
    const head = await ledger.store.head();
    const checkpoint = Buffer.from(note).toString("utf8");
    const said = await submit(context, ledger, "StartIncarnation", { checkpoint, ...head, reason });
    const lost = parseCheckpoint(parseNote(note).text);
    report(context, said, {
      what: "Incarnation started",
      json: { lost: { size: lost.size, root: Buffer.from(lost.root).toString("hex") }, here: head },
      lines: ["  Whoever holds the lost checkpoint sees that the log forked, and finds this explanation on it."],
      next: "iu-ledger log checkpoint",
    });
  });
  return undefined;
}

/** A "no" to signing or publishing, for a person. */
export function refusalOf({ code, message, next, numbers }: CheckpointRefused): Stop {
  return refusedStop(code, message, next, numbers);
}
