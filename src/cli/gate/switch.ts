/** `switch arm`, `disarm`, `status`: the execution switch, off but for what a sovereign armed. */
import { listSwitch } from "../../../projections/execution_switch/queries.js";
import { answer, type Context } from "../Context.js";
import { malformedStop } from "../output/Problem.js";
import { table } from "../output/table.js";
import { moment, shortId, visible } from "../output/text.js";
import { wordsFor } from "../session/ask.js";
import { findRun } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { withReading } from "../session/reading.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export interface ArmOptions {
  readonly reason?: string;
  readonly for?: number;
  readonly until?: string;
}

export interface DisarmOptions {
  readonly reason: string;
}

const hourMs = 3_600_000;

export async function arm(context: Context, given: string, options: ArmOptions): Promise<undefined> {
  if (options.for !== undefined && options.until !== undefined) {
    throw malformedStop("OPTIONS_CONTRADICT", "--for and --until both say when it ends.", "Give one of them.");
  }
  const reason = await wordsFor(context, options.reason, "reason");
  await withCurrentLedger(context, async (ledger) => {
    const run = await findRun(ledger.sql, given);
    const until = options.until ?? new Date(Date.parse(context.now()) + (options.for ?? hourMs)).toISOString();
    const said = await submit(context, ledger, "ArmExecution", { run, until, reason });
    await ledger.catchUp();
    report(context, said, {
      what: `Execution armed until ${moment(until)}`,
      json: { run, until },
      next: await nextOf(context, ledger.sql, run),
    });
  });
  return undefined;
}

export async function disarm(
  context: Context,
  given: string | undefined,
  { reason }: DisarmOptions,
): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    const run = given === undefined ? null : await findRun(ledger.sql, given);
    const said = await submit(context, ledger, "DisarmExecution", { run, reason });
    await ledger.catchUp();
    report(context, said, {
      what: run === null ? "Execution is off for everything" : "Execution is off for this run",
      json: { run },
    });
  });
  return undefined;
}

export async function status(context: Context): Promise<undefined> {
  await withReading(context, async ({ sql }) => {
    const { style, terminal } = context;
    const runs = await listSwitch(sql, context.now());
    const armed = runs.filter((row) => row.status === "armed");
    answer(context, { armed: armed.length > 0, runs }, () => [
      armed.length === 0
        ? "Execution is off."
        : style.open(
            `Execution is armed for ${armed.map(({ run }) => shortId(run)).join(", ")}; off for everything else.`,
          ),
      ...(runs.length === 0 ? [] : [""]),
      ...(runs.length === 0
        ? []
        : table(
            [
              { title: "run", paint: style.strong },
              { title: "status" },
              { title: "until" },
              { title: "armed", optional: true },
              { title: "reason", shrink: 12 },
            ],
            runs.map((row) => [
              shortId(row.run),
              { text: row.status, paint: row.status === "armed" ? style.open : style.faint },
              moment(row.untilAt),
              `${moment(row.armedAt)} by ${row.armedBy}`,
              visible(row.disarmedReason ?? row.reason),
            ]),
            { style, width: terminal.width },
          )),
    ]);
  });
  return undefined;
}
