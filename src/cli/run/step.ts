/** The steps of a run that are one command each: who is asked, what is said when it is done, and what it means for the exit code. */
import type { CommandData, CommandType } from "../../../commands/Command.js";
import { runCategory } from "../../../commands/run/State.js";
import type { GovernedLedger } from "../../app.js";
import type { FactData } from "../../events/facts.js";
import type { Committed } from "../../ledger/Decision.js";
import type { Context } from "../Context.js";
import type { ExitCode } from "../output/Problem.js";
import { marks, type Style } from "../output/style.js";
import { visible } from "../output/text.js";
import { wordsFor } from "../session/ask.js";
import { findRun } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { report } from "../session/report.js";
import type { SignerOptions } from "../session/signer.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

/** A step's command and its words when done. `text`: the name of the field that the reason or note goes into. */
interface Step {
  readonly type: CommandType;
  readonly done: string;
  readonly text?: "reason" | "note";
}

const steps = {
  assess: { type: "AssessTarget", done: "Target assessed" },
  "leg-b": { type: "RecordLegB", done: "Leg B recorded" },
  verify: { type: "RecordVerify", done: "Verify recorded" },
  review: { type: "ReviewRun", done: "Run reviewed", text: "note" },
  enact: { type: "EnactRun", done: "Run enacted: its units are in force" },
  "compensation-b": { type: "RecordCompensationB", done: "Compensation B recorded" },
  "verify-compensation": { type: "VerifyCompensation", done: "Verify of the compensation recorded" },
  hold: { type: "HoldRun", done: "Run held", text: "reason" },
  release: { type: "ReleaseHold", done: "HOLD released", text: "reason" },
  abandon: { type: "AbandonRun", done: "Run abandoned", text: "reason" },
} as const satisfies Readonly<Record<string, Step>>;

export type StepName = keyof typeof steps;

/** Takes the step. Answers 1 when what it recorded is a no: an unsafe target, a failed Verify. */
export async function step(context: Context, name: StepName, given: string, text?: string): Promise<ExitCode> {
  const { text: field }: Step = steps[name];
  const words = field === undefined ? undefined : await wordsFor(context, text, field);
  return await withCurrentLedger(context, async (ledger) =>
    takeStep(context, ledger, name, await findRun(ledger.sql, given), words),
  );
}

/** As `step`, on an open ledger. */
export async function takeStep(
  context: Context,
  ledger: GovernedLedger,
  name: StepName,
  run: string,
  text?: string,
): Promise<ExitCode> {
  const { type, done, text: field }: Step = steps[name];
  // The table above pairs each command with its one field of text.
  const data = (field === undefined ? { run } : { run, [field]: text ?? "" }) as CommandData<CommandType>;
  context.terminal.redraw(`${name} …`);
  const said = await submit(context, ledger, type, data, await fitOf(name, ledger, run));
  await ledger.catchUp();
  const bad = said.events.some(isNo);
  report(context, said, {
    what: bad ? `${done}, and the answer is no` : done,
    json: { run },
    lines: said.events.flatMap((event) => detailsOf(event, context.style)),
    next: await nextOf(context, ledger.sql, run),
  });
  return bad ? 1 : 0;
}

/** A HOLD is released by another human than the one it stands for. */
async function fitOf(name: StepName, ledger: GovernedLedger, run: string): Promise<SignerOptions> {
  if (name !== "release") return {};
  const causedBy = (await ledger.state(runCategory, run)).held?.causedBy;
  return {
    fit: {
      test: (principal) => principal.kind === "human" && principal.principal !== causedBy,
      words: `who is human${causedBy === undefined ? "" : ` and not ${causedBy}, who caused the HOLD`}`,
    },
  };
}

function isNo({ event: { type, data } }: Committed): boolean {
  if (type === "TargetAssessed") return data["verdict"] === "unsafe";
  return (type === "VerifyRecorded" || type === "CompensationVerified") && data["verdict"] !== "PASS";
}

/** What one line cannot hold: the reasons of an assessment. */
function detailsOf({ event }: Committed, style: Style): string[] {
  if (event.type !== "TargetAssessed") return [];
  const { reasons } = event.data as FactData<"TargetAssessed">;
  const mark = { safe: style.good(marks.good), unsafe: style.bad(marks.bad), ruling: style.open(marks.open) };
  return reasons.map(({ verdict, message }) => `     ${mark[verdict]} ${visible(message)}`);
}
