/** `evidence check`: a pack against a key that was pinned, offline. Reads that file and nothing else. */
import { readPackageFile } from "../../database/packageFile.js";
import { checkEvidence, type EvidenceReport } from "../../evidence/checkEvidence.js";
import { type Evidence, readEvidence } from "../../evidence/Evidence.js";
import { shippedWriter } from "../../replay/shippedWriter.js";
import { type NoteKey, parseVkey } from "../../tlog/noteKey.js";
import { TlogError } from "../../tlog/TlogError.js";
import { answer, type Context } from "../Context.js";
import { type ExitCode, malformedStop, refusedStop } from "../output/Problem.js";
import { marks, type Style } from "../output/style.js";
import { table } from "../output/table.js";
import { counted, grouped, visible } from "../output/text.js";
import { readInput } from "../readInput.js";
import { evidencePage } from "./page.js";

export interface CheckOptions {
  readonly vkey?: string;
  readonly rootKey?: string;
}

/** A pack of a long run is larger than a document may be. */
const packSizeMax = 1024 * 1024 * 1024;

export async function checkPack(context: Context, file: string, options: CheckOptions): Promise<ExitCode> {
  const vkey = options.vkey === undefined ? undefined : keyOf(options.vkey);
  const page = await readInput(context, file, packSizeMax);
  const read = readEvidence(page);
  if (!read.ok)
    throw refusedStop(
      "EVIDENCE_MALFORMED",
      `This is no evidence that can be checked: ${read.message}.`,
      "Ask for the file again, byte for byte.",
    );
  const { evidence } = read;
  const report = await checkEvidence(evidence, {
    writerSource: shippedWriter,
    ...(vkey === undefined ? {} : { vkey }),
    ...(options.rootKey === undefined ? {} : { rootKeyid: options.rootKey }),
  });
  const pageSays = pageVerdict(evidence, page);
  const verdict = pageSays === "other" && report.verdict === "PASS" ? "FAIL" : report.verdict;
  const { ledger, origin, subject } = evidence;
  answer(context, { ...report, verdict, page: pageSays, ledger, origin, subject }, () =>
    lines(report, verdict, pageSays, evidence, context),
  );
  return verdict === "PASS" ? 0 : 1;
}

/** Whether the page that people read is the one this data makes: only the release that wrote it can tell. */
function pageVerdict(evidence: Evidence, page: Uint8Array): "same" | "other" | "of another release" {
  const { version } = JSON.parse(readPackageFile("package.json")) as { version: string };
  if (evidence.made.program !== version) return "of another release";
  try {
    return Buffer.compare(Buffer.from(evidencePage(evidence), "utf8"), page) === 0 ? "same" : "other";
  } catch {
    // Data that no page can be made of was not made into this one.
    return "other";
  }
}

function lines(
  { checks, size }: EvidenceReport,
  verdict: EvidenceReport["verdict"],
  page: ReturnType<typeof pageVerdict>,
  { subject, origin }: Evidence,
  { style, terminal }: Context,
): string[] {
  const rows = checks.map(({ name, verdict, assertions }) => [
    name,
    { text: verdict, paint: paintOf(verdict, style) },
    grouped(assertions),
  ]);
  const findings = checks.flatMap(({ name, findings }) =>
    findings.map(
      ({ position, rule, message }) =>
        `  ${name}${position === null ? "" : `, position ${position}`}: ${visible(`${rule}: ${message}`)}`,
    ),
  );
  const notes = checks.flatMap(({ note }) => (note === null ? [] : [`  ${visible(note)}`]));
  const what = subject.unit === null ? `run ${subject.runs[0]}` : `unit ${subject.unit}`;
  return [
    ...table([{ title: "check" }, { title: "verdict" }, { title: "compared", align: "right" }], rows, {
      style,
      width: terminal.width,
    }),
    "",
    ...findings,
    ...(page === "other" ? ["  page: what people read in this file is not what its data says"] : []),
    ...(page === "of another release"
      ? ["  The page was made by another release; only the data was checked: rely on what is said here."]
      : []),
    ...notes,
    verdict === "PASS"
      ? `${style.good(marks.good)} PASS: the evidence of ${what} on ${visible(origin)} holds, as of ${counted(size ?? 0, "event")}.`
      : `${style.bad(marks.bad)} ${verdict}: do not rely on this file.`,
  ];
}

function paintOf(verdict: string, style: Style) {
  return verdict === "PASS" ? style.good : verdict === "FAIL" ? style.bad : style.open;
}

function keyOf(vkey: string): NoteKey {
  try {
    return parseVkey(vkey);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw malformedStop(
      "VKEY_MALFORMED",
      `${error.message.charAt(0).toUpperCase()}${error.message.slice(1)}.`,
      error.next,
    );
  }
}
