/** `run list` and `run show`. Reads only. */
import { lifecycleCounts } from "../../../projections/lifecycle/queries.js";
import { listRevertPlans, type RevertPlanRow } from "../../../projections/revert_plan/queries.js";
import { listRuns, type RunDetail, type RunRow, showRun } from "../../../projections/run_live_state/queries.js";
import { answer, type Context } from "../Context.js";
import { asTyped, partsOf } from "../output/hint.js";
import { refusedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { marks, type Style } from "../output/style.js";
import { table } from "../output/table.js";
import { brief, counted, grouped, moment, shortId, visible } from "../output/text.js";
import { findDocument, one } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { withReading } from "../session/reading.js";

export interface ListOptions {
  readonly open?: boolean;
  readonly held?: boolean;
  readonly document?: string;
  readonly last?: number;
}

export async function listAll(context: Context, { open, held, document, last }: ListOptions): Promise<undefined> {
  await withReading(context, async ({ sql }) => {
    const found = await listRuns(sql, {
      ...(open === undefined ? {} : { open }),
      ...(held === undefined ? {} : { held }),
      ...(document === undefined ? {} : { document: await findDocument(sql, document) }),
    });
    const runs = found.slice(0, last);
    answer(context, { runs }, () =>
      runs.length === 0
        ? [asTyped("No run: iu-ledger run open DOCUMENT", context.style, context.typing)]
        : listLines(runs, context),
    );
  });
  return undefined;
}

function listLines(runs: readonly RunRow[], { style, terminal }: Context): string[] {
  return table(
    [
      { title: "run", paint: style.strong },
      { title: "document", shrink: 16 },
      { title: "revision", align: "right" },
      { title: "phase" },
      { title: "units", align: "right" },
      { title: "opened", optional: true },
      { title: "" },
    ],
    runs.map((run) => [
      shortId(run.run),
      visible(run.documentTitle),
      String(run.revision),
      phaseOf(run, style),
      unitsOf(run),
      moment(run.openedAt),
      [
        run.mode === "rehearsal" ? "rehearsal" : "",
        run.inForce ? "in force" : run.phase === "enacted" ? "superseded" : "",
        run.openRows > 0 ? counted(run.openRows, "open row") : "",
      ]
        .filter((word) => word !== "")
        .join(", "),
    ]),
    { style, width: terminal.width },
  );
}

function phaseOf({ phase, held }: RunRow, style: Style) {
  if (held) return { text: `HELD (${phase})`, paint: style.bad };
  return {
    text: phase,
    paint: phase === "enacted" ? style.good : phase === "reverted" || phase === "abandoned" ? style.faint : style.open,
  };
}

function unitsOf({ units, plannedUnits, phase }: RunRow): string {
  if (phase === "cutting") return `${grouped(units)}/${grouped(plannedUnits ?? 0)}`;
  return units > 0 ? grouped(units) : plannedUnits === null ? "" : `(${grouped(plannedUnits)})`;
}

export async function showOne(context: Context, given: string): Promise<undefined> {
  await withReading(context, async ({ sql }) => {
    const run = one(await showRun(sql, given.toLowerCase()), "run", given);
    if (run === undefined)
      throw refusedStop("RUN_UNKNOWN", `There is no run ${given}.`, "iu-ledger run list", { run: given });
    const [revertPlan = null] = await listRevertPlans(sql, run.run);
    const lifecycle = await lifecycleCounts(sql, run.run);
    const next = await nextOf(context, sql, run.run);
    answer(context, { ...run, lifecycle, revertPlan, next: partsOf(next ?? "").line }, () => [
      ...headLines(run, lifecycle, context),
      ...holdLines(run, context),
      ...assessmentLines(run, context),
      ...planLines(run, context),
      ...recordLines(run, context),
      ...compensationLines(revertPlan, context),
      ...(next === null
        ? []
        : ["", `  ${context.style.faint("next")} ${asTyped(next, context.style, context.typing)}`]),
    ]);
  });
  return undefined;
}

function headLines(run: RunDetail, lifecycle: Readonly<Record<string, number>>, { style }: Context): string[] {
  const states = Object.entries(lifecycle).filter(([, count]) => count > 0);
  const units = states.length === 0 ? null : states.map(([state, count]) => `${grouped(count)} ${state}`).join(", ");
  const { text, paint } = phaseOf(run, style);
  return [
    `${style.strong(`Run ${run.run}`)}  ${paint(text)}`,
    ...pairs(
      [
        ["document", `${visible(run.documentTitle)}, revision ${run.revision}  ${style.faint(run.document)}`],
        ["mode", run.mode],
        ["units", units],
        ["open rows", run.openRows === 0 ? null : run.openRows],
        ["root", run.draftRoot],
        ["opened", `${moment(run.openedAt)} by ${run.openedBy}`],
      ],
      style,
    ),
  ];
}

function holdLines({ hold }: RunDetail, { style }: Context): string[] {
  if (hold === null) return [];
  return [
    "",
    style.bad(`  HOLD: ${visible(hold.reason)}`),
    ...pairs(
      [
        ["check", hold.check],
        ["expected", visible(hold.expected)],
        ["actual", visible(hold.actual)],
        ["caused by", hold.causedBy],
      ],
      style,
      "    ",
    ),
  ];
}

function assessmentLines({ assessment }: RunDetail, { style }: Context): string[] {
  if (assessment === null) return [];
  const mark = (verdict: string) =>
    verdict === "safe" ? style.good(marks.good) : verdict === "unsafe" ? style.bad(marks.bad) : style.open(marks.open);
  return [
    "",
    style.strong("  Assessment"),
    ...assessment.reasons.map(({ verdict, message }) => `    ${mark(verdict)} ${visible(message)}`),
  ];
}

function planLines({ plan, plannedUnits, dryRun }: RunDetail, { style }: Context): string[] {
  if (plan === null) return [];
  const classes = Object.entries(plan.transition.classes).map(([kind, count]) => `${grouped(count)} ${kind}`);
  return [
    "",
    style.strong("  Plan"),
    ...pairs(
      [
        ["digest", plan.digest],
        ["units", `${grouped(plannedUnits ?? 0)} by ${plan.grammar}/${plan.profile}, ${plan.cutter}`],
        ["findings", plan.findings === 0 ? null : `${plan.findings}, ${plan.blocking.length} to acknowledge`],
        ["transition", plan.base === null ? null : `${classes.join(", ")}; from run ${shortId(plan.base)}`],
        ["dry run", dryRun === null ? null : `${dryRun.verdict}, non-mutation ${dryRun.nonMutation}`],
      ],
      style,
      "    ",
    ),
    ...plan.blocking.map(
      ({ id, rule, address }) =>
        `    ${style.open(marks.open)} ${id}  ${rule}${address === null ? "" : `  ${address}`}`,
    ),
  ];
}

function recordLines({ records, writerDigests }: RunDetail, { style }: Context): string[] {
  const written = (
    [
      ["leg B", records.legB, "legB"],
      ["Verify", records.verify, "verify"],
      ["comp. B", records.compensationB, "compensationB"],
    ] as const
  ).filter(([, digest]) => digest !== null);
  if (written.length === 0) return [];
  return [
    "",
    style.strong("  Records"),
    ...pairs(
      written.map(([name, digest, writer]) => [
        name,
        `${brief(digest ?? "")}  ${style.faint(`writer digest ${brief(writerDigests[writer] ?? "")}`)}`,
      ]),
      style,
      "    ",
    ),
  ];
}

function compensationLines(plan: RevertPlanRow | null, { style }: Context): string[] {
  if (plan === null) return [];
  return [
    "",
    style.strong("  Compensation"),
    ...pairs(
      [
        ["status", plan.status],
        ["reason", visible(plan.reason)],
        ["actions", `${grouped(plan.reverted)} of ${grouped(plan.actions)} done`],
        ["restores", plan.restores],
        ["plan", plan.plan],
      ],
      style,
      "    ",
    ),
  ];
}
