/**
 * The sovereign gates of a journey: what a gate binds to and which findings block it are shown, then a human rules, or the journey
 * stops and says how to. Must never rule unless a person was asked here and now, or `--rule` named who approves everything.
 */
import type { CommandType } from "../../../commands/Command.js";
import { type Gate, newestGate } from "../../../commands/run/State.js";
import { type Finding, parsePlan } from "../../documents/Plan.js";
import type { GateKind } from "../../events/fields.js";
import type { Refused } from "../../ledger/Decision.js";
import { lawPairs, listingLine } from "../gate/law.js";
import { type Problem, refusedStop, type Stop } from "../output/Problem.js";
import { brief, counted, moment, shortId, visible } from "../output/text.js";
import { act, attempt, type Journey, readingLine, runState, signingLine, working } from "./act.js";
import { answer, confirm } from "./asking.js";
import { checkInterrupt } from "./interrupt.js";
import { described, type Person, peopleWith, personWith } from "./people.js";

/** The steps that a sovereign gate opens. */
export type GatedCommand = Extract<CommandType, "ExecuteCut" | "EnactRun" | "Compensate">;

const gates: Readonly<Record<GatedCommand, { readonly kind: GateKind; readonly question: string }>> = {
  ExecuteCut: { kind: "SG_1", question: "may this be cut?" },
  EnactRun: { kind: "SG_2", question: "may this come into force?" },
  Compensate: { kind: "SG_C", question: "may what is in force be taken back?" },
};

/** Does what the ledger still asks for, one thing after the other, until `command` would be accepted; or stops the journey and says why. */
export async function openTheWay(journey: Journey, command: GatedCommand, person: Person): Promise<void> {
  let last = "";
  let announced = false;
  for (;;) {
    checkInterrupt(journey.signal);
    working(journey, command);
    const decision = await journey.ledger.consider(command, { run: journey.run }, person.signer);
    if (decision.kind === "accepted") return;
    if (decision.kind === "malformed") throw new Error(`${command}: ${decision.at}: ${decision.message}`);
    // What was asked for was done, and it is asked for again: there is no point in going round.
    if (decision.code === last) throw stopOf(decision);
    last = decision.code;
    switch (decision.code) {
      case "GATE_REQUIRED":
      case "GATE_EXPIRED":
      case "GATE_USED":
      case "GATE_STALE":
        await requestGate(journey, command, decision);
        announced = true;
        break;
      case "GATE_NOT_RULED":
        if (!announced) announce(journey, command);
        await ruleGate(journey, command);
        break;
      case "EXECUTION_DISARMED":
        await arm(journey, decision);
        break;
      default:
        throw stopOf(decision);
    }
  }
}

/**
 * The same for a step that only a sovereign may do, where no sovereign's key is at hand to ask the ledger with: the gate is requested, and
 * the journey stops with what a sovereign must do.
 */
export async function leaveToSovereign(journey: Journey, command: GatedCommand): Promise<never> {
  const { kind } = gates[command];
  const gate = newestGate(await runState(journey), kind);
  if (gate?.ruling === null || gate === undefined) {
    if (gate === undefined) await requestGate(journey, command, null);
    else announce(journey, command);
    await showGate(journey, kind);
    throw waiting(journey, gateIn(await runState(journey), kind), command, []);
  }
  if (gate.ruling.outcome === "rejected") {
    const { ruledBy, reason } = gate.ruling;
    throw refusedStop("GATE_REJECTED", `${gate.gate} was rejected by ${ruledBy}: ${visible(reason)}`, rejectedNext, {
      run: journey.run,
    });
  }
  throw waitsForSovereign(journey);
}

const rejectedNext = "Mend what was rejected and request the gate again.";

/** The version is approved, and only a sovereign human may enact it. */
export function waitsForSovereign(journey: Journey): Stop {
  const { screen, run } = journey;
  screen.say("A sovereign human enacts it, then the journey goes on:");
  screen.command(sovereignLine(journey, "run", "enact", shortId(run)));
  screen.command(journey.again);
  return refusedStop("HUMAN_REQUIRED", "The version waits for a sovereign human to enact it.", "", { run });
}

function announce(journey: Journey, command: GatedCommand): void {
  const { kind, question } = gates[command];
  journey.screen.step(`${kind}: ${question}`);
}

async function requestGate(journey: Journey, command: GatedCommand, why: Refused | null): Promise<void> {
  const { kind } = gates[command];
  announce(journey, command);
  if (why !== null && why.code !== "GATE_REQUIRED") journey.screen.say(visible(why.message), journey.screen.style.open);
  const [orchestrator = personWith(journey.people, ["editor"], journey.place.keys)] = peopleWith(journey.people, [
    "orchestrator",
  ]);
  await act(journey, orchestrator, "RequestGate", { run: journey.run, kind });
}

/** What the ruling is on: everything the gate binds to, and the findings that block. */
async function showGate(journey: Journey, kind: GateKind): Promise<void> {
  const { screen } = journey;
  const gate = gateIn(await runState(journey), kind);
  screen.gap();
  screen.say("It binds to exactly this:");
  screen.grid(Object.entries(gate.binds).map(([name, value]) => [name, bound(value)] as const));
  screen.facts([
    [
      "subject",
      `${brief(gate.subject)}, the digest of all this: the ruling names it, is good once, and for nothing else.`,
    ],
  ]);
  screen.gap();
  screen.say("In words:");
  const law = await lawPairs(journey.ledger, journey.run, kind);
  screen.facts(
    law.flatMap(([name, value]) =>
      String(value)
        .split("\n")
        .map((line, i) => [i === 0 ? name : "", line] as const),
    ),
  );
  const [, ...listing] = listingLine(await runState(journey)).split(" ");
  screen.command(readingLine(journey, ...listing.map((word) => (/^[0-9a-f-]{36}$/.test(word) ? shortId(word) : word))));
  const findings = await blockingFindings(journey, gate);
  if (findings.length > 0) {
    screen.gap();
    screen.say(`${counted(findings.length, "finding")} must be acknowledged by id:`, screen.style.open);
    for (const { id, rule, address, message } of findings) {
      screen.say(`${id}  ${rule}${address === null ? "" : `  ${visible(address)}`}: ${visible(message)}`);
    }
  }
  screen.gap();
}

function bound(value: string | number | null | readonly string[]): string {
  if (value === null) return "none";
  if (typeof value === "object") return value.length === 0 ? "none" : counted(value.length, "finding");
  return typeof value === "string" && /^[0-9a-f-]{36,64}$/.test(value) ? brief(value) : visible(String(value));
}

async function blockingFindings(journey: Journey, gate: Gate): Promise<Finding[]> {
  const ids = gate.binds["findings"];
  const { plan } = await runState(journey);
  if (!Array.isArray(ids) || ids.length === 0 || plan === null) return [];
  const content = await journey.ledger.content(plan.planContent);
  const known = content === undefined ? [] : parsePlan(content.bytes).findings;
  return ids.map(
    (id) =>
      known.find((finding) => finding.id === id) ?? {
        id,
        rule: "?",
        address: null,
        message: "its text is gone",
        blocking: true,
      },
  );
}

async function ruleGate(journey: Journey, command: GatedCommand): Promise<void> {
  const { kind, question } = gates[command];
  const { screen, story, rule, place, people } = journey;
  const gate = gateIn(await runState(journey), kind);
  const findings = await blockingFindings(journey, gate);
  await showGate(journey, kind);
  const ruling = {
    run: journey.run,
    gate: gate.gate,
    subject: gate.subject,
    acknowledge: findings.map(({ id }) => id),
  };
  if (story && kind === "SG_1") {
    const agent = personWith(people, ["orchestrator"], place.keys);
    screen.say(`${described(agent)}, who asked for this gate, tries to rule on it:`);
    await attempt(journey, agent, "RuleGate", {
      ...ruling,
      outcome: "approved",
      reason: "I planned it, so it is right.",
    });
    screen.say("An agent never rules. The attempt itself is on the ledger.", screen.style.faint);
    screen.gap();
  }
  if (rule !== null) {
    const ruler = rulers(journey, gate).find(({ id }) => id === rule);
    if (ruler === undefined) throw wrongRuler(journey, gate, rule);
    screen.say(
      story
        ? `${ruler.name}, a human with a key of their own, approves.`
        : `--rule ${rule}: approved by ${described(ruler)}, and nobody was asked. This is for trying out.`,
      screen.style.open,
    );
    if (findings.length > 0) screen.say(`Acknowledged by it: ${ruling.acknowledge.join(", ")}.`, screen.style.open);
    const reason = story ? `Read and approved: ${question}` : "Approved by --rule, for trying out.";
    await act(journey, ruler, "RuleGate", { ...ruling, outcome: "approved", reason });
    return;
  }
  const [ruler] = rulers(journey, gate);
  if (!journey.terminal.interactive || ruler === undefined) throw waiting(journey, gate, command, ruling.acknowledge);
  if (command === "EnactRun") screen.say("Approving it also enacts the version, signed by you.");
  const outcome = await askOutcome(journey, gate, ruler, findings);
  if (outcome === null) throw waiting(journey, gate, command, ruling.acknowledge);
  await act(journey, ruler, "RuleGate", { ...ruling, ...outcome });
}

/** Local humans who may rule on it: sovereigns for whom, and for whose agents, it was not asked. */
function rulers({ people }: Journey, gate: Gate): Person[] {
  return peopleWith(people, ["sovereign"], { human: true, apartFrom: [gate.responsible, gate.requestedBy] });
}

type Outcome = { readonly outcome: "approved" | "rejected"; readonly reason: string; readonly acknowledge?: string[] };

/** Asks a person. Null: not now. Nothing is taken for a yes but the word itself. */
async function askOutcome(
  journey: Journey,
  gate: Gate,
  ruler: Person,
  findings: readonly Finding[],
): Promise<Outcome | null> {
  const { screen } = journey;
  screen.say(`You rule as ${described(ruler)}, with the key ${ruler.signer.keyid}.`);
  const said = await answer(journey, `${gate.gate}: approve or reject? (empty: later) `, ["approve", "reject", ""]);
  if (said === "") return null;
  if (said === "approve" && findings.length > 0) {
    if (!(await confirm(journey, `Acknowledge the ${counted(findings.length, "finding")} above, by id?`))) return null;
  }
  const reason = await answer(journey, "Reason, kept on the ledger for ever: (empty: later) ", null);
  if (reason === "") return null;
  return said === "approve" ? { outcome: "approved", reason } : { outcome: "rejected", reason, acknowledge: [] };
}

/** The switch: off until a sovereign human arms it for this run. */
async function arm(journey: Journey, refusal: Refused): Promise<void> {
  const { screen, story, people, place, ledger, run } = journey;
  const state = await runState(journey);
  screen.step("Execution is armed for this run");
  if (story) {
    const executor = personWith(people, ["executor"], place.keys);
    screen.say(
      `SG_1 is approved, but the execution switch is off, as it is until a sovereign arms it. ${described(executor)} tries to cut anyway:`,
    );
    await attempt(journey, executor, "ExecuteCut", { run });
    screen.gap();
  }
  const person = rulerOf(journey);
  const until = new Date(Date.parse(ledger.now()) + 3_600_000).toISOString();
  if (person === null) {
    screen.say(`${visible(refusal.message)} A sovereign human arms it:`);
    screen.command(sovereignLine(journey, ...armWords(run)));
    throw stopOf(refusal, journey.again);
  }
  if (journey.rule === null) {
    screen.say(`The cut writes ${counted((state.plan?.units ?? 0) - state.units.length, "unit")}.`);
    if (!(await confirm(journey, `Arm it until ${moment(until)}, as ${described(person)}?`)))
      throw stopOf(refusal, journey.again);
  }
  await act(journey, person, "ArmExecution", {
    run,
    until,
    reason: `to cut ${counted(state.plan?.units ?? 0, "unit")} as approved`,
  });
  screen.say(
    `For this run only, until ${moment(until)}. Anyone with a role may disarm it; that stops a cut between two chunks.`,
    screen.style.faint,
  );
}

/** The local human who rules and enacts: the one `--rule` names, or the first who may. Null: there is none, or nobody to ask. */
export function rulerOf({ people, rule, terminal }: Journey): Person | null {
  const sovereigns = peopleWith(people, ["sovereign"], { human: true });
  if (rule !== null) return sovereigns.find(({ id }) => id === rule) ?? null;
  return terminal.interactive ? (sovereigns[0] ?? null) : null;
}

function gateIn(state: Parameters<typeof newestGate>[0], kind: GateKind): Gate {
  const gate = newestGate(state, kind);
  if (gate === undefined) throw new Error(`run ${state.run}: ${kind} was requested and is not there`);
  return gate;
}

/** Nobody is there to rule: the exact commands, then the end. */
function waiting(journey: Journey, gate: Gate, command: GatedCommand, acknowledge: readonly string[]): Stop {
  const { screen, run } = journey;
  screen.say(`${gate.gate} waits for a sovereign human. To rule:`);
  screen.command(sovereignLine(journey, ...ruleWords(run, gate, acknowledge)));
  if (command === "ExecuteCut") {
    screen.say("Then execution is armed for this run:");
    screen.command(sovereignLine(journey, ...armWords(run)));
  }
  if (command === "EnactRun") {
    screen.say("Then a sovereign human enacts it:");
    screen.command(sovereignLine(journey, "run", "enact", shortId(run)));
  }
  screen.say("Then the journey goes on with:");
  screen.command(journey.again);
  return refusedStop("GATE_NOT_RULED", `${gate.gate} waits for a sovereign human's ruling.`, "", { run });
}

/** A command line for a sovereign: with this journey's keys if there is one among them, else with the sovereign's own. */
function sovereignLine(journey: Journey, ...words: string[]): string {
  if (peopleWith(journey.people, ["sovereign"], { human: true }).length > 0) return signingLine(journey, ...words);
  return readingLine(journey, ...words, "--keys", "FOLDER");
}

/** Names the subject: the ruling is on what was shown here, and refused if that is no longer what the gate was requested for. */
function ruleWords(run: string, { gate, subject }: Gate, acknowledge: readonly string[]): string[] {
  const findings = acknowledge.flatMap((id) => ["--acknowledge", id]);
  return ["gate", "rule", shortId(run), gate, "--approve", ...findings, "--subject", subject, "--reason", "why"];
}

function armWords(run: string): string[] {
  return ["switch", "arm", shortId(run), "--reason", "why"];
}

function wrongRuler(journey: Journey, gate: Gate, rule: string): Stop {
  const may = rulers(journey, gate).map(({ id }) => id);
  return refusedStop(
    "RULER_UNFIT",
    `${rule} cannot rule on ${gate.gate}: it takes a local human with the role sovereign, who did not ask for it.`,
    may.length === 0 ? `There is none with a key in ${journey.place.keys}.` : `There is ${may.join(", ")}.`,
    { gate: gate.gate, requestedBy: gate.requestedBy },
  );
}

/** A refusal as the end of the journey. `again`: the switch must be armed first, and how to go on then. */
export function stopOf({ code, message, numbers, next }: Omit<Problem, "exit">, again?: string): Stop {
  return refusedStop(code, message, again === undefined ? next : `Arm it, then go on with: ${again}`, numbers);
}
