/** One line per event, for people: what happened, in words. It may leave things out, never add; who needs all reads the JSON. */
import type { Fact, FactType } from "../../events/facts.js";
import { brief, counted, grouped, moment, shortId, visible } from "./text.js";

/** What an event says, in one line without its type, stream, actor and time. */
export function eventText(event: { readonly type: string; readonly data: Readonly<Record<string, unknown>> }): string {
  return visible(textOf(event as unknown as Fact) ?? "");
}

function textOf({ type, data }: Fact): string | undefined {
  switch (type) {
    case "LedgerOpened":
      return `${data.origin}, format ${data.format}`;
    case "PrincipalRegistered":
      return `${data.principal}, ${data.kind}: ${data.roles.join(", ")}${data.responsible === data.principal ? "" : ` (${data.responsible} answers for it)`}`;
    case "KeyRotated":
      return `${data.principal} now signs with ${data.key.keyid}${data.retires.length === 0 ? "" : `, no longer with ${data.retires.join(", ")}`}`;
    case "PrincipalRevoked":
      return `${data.principal}: ${data.reason}`;
    case "KeyBound":
      return `${data.keyid} is the key of ${data.principal}`;
    case "PolicyAdopted":
      return `policy ${brief(data.digest)}`;
    case "LogKeyAdopted":
      return `the log signs with ${data.vkey}${data.replaces === null ? "" : ", no longer with the key before"}`;
    case "IncarnationStarted":
      return `incarnation ${data.incarnation}: goes on from ${counted(data.here.size, "event")}, a checkpoint of ${grouped(data.lost.size)} was signed: ${data.reason}`;
    case "WriterRatified":
      return `${data.name}.v${data.version}, source ${brief(data.source)}`;
    case "WriterRetired":
      return `${data.name}.v${data.version}: ${data.reason}`;
    case "BackupRecipientsPinned":
      return data.recipients.map(({ recipient, holder }) => `${recipient.slice(0, 12)}… kept by ${holder}`).join(", ");
    case "BackupRecorded":
      return `${counted(data.size, "event")} and ${counted(data.contents, "content")} restored from ${brief(data.file)}`;
    case "ExecutionArmed":
      return `until ${moment(data.until)}: ${data.reason}`;
    case "ExecutionDisarmed":
      return `${data.run === null ? "everything" : "this run"}: ${data.reason}`;
    case "DocumentRegistered":
      return `“${data.title}”, ${counted(data.length, "byte")}`;
    case "DocumentRevised":
      return `revision ${data.revision}, ${counted(data.length, "byte")}`;
    case "DocumentClaimed":
      return `revision ${data.revision} by run ${shortId(data.run)}`;
    case "DocumentReleased":
      return `${data.outcome} by run ${shortId(data.run)}`;
    case "VersionEnacted":
      return `revision ${data.revision} by run ${shortId(data.run)}${data.supersedes === null ? "" : `, supersedes run ${shortId(data.supersedes)}`}`;
    case "VersionReverted":
      return data.restores === null ? "nothing is in force" : `run ${shortId(data.restores)} is in force again`;
    case "RunOpened":
      return `revision ${data.revision}, ${data.mode}`;
    case "TargetAssessed":
      return data.verdict === "ruling" ? "needs a ruling" : data.verdict;
    case "CutPlanned":
      return `${counted(data.units, "unit")} by ${data.grammar}/${data.profile}, ${counted(data.findings.total, "finding")}${blocking(data.findings.blocking.length)}`;
    case "DryRunRecorded":
      return `${data.verdict}: ${counted(data.units, "unit")}, ${counted(sum(data.rules.map((rule) => rule.assertions)), "assertion")}; non-mutation ${data.nonMutation.verdict}`;
    case "GateRequested":
      return `${data.gate} for ${brief(data.subject)}`;
    case "GateRuled":
      return `${data.gate} ${data.outcome} by ${data.ruledBy}: ${data.reason}`;
    case "CutStarted":
      return `under ${data.gate}, armed until ${moment(data.armedUntil)}`;
    case "UnitCut":
      return `${data.address}  [${data.span.start}, ${data.span.end})${data.transition.class === "insert" ? "" : `  ${data.transition.class}`}${data.transition.open ? ", open" : ""}`;
    case "RepealProposed":
      return `${data.address}${data.open ? ", open" : ""}`;
    case "CutExecuted":
      return `${counted(data.units, "unit")}${data.repeals === 0 ? "" : `, ${counted(data.repeals, "repeal")}`}${data.open === 0 ? "" : `, ${grouped(data.open)} open`}; root ${brief(data.draftRoot)}`;
    case "TransitionResolved":
      return `${counted(data.rows.length, "row")}: ${data.reason}`;
    case "LegBRecorded":
    case "CompensationBRecorded":
      return `${data.writer.name}.v${data.writer.version} wrote ${brief(data.recordDigest)}`;
    case "VerifyRecorded":
    case "CompensationVerified":
      return `${data.verdict}: ${counted(data.assertions, "assertion")} by ${data.writer.name}.v${data.writer.version}, ${data.by.responsible} answers`;
    case "RunReviewed":
      return data.note;
    case "RunEnacted":
      return `${counted(data.units, "unit")} under ${data.gate}`;
    case "RunHeld":
      return `${data.check}: ${data.reason}`;
    case "RedactionRequested":
      return `${counted(data.contents.length, "content")}: ${data.reason}`;
    case "RedactionRuled":
      return `${data.outcome} by ${data.ruledBy}: ${data.reason}`;
    case "ContentRedacted":
      return `erased under redaction ${shortId(data.redaction)}`;
    case "RedactionExecuted":
      return counted(data.contents, "content");
    case "HoldReleased":
    case "RunAbandoned":
      return data.reason;
    case "CompensationPlanned":
      return `${counted(data.actions, "action")}: ${data.reason}`;
    case "CompensationStarted":
      return data.gate === null ? "nothing was in force; no gate needed" : `under ${data.gate}`;
    case "UnitReverted":
      return `${data.address}, was ${data.from}`;
    case "CompensationExecuted":
      return `${counted(data.reverted, "unit")} reverted${data.restores === null ? "" : `; run ${shortId(data.restores)} restored`}`;
    case "GrantAuditRecorded":
      return `${data.verdict} at ${moment(data.at)}: ${counted(data.counts.compared, "right")} compared, ${counted(data.counts.differences, "difference")}, ${counted(data.counts.probes, "probe")}, ${grouped(data.counts.probesFailed)} failed, ${grouped(data.counts.probesNotRun)} not run`;
    case "ProofRecorded":
      return `${data.operation} ${data.verdict}: ${data.differs.length === 0 ? "nothing was written" : data.differs.join(", ")}`;
    case "CommandRefused":
      return `${data.type}: ${data.code}: ${data.message}`;
    case "CommandAnswered":
      return `${data.type}: said and done already`;
    case "DeadLetterRecorded":
      return `${data.code}: ${data.topic}/${data.partition} at ${data.offset}, ${counted(data.size, "byte")}, ${brief(data.digest)}`;
    default:
      return unknownType(type);
  }
}

/** Does not compile while a type has no words above; at run time, an event of a newer program has none. */
function unknownType(_type: Exclude<FactType, FactType>): undefined {
  return undefined;
}

function blocking(count: number): string {
  return count === 0 ? "" : `, ${grouped(count)} to acknowledge`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
