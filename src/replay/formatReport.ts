/** A replay report for people: the checks as a table, then everything that is wrong, each with its place. Plain text lines. */
import type { CheckName, CheckReport, Finding, ReplayReport, Verdict } from "./Check.js";

/** Marks a piece of text, for a terminal; the default marks nothing. */
export interface Marks {
  readonly verdict: (verdict: Verdict, text: string) => string;
  readonly dim: (text: string) => string;
}

const plain: Marks = { verdict: (_, text) => text, dim: (text) => text };

/** What each check compares, in a few words. */
export const meanings: Readonly<Record<CheckName, string>> = {
  "canonical-bytes": "every event is canonical JSON",
  schema: "every event has its type's shape",
  positions: "no event is missing or misfiled",
  chain: "each event names the one before it",
  root: "the Merkle root is the stored one",
  checkpoints: "every signed checkpoint leads to this log",
  signatures: "signed by a key and role in force",
  "state-machine": "every event was allowed, decided again",
  writers: "records are what the pinned writers write",
  content: "content and plans are what was committed to",
  projections: "tables are what the events give",
  database: "tables, triggers and views are this program's",
  copy: "the copy is what the cluster has",
};

/** The report as lines, without line ends. */
export function formatReport(report: ReplayReport, marks: Marks = plain): string[] {
  const numbers = report.checks.map(({ assertions }) => grouped(assertions));
  const widths = {
    name: Math.max(...report.checks.map(({ name }) => name.length)),
    number: Math.max(...numbers.map((number) => number.length), "compared".length),
  };
  const lines = [
    `${"check".padEnd(widths.name)}  verdict  ${"compared".padStart(widths.number)}  what`,
    ...report.checks.map((check, i) => row(check, numbers[i] as string, widths, marks)),
    "",
  ];
  for (const check of report.checks.filter(({ findings }) => findings.length > 0)) {
    lines.push(marks.verdict("FAIL", `${check.name}: ${counted(check.findings.length + check.more, "finding")}`));
    for (const finding of check.findings) lines.push(`  ${place(finding)}`, `    ${finding.rule}: ${finding.message}`);
    if (check.more > 0) lines.push(`  … and ${grouped(check.more)} more`);
    lines.push("");
  }
  lines.push(marks.verdict(report.verdict, `${label(report.verdict)}: ${conclusion(report)}`), `root ${report.root}`);
  // What passed, and still cannot know.
  for (const { verdict, note } of report.checks)
    if (verdict === "PASS" && note !== null) lines.push(marks.dim(`${note.charAt(0).toUpperCase()}${note.slice(1)}`));
  return lines;
}

function row(check: CheckReport, number: string, widths: { name: number; number: number }, marks: Marks): string {
  const verdict = marks.verdict(check.verdict, label(check.verdict).padEnd(7));
  const meaning = check.verdict !== "NOT_RUN" || check.note === null ? meanings[check.name] : marks.dim(check.note);
  return `${check.name.padEnd(widths.name)}  ${verdict}  ${number.padStart(widths.number)}  ${meaning}`;
}

function place({ position, stream, field }: Finding): string {
  const parts = [position === null ? null : `position ${position}`, stream, field].filter((part) => part !== null);
  return parts.length === 0 ? "the whole ledger" : parts.join(" · ");
}

function conclusion({ verdict, size, checks }: ReplayReport): string {
  const events = counted(size, "event");
  const wrong = checks.reduce((sum, { findings, more }) => sum + findings.length + more, 0);
  switch (verdict) {
    case "PASS":
      return `${events}, nothing wrong.`;
    case "FAIL":
      return `${events}, ${counted(wrong, "finding")}. Keep the ledger as it is; nothing was changed by looking.`;
    case "NOT_RUN": {
      const left = checks.filter((check) => check.verdict === "NOT_RUN").length;
      return size === 0
        ? "there are no events, so nothing was audited."
        : `${events}, nothing wrong found, but ${counted(left, "check")} not run.`;
    }
  }
}

function label(verdict: Verdict): string {
  return verdict === "NOT_RUN" ? "not run" : verdict;
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** 1234567 as 1,234,567. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
