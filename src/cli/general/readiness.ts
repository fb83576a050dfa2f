/** `readiness`: the blocker matrix of a run's next step, worked out from the ledger itself at this moment. Reads only. */
import type { Matrix } from "../../../projections/readiness/matrix.js";
import { nextFrom } from "../../../projections/readiness/nextFrom.js";
import { readinessOf } from "../../projecting/readiness.js";
import { answer, type Context } from "../Context.js";
import { asTyped, messageWith, partsOf } from "../output/hint.js";
import { type ExitCode, refusedStop } from "../output/Problem.js";
import { marks, type Style } from "../output/style.js";
import { moment, pad, shortId, visible, widthOf } from "../output/text.js";
import { findRun } from "../session/find.js";
import { withReading } from "../session/reading.js";

export async function readiness(context: Context, given: string): Promise<ExitCode> {
  return await withReading(context, async ({ sql, store }) => {
    const run = await findRun(sql, given);
    const matrix = await readinessOf(store, run, context.now());
    if (matrix === null) throw refusedStop("RUN_UNKNOWN", `There is no run ${given}.`, "iu-ledger run list", { run });
    const ready = matrix.blockers.every((blocker) => blocker.status === "CLOSED");
    const next = nextFrom(matrix, run);
    answer(context, { ...matrix, blockers: matrix.blockers.map(inParts), ready, next: partsOf(next ?? "").line }, () =>
      matrixLines(matrix, next, ready, context),
    );
    return ready ? 0 : 1;
  });
}

/** In JSON `next` is the line to type or null; what else was said of it is in the message. */
function inParts(blocker: Matrix["blockers"][number]): Matrix["blockers"][number] {
  const { said, line } = partsOf(blocker.next ?? "");
  return { ...blocker, message: blocker.message === null ? null : messageWith(blocker.message, said), next: line };
}

function matrixLines(matrix: Matrix, next: string | null, ready: boolean, { style, typing }: Context): string[] {
  const where = `Run ${shortId(matrix.run)} is ${matrix.held ? `held (${matrix.phase})` : matrix.phase}`;
  if (matrix.step === null) return [`${style.strong(where)}; nothing more is to come.`];
  const width = Math.max(...matrix.blockers.map(({ name }) => widthOf(name)));
  return [
    `${style.strong(where)}; ${matrix.step} is next${ready ? ", and nothing is in its way" : ""}.`,
    ...matrix.blockers.flatMap(({ name, status, closedBy, message, holdsUntil, next: step }) => [
      `  ${markOf(status, style)} ${pad(name, width)}  ${
        status === "CLOSED"
          ? style.faint(holdsUntil === null ? "" : `until ${moment(holdsUntil)}`)
          : `${visible(message ?? "")}`
      }`.trimEnd(),
      ...(status === "CLOSED"
        ? []
        : [`    ${pad("", width)}  ${style.faint(`closed by ${closedBy}:`)} ${asTyped(step ?? "", style, typing)}`]),
    ]),
    ...(next === null ? [] : [`  ${style.faint("next")} ${asTyped(next, style, typing)}`]),
  ];
}

function markOf(status: "CLOSED" | "PARTIAL" | "OPEN", style: Style): string {
  return status === "CLOSED"
    ? style.good(marks.good)
    : status === "PARTIAL"
      ? style.open(marks.partial)
      : style.bad(marks.open);
}
