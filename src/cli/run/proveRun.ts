/** `run prove`: a proof that an operation of a run writes nothing, told by its surfaces, and recorded. */
import { proveRun } from "../../client/proveRun.js";
import { type ProofReport, type ProvenOperation, provenOperation } from "../../events/proof.js";
import { readingRole } from "../../proving/proveOperation.js";
import { openStore } from "../../store/openStore.js";
import { answer, type Context } from "../Context.js";
import { type ExitCode, malformedStop, refusedStop } from "../output/Problem.js";
import { marks, type Style } from "../output/style.js";
import { counted, grouped, visible } from "../output/text.js";
import { findRun } from "../session/find.js";
import { ledgerUrl } from "../session/ledgerUrl.js";
import { report } from "../session/report.js";
import { signerFor } from "../session/signer.js";
import { said } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export interface ProveWords {
  readonly operation: string;
  readonly reader?: string;
  readonly record: boolean;
}

export async function proveTheRun(context: Context, given: string, words: ProveWords): Promise<ExitCode> {
  const operation = operationOf(words.operation);
  return await withCurrentLedger(context, async (ledger) => {
    const run = await findRun(ledger.sql, given);
    const signer = await signerFor(context, ledger, "RecordProof");
    context.terminal.redraw("measuring, working it out, measuring again …");
    const open = () => openStore(words.reader ?? ledgerUrl(context.ledger), { readOnly: true, role: readingRole });
    const proved = await proveRun(ledger, open, run, operation, signer, { record: words.record });
    if (proved.kind === "refused") throw refusedStop(proved.code, proved.message, proved.next, proved.numbers);
    const { report: proof, result } = proved;
    const lines = proofLines(proof, context.style);
    if (result === null) answer(context, proof, () => [`Proof of ${operation}: ${proof.verdict}`, ...lines]);
    else {
      const answered = said(result, signer.principal);
      await ledger.catchUp();
      report(context, answered, { what: `Proof of ${operation}: ${proof.verdict}`, json: { run, proof }, lines });
    }
    return proof.verdict === "PASS" ? 0 : 1;
  });
}

function operationOf(word: string): ProvenOperation {
  const parsed = provenOperation.safeParse(word);
  if (parsed.success) return parsed.data;
  throw malformedStop(
    "OPERATION_UNKNOWN",
    `--operation ${word} is none that is proven to write nothing.`,
    `Write one of ${provenOperation.options.join(", ")}.`,
  );
}

function proofLines(
  { verdict, session, before, after, differs, control, outcome }: ProofReport,
  style: Style,
): string[] {
  const mark = (good: boolean) => (good ? style.good(marks.good) : style.bad(marks.bad));
  const tables = Object.values(before.tables);
  const rows = tables.reduce((sum, one) => sum + one.rows, 0);
  const told = {
    PASS: "nothing was written",
    FAIL: differs.length === 0 ? "the comparison is blind" : `written to: ${differs.join(", ")}`,
    INCONCLUSIVE: session.readOnly ? "others wrote meanwhile; run it again" : "nothing kept it from writing",
  }[verdict];
  const counts = ({ counts: of }: typeof before) =>
    `${of.units ?? "no"} units, ${of.unitVersions ?? "no"} versions, ${of.lifecycleEntries ?? "no"} lifecycle entries`;
  const grants =
    before.locks.length + Object.keys(before.sequences).length === 0 && session.role === null
      ? "schema"
      : `schema, grants, ${counted(Object.keys(before.sequences).length, "sequence")}, ${counted(before.locks.length, "advisory lock")}`;
  return [
    `     ${mark(verdict === "PASS")} ${told}: ledger size and root, ${counted(tables.length, "table")} with ${counted(rows, "row")}, ${grants} compared`,
    `       before ${grouped(before.size)} events, ${counts(before)}`,
    `       after  ${grouped(after.size)} events, ${counts(after)}`,
    `     ${mark(session.readOnly)} it read through ${visible(session.by)}${session.role === null ? "" : ` as ${visible(session.role)}`}, and came to ${counted(outcome.facts, "fact")} that nobody recorded`,
    `     ${mark(control.detected)} ${control.detected ? "changes made on purpose were noticed" : "changes made on purpose were NOT noticed"}: ${control.mutation}`,
  ];
}
