/** `run plan`: assesses the target where that was not done, then plans the cut. */
import { runCategory } from "../../../commands/run/State.js";
import { planRun } from "../../client/planRun.js";
import { type Context, note } from "../Context.js";
import { findingLines, uncuttable } from "../general/plan.js";
import { cannotStop, refusedStop } from "../output/Problem.js";
import { doneLine } from "../output/result.js";
import { findRun } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { report } from "../session/report.js";
import { signerFor } from "../session/signer.js";
import { said, submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export interface PlanOptions {
  readonly grammar?: string;
  readonly profile?: string;
}

export async function planTheRun(
  context: Context,
  given: string,
  { grammar, profile }: PlanOptions,
): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    const run = await findRun(ledger.sql, given);
    const signer = await signerFor(context, ledger, "PlanCut");
    context.terminal.redraw("assessing and planning …");
    if ((await ledger.state(runCategory, run)).phase === "opened") {
      const assessed = await submit(context, ledger, "AssessTarget", { run }, { signer });
      const verdict = assessed.events[0]?.event.data["verdict"];
      if (verdict === "unsafe") {
        throw refusedStop(
          "TARGET_UNSAFE",
          "The document is no safe target; no plan was made.",
          `iu-ledger run show ${run}`,
          { run },
        );
      }
      note(
        context,
        doneLine(
          `Target assessed: ${verdict === "ruling" ? "needs a ruling" : verdict}`,
          assessed,
          context.style,
          assessed.signer,
        ),
      );
    }
    context.terminal.redraw("planning …");
    const planned = await planRun(ledger, run, signer, { grammar, profile });
    if (planned.kind === "no content") {
      throw cannotStop("CONTENT_MISSING", "The document's text is not stored.", "Restore the content from a backup.", {
        run,
      });
    }
    if (planned.kind === "uncuttable") throw uncuttable(planned.plan);
    const answer = said(planned.result, signer.principal);
    await ledger.catchUp();
    const { plan, digest, chosen } = planned.plan;
    report(context, answer, {
      what: "Cut planned",
      json: { run, planDigest: digest, chosen: chosen.why, units: plan.units.length, findings: plan.findings },
      lines: [
        ...(plan.findings.length === 0 ? [] : findingLines(plan.findings, context.style).map((line) => `  ${line}`)),
        `  ${context.style.faint(chosen.why)}`,
      ],
      next: await nextOf(context, ledger.sql, run),
    });
  });
  return undefined;
}
