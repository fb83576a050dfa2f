/**
 * The whole story of one run, told once with real commands: from an empty ledger to a compensated version. A scenario begins at the
 * chapter it is about.
 */
import { newestGate, runCategory } from "../../commands/run/State.js";
import { planCut } from "../../src/documents/planCut.js";
import type { NonMutation } from "../../src/events/facts.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import { writersLock } from "../../src/writers/lock.js";
import {
  charter,
  charter2,
  content,
  document,
  names,
  registrations,
  roomPolicy,
  run,
  signerOf,
  type Text,
} from "./cast.js";
import { given, type Situation } from "./scenario.js";

/** What a dry run would measure where nothing was touched. */
export const untouched: NonMutation = {
  verdict: "PASS",
  before: {
    size: 40,
    root: "ab".repeat(32),
    tables: { unit: { rows: 3, digest: "cd".repeat(32) } },
    schema: "ef".repeat(32),
  },
  after: {
    size: 40,
    root: "ab".repeat(32),
    tables: { unit: { rows: 3, digest: "cd".repeat(32) } },
    schema: "ef".repeat(32),
  },
  differs: [],
  control: { mutation: "a row of unit changed in a copy", detected: true, differs: ["unit"] },
};

/** An opened ledger with everyone on it. */
function open(): Situation {
  const sofia = publicKeyOf(signerOf("sofia").privateKey);
  let here = given().after(
    "OpenLedger",
    {
      name: "The reading room",
      origin: "ledger.example/reading-room",
      sovereign: { principal: "sofia", name: "Sofia Maar", key: sofia },
      policy: roomPolicy,
      writers: [...writersLock],
    },
    { by: "sofia", at: given().now },
  );
  for (const name of names) {
    if (name === "sofia") continue;
    const { kind, roles, responsible = name } = registrations[name];
    const key = publicKeyOf(signerOf(name).privateKey);
    here = here.after(
      "RegisterPrincipal",
      { principal: name, kind, name: `${name} of the room`, roles: [...roles], responsible, key },
      "sofia",
    );
  }
  return here;
}

/** The plan of a text, and where it is stored: the plan is content like any other. */
export function planned(
  text: Text,
  options: { grammar?: string; profile?: string } = {},
): { plan: string; planContent: string; stored: Text } {
  const outcome = planCut(text.bytes, options);
  if (!outcome.ok) throw new Error(outcome.message);
  const stored = content(outcome.bytes, 9);
  return { plan: outcome.digest, planContent: stored.commitment, stored };
}

/** A run from opened to planned. */
export function plannedRun(here: Situation, id: string, text: Text): Situation {
  const { plan, planContent, stored } = planned(text);
  return here
    .with(stored)
    .after("OpenRun", { run: id, document, mode: "live" }, "olga")
    .after("AssessTarget", { run: id }, "olga")
    .after("PlanCut", { run: id, plan, planContent }, "olga");
}

/** The newest gate of a kind, asked for by olga and approved by sam. */
export function approved(
  here: Situation,
  id: string,
  kind: "SG_1" | "SG_2" | "SG_C",
  acknowledge: string[] = [],
): Situation {
  const asked = here.after("RequestGate", { run: id, kind }, "olga");
  const gate = newestGate(asked.state(runCategory, id), kind);
  if (gate === undefined) throw new Error(`there is no gate ${kind}`);
  const ruling = {
    run: id,
    gate: gate.gate,
    outcome: "approved",
    subject: gate.subject,
    acknowledge,
    reason: "Read and agreed.",
  } as const;
  return asked.after("RuleGate", ruling, "sam");
}

export function armed(here: Situation, id: string, hours = 2): Situation {
  const until = new Date(Date.parse(here.now) + hours * 3_600_000).toISOString();
  return here.after("ArmExecution", { run: id, until, reason: "The cut is due." }, "sam");
}

/** From planned to verified. */
export function verifiedRun(here: Situation, id: string): Situation {
  return armed(approved(here.after("DryRun", { run: id, nonMutation: untouched }, "olga"), id, "SG_1"), id)
    .after("ExecuteCut", { run: id }, "rex")
    .after("RecordLegB", { run: id }, "wanda")
    .after("RecordVerify", { run: id }, "vera");
}

/** From verified, with no open rows, to enacted. */
export function enactedRun(here: Situation, id: string): Situation {
  return approved(here.after("ReviewRun", { run: id, note: "Complete and right." }, "rita"), id, "SG_2").after(
    "EnactRun",
    { run: id },
    "sam",
  );
}

export type Chapter =
  | "open"
  | "registered"
  | "opened"
  | "assessed"
  | "planned"
  | "rehearsed"
  | "requested"
  | "approved"
  | "armed"
  | "cut"
  | "recorded"
  | "verified"
  | "reviewed"
  | "approved 2"
  | "enacted"
  | "revised"
  | "compensation planned"
  | "approved C"
  | "compensated"
  | "compensation recorded"
  | "reverted";

/** The chapters in order, each from the one before it. */
const chapters: Readonly<Record<Chapter, (here: Situation) => Situation>> = {
  open,
  registered: (here) =>
    here
      .with(charter, charter2)
      .after(
        "RegisterDocument",
        { document, title: "Charter", source: "shelf/charter.txt", content: charter.commitment },
        "ed",
      ),
  opened: (here) => here.after("OpenRun", { run, document, mode: "live" }, "olga"),
  assessed: (here) => here.after("AssessTarget", { run }, "olga"),
  planned: (here) => {
    const { plan, planContent, stored } = planned(charter);
    return here.with(stored).after("PlanCut", { run, plan, planContent }, "olga");
  },
  rehearsed: (here) => here.after("DryRun", { run, nonMutation: untouched }, "olga"),
  requested: (here) => here.after("RequestGate", { run, kind: "SG_1" }, "olga"),
  approved: (here) => approved(here, run, "SG_1"),
  armed: (here) => armed(here, run),
  cut: (here) => here.after("ExecuteCut", { run }, "rex"),
  recorded: (here) => here.after("RecordLegB", { run }, "wanda"),
  verified: (here) => here.after("RecordVerify", { run }, "vera"),
  reviewed: (here) => here.after("ReviewRun", { run, note: "Complete and right." }, "rita"),
  "approved 2": (here) => approved(here, run, "SG_2"),
  enacted: (here) => here.after("EnactRun", { run }, "sam"),
  revised: (here) => here.after("ReviseDocument", { document, content: charter2.commitment }, "ed"),
  "compensation planned": (here) => here.after("PlanCompensation", { run, reason: "The oil is spilt." }, "ada"),
  "approved C": (here) => approved(here, run, "SG_C"),
  compensated: (here) => here.after("Compensate", { run }, "rex"),
  "compensation recorded": (here) => here.after("RecordCompensationB", { run }, "wanda"),
  reverted: (here) => here.after("VerifyCompensation", { run }, "vera"),
};

const told = new Map<Chapter, Situation>();

/** The story up to and with a chapter. */
export function until(chapter: Chapter): Situation {
  const order = Object.keys(chapters) as Chapter[];
  for (const [index, name] of order.entries()) {
    if (!told.has(name)) {
      const before = index === 0 ? given() : told.get(order[index - 1] as Chapter);
      told.set(name, chapters[name](before as Situation));
    }
    if (name === chapter) break;
  }
  return told.get(chapter) as Situation;
}
