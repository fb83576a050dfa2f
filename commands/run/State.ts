/** A run's live state: folded from its events and from nothing else. Everything that is counted is counted here, from the units there are. */

import { asEvent } from "../../src/events/decode.js";
import type { FactData } from "../../src/events/facts.js";
import type { Category } from "../../src/ledger/Decision.js";

/** Where a run stands. `held` is not a phase: a released run is where it was. */
export type Phase =
  | "none"
  | "opened"
  | "assessed"
  | "planned"
  | "rehearsed"
  | "cutting"
  | "cut"
  | "recorded"
  | "verified"
  | "reviewed"
  | "enacted"
  | "compensating"
  | "compensated"
  | "compensation-recorded"
  | "reverted"
  | "abandoned";

export type Unit = Omit<FactData<"UnitCut">, "run" | "document">;
/** A unit that is gone, and what became of it: repealed, as proposed, or what a human said. */
export type Repeal = Omit<FactData<"RepealProposed">, "run"> & { class: Unit["transition"]["class"] };
export type Plan = Omit<FactData<"CutPlanned">, "run">;
export type Hold = Omit<FactData<"RunHeld">, "run">;

export interface Gate {
  gate: string;
  kind: FactData<"GateRequested">["kind"];
  binds: FactData<"GateRequested">["binds"];
  subject: string;
  requestedBy: string;
  responsible: string;
  ruling: Omit<FactData<"GateRuled">, "run" | "gate" | "kind" | "subject"> | null;
  used: boolean;
}

/** A record that a writer wrote, and who answers for it. */
export interface Recorded {
  recordDigest: string;
  writer: { name: string; version: number; source: string };
  actor: string;
  responsible: string;
  keyid: string;
}

export interface Compensation {
  plan: string;
  restores: string | null;
  /** The phase it was planned in: what the units are reverted from. */
  from: Phase;
  gate: string | null;
  /** How many units are reverted so far, from the last one back. */
  reverted: number;
  recordB: Recorded | null;
}

export interface RunState {
  run: string;
  document: string;
  revision: number;
  content: string;
  mode: "live" | "rehearsal";
  phase: Phase;
  held: Hold | null;
  assessment: "safe" | "unsafe" | "ruling" | null;
  /** Why, as last assessed. */
  reasons: FactData<"TargetAssessed">["reasons"];
  plan: Plan | null;
  dryRun: Omit<FactData<"DryRunRecorded">, "run"> | null;
  gates: Gate[];
  units: Unit[];
  repeals: Repeal[];
  /** Rows that no human has resolved yet: addresses of units, unit ids of repeals. */
  open: Set<string>;
  draftRoot: string | null;
  legB: Recorded | null;
  verify: Recorded | null;
  compensation: Compensation | null;
  /** Writer name → the rolling digest over its records in this run. */
  writerDigests: Record<string, string>;
  /** Where the newest event before the cut stands in the ledger: what a backup must hold for the cut to begin. */
  settledAt: number;
}

/** The phases of a run of which nothing is cut yet. */
const beforeCut: readonly Phase[] = ["opened", "assessed", "planned", "rehearsed"];

export const runCategory: Category<RunState> = {
  name: "run",
  initial: (key) => ({
    run: key,
    document: "",
    revision: 0,
    content: "",
    mode: "rehearsal",
    phase: "none",
    held: null,
    assessment: null,
    reasons: [],
    plan: null,
    dryRun: null,
    gates: [],
    units: [],
    repeals: [],
    open: new Set(),
    draftRoot: null,
    legB: null,
    verify: null,
    compensation: null,
    writerDigests: {},
    settledAt: -1,
  }),
  evolve(state, envelope, position) {
    const event = asEvent(envelope);
    switch (event.type) {
      case "RunOpened":
        state.document = event.data.document;
        state.revision = event.data.revision;
        state.content = event.data.content;
        state.mode = event.data.mode;
        state.phase = "opened";
        break;
      case "TargetAssessed":
        state.assessment = event.data.verdict;
        state.reasons = event.data.reasons;
        state.phase = "assessed";
        break;
      case "CutPlanned": {
        const { run: _, ...plan } = event.data;
        state.plan = plan;
        state.dryRun = null;
        state.phase = "planned";
        break;
      }
      case "DryRunRecorded": {
        const { run: _, ...dryRun } = event.data;
        state.dryRun = dryRun;
        state.phase = dryRun.verdict === "PASS" ? "rehearsed" : "planned";
        break;
      }
      case "GateRequested": {
        const { run: _, ...gate } = event.data;
        state.gates.push({ ...gate, ruling: null, used: false });
        break;
      }
      case "GateRuled": {
        const { run: _, gate, kind: __, subject: ___, ...ruling } = event.data;
        gateOf(state, gate).ruling = ruling;
        break;
      }
      case "CutStarted":
        gateOf(state, event.data.gate).used = true;
        state.phase = "cutting";
        break;
      case "UnitCut": {
        const { run: _, document: __, ...unit } = event.data;
        state.units.push(unit);
        if (unit.transition.open) state.open.add(unit.address);
        break;
      }
      case "RepealProposed": {
        const { run: _, ...repeal } = event.data;
        state.repeals.push({ ...repeal, class: "repeal" });
        if (repeal.open) state.open.add(repeal.unit);
        break;
      }
      case "CutExecuted":
        state.draftRoot = event.data.draftRoot;
        state.phase = "cut";
        break;
      case "TransitionResolved":
        resolve(state, event.data.rows);
        break;
      case "LegBRecorded":
        state.legB = recorded(state, event.data, event.actor);
        state.phase = "recorded";
        break;
      case "VerifyRecorded":
        state.verify = recorded(state, event.data, event.actor);
        if (event.data.verdict === "PASS") state.phase = "verified";
        break;
      case "RunReviewed":
        state.phase = "reviewed";
        break;
      case "RunEnacted":
        gateOf(state, event.data.gate).used = true;
        state.phase = "enacted";
        break;
      case "RunHeld": {
        const { run: _, ...hold } = event.data;
        state.held = hold;
        break;
      }
      case "HoldReleased":
        state.held = null;
        break;
      case "RunAbandoned":
        state.held = null;
        state.phase = "abandoned";
        break;
      case "CompensationPlanned":
        state.compensation = {
          plan: event.data.plan,
          restores: event.data.restores,
          from: state.phase,
          gate: null,
          reverted: 0,
          recordB: null,
        };
        break;
      case "CompensationStarted":
        if (event.data.gate !== null) gateOf(state, event.data.gate).used = true;
        compensationOf(state).gate = event.data.gate;
        state.phase = "compensating";
        break;
      case "UnitReverted":
        compensationOf(state).reverted++;
        break;
      case "CompensationExecuted":
        state.phase = "compensated";
        break;
      case "CompensationBRecorded":
        compensationOf(state).recordB = recorded(state, event.data, event.actor);
        state.phase = "compensation-recorded";
        break;
      case "CompensationVerified":
        recorded(state, event.data, event.actor);
        if (event.data.verdict === "PASS") state.phase = "reverted";
        break;
    }
    if (beforeCut.includes(state.phase)) state.settledAt = position;
  },
};

function gateOf(state: RunState, id: string): Gate {
  const gate = state.gates.find((one) => one.gate === id);
  if (gate === undefined) throw new Error(`run ${state.run}: an event names the gate ${id}, which was never requested`);
  return gate;
}

function compensationOf(state: RunState): Compensation {
  if (state.compensation === null)
    throw new Error(`run ${state.run}: a compensation event without a compensation plan`);
  return state.compensation;
}

function resolve(state: RunState, rows: FactData<"TransitionResolved">["rows"]): void {
  const units = new Map(state.units.map((unit) => [unit.address, unit]));
  for (const row of rows) {
    const unit = units.get(row.row);
    if (unit !== undefined) {
      unit.unit = row.unit;
      unit.transition = { class: row.class, from: row.from, open: false };
    } else {
      const repeal = state.repeals.find((one) => one.unit === row.row);
      if (repeal !== undefined) {
        repeal.open = false;
        repeal.class = row.class;
      }
    }
    state.open.delete(row.row);
  }
}

function recorded(state: RunState, data: FactData<"LegBRecorded">, actor: string): Recorded {
  state.writerDigests[data.writer.name] = data.writerDigest;
  return {
    recordDigest: data.recordDigest,
    writer: data.writer,
    actor,
    responsible: data.by.responsible,
    keyid: data.by.keyid,
  };
}

/** The newest gate of a kind. */
export function newestGate(state: Readonly<RunState>, kind: Gate["kind"]): Gate | undefined {
  return state.gates.findLast((gate) => gate.kind === kind);
}
