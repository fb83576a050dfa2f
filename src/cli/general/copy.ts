/** `copy`: a ledger from one place to another, whatever keeps it there. The source is opened for reading only; a copy that stopped goes on. */
import { realpathSync } from "node:fs";
import { resolve } from "node:path";
import { type Copied, copyLedger } from "../../store/copyLedger.js";
import { isClusterUrl, isPostgresUrl, openStore } from "../../store/openStore.js";
import { answer, type Context } from "../Context.js";
import { type ExitCode, malformedStop, Stop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { brief, counted, grouped } from "../output/text.js";
import { ledgerUrl, shownLedger } from "../session/ledgerUrl.js";
import { quoted } from "../words.js";

export interface CopyWords {
  readonly fromPostgres?: string;
  readonly toPostgres?: string;
}

/** Where a ledger is: its URL, and of one on a cluster the database beside it. */
interface Place {
  readonly url: string;
  readonly postgres?: string;
}

function placed(url: string, postgres: string | undefined): Place {
  return { url: ledgerUrl(url), ...(postgres === undefined ? {} : { postgres }) };
}

/** The database beside a cluster that IU_POSTGRES names, where no option does. */
function standing({ config }: Context, url: string): string | undefined {
  return isClusterUrl(url) ? config.postgres : undefined;
}

/** Copies; exit code 1 where contents were missing or damaged at the source, or the target still has erased ones: the ledger itself is whole then. */
export async function copy(context: Context, from: string, to: string, options: CopyWords = {}): Promise<ExitCode> {
  const besideSource = options.fromPostgres ?? standing(context, from);
  const besideTarget = options.toPostgres ?? standing(context, to);
  const source = placed(from, besideSource);
  const target = placed(to, besideTarget);
  if (identity(source.url) === identity(target.url))
    throw malformedStop("COPY_ONTO_ITSELF", "Source and target are the same ledger.", "Name another target.", {
      ledger: shownLedger(to),
    });
  let copied = 0;
  context.interrupted = () => [
    copied === 0
      ? "Stopped before anything was copied."
      : `Stopped after ${counted(copied, "event")}. The same command again goes on there; until then the target is a ledger that ends early.`,
  ];
  const done = await withStores(source, target, async (reading, writing) => {
    const bars = {
      checking: progress(context.terminal, "checking", "events"),
      copying: progress(context.terminal, "copying", "events"),
    };
    try {
      return await copyLedger(reading, writing, {
        signal: context.signal,
        onProgress({ phase, done: count, of }) {
          if (phase === "copying") copied = count;
          bars[phase].update(count, of);
        },
      });
    } finally {
      bars.copying.end();
    }
  });
  if (done.kind === "refused") {
    const { code, message, numbers, next } = done;
    throw new Stop({ code, message, numbers, next, exit: 1 });
  }
  const beside = besideTarget === undefined ? "" : ` --postgres ${quoted(shownLedger(besideTarget))}`;
  const replay = `iu-ledger replay --ledger ${quoted(shownLedger(to))}${beside} --expect ${done.size}:${done.root}`;
  const { kind: _, ...facts } = done;
  answer(context, { ...facts, warning, next: replay }, () => lines(context, done, [from, to], replay));
  return done.contents.missing + done.contents.damaged + done.contents.left > 0 ? 1 : 0;
}

const warning =
  "There are two ledgers of one identity now. Which of them goes on is your decision: let nobody write to the other, for what is written to both can never be joined again.";

function lines(context: Context, done: Copied, [from, to]: readonly [string, string], replay: string): string[] {
  const { style, typing } = context;
  const { size, root, before, since, contents } = done;
  const { present, erased, left, missing, damaged, findings } = contents;
  const parts = [
    grouped(present),
    ...(erased > 0 ? [`${grouped(erased)} erased by authority, and left so`] : []),
    ...(left > 0 ? [`${grouped(left)} erased at the source, and still in the target`] : []),
    ...(missing > 0 ? [`${grouped(missing)} missing at the source`] : []),
    ...(damaged > 0 ? [`${grouped(damaged)} damaged at the source, and left behind`] : []),
  ];
  const there =
    before === 0 ? "" : before === size ? ", all of them there before" : `, ${grouped(before)} of them there before`;
  return [
    `${style.good(marks.good)} Copied: size and root of the two are equal.`,
    ...pairs(
      [
        ["from", shownLedger(from)],
        ["to", shownLedger(to)],
        ["events", `${grouped(size)}${there}`],
        ["texts", parts.join(" · ")],
        ["root", root],
        [
          "since",
          since === 0
            ? null
            : `${counted(since, "event")} came to the source meanwhile: the same command again brings them`,
        ],
      ],
      style,
    ),
    ...findings.map(
      ({ position, content, what }) =>
        `${style.bad(marks.bad)} ${what}: content ${brief(content)}, named at position ${position}`,
    ),
    ...(left > 0
      ? [
          `${style.open(marks.open)} A copy erases nothing. Replay the target; if only the check of contents fails, erase there what is left, for each redaction that names it: ${style.command("iu-ledger redaction execute ID".replace(/^iu-ledger/, typing.program))} (ids: redaction list)`,
        ]
      : []),
    `${style.open(marks.open)} ${warning}`,
    `  ${style.faint("next")} ${style.command(replay.replace(/^iu-ledger/, typing.program))}`,
  ];
}

async function withStores<T>(
  { url: source, ...besideSource }: Place,
  { url: target, ...besideTarget }: Place,
  work: (reading: Awaited<ReturnType<typeof openStore>>, writing: Awaited<ReturnType<typeof openStore>>) => Promise<T>,
): Promise<T> {
  const reading = await openStore(source, { readOnly: true, ...besideSource });
  try {
    const writing = await openStore(target, { create: true, ...besideTarget });
    try {
      return await work(reading, writing);
    } finally {
      await writing.close();
    }
  } finally {
    await reading.close();
  }
}

/** What a place is known by: a file's own path, whatever leads to it. */
function identity(url: string): string {
  if (isPostgresUrl(url) || isClusterUrl(url)) return url;
  try {
    return realpathSync(url);
  } catch {
    return resolve(url);
  }
}
