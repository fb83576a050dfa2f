/**
 * `discover`: documents of a folder or of a query, beside what the ledger has. Only looks, unless told to enter them. It holds one batch of texts
 * at a time, and tells each document as it comes.
 */
import { listPolicies } from "../../../projections/policy/queries.js";
import type { DocumentSource } from "../../discover/Found.js";
import { embeddedPolicy } from "../../events/fields.js";
import { type Context, note } from "../Context.js";
import { asTyped } from "../output/hint.js";
import type { ExitCode } from "../output/Problem.js";
import { counted, grouped } from "../output/text.js";
import { shownLedger } from "../session/ledgerUrl.js";
import { type Reading, withReading } from "../session/reading.js";
import { withCurrentLedger } from "../session/writing.js";
import { quoted } from "../words.js";
import type { Candidate, Entered } from "./Candidate.js";
import { type Entering, entering } from "./enter.js";
import { assertAcceptable, examiner } from "./examine.js";
import { knownOf } from "./known.js";
import { foundJson, foundLines, goneJson, goneLine } from "./lines.js";
import { asStop, type Opening, openingOf, type SourceWords } from "./opening.js";

export interface DiscoverWords extends SourceWords {
  readonly plan?: boolean;
  readonly all?: boolean;
  readonly accept?: readonly string[];
  readonly register?: boolean;
}

/** What is entered at once: as many, or as many bytes. */
const batchMax = { documents: 32, bytes: 8 * 1024 * 1024 } as const;

/** What became of the documents of a source. */
interface Tally extends Record<Candidate["status"] | Entered["done"], number> {
  read: number;
  gone: number;
}

/** 0: looked, or entered. 1: a finding keeps a document back, or the ledger refused one. */
export async function discover(context: Context, from: string, words: DiscoverWords): Promise<ExitCode> {
  assertAcceptable(words.accept ?? []);
  const opening = openingOf(from, words);
  if (words.register !== true) return withReading(context, (reading) => go(context, from, words, reading, opening));
  return withCurrentLedger(context, async (ledger) =>
    go(context, from, words, ledger, opening, await entering(context, ledger)),
  );
}

async function go(
  context: Context,
  from: string,
  words: DiscoverWords,
  reading: Reading,
  opening: Opening,
  enterer?: Entering,
): Promise<ExitCode> {
  const tally: Tally = {
    ...{ read: 0, gone: 0, new: 0, changed: 0, same: 0, blocked: 0 },
    ...{ registered: 0, revised: 0, refused: 0 },
  };
  context.interrupted = () => [
    enterer === undefined
      ? "Nothing was written."
      : `${counted(tally.registered, "document")} registered, ${grouped(tally.revised)} revised. The same command goes on.`,
  ];
  const policy = (await listPolicies(reading.sql))[0]?.policy ?? embeddedPolicy;
  try {
    const source = await opening(policy.contentSizeMax);
    try {
      await readAll(context, words, reading, source, tally, enterer);
      if (context.signal.aborted) return 130;
      summarise(context, source, tally, nextOf(from, words, tally), enterer);
    } finally {
      await source.close();
    }
  } catch (error) {
    throw asStop(error);
  }
  return tally.blocked > 0 || tally.refused > 0 ? 1 : 0;
}

/** Reads the source to its end, or until nobody listens any more, telling (and entering) each document. */
async function readAll(
  context: Context,
  { plan = false, accept = [], all = false }: DiscoverWords,
  { store, sql }: Reading,
  source: DocumentSource,
  tally: Tally,
  enterer: Entering | undefined,
): Promise<void> {
  const { terminal, signal } = context;
  const known = await knownOf(sql, source);
  const examine = examiner(source, known, store, { plan, accept, now: () => context.now() });
  const tell = (candidate: Candidate, entered: Entered | null) => {
    tally[candidate.status] += 1;
    if (entered !== null) tally[entered.done] += 1;
    if (context.json) terminal.out(JSON.stringify(foundJson(candidate, entered)));
    else if (all || candidate.status !== "same" || candidate.findings.length > 0)
      terminal.out(foundLines(candidate, entered, source.noun, context).join("\n"));
  };
  let batch: Candidate[] = [];
  let bytes = 0;
  const empty = async () => {
    const wanted = ({ status }: Candidate) => enterer !== undefined && (status === "new" || status === "changed");
    // All of them: what was entered is told, also when another one stops the rest.
    const outcomes = await Promise.allSettled(batch.map((one) => (wanted(one) ? enterer?.enter(one) : undefined)));
    let failure: { readonly reason: unknown } | undefined;
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.status === "fulfilled") tell(batch[index] as Candidate, outcome.value ?? null);
      else failure ??= outcome;
    }
    if (failure !== undefined) throw failure.reason;
    batch = [];
    bytes = 0;
    await terminal.flush();
  };
  for await (const found of source.read()) {
    tally.read += 1;
    if (!context.json) terminal.redraw(`${counted(tally.read, source.noun)} read …`);
    batch.push(await examine(found));
    bytes += found.bytes?.length ?? 0;
    if (batch.length >= batchMax.documents || bytes >= batchMax.bytes) await empty();
    if (signal.aborted || (terminal.closed && enterer === undefined)) return;
  }
  await empty();
  for (const one of known.unseen()) {
    tally.gone += 1;
    terminal.out(context.json ? JSON.stringify(goneJson(one)) : goneLine(one, source.noun, context));
  }
}

function summarise(
  context: Context,
  source: DocumentSource,
  tally: Tally,
  next: string | null,
  enterer: Entering | undefined,
): void {
  const { style, terminal } = context;
  const notes = source.notes();
  if (context.json) {
    const { words, noun } = source;
    const summary = { from: words, noun, ...tally, signedBy: enterer?.signer ?? null, notes, next };
    terminal.out(JSON.stringify({ summary }));
    return;
  }
  const counts = [
    `${grouped(tally.new)} new`,
    `${grouped(tally.changed)} changed`,
    `${grouped(tally.same)} the same`,
    `${grouped(tally.blocked)} blocked`,
    ...(tally.gone === 0 ? [] : [`${grouped(tally.gone)} gone`]),
  ];
  const entered = `${grouped(tally.registered)} registered, ${grouped(tally.revised)} revised, signed by`;
  terminal.out(
    [
      `${style.strong(source.words)}: ${counted(tally.read, source.noun)}, ${counts.join(", ")}`,
      ...(enterer === undefined ? [] : [`  ${entered} ${enterer.signer}`]),
      ...notes.map((line) => `  ${line}`),
      ...(next === null ? [] : [`  ${style.faint("next")} ${asTyped(next, style, context.typing)}`]),
    ].join("\n"),
  );
  if (enterer === undefined && tally.new + tally.changed > 0) note(context, "Nothing was written: this only looked.");
}

/** The line that enters what was found; or that lists what was entered. */
function nextOf(from: string, words: DiscoverWords, tally: Tally): string | null {
  if (words.register === true) return tally.registered + tally.revised > 0 ? "iu-ledger document list" : null;
  if (tally.new + tally.changed === 0) return null;
  const options = (["type", "name", "table", "id", "title", "body", "query"] as const).flatMap((option) => {
    const value = words[option];
    return value === undefined ? [] : [`--${option}`, quoted(value)];
  });
  const accepted = (words.accept ?? []).flatMap((code) => ["--accept", code]);
  return ["iu-ledger", "discover", quoted(shownLedger(from)), ...options, ...accepted, "--register"].join(" ");
}
