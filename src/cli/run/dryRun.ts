/** `run dry-run`: the whole cut on an overlay, and the proof that nothing was written. */
import { dryRun } from "../../client/dryRun.js";
import type { FactData } from "../../events/facts.js";
import type { Context } from "../Context.js";
import type { ExitCode } from "../output/Problem.js";
import { marks, type Style } from "../output/style.js";
import { table } from "../output/table.js";
import { counted, grouped } from "../output/text.js";
import { findRun } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { report } from "../session/report.js";
import { signerFor } from "../session/signer.js";
import { said } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export async function dryRunTheRun(context: Context, given: string): Promise<ExitCode> {
  return await withCurrentLedger(context, async (ledger) => {
    const run = await findRun(ledger.sql, given);
    const signer = await signerFor(context, ledger, "DryRun");
    context.terminal.redraw("measuring, cutting on an overlay, measuring again …");
    const { result, proof } = await dryRun(ledger, run, signer);
    const answer = said(result, signer.principal);
    await ledger.catchUp();
    const recorded = answer.events.find(({ event }) => event.type === "DryRunRecorded")?.event.data as
      | FactData<"DryRunRecorded">
      | undefined;
    const verdict = recorded?.verdict ?? "PASS";
    report(context, answer, {
      what: `Dry run: ${verdict}`,
      json: { run, verdict, nonMutation: proof },
      lines: recorded === undefined ? [] : proofLines(recorded, context.style),
      next: await nextOf(context, ledger.sql, run),
    });
    return verdict === "PASS" ? 0 : 1;
  });
}

function proofLines({ rules, nonMutation }: FactData<"DryRunRecorded">, style: Style): string[] {
  const { before, differs, control, verdict } = nonMutation;
  const tables = Object.values(before.tables);
  const rows = tables.reduce((sum, one) => sum + one.rows, 0);
  const untouched = {
    PASS: "nothing was written",
    FAIL: `written to: ${differs.join(", ")}`,
    INCONCLUSIVE: "others wrote meanwhile; run it again",
  }[verdict];
  const mark = (good: boolean) => (good ? style.good(marks.good) : style.bad(marks.bad));
  return [
    ...table(
      [{ title: "rule" }, { title: "assertions", align: "right" }, { title: "failures", align: "right" }],
      rules.map((rule) => [
        rule.rule,
        grouped(rule.assertions),
        { text: grouped(rule.failures), paint: rule.failures === 0 ? style.faint : style.bad },
      ]),
      { style, width: undefined, indent: "     " },
    ),
    `     ${mark(verdict === "PASS")} ${untouched}: ${counted(tables.length, "table")}, ${counted(rows, "row")}, ledger size and root compared`,
    `     ${mark(control.detected)} ${control.detected ? "a change made on purpose was noticed" : "a change made on purpose was NOT noticed"}: ${control.mutation}`,
  ];
}
