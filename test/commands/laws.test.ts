/**
 * Laws of every decision, on random histories of a small world: mostly what fits, often what does not, by anybody, at odd times. After each
 * decision: the same states decide the same; what was read is as it was; the facts are well-formed and tell no text; folded,
 * and asked again, the same command adds nothing. And what must never happen has not.
 */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CommandData, CommandType } from "../../commands/Command.js";
import { decide } from "../../commands/decide.js";
import { documentCategory } from "../../commands/document.js";
import { executionCategory } from "../../commands/execution.js";
import { grantAuditCategory } from "../../commands/grantAudit.js";
import { ledgerCategory } from "../../commands/ledger.js";
import { policyCategory } from "../../commands/policy.js";
import { keyCategory, principalCategory } from "../../commands/principal.js";
import { proofCategory } from "../../commands/proof.js";
import { nextStep, preconditionsOf } from "../../commands/run/preconditions.js";
import { type RunState, runCategory } from "../../commands/run/State.js";
import { writerCategory } from "../../commands/writer.js";
import { canonicalText } from "../../src/events/canonical.js";
import { categoryOf, keyOf } from "../../src/events/streams.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import type { Category, Decision } from "../../src/ledger/Decision.js";
import { holds } from "../support/property.js";
import {
  charter,
  charter2,
  charter3,
  document,
  type Name,
  names,
  oddCharter,
  registrations,
  roomPolicy,
  run,
  run2,
  run3,
  signerOf,
  uuid,
} from "./cast.js";
import { planned, until, untouched } from "./history.js";
import type { Situation } from "./scenario.js";

const test = suite("laws of decisions");

const categories = Object.fromEntries(
  [
    documentCategory,
    executionCategory,
    grantAuditCategory,
    keyCategory,
    ledgerCategory,
    policyCategory,
    principalCategory,
    proofCategory,
    runCategory,
    writerCategory,
  ].map((one) => [one.name, one]),
) as Record<string, Category<unknown>>;

const texts = [charter, charter2, charter3, oddCharter];
const plans = texts.map((text) => planned(text));
const runs = [run, run2, run3];

/** What is said next: a type, its data, by whom. Typed loosely here, parsed strictly by the scenario. */
interface Said {
  readonly type: CommandType;
  readonly data: object;
  readonly by: Name;
}

/** Draws from the numbers a history is made of. */
type Draw = <T>(from: readonly T[]) => T;

/** The next thing that fits a run, by who may. */
function fitting(here: Situation, id: string, draw: Draw): Said {
  const state = here.state(runCategory, id);
  const say = (type: CommandType, data: object, by: Name): Said => ({ type, data: { run: id, ...data }, by });
  const { command, preconditions } = nextStep(state, here.world(here.now));
  const open = preconditions.find(({ status }) => status !== "CLOSED");
  if (state.held !== null) return say("ReleaseHold", { reason: "Looked into." }, draw(["rita", "vera", "ada"]));
  if (open?.closedBy === "GateRuled") return gateMove(state, open.name.slice(0, 4).trim(), say, draw);
  if (open?.closedBy === "ExecutionArmed")
    return say("ArmExecution", { until: plus(here.now, draw([1, 60, 600])), reason: "Due." }, "sam");
  if (open?.closedBy === "TransitionResolved")
    return say("ResolveTransition", { rows: rowsOf(state), reason: "As proposed." }, "rita");
  switch (command) {
    case "OpenRun":
      return say("OpenRun", { document, mode: draw(["live", "live", "live", "rehearsal"]) }, "olga");
    case "PlanCut": {
      const { plan, planContent } =
        plans[texts.findIndex(({ commitment }) => commitment === state.content)] ?? plans[0]!;
      return say("PlanCut", { plan, planContent }, "olga");
    }
    case "DryRun":
      return say("DryRun", { nonMutation: untouched }, "olga");
    case "ReviewRun":
      return say("ReviewRun", { note: "Good." }, "rita");
    case null:
      return state.phase === "enacted" ? say("PlanCompensation", { reason: "Wrong." }, "ada") : revision(here, draw);
    default:
      return say(command as CommandType, {}, byWhom[command] ?? "olga");
  }
}

const byWhom: Readonly<Record<string, Name>> = {
  ExecuteCut: "rex",
  RecordLegB: "wanda",
  RecordVerify: "vera",
  EnactRun: "sam",
  Compensate: "rex",
  RecordCompensationB: "quill",
  VerifyCompensation: "lens",
};

function gateMove(
  state: RunState,
  kind: string,
  say: (type: CommandType, data: object, by: Name) => Said,
  draw: Draw,
): Said {
  const gate = state.gates.findLast((one) => one.kind === kind);
  if (gate === undefined || gate.ruling !== null || draw([true, false, false, false]))
    return say("RequestGate", { kind }, draw(["olga", "olga", "samson", "ed"]));
  const outcome = draw(["approved", "approved", "approved", "rejected"]);
  const findings = gate.binds["findings"];
  const acknowledge = Array.isArray(findings) ? findings : [];
  return say(
    "RuleGate",
    { gate: gate.gate, outcome, subject: gate.subject, acknowledge, reason: "Read." },
    draw(["sam", "sam", "sofia"]),
  );
}

function rowsOf(state: RunState): object[] {
  const units = state.units.filter(({ address }) => state.open.has(address));
  const gone = state.repeals.filter(({ unit }) => state.open.has(unit));
  return [
    ...units.map(({ address, transition, unit }) => ({ row: address, class: transition.class, unit })),
    ...gone.map(({ unit }) => ({ row: unit, class: "repeal", unit })),
  ];
}

function revision(here: Situation, draw: Draw): Said {
  const registered = here.state(documentCategory, document).document !== null;
  const content = draw(texts).commitment;
  return registered
    ? { type: "ReviseDocument", data: { document, content }, by: "ed" }
    : { type: "RegisterDocument", data: { document, title: "Charter", source: null, content }, by: "ed" };
}

/** Anything at all, by anybody. */
function anything(here: Situation, draw: Draw): Said {
  const id = draw(runs);
  const state = here.state(runCategory, id);
  const by = draw(names);
  const gate = draw([...state.gates.map((one) => one.gate), "SG_1/1"]);
  const subject = draw([...state.gates.map((one) => one.subject), "00".repeat(32)]);
  const key = publicKeyOf(signerOf(draw(names), draw([0, 1, 2])).privateKey);
  const old = here.state(principalCategory, by).keys.map(({ keyid }) => keyid);
  const { plan, planContent } = draw(plans);
  const name = draw(["legB", "verify", "sketch"]);
  const sayings: Said[] = [
    {
      type: "RegisterPrincipal",
      data: {
        principal: draw([...names, "nora", "newt"]),
        kind: draw(["human", "agent"]),
        name: "N.",
        roles: [draw(["sovereign", "admin", "editor", "writer"])],
        responsible: draw([...names, "nora"]),
        key,
      },
      by,
    },
    { type: "RotateKey", data: { principal: draw(names), key, retires: draw([[], old]) }, by },
    { type: "RevokePrincipal", data: { principal: draw(["mill", "quill", "otto", "nora"]), reason: "Out." }, by },
    {
      type: "AdoptPolicy",
      data: { policy: { ...roomPolicy, gateHours: draw([1, 24, 48]), findingsMax: draw([1, 1000]) } },
      by,
    },
    { type: "RatifyWriter", data: { name, version: draw([1, 2]), source: draw(["12", "34"]).repeat(32) }, by },
    { type: "RetireWriter", data: { name: "sketch", version: draw([1, 2]), reason: "Old." }, by },
    { type: "HoldRun", data: { run: id, reason: "Wait." }, by },
    { type: "ReleaseHold", data: { run: id, reason: "Go." }, by },
    { type: "AbandonRun", data: { run: id, reason: "No." }, by },
    { type: "PlanCompensation", data: { run: id, reason: "Wrong." }, by },
    { type: "DisarmExecution", data: { run: draw([id, null]), reason: "Smoke." }, by },
    { type: "ArmExecution", data: { run: id, until: plus(here.now, draw([-5, 0, 30, 10_000])), reason: "?" }, by },
    { type: "RequestGate", data: { run: id, kind: draw(["SG_1", "SG_2", "SG_C"]) }, by },
    {
      type: "RuleGate",
      data: { run: id, gate, outcome: draw(["approved", "rejected"]), subject, acknowledge: [], reason: "?" },
      by,
    },
    { type: "PlanCut", data: { run: id, plan, planContent }, by },
    {
      type: "DryRun",
      data: { run: id, nonMutation: { ...untouched, verdict: draw(["PASS", "FAIL", "INCONCLUSIVE"]) } },
      by,
    },
    {
      type: "ResolveTransition",
      data: {
        run: id,
        rows: [
          { row: draw(["doc", "art_1", "art_3", uuid(4)]), class: draw(["amend", "insert", "repeal"]), unit: uuid(4) },
        ],
        reason: "?",
      },
      by,
    },
    { type: "OpenRun", data: { run: id, document, mode: "live" }, by },
    { type: "EnactRun", data: { run: id }, by },
    { type: "ExecuteCut", data: { run: id }, by },
    { type: "RecordVerify", data: { run: id }, by },
    revision(here, draw),
  ];
  return draw(sayings);
}

const plus = (time: string, minutes: number) => new Date(Date.parse(time) + minutes * 60_000).toISOString();

/** Words that stand in the texts and in no sentence of the product's own: none may ever stand on the ledger. */
const words =
  /\b(?:lends|books|maps|politely|keeper|minds|shelves|winters|rests|lamp|oil|bought|fund|autumn|mice|mouse|walls|cat|wine|lying|cheese|bread)\b/i;

/** One decision under all laws; the situation after it. */
function step(here: Situation, { type, data, by }: Said, at: string): Situation {
  const { decision, signed } = here.when(type, data as CommandData<CommandType>, { by, at });
  const again = decide(signed, here.world(at));
  assert.equal(again, decision, "the same states decide the same");
  if (decision.kind === "refused") {
    assert.ok(decision.code !== "" && decision.message !== "" && decision.next !== "");
    const { code, message, numbers, next } = decision;
    // As the engine records it; decoded and measured there.
    const refusal = {
      stream: `refusal-${uuid(1)}`,
      type: "CommandRefused",
      data: { type, code, message, numbers, next },
      time: at,
    };
    here.retold([refusal]);
    return here;
  }
  const told = canonicalText(decision.facts.map((fact) => fact.data));
  assert.is(told.match(words)?.[0], undefined, `${type} tells the text`);
  const after = here.and(...decision.facts.map((fact) => ({ ...fact, time: at, actor: signed.command.actor })));
  for (const stream of new Set(decision.facts.map((fact) => fact.stream)))
    after.state(categories[categoryOf(stream)]!, keyOf(stream));
  const once: Decision = decide(signed, after.world(at));
  if (decision.more) return once.kind === "accepted" ? step(after, { type, data, by }, at) : after;
  assert.ok(once.kind === "refused" || once.facts.length === 0, `${type} asked again does it again`);
  return after;
}

/** What must never have happened, read off the facts alone: not by the code that decided. */
function assertNever(here: Situation): void {
  const armed = new Map<string, string>();
  const human = new Set<string>();
  const approvals = new Map<string, { expires: string; used: number }>();
  const openRuns = new Set<string>();
  const keys = new Map<string, string>();
  for (const { type, data, time, actor } of here.events) {
    const of = String(data["run"]);
    switch (type) {
      case "PrincipalRegistered":
        if (data["kind"] === "human") human.add(String(data["principal"]));
        else assert.not.ok((data["roles"] as string[]).some((role) => role === "sovereign" || role === "admin"));
        break;
      case "KeyBound":
        assert.not.ok(keys.has(String(data["keyid"])), "a key is bound twice");
        keys.set(String(data["keyid"]), String(data["principal"]));
        break;
      case "ExecutionArmed":
        assert.ok(human.has(actor));
        armed.set(of, String(data["until"]));
        break;
      case "ExecutionDisarmed":
        if (data["run"] === null) armed.clear();
        else armed.delete(of);
        break;
      case "GateRuled":
        assert.ok(human.has(actor), "a ruling by no human");
        if (data["outcome"] === "approved")
          approvals.set(`${of} ${data["gate"]}`, { expires: String(data["expires"]), used: 0 });
        break;
      case "CutStarted":
      case "RunEnacted":
      case "CompensationStarted": {
        if (data["gate"] === null) break;
        const approval = approvals.get(`${of} ${data["gate"]}`);
        assert.ok(
          approval !== undefined && approval.expires > time && approval.used === 0,
          `${type} without a good approval`,
        );
        if (approval !== undefined) approval.used++;
        break;
      }
      case "UnitCut":
        assert.ok((armed.get(of) ?? "") > time, "a unit cut while execution was off");
        break;
      case "DocumentClaimed":
        assert.not.ok(openRuns.has(document), "two runs open on one document");
        openRuns.add(document);
        break;
      case "DocumentReleased":
        openRuns.delete(document);
        break;
    }
  }
  for (const id of runs) {
    const state = here.state(runCategory, id);
    if (["reviewed", "enacted", "reverted"].includes(state.phase) && state.open.size === 0)
      assert.is(new Set(state.units.map(({ unit }) => unit)).size, state.units.length, "one unit in two places");
    for (const command of ["ExecuteCut", "EnactRun", "Compensate"])
      for (const { status, refusal } of preconditionsOf(command, state, here.world(here.now)))
        assert.is(status === "CLOSED", refusal === null);
  }
}

const beginning = until("open").with(...texts, ...plans.map(({ stored }) => stored));

/** What is said next: mostly what fits the run that is open, sometimes anything. */
function next(here: Situation, draw: Draw): Said {
  const { document: registered, openRun } = here.state(documentCategory, document);
  if (registered === null) return revision(here, draw);
  const fits = draw([true, true, true, true, true, true, true, false]);
  return fits ? fitting(here, openRun ?? draw(runs), draw) : anything(here, draw);
}

test("law: random histories keep every law, step by step", () => {
  holds(
    fc.property(fc.array(fc.nat(2 ** 30), { minLength: 40, maxLength: 150 }), (seeds) => {
      let here = beginning;
      for (const seed of seeds) {
        let rest = seed;
        const draw: Draw = (from) => {
          // A step of a linear congruence: each draw looks at other bits of the seed.
          rest = (Math.imul(rest, 1_103_515_245) + 12_345) >>> 0;
          return from[(rest >>> 8) % from.length]!;
        };
        here = step(here, next(here, draw), plus(here.now, draw([1, 1, 1, 1, 1, 30, 800])));
      }
      assertNever(here);
    }),
    16,
  );
});

test("law: a history in which everything goes well keeps them too, until its run is reverted", () => {
  const second: Draw = (from) => from[Math.min(1, from.length - 1)]!;
  let here = beginning;
  const phases = new Set<string>();
  for (let steps = 0; steps < 40 && !phases.has("reverted"); steps++) {
    here = step(here, next(here, second), plus(here.now, 1));
    phases.add(here.state(runCategory, run2).phase);
  }
  assert.ok(phases.has("enacted") && phases.has("reverted"), `it went through ${[...phases].join(", ")}`);
  assertNever(here);
});

test("everybody in the cast is on the ledger, so that every kind and role takes part", () => {
  for (const name of names) assert.is(beginning.state(principalCategory, name).principal, name);
  assert.is(Object.keys(registrations).length + 1, names.length);
});

test.run();
