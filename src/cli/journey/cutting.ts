/** From an approved plan to units in force: the cut, its record, the Verify of it, the review, and the second gate. */

import { newestGate, type RunState, runCategory } from "../../../commands/run/State.js";
import type { FactData } from "../../events/facts.js";
import { refusedStop } from "../output/Problem.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { brief, counted, grouped, shortId, visible } from "../output/text.js";
import { act, dataOf, type Journey, readingLine, runState, signingLine } from "./act.js";
import { confirm } from "./asking.js";
import { leaveToSovereign, openTheWay, rulerOf, waitsForSovereign } from "./gate.js";
import { described, type Person, peopleWith, personWith } from "./people.js";

/** SG_1, the switch, and the cut in chunks. */
export async function cutScene(journey: Journey): Promise<void> {
  const { screen, run, people, place } = journey;
  const executor = personWith(people, ["executor"], place.keys);
  await openTheWay(journey, "ExecuteCut", executor);
  const before = await runState(journey);
  const total = before.plan?.units ?? 0;
  screen.step(before.units.length === 0 ? "The document is cut" : "The cut goes on");
  if (before.units.length > 0)
    screen.say(`${grouped(before.units.length)} of ${counted(total, "unit")} are on the ledger already.`);
  const events = await withProgress(journey, "cutting", before.units.length, total, () =>
    act(journey, executor, "ExecuteCut", { run }),
  );
  const { units, draftRoot } = dataOf<FactData<"CutExecuted">>(events, "CutExecuted");
  await act(journey, executor, "DisarmExecution", { run, reason: "the cut is done" });
  const said = draftRoot === before.dryRun?.draftRoot ? "as the dry run said" : "not what the dry run said";
  screen.say(`${counted(units, "unit")} as drafts; the Merkle root over them is ${brief(draftRoot)}, ${said}.`);
}

/** Shows how far an act is that writes so many events. */
export async function withProgress<T>(
  journey: Journey,
  label: string,
  done: number,
  total: number,
  work: () => Promise<T>,
): Promise<T> {
  const bar = progress(journey.terminal, `    ${label}`, "units");
  let count = done;
  journey.appended = (events) => {
    count += events;
    bar.update(Math.min(total, count), total);
  };
  try {
    return await work();
  } finally {
    journey.appended = () => undefined;
    bar.end();
  }
}

/** Leg B: the governance record of the cut. */
export async function legBScene(journey: Journey): Promise<void> {
  const { screen, run, people, place } = journey;
  screen.step("Leg B: the governance record of the cut");
  await act(journey, personWith(people, ["writer"], place.keys), "RecordLegB", { run }, (events) =>
    showRecord(journey, dataOf<FactData<"LegBRecorded">>(events, "LegBRecorded")),
  );
}

/** Verify: another human, another key, other software. */
export async function verifyScene(journey: Journey): Promise<void> {
  const { screen, run, people, place } = journey;
  const { legB } = await runState(journey);
  const verifier = personWith(people, ["verifier"], place.keys, { apartFrom: [legB?.responsible ?? ""] });
  screen.step("Verify: another human's key, other software, from the bytes themselves");
  await act(journey, verifier, "RecordVerify", { run }, (events) => {
    const record = dataOf<FactData<"VerifyRecorded">>(events, "VerifyRecorded");
    showRecord(journey, record);
    showVerdict(journey, record);
  });
}

type Written = Pick<FactData<"LegBRecorded">, "writer" | "recordDigest" | "writerDigest" | "by">;

/** Which pinned writer wrote it, its digests, and who answers for it. */
export function showRecord({ screen }: Journey, { writer, recordDigest, writerDigest, by }: Written): void {
  screen.facts([
    ["writer", `${writer.name}.v${writer.version}, source ${brief(writer.source)}`],
    ["record", `${brief(recordDigest)}, rolled into the writer digest ${brief(writerDigest)}`],
    ["signed", `with the key ${by.keyid}; ${by.responsible} answers for it`],
  ]);
}

/** What a Verify found. A failed one has put the run on HOLD, which the next look at the run says. */
export function showVerdict(
  { screen }: Journey,
  { verdict, assertions }: Pick<FactData<"VerifyRecorded">, "verdict" | "assertions">,
): void {
  const good = verdict === "PASS";
  screen.say(
    `${good ? marks.good : marks.bad} ${verdict}, ${counted(assertions, "assertion")}`,
    good ? screen.style.good : screen.style.bad,
  );
}

/** The review; before it, whatever of the transition no one has resolved. */
export async function reviewScene(journey: Journey): Promise<void> {
  const { screen, run, people, place } = journey;
  const state = await runState(journey);
  if (state.open.size > 0) await resolveTransition(journey, state);
  screen.step("Review");
  const reviewer = personWith(people, ["reviewer"], place.keys);
  const { rule, terminal, story } = journey;
  if (rule === null && terminal.interactive) {
    screen.say(
      `Who reviews says that the cut was read and is right. To read it: ${readingLine(journey, "unit", "list", "--run", shortId(run))}`,
    );
    if (!(await confirm(journey, `Is it? You sign as ${described(reviewer)}.`))) {
      throw refusedStop("REVIEW_WAITS", "The cut waits for its review.", `Read it, then go on with: ${journey.again}`, {
        run,
      });
    }
  } else {
    screen.say(
      story
        ? `${described(reviewer)} says that the cut was read and is right. The journey signs it with the local key.`
        : `Nobody was asked: the journey signs the review with the local key of ${described(reviewer)}. In earnest a person reads first, and reviews: ${signingLine(journey, "run", "review", shortId(run))}`,
      screen.style.open,
    );
  }
  const note = `${counted(state.units.length, "unit")}, no open rows of the transition. Recorded by the journey with the local reviewer's key.`;
  await act(journey, reviewer, "ReviewRun", { run, note });
}

/** At most this many rows go into one command. */
const rowsMax = 200;

/** Open rows: similarity proposed something, and a human says whether it is so. */
async function resolveTransition(journey: Journey, state: Readonly<RunState>): Promise<void> {
  const { screen, run, people, place, rule, terminal } = journey;
  screen.step("The transition: what became of the units in force");
  const rows = [
    ...state.units
      .filter(({ address }) => state.open.has(address))
      .map(({ address, unit, transition }) => ({ row: address, class: transition.class, unit })),
    ...state.repeals
      .filter(({ unit }) => state.open.has(unit))
      .map((repeal) => ({ row: repeal.unit, class: repeal.class, unit: repeal.unit })),
  ];
  const addresses = new Map(state.repeals.map(({ unit, address }) => [unit, address]));
  screen.say(`${counted(rows.length, "row")} could not be told by digest. Proposed:`);
  screen.table(
    [{ title: "row", shrink: true }, { title: "proposed" }, { title: "unit" }],
    rows.slice(0, 20).map((row) => [visible(addresses.get(row.row) ?? row.row), row.class, row.unit.slice(0, 8)]),
  );
  if (rows.length > 20) screen.say(`… and ${grouped(rows.length - 20)} more.`, screen.style.faint);
  const reviewer = personWith(people, ["reviewer"], place.keys, { human: true });
  const question = `Are all ${grouped(rows.length)} as proposed? You answer as ${described(reviewer)}.`;
  if (rule !== null) {
    screen.say(`--rule ${rule}: taken as proposed, and nobody was asked. This is for trying out.`, screen.style.open);
  } else if (!terminal.interactive || !(await confirm(journey, question))) {
    screen.say("A human reviewer resolves each row, then the journey goes on:");
    screen.command(readingLine(journey, "run", "show", shortId(run)));
    screen.command(journey.again);
    throw refusedStop(
      "TRANSITION_OPEN",
      `${counted(rows.length, "row")} of the transition are open.`,
      `A human resolves each: ${signingLine(journey, "run", "resolve", shortId(run))}`,
      { run, open: rows.length },
    );
  }
  const reason = rule === null ? "As proposed; read in the journey." : "As proposed, by --rule, for trying out.";
  for (let from = 0; from < rows.length; from += rowsMax) {
    await act(journey, reviewer, "ResolveTransition", { run, rows: rows.slice(from, from + rowsMax), reason });
  }
}

/** SG_2, then the version is in force. */
export async function enactScene(journey: Journey): Promise<void> {
  const { screen, run, ledger, people } = journey;
  const [sovereign] = peopleWith(people, ["sovereign"], { human: true });
  if (sovereign === undefined) return leaveToSovereign(journey, "EnactRun");
  const ruledBefore = newestGate(await runState(journey), "SG_2")?.ruling?.outcome === "approved";
  await openTheWay(journey, "EnactRun", sovereign);
  const enactor = rulerOf(journey);
  if (enactor === null || (ruledBefore && !(await mayEnact(journey, enactor)))) throw waitsForSovereign(journey);
  screen.step("Enacted");
  const events = await act(journey, enactor, "EnactRun", { run });
  const { supersedes } = dataOf<FactData<"VersionEnacted">>(events, "VersionEnacted");
  const state = await ledger.state(runCategory, run);
  screen.say(
    `${counted(state.units.length, "unit")} in force${supersedes === null ? "" : `, in the place of those of run ${supersedes}`}. One of them, as it was cut:`,
  );
  await showUnit(journey, state);
}

/** The approval was given earlier, elsewhere: that it takes effect now is asked about, not assumed. */
async function mayEnact(journey: Journey, sovereign: Person): Promise<boolean> {
  if (journey.rule !== null) return true;
  return confirm(journey, `SG_2 is approved. Enact it now, as ${described(sovereign)}?`);
}

/** One unit's text as it is in force: a piece of the middle, short enough to read. */
async function showUnit({ screen, ledger }: Journey, state: Readonly<RunState>): Promise<void> {
  const content = await ledger.content(state.content);
  if (content === undefined) return;
  const parents = new Set(state.units.map(({ parent }) => parent));
  const leaves = state.units.filter(({ address, span }) => !parents.has(address) && span.end - span.start <= 400);
  const unit = leaves[Math.floor(leaves.length / 2)] ?? state.units.at(-1);
  if (unit === undefined) return;
  const text = Buffer.from(
    content.bytes.subarray(unit.span.start, Math.min(unit.span.end, unit.span.start + 600)),
  ).toString("utf8");
  screen.gap();
  screen.facts([
    [unit.address, `bytes ${grouped(unit.span.start)} to ${grouped(unit.span.end)}`],
    ["unit", `${unit.unit} (its id stays when it moves)`],
  ]);
  screen.say(`“${visible(text)}”`, screen.style.strong);
}
