/**
 * `run compensate`: two steps that stay two. `--reason` plans: pure, nothing is taken back. `--execute` carries the newest plan out: softly,
 * a `UnitReverted` for each unit. Both at once do the one after the other; where the run was enacted SG_C stands between them.
 */
import { runCategory } from "../../../commands/run/State.js";
import type { GovernedLedger } from "../../app.js";
import type { FactData } from "../../events/facts.js";
import type { Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { malformedStop } from "../output/Problem.js";
import { doneLine } from "../output/result.js";
import { grouped } from "../output/text.js";
import { findRun } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { report } from "../session/report.js";
import { type Said, submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";
import { watched } from "./cut.js";

export interface CompensateOptions {
  readonly reason?: string;
  readonly execute?: boolean;
}

export async function compensate(
  context: Context,
  given: string,
  { reason, execute }: CompensateOptions,
): Promise<undefined> {
  if (reason === undefined && execute !== true) {
    throw malformedStop(
      "STEP_MISSING",
      "Compensation has two steps: --reason TEXT plans it, --execute carries the plan out.",
      `iu-ledger run compensate ${given} --reason TEXT`,
    );
  }
  await withCurrentLedger(context, async (ledger) => {
    const run = await findRun(ledger.sql, given);
    if (reason !== undefined) {
      const planned = await submit(context, ledger, "PlanCompensation", { run, reason });
      if (execute !== true) return tellPlan(context, ledger, run, planned);
      if (!context.json)
        context.terminal.note(doneLine("Compensation planned", planned, context.style, planned.signer));
    }
    await carryOut(context, ledger, run);
  });
  return undefined;
}

async function tellPlan(context: Context, ledger: GovernedLedger, run: string, planned: Said): Promise<void> {
  await ledger.catchUp();
  const { compensation } = await ledger.state(runCategory, run);
  const fact = planned.events[0]?.event.data as FactData<"CompensationPlanned"> | undefined;
  report(context, planned, {
    what: "Compensation planned; nothing has been taken back yet",
    json: { run, compensationPlan: compensation?.plan ?? null },
    lines:
      fact === undefined
        ? []
        : [`     units now        ${counts(fact.before)}`, `     units afterwards ${counts(fact.after)}`],
    next: await nextOf(context, ledger.sql, run),
  });
}

function counts(of: Readonly<Record<string, number>>): string {
  return (
    Object.entries(of)
      .filter(([, count]) => count > 0)
      .map(([lifecycle, count]) => `${grouped(count)} ${lifecycle}`)
      .join(", ") || "none"
  );
}

async function carryOut(context: Context, ledger: GovernedLedger, run: string): Promise<void> {
  const before = await ledger.state(runCategory, run);
  const total = before.units.length;
  context.interrupted = async () => [
    `Stopped: ${grouped((await ledger.state(runCategory, run)).compensation?.reverted ?? 0)} of ${grouped(total)} units are reverted. Go on with`,
    `  ${asTyped(`iu-ledger run compensate ${run} --execute`, context.style, context.typing)}`,
  ];
  const done = await watched(context, ledger, "reverting", before.compensation?.reverted ?? 0, total, () =>
    submit(context, ledger, "Compensate", { run }),
  );
  context.interrupted = () => [];
  await ledger.catchUp();
  report(context, done, { what: "Compensation executed", json: { run }, next: await nextOf(context, ledger.sql, run) });
}
