/** What clients ask for: mostly the step a run needs next, as they see it; now and then what races with it, and what nobody may. */
import type { CommandData, CommandType } from "../../commands/Command.js";
import type { RunState } from "../../commands/run/State.js";
import { planCut } from "../../src/documents/planCut.js";
import { embeddedPolicy } from "../../src/events/fields.js";
import type { Content } from "../../src/ledger/Store.js";
import { type Person, smallStatute, untouched } from "../support/governedRun.js";
import type { Random } from "./random.js";

export interface Wanted {
  readonly type: CommandType;
  readonly data: CommandData<CommandType>;
  readonly who: Person;
}

/** What a client knows and can look up. */
export interface View {
  readonly random: Random;
  readonly documents: string[];
  readonly runs: string[];
  /** The moment, in milliseconds since 1970. */
  readonly nowMs: number;
  newId(): string;
  state(run: string): Promise<RunState>;
  content(commitment: string): Promise<Content | undefined>;
  putContent(bytes: Uint8Array): Promise<string>;
}

function want<T extends CommandType>(type: T, data: CommandData<T>, who: Person): Wanted {
  return { type, data: data as CommandData<CommandType>, who };
}

export async function nextWanted(view: View): Promise<Wanted> {
  const { random, runs } = view;
  const run = random.percent(70) ? (runs.at(-1) as string) : random.pick(runs);
  return random.percent(62) ? nextStep(view, run) : disturbance(view, run);
}

async function nextStep(view: View, run: string): Promise<Wanted> {
  const { random } = view;
  const state = await view.state(run);
  if (state.held !== null && random.percent(70))
    return want("ReleaseHold", { run, reason: "looked into" }, random.pick(["bela", "vera"]));
  switch (state.phase) {
    case "opened":
      return want("AssessTarget", { run }, "otto");
    case "assessed": {
      const content = await view.content(state.content);
      const plan = planCut(content?.bytes ?? new Uint8Array());
      if (!plan.ok) throw new Error(plan.message);
      return want("PlanCut", { run, plan: plan.digest, planContent: await view.putContent(plan.bytes) }, "otto");
    }
    case "planned":
      return want("DryRun", { run, nonMutation: untouched }, "otto");
    case "rehearsed":
      return (await gated(view, state, "SG_1")) ?? cut(view, run);
    case "cutting":
      return cut(view, run);
    case "cut":
      return want("RecordLegB", { run }, "wanda");
    case "recorded":
      return want("RecordVerify", { run }, "vera");
    case "verified": {
      const rows = state.units.filter(({ address }) => state.open.has(address));
      if (rows.length === 0) return want("ReviewRun", { run, note: "reads well" }, "rhea");
      const resolved = rows.map(({ address, unit, transition }) => ({ row: address, class: transition.class, unit }));
      return want("ResolveTransition", { run, rows: resolved, reason: "as proposed" }, "rhea");
    }
    case "reviewed":
      return (await gated(view, state, "SG_2")) ?? want("EnactRun", { run }, "ada");
    case "enacted":
      if (random.percent(50)) return revised(view, state.document);
      return state.compensation === null
        ? want("PlanCompensation", { run, reason: "a mistake in the text" }, "otto")
        : ((await gated(view, state, "SG_C")) ?? want("Compensate", { run }, "otto"));
    case "compensating":
      return want("Compensate", { run }, "otto");
    case "compensated":
      return want("RecordCompensationB", { run }, "wanda");
    case "compensation-recorded":
      return want("VerifyCompensation", { run }, "vera");
    case "none":
    case "reverted":
    case "abandoned":
      return opened(view);
  }
}

/** The gate asked for, or ruled on; null once there is a good ruling. */
async function gated({ random }: View, state: RunState, kind: "SG_1" | "SG_2" | "SG_C"): Promise<Wanted | null> {
  const { run } = state;
  const gate = state.gates.filter((one) => one.kind === kind).at(-1);
  if (gate === undefined || gate.used || gate.ruling?.outcome === "rejected" || random.percent(4))
    return want("RequestGate", { run, kind }, "otto");
  if (gate.ruling !== null && random.percent(95)) return null;
  const acknowledge = kind === "SG_1" ? (state.plan?.findings.blocking ?? []).map(({ id }) => id) : [];
  const outcome = random.percent(90) ? "approved" : "rejected";
  const ruling = { run, gate: gate.gate, outcome, subject: gate.subject, acknowledge, reason: "read it" } as const;
  return want("RuleGate", ruling, random.pick(["bela", "bela", "ada", "otto"]));
}

function cut(view: View, run: string): Wanted {
  return view.random.percent(40) ? armed(view, run) : want("ExecuteCut", { run }, "otto");
}

function armed({ random, nowMs }: View, run: string): Wanted {
  const forMs = random.pick([500, 5_000, 3_600_000, 3_600_000]);
  return want("ArmExecution", { run, until: new Date(nowMs + forMs).toISOString(), reason: "today" }, "ada");
}

function opened({ random, documents, runs, newId }: View): Wanted {
  const run = newId();
  runs.push(run);
  return want(
    "OpenRun",
    { run, document: random.pick(documents), mode: random.percent(85) ? "live" : "rehearsal" },
    "otto",
  );
}

async function revised(view: View, document: string): Promise<Wanted> {
  const { random } = view;
  const text = smallStatute.toString("utf8").replace("thirty", random.pick(["twenty", "forty", "fifty"]));
  return want("ReviseDocument", { document, content: await view.putContent(Buffer.from(text)) }, "carl");
}

async function disturbance(view: View, run: string): Promise<Wanted> {
  const { random, documents } = view;
  switch (random.int(13)) {
    case 0:
    case 1:
      return want(
        "DisarmExecution",
        { run: random.percent(50) ? run : null, reason: "stop" },
        random.pick(["carl", "vera"]),
      );
    case 2:
    case 3:
      return armed(view, run);
    case 4:
    case 5:
      return want("ExecuteCut", { run }, "otto");
    case 6:
      return want("HoldRun", { run, reason: "something is odd" }, random.pick(["carl", "otto", "rhea"]));
    case 7:
      return opened(view);
    case 8: {
      const document = view.newId();
      documents.push(document);
      const content = await view.putContent(smallStatute);
      return want("RegisterDocument", { document, title: "Another", source: null, content }, "carl");
    }
    case 9:
      return revised(view, random.pick(documents));
    case 10: {
      // Every decision reads the policy: whoever adopts one is in everybody's way.
      const policy = { ...embeddedPolicy, gateHours: 1 + random.int(48) };
      return want("AdoptPolicy", { policy }, random.pick(["ada", "bela"]));
    }
    case 11:
      return random.percent(20)
        ? want("AbandonRun", { run, reason: "no longer wanted" }, "carl")
        : want("EnactRun", { run }, "otto");
    default:
      return random.percent(15)
        ? want("RevokePrincipal", { principal: random.pick(["wanda", "rhea"]), reason: "left" }, "ada")
        : want("ReleaseHold", { run, reason: "nothing was wrong" }, random.pick(["bela", "vera", "carl"]));
  }
}
