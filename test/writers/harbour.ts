/**
 * The golden run: rules of a harbour, exactly 60 units, with fixed keys, clock, salts and ids. What the writers were given at each step is
 * stored in `golden/harbour.json`, for ever; nothing here may change it, only compare with it.
 */
import { readFileSync } from "node:fs";
import { liveStateOf } from "../../commands/run/liveState.js";
import { runCategory } from "../../commands/run/State.js";
import type { Evidence, LiveState } from "../../src/writers/LiveState.js";
import { content, document, run } from "../commands/cast.js";
import { approved, enactedRun, planned, plannedRun, until, verifiedRun } from "../commands/history.js";
import type { Situation } from "../commands/scenario.js";
import { projectFile } from "../support/project.js";

export const harbour = content(readFileSync(projectFile("test", "writers", "golden", "harbour.txt")), 60);

/** Writer → the event its record is in. */
export const recordEvents = {
  legB: "LegBRecorded",
  verify: "VerifyRecorded",
  compensationB: "CompensationBRecorded",
  verifyCompensation: "CompensationVerified",
} as const;
export type WriterName = keyof typeof recordEvents;

/** The whole run by real commands: cut, recorded, verified, enacted, and all of it taken back. */
export function harbourRun(): Situation {
  const registered = until("open")
    .with(harbour)
    .after("RegisterDocument", { document, title: "Rules", source: null, content: harbour.commitment }, "ed");
  const enacted = enactedRun(verifiedRun(plannedRun(registered, run, harbour), run), run);
  const planned = enacted.after("PlanCompensation", { run, reason: "The ice came early." }, "ada");
  return approved(planned, run, "SG_C")
    .after("Compensate", { run }, "rex")
    .after("RecordCompensationB", { run }, "wanda")
    .after("VerifyCompensation", { run }, "vera");
}

/** The live state that a writer's record was made from: everything before its event. */
export function liveBefore(here: Situation, writer: WriterName): LiveState {
  const at = here.facts.findIndex(({ type }) => type === recordEvents[writer]);
  return liveStateOf(here.retold(here.facts.slice(0, at)).state(runCategory, run));
}

/** What is stored of the golden run. */
export interface Golden {
  readonly cutter: string;
  readonly salt: string;
  /** The plan's canonical text. */
  readonly plan: string;
  readonly live: Readonly<Record<WriterName, LiveState>>;
}

export const goldenFile = projectFile("test", "writers", "golden", "harbour.json");

export function golden(): Golden {
  return JSON.parse(readFileSync(goldenFile, "utf8")) as Golden;
}

/** As the run comes out now: what would be stored if it were told today. */
export function goldenOf(here: Situation): Golden {
  const { stored } = planned(harbour);
  return {
    cutter: here.state(runCategory, run).plan?.cutter ?? "",
    salt: Buffer.from(harbour.salt).toString("hex"),
    plan: Buffer.from(stored.bytes).toString("utf8"),
    live: {
      legB: liveBefore(here, "legB"),
      verify: liveBefore(here, "verify"),
      compensationB: liveBefore(here, "compensationB"),
      verifyCompensation: liveBefore(here, "verifyCompensation"),
    },
  };
}

/** What the verifying writers are shown. */
export function evidenceOf({ salt, plan }: Golden): Evidence {
  return { salt: Buffer.from(salt, "hex"), content: harbour.bytes, plan: Buffer.from(plan, "utf8") };
}
