/** `gate list`: gates and how they stand; those that wait with all they bind to. Reads only. */
import { type GateRow, listGates } from "../../../projections/gate/queries.js";
import { showRun } from "../../../projections/run_live_state/queries.js";
import type { Finding } from "../../documents/Plan.js";
import { answer, type Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { pairs } from "../output/pairs.js";
import { marks, type Paint, type Style } from "../output/style.js";
import { table } from "../output/table.js";
import { moment, shortId, visible } from "../output/text.js";
import { findRun, one } from "../session/find.js";
import { type Reading, withReading } from "../session/reading.js";
import { bindingPairs, findingsOf } from "./bindingLines.js";

export interface ListOptions {
  readonly waiting?: boolean;
}

/** A gate with what a person needs beside it. */
interface Shown extends GateRow {
  readonly documentTitle: string;
  /** The findings an approval must acknowledge. */
  readonly findings: readonly Finding[];
}

export async function listAll(
  context: Context,
  given: string | undefined,
  { waiting }: ListOptions,
): Promise<undefined> {
  await withReading(context, async (reading) => {
    const run = given === undefined ? undefined : await findRun(reading.sql, given);
    const rows = await listGates(reading.sql, context.now(), {
      ...(run === undefined ? {} : { run }),
      ...(waiting === undefined ? {} : { waiting }),
    });
    const gates: Shown[] = [];
    for (const row of rows) gates.push(await shown(reading, row));
    answer(context, { gates }, () => (gates.length === 0 ? ["No gate."] : listLines(gates, context)));
  });
  return undefined;
}

async function shown({ sql, store }: Reading, row: GateRow): Promise<Shown> {
  const run = one(await showRun(sql, row.run), "run", row.run);
  return {
    ...row,
    documentTitle: run?.documentTitle ?? "",
    findings: await findingsOf(row, store, run?.plan?.content ?? null),
  };
}

function listLines(gates: readonly Shown[], context: Context): string[] {
  const { style, terminal } = context;
  return [
    ...table(
      [
        { title: "run", paint: style.strong },
        { title: "gate" },
        { title: "status" },
        { title: "requested", optional: true },
        { title: "ruled" },
        { title: "reason", shrink: 12 },
      ],
      gates.map((gate) => [
        shortId(gate.run),
        gate.gate,
        { text: gate.status, paint: paintOf(gate.status, style) },
        `${moment(gate.requestedAt)} by ${gate.requestedBy}`,
        gate.ruling === null ? "" : `${moment(gate.ruling.ruledAt)} by ${gate.ruling.ruledBy}`,
        gate.ruling === null ? "" : visible(gate.ruling.reason),
      ]),
      { style, width: terminal.width },
    ),
    ...gates.filter(({ status }) => status === "waiting").flatMap((gate) => waitingLines(gate, context)),
  ];
}

function waitingLines(gate: Shown, { style, typing }: Context): string[] {
  return [
    "",
    `${style.strong(`${gate.gate} of run ${shortId(gate.run)}`)} waits for a sovereign; a ruling binds to exactly this:`,
    ...pairs(bindingPairs(gate, gate.documentTitle), style),
    ...gate.findings.map(({ id, message }) => `  ${style.open(marks.open)} ${id}  ${visible(message)}`),
    `  ${style.faint("next")} ${asTyped(`iu-ledger gate rule ${gate.run} ${gate.gate}`, style, typing)}`,
  ];
}

function paintOf(status: GateRow["status"], style: Style): Paint {
  if (status === "approved" || status === "used") return style.good;
  if (status === "rejected") return style.bad;
  return status === "waiting" ? style.open : style.faint;
}
