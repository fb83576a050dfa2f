/** `evidence check`: a pack against a key that was pinned, offline. Reads that file and nothing else. */
import { readPackageFile } from "../../database/packageFile.js";
import { checkEvidence, type EvidenceReport, shownUpTo } from "../../evidence/checkEvidence.js";
import { type Evidence, readEvidence } from "../../evidence/Evidence.js";
import { shippedWriter } from "../../replay/shippedWriter.js";
import { type NoteKey, parseVkey } from "../../tlog/noteKey.js";
import { TlogError } from "../../tlog/TlogError.js";
import { answer, type Context } from "../Context.js";
import { type ExitCode, malformedStop, refusedStop } from "../output/Problem.js";
import { marks, type Style } from "../output/style.js";
import { table } from "../output/table.js";
import { grouped, visible } from "../output/text.js";
import { readInput } from "../readInput.js";
import { evidencePage } from "./page.js";

export interface CheckOptions {
  readonly vkey?: string;
  readonly rootKey?: string;
  /** Leave the page that people read unchecked. */
  readonly dataOnly?: boolean;
}

/** What is known of the page that people read. */
type PageVerdict = "same" | "other" | "of another release" | "not checked";

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
  const pageSays = options.dataOnly === true ? "not checked" : pageVerdict(evidence, page);
  const verdict = report.verdict === "PASS" ? withPage[pageSays] : report.verdict;
  const { ledger, origin, subject } = evidence;
  answer(context, { ...report, verdict, page: pageSays, ledger, origin, subject }, () =>
    lines(report, verdict, pageSays, evidence, context),
  );
  return verdict === "PASS" ? 0 : 1;
}

/** What becomes of data that holds, with a page like that: one that nobody compared vouches for nothing. */
const withPage: Readonly<Record<PageVerdict, EvidenceReport["verdict"]>> = {
  same: "PASS",
  other: "FAIL",
  "of another release": "NOT_RUN",
  "not checked": "PASS",
};

/** Whether the page that people read is the one this data makes: only the release that wrote it can tell. */
function pageVerdict(evidence: Evidence, page: Uint8Array): Exclude<PageVerdict, "not checked"> {
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
  { checks, size, runs }: EvidenceReport,
  verdict: EvidenceReport["verdict"],
  page: PageVerdict,
  { subject, origin, made }: Evidence,
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
  // How far the runs are shown stands in the last line.
  const notes = checks.flatMap(({ name, note }) => (note === null || name === "streams" ? [] : [`  ${visible(note)}`]));
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
      ? [
          `  page: not checked. It says it was made by iu-ledger ${visible(made.program)}, which is not this release: anything may stand in it.`,
          "  Check it with that release, or give --data-only and read nothing in the page.",
        ]
      : []),
    ...(page === "not checked"
      ? ["  The page was NOT checked and must not be relied on: anything may stand in it. Only what is said here was."]
      : []),
    ...notes,
    verdict === "PASS"
      ? `${style.good(marks.good)} PASS: the evidence of ${what} on ${visible(origin)} holds ${shownUpTo(runs, size)}.${subject.unit === null ? "" : " Other runs of the unit may exist."}`
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
