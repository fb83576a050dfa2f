/** The way back: the compensation plan, SG_C, compensation A and B, and the Verify of it. A revert is new events; nothing is removed. */
import type { FactData } from "../../events/facts.js";
import { counted, grouped } from "../output/text.js";
import { act, dataOf, type Journey, runState } from "./act.js";
import { showRecord, showVerdict, withProgress } from "./cutting.js";
import { openTheWay } from "./gate.js";
import { personWith } from "./people.js";
import { orchestratorOf } from "./planning.js";

/** What would be taken back, counted before and after. Changes nothing. */
export async function compensationPlanScene(journey: Journey): Promise<void> {
  const { screen, run, story } = journey;
  screen.step("A compensation is planned");
  if (story)
    screen.say(
      "Suppose the enactment was a mistake. Nothing is deleted: the way back is planned, approved, recorded and verified too.",
    );
  const reason = story ? "To show the way back." : "Asked for with --compensate.";
  const counts = (each: Readonly<Record<string, number>>) =>
    Object.entries(each)
      .map(([name, count]) => `${grouped(count)} ${name}`)
      .join(", ");
  await act(journey, orchestratorOf(journey), "PlanCompensation", { run, reason }, (events) => {
    const plan = dataOf<FactData<"CompensationPlanned">>(events, "CompensationPlanned");
    screen.facts([
      ["actions", `${counted(plan.actions, "unit")}, the last one first`],
      ["before", counts(plan.before)],
      ["after", counts(plan.after)],
      ["restores", plan.restores === null ? "nothing: there was no version before" : `run ${plan.restores}`],
    ]);
  });
}

/** SG_C where units are in force, then compensation A. */
export async function compensateScene(journey: Journey): Promise<void> {
  const { screen, run, people, place } = journey;
  const executor = personWith(people, ["executor"], place.keys);
  await openTheWay(journey, "Compensate", executor);
  const { units, compensation } = await runState(journey);
  screen.step("Compensation A: the units are reverted, the last one first");
  await withProgress(journey, "reverting", compensation?.reverted ?? 0, units.length, () =>
    act(journey, executor, "Compensate", { run }),
  );
}

export async function compensationBScene(journey: Journey): Promise<void> {
  const { screen, run, people, place } = journey;
  screen.step("Compensation B: the governance record of the revert");
  await act(journey, personWith(people, ["writer"], place.keys), "RecordCompensationB", { run }, (events) =>
    showRecord(journey, dataOf<FactData<"CompensationBRecorded">>(events, "CompensationBRecorded")),
  );
}

export async function verifyCompensationScene(journey: Journey): Promise<void> {
  const { screen, run, people, place } = journey;
  const { compensation } = await runState(journey);
  const verifier = personWith(people, ["verifier"], place.keys, {
    apartFrom: [compensation?.recordB?.responsible ?? ""],
  });
  screen.step("Verify of the compensation");
  await act(journey, verifier, "VerifyCompensation", { run }, (events) => {
    const record = dataOf<FactData<"CompensationVerified">>(events, "CompensationVerified");
    showRecord(journey, record);
    showVerdict(journey, record);
  });
}
