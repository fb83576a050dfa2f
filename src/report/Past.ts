/**
 * The ledger as a report comes past it, folded by code of its own: what was in force just before each event. It shares nothing with the
 * decisions, so that a mistake there is not a mistake here too. It never throws for what it reads: what makes no sense is left for the
 * checks to name.
 */
import type { Event } from "../events/decode.js";
import type { FactData } from "../events/facts.js";
import {
  embeddedPolicy,
  type Policy,
  type PrincipalKind,
  type PublicKey,
  type Role,
  type WriterRef,
} from "../events/fields.js";

/** An event with its place. */
export interface Placed {
  readonly position: number;
  readonly event: Event;
}

export interface PastPrincipal {
  readonly kind: PrincipalKind;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly responsible: string;
  revoked: boolean;
}

export interface PastGate {
  readonly position: number;
  readonly time: string;
  readonly requested: FactData<"GateRequested">;
  ruling: { position: number; time: string; actor: string; data: FactData<"GateRuled"> } | null;
  used: number | null;
}

export interface PastRedaction {
  readonly request: FactData<"RedactionRequested">;
  ruling: { actor: string; data: FactData<"RedactionRuled"> } | null;
}

export type PastUnit = Pick<
  FactData<"UnitCut">,
  "address" | "index" | "kind" | "label" | "norm" | "parent" | "raw" | "span"
> & { unit: string; class: string; from: readonly string[] };

/** The run the report is about. */
export interface PastRun {
  readonly run: string;
  opened: FactData<"RunOpened"> | null;
  plan: FactData<"CutPlanned"> | null;
  dryRun: FactData<"DryRunRecorded"> | null;
  readonly gates: Map<string, PastGate>;
  /** The gate under which the cut runs: the one that the newest `CutStarted` names. */
  cutUnder: string | null;
  /** The newest position of the run before its cut began. */
  settledAt: number;
  readonly units: PastUnit[];
  readonly repeals: { readonly unit: string; readonly address: string; class: string }[];
  readonly open: Set<string>;
  draftRoot: string | null;
  legB: FactData<"LegBRecorded"> | null;
  verify: FactData<"VerifyRecorded"> | null;
  compensationB: FactData<"CompensationBRecorded"> | null;
  held: { position: number; data: FactData<"RunHeld"> } | null;
  enacted: boolean;
  compensation: FactData<"CompensationPlanned"> | null;
  /** The plan and gate of the newest `CompensationStarted`. */
  compensating: FactData<"CompensationStarted"> | null;
  reverted: number;
  /** Writer name → the rolling digest after its newest record. */
  readonly writerDigests: Map<string, string>;
}

/** A key that was ever bound, and whether it is in force. */
export interface PastKey {
  readonly principal: string;
  readonly key: PublicKey;
  inForce: boolean;
}

export interface Past {
  /** Key id → whose it is. */
  readonly keys: Map<string, PastKey>;
  readonly principals: Map<string, PastPrincipal>;
  /** Run → armed until, and by whom. */
  readonly armed: Map<string, { readonly until: string; readonly by: string; readonly position: number }>;
  policy: { readonly digest: string | null; readonly policy: Policy; readonly position: number | null };
  /** Of each name, those ratified and not retired, the newest last. */
  readonly writers: Map<string, (WriterRef & { readonly position: number })[]>;
  /** Backups recorded since recipients were last pinned. */
  backups: { readonly position: number; readonly time: string; readonly data: FactData<"BackupRecorded"> }[];
  audit: { readonly position: number; readonly data: FactData<"GrantAuditRecorded"> } | null;
  readonly redactions: Map<string, PastRedaction>;
  /** Commitment → where it was erased. */
  readonly erased: Map<string, number>;
  /** Each in force for checkpoints of every size above its position. */
  readonly logKeys: { readonly vkey: string; readonly position: number }[];
  incarnations: number;
  readonly run: PastRun;
}

export function emptyPast(run: string): Past {
  return {
    keys: new Map(),
    principals: new Map(),
    armed: new Map(),
    policy: { digest: null, policy: embeddedPolicy, position: null },
    writers: new Map(),
    backups: [],
    audit: null,
    redactions: new Map(),
    erased: new Map(),
    logKeys: [],
    incarnations: 0,
    run: {
      run,
      opened: null,
      plan: null,
      dryRun: null,
      gates: new Map(),
      cutUnder: null,
      settledAt: -1,
      units: [],
      repeals: [],
      open: new Set(),
      draftRoot: null,
      legB: null,
      verify: null,
      compensationB: null,
      held: null,
      enacted: false,
      compensation: null,
      compensating: null,
      reverted: 0,
      writerDigests: new Map(),
    },
  };
}

/** Moves on over an event. */
export function notePast(past: Past, placed: Placed): void {
  const { position, event } = placed;
  if (event.stream === `run-${past.run.run}`) noteRun(past.run, placed);
  switch (event.type) {
    case "PrincipalRegistered": {
      const { principal, kind, name, roles, responsible, key } = event.data;
      past.keys.set(key.keyid, { principal, key, inForce: true });
      past.principals.set(principal, { kind, name, roles, responsible, revoked: false });
      break;
    }
    case "KeyRotated": {
      const { principal, key, retires } = event.data;
      for (const keyid of retires) retire(past.keys.get(keyid), principal);
      past.keys.set(key.keyid, { principal, key, inForce: true });
      break;
    }
    case "PrincipalRevoked": {
      for (const key of past.keys.values()) retire(key, event.data.principal);
      const principal = past.principals.get(event.data.principal);
      if (principal !== undefined) principal.revoked = true;
      break;
    }
    case "PolicyAdopted":
      past.policy = { ...event.data, position };
      break;
    case "WriterRatified": {
      const { name } = event.data;
      past.writers.set(name, [...(past.writers.get(name) ?? []), { ...event.data, position }]);
      break;
    }
    case "WriterRetired": {
      const { name, version } = event.data;
      const left = (past.writers.get(name) ?? []).filter((one) => one.version !== version);
      past.writers.set(name, left);
      break;
    }
    case "ExecutionArmed":
      past.armed.set(event.data.run, { until: event.data.until, by: event.actor, position });
      break;
    case "ExecutionDisarmed":
      if (event.data.run === null) past.armed.clear();
      else past.armed.delete(event.data.run);
      break;
    case "BackupRecipientsPinned":
      past.backups = [];
      break;
    case "BackupRecorded":
      // Nobody can have backed up what was not written yet.
      if (event.data.size <= position) past.backups.push({ position, time: event.time, data: event.data });
      break;
    case "GrantAuditRecorded":
      past.audit = { position, data: event.data };
      break;
    case "RedactionRequested":
      past.redactions.set(event.data.redaction, { request: event.data, ruling: null });
      break;
    case "RedactionRuled": {
      const redaction = past.redactions.get(event.data.redaction);
      if (redaction !== undefined) redaction.ruling = { actor: event.actor, data: event.data };
      break;
    }
    case "ContentRedacted":
      past.erased.set(event.data.content, position);
      break;
    case "LogKeyAdopted":
      past.logKeys.push({ vkey: event.data.vkey, position });
      break;
    case "IncarnationStarted":
      past.incarnations++;
      break;
  }
}

function retire(key: PastKey | undefined, principal: string): void {
  if (key?.principal === principal) key.inForce = false;
}

function noteRun(run: PastRun, { position, event }: Placed): void {
  switch (event.type) {
    case "RunOpened":
      run.opened = event.data;
      break;
    case "CutPlanned":
      run.plan = event.data;
      run.dryRun = null;
      break;
    case "DryRunRecorded":
      run.dryRun = event.data;
      break;
    case "GateRequested":
      run.gates.set(event.data.gate, {
        position,
        time: event.time,
        requested: event.data,
        ruling: null,
        used: null,
      });
      break;
    case "GateRuled": {
      const gate = run.gates.get(event.data.gate);
      if (gate !== undefined) gate.ruling = { position, time: event.time, actor: event.actor, data: event.data };
      break;
    }
    case "CutStarted":
      run.cutUnder = event.data.gate;
      use(run, event.data.gate, position);
      break;
    case "UnitCut": {
      const { transition, run: _, document: __, ...unit } = event.data;
      run.units.push({ ...unit, class: transition.class, from: transition.from });
      if (transition.open) run.open.add(unit.address);
      break;
    }
    case "RepealProposed": {
      const { unit, address, open } = event.data;
      run.repeals.push({ unit, address, class: "repeal" });
      if (open) run.open.add(unit);
      break;
    }
    case "CutExecuted":
      run.draftRoot = event.data.draftRoot;
      break;
    case "TransitionResolved":
      for (const row of event.data.rows) resolve(run, row);
      break;
    case "LegBRecorded":
      run.legB = event.data;
      break;
    case "VerifyRecorded":
      run.verify = event.data;
      break;
    case "CompensationBRecorded":
      run.compensationB = event.data;
      break;
    case "RunEnacted":
      run.enacted = true;
      use(run, event.data.gate, position);
      break;
    case "RunHeld":
      run.held = { position, data: event.data };
      break;
    case "HoldReleased":
    case "RunAbandoned":
      run.held = null;
      break;
    case "CompensationPlanned":
      run.compensation = event.data;
      break;
    case "CompensationStarted":
      run.compensating = event.data;
      if (event.data.gate !== null) use(run, event.data.gate, position);
      break;
    case "UnitReverted":
      run.reverted++;
      break;
  }
  if ("writerDigest" in event.data && "writer" in event.data)
    run.writerDigests.set(event.data.writer.name, event.data.writerDigest);
  if (run.cutUnder === null && run.compensating === null) run.settledAt = position;
}

function use(run: PastRun, gate: string, position: number): void {
  const known = run.gates.get(gate);
  if (known !== undefined) known.used ??= position;
}

function resolve(run: PastRun, row: FactData<"TransitionResolved">["rows"][number]): void {
  const unit = run.units.find((one) => one.address === row.row);
  if (unit !== undefined) {
    unit.unit = row.unit;
    unit.class = row.class;
    unit.from = row.from;
  } else {
    const repeal = run.repeals.find((one) => one.unit === row.row);
    if (repeal !== undefined) repeal.class = row.class;
  }
  run.open.delete(row.row);
}

/** Whoever ruled or armed, revoked since: what they gave opens nothing any more. */
export function isRevoked(past: Past, principal: string): boolean {
  return past.principals.get(principal)?.revoked !== false;
}
