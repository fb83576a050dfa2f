/** How a journey ends: a full replay of its ledger, what is in force, what it took, and what to try next. */

import { documentCategory } from "../../../commands/document.js";
import { runCategory } from "../../../commands/run/State.js";
import { catchUp } from "../../projecting/catchUp.js";
import type { ReplayReport } from "../../replay/Check.js";
import { compareProjections } from "../../replay/compareProjections.js";
import { meanings } from "../../replay/formatReport.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { brief, counted, grouped, shortId, visible } from "../output/text.js";
import { shownLedger } from "../session/ledgerUrl.js";
import { type Journey, readingLine, runState } from "./act.js";
import { checkInterrupt } from "./interrupt.js";
import { tookText } from "./wording.js";

/** Replays the whole ledger as an auditor would, and shows every check. */
export async function replayScene(journey: Journey): Promise<ReplayReport["verdict"]> {
  const { screen, ledger, terminal, signal } = journey;
  screen.step("Replay: the whole ledger, from its first event, trusting nothing");
  const since = performance.now();
  await followUp(journey);
  const bar = progress(terminal, "    replaying", "events");
  const tables = progress(terminal, "    comparing", "events");
  let report: ReplayReport;
  try {
    report = await ledger.replay({
      signal,
      onProgress: ({ position, size }) => bar.update(position, size),
      projections: compareProjections(ledger.store, ledger.sql, {
        signal,
        onProgress: (done, of) => tables.update(done, of),
      }),
    });
  } catch (error) {
    checkInterrupt(signal);
    throw error;
  } finally {
    tables.end();
  }
  const { good, bad, open } = screen.style;
  const paints = { PASS: good, FAIL: bad, NOT_RUN: open };
  screen.table(
    [{ title: "check" }, { title: "" }, { title: "compared", align: "right" }, { title: "what", shrink: true }],
    report.checks.map(({ name, verdict, assertions }) => [
      name,
      { text: verdict === "NOT_RUN" ? "not run" : verdict, paint: paints[verdict] },
      grouped(assertions),
      meanings[name],
    ]),
  );
  for (const { name, verdict, note, findings } of report.checks) {
    if (note !== null && verdict === "NOT_RUN") screen.say(`${name}: ${note}`, open);
    for (const { position, message } of findings.slice(0, 3))
      screen.say(`${name}${position === null ? "" : ` #${position}`}: ${visible(message)}`, bad);
  }
  screen.gap();
  screen.say(
    `${report.verdict === "PASS" ? marks.good : marks.bad} ${report.verdict}: ${counted(report.size, "event")}, root ${brief(report.root)}, ${tookText(performance.now() - since)}`,
    paints[report.verdict],
  );
  return report.verdict;
}

/** Brings the read models up to the newest event. */
async function followUp({ ledger, terminal, signal }: Journey): Promise<void> {
  const { size } = await ledger.store.head();
  const bar = progress(terminal, "    read models", "events");
  try {
    await catchUp(ledger.store, ledger.sql, { signal, onProgress: (done) => bar.update(done, size) });
  } finally {
    bar.end();
  }
  checkInterrupt(signal);
}

/** What is in force now, in a sentence, from the ledger. */
export async function inForceText({ ledger, document }: Journey): Promise<string> {
  const { enacted } = await ledger.state(documentCategory, document);
  const run = enacted.at(-1);
  if (run === undefined) return "nothing is in force: what was cut is kept, as reverted";
  const { units, revision } = await ledger.state(runCategory, run);
  return `revision ${revision} is in force, ${counted(units.length, "unit")}, by run ${run}`;
}

/** The last lines: what there is now, and three things to try. */
export async function closing(journey: Journey, ms: number, eventsBefore: number): Promise<void> {
  const { screen, place, ledger, run } = journey;
  const { size } = await ledger.store.head();
  const { units } = await runState(journey);
  screen.heading("Done", [
    ["document", await inForceText(journey)],
    [
      "ledger",
      `${shownLedger(place.ledger)}, ${counted(size, "event")}${eventsBefore > 0 ? `, ${grouped(size - eventsBefore)} of them new` : ""}`,
    ],
    ["took", `${counted(screen.steps, "step")}, ${tookText(ms)}`],
  ]);
  const unit = units[Math.floor(units.length / 2)]?.unit;
  screen.heading("Try next", []);
  screen.command(readingLine(journey, "run", "show", shortId(run)));
  if (unit !== undefined) screen.command(readingLine(journey, "unit", "history", shortId(unit)));
  screen.command(readingLine(journey, "replay"));
}

/** Where it stands, for somebody who stops in the middle. */
export async function standing(journey: Journey): Promise<string> {
  if (journey.run === "") return "No run was open yet.";
  const { phase, units, plan, compensation } = await runState(journey);
  const cut = phase === "cutting" ? `, ${grouped(units.length)} of ${counted(plan?.units ?? 0, "unit")} cut` : "";
  const back =
    phase === "compensating"
      ? `, ${grouped(compensation?.reverted ?? 0)} of ${counted(units.length, "unit")} reverted`
      : "";
  return `Run ${journey.run} is ${phase}${cut}${back}. Nothing is lost.`;
}
