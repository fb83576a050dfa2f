/** `evidence pack`: gathers the evidence of a run or a unit, checks it as an outsider would, and writes it. Reads the ledger only. */
import { inclusionProof } from "../../../projections/merkle_log/queries.js";
import { listUnits } from "../../../projections/unit_version/queries.js";
import { readPackageFile } from "../../database/packageFile.js";
import { checkEvidence } from "../../evidence/checkEvidence.js";
import type { Evidence } from "../../evidence/Evidence.js";
import { gather } from "../../evidence/gather.js";
import { replaceFile } from "../../files/durableFile.js";
import { shippedWriter } from "../../replay/shippedWriter.js";
import { formatVkey } from "../../tlog/noteKey.js";
import { answer, type Context } from "../Context.js";
import { newestCheckpoint } from "../log/prove.js";
import { asTyped } from "../output/hint.js";
import { cannotStop, malformedStop, refusedStop } from "../output/Problem.js";
import { marks } from "../output/style.js";
import { counted, shortId } from "../output/text.js";
import { findRun } from "../session/find.js";
import { type Reading, withReading } from "../session/reading.js";
import { findUnit } from "../unit/findUnit.js";
import { quoted } from "../words.js";
import { evidencePage } from "./page.js";

export interface PackOptions {
  readonly unit?: string;
  readonly out?: string;
}

export async function writePack(
  context: Context,
  given: string | undefined,
  { unit, out }: PackOptions,
): Promise<undefined> {
  if ((given === undefined) === (unit === undefined))
    throw malformedStop(
      "SUBJECT_MISSING",
      "The evidence is of one run, or of one unit.",
      "Name a run, or give --unit: 'iu-ledger run list' and 'iu-ledger unit list' show them.",
    );
  await withReading(context, async (reading) => {
    const { store, sql } = reading;
    const { note, checkpoint, key } = await newestCheckpoint(reading);
    const subject = await subjectOf(reading, given, unit);
    await assertUnder(reading, subject, checkpoint.size);
    const identity = await identityOf(reading);
    const evidence = await gather({
      store,
      ledger: identity,
      subject,
      checkpoint: { note, size: checkpoint.size, origin: checkpoint.origin },
      prove: (position) => inclusionProof(sql, position, checkpoint.size),
      made: {
        program: (JSON.parse(readPackageFile("package.json")) as { version: string }).version,
        node: process.version,
        platform: `${process.platform}-${process.arch}`,
      },
      signal: context.signal,
    });
    const { verdict, checks, upTo } = await checkEvidence(evidence, { vkey: key, writerSource: shippedWriter });
    if (verdict !== "PASS") {
      await assertErasedUnder(reading, evidence, checkpoint.size);
      const wrong = checks.find((check) => check.verdict !== "PASS" && check.findings.length > 0);
      throw refusedStop(
        "EVIDENCE_WRONG",
        `What the ledger gives does not hold: ${wrong?.name}: ${wrong?.findings[0]?.message}.`,
        "Stop writing, and see what was changed: iu-ledger replay",
        { check: wrong?.name ?? null },
      );
    }
    const file = out ?? `evidence-${shortId(subject.unit ?? subject.runs[0] ?? "")}.html`;
    const page = Buffer.from(evidencePage(evidence), "utf8");
    try {
      await replaceFile(file, page);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw cannotStop(
        "FILE_UNWRITABLE",
        `The evidence cannot be written to ${file}: ${why}.`,
        "Name a place with room that you may write to: --out FILE",
      );
    }
    const next = `iu-ledger evidence check ${quoted(file)} --vkey ${formatVkey(key)}`;
    const told = { size: checkpoint.size, events: evidence.events.length, contents: evidence.contents.length, upTo };
    answer(context, { file, subject, ...told, bytes: page.length, next }, () => [
      `${context.style.good(marks.good)} Evidence in ${file}: ${counted(told.events, "event")} and ${counted(told.contents, "content")}, under the checkpoint of ${counted(told.size, "event")}`,
      "  It holds the texts: it is for whoever may read them. Whoever gets it checks it with the log's key,",
      "  which they must know from elsewhere.",
      `  ${context.style.faint("next")} ${asTyped(next, context.style, context.typing)}`,
    ]);
  });
  return undefined;
}

async function subjectOf(
  { sql }: Reading,
  given: string | undefined,
  unit: string | undefined,
): Promise<Evidence["subject"]> {
  if (given !== undefined) return { runs: [await findRun(sql, given)], unit: null };
  const { unit: id } = await findUnit(sql, unit ?? "", {});
  const runs = [...new Set((await listUnits(sql, { unit: id })).map(({ run }) => run))];
  return { runs: runs.reverse(), unit: id };
}

/** The runs are on the ledger, and under the checkpoint as they stand now. */
async function assertUnder({ store }: Reading, { runs }: Evidence["subject"], size: number): Promise<void> {
  for (const run of runs) {
    const events = await store.readStream(`run-${run}`, 0);
    const newest = events.at(-1);
    if (newest === undefined)
      throw refusedStop("RUN_UNKNOWN", `There is no run ${run}.`, "iu-ledger run list", { run });
    if (newest.position >= size)
      throw refusedStop(
        "NOT_CHECKPOINTED",
        `The newest checkpoint is of ${counted(size, "event")}; run ${run} has gone on up to position ${newest.position}.`,
        "iu-ledger log checkpoint",
        { run, position: newest.position, checkpoint: size },
      );
  }
}

async function identityOf({ store }: Reading): Promise<string> {
  const [first] = await store.read(0, 1);
  const { data } = JSON.parse(Buffer.from(first?.bytes ?? "{}").toString("utf8")) as { data?: { ledger?: unknown } };
  if (typeof data?.ledger === "string") return data.ledger;
  throw cannotStop("CORRUPT", "The first event does not say which ledger this is.", "iu-ledger replay");
}

/** What has been erased since the checkpoint looks lost under it: the ledger says why, further on. */
async function assertErasedUnder({ store }: Reading, { contents }: Evidence, size: number): Promise<void> {
  for (const { commitment, bytes } of contents) {
    if (bytes !== null) continue;
    const [erased] = await store.readStream(`content-${commitment}`, 0, 1);
    if (erased === undefined || erased.position < size) continue;
    throw refusedStop(
      "NOT_CHECKPOINTED",
      `The newest checkpoint is of ${counted(size, "event")}; a text was erased by authority since, at position ${erased.position}.`,
      "iu-ledger log checkpoint",
      { position: erased.position, checkpoint: size },
    );
  }
}
