/**
 * The roll-up: each gate and step of the run with what the events show of it. Which are mandatory follows from what the run is: a rehearsal
 * never cuts; a run that is taken back need not have gone further than it had come; backup and audit are the policy's to ask for.
 */
import { digestOf } from "../events/canonical.js";
import type { GateKind } from "../events/fields.js";
import { isRevoked, type PastGate } from "./Past.js";
import { eventsOf, type LedgerRead } from "./readLedger.js";
import type { Attestation, CutReport, RecordReport, Seen, Step, Verdict } from "./Statement.js";
import { within } from "./watchCut.js";

type Judged = Pick<Step, "verdict" | "why"> & { readonly seen?: readonly Seen[]; readonly numbers?: Step["numbers"] };

const notRun = (why: string, rest: Omit<Judged, "verdict" | "why"> = {}): Judged => ({
  verdict: "NOT_RUN",
  why,
  ...rest,
});
const judged = (
  holds: boolean,
  why: string,
  otherwise: string,
  rest: Omit<Judged, "verdict" | "why"> = {},
): Judged => ({
  verdict: holds ? "PASS" : "FAIL",
  why: holds ? why : otherwise,
  ...rest,
});

export interface StepsOf {
  readonly read: LedgerRead;
  readonly attestations: readonly Attestation[];
  readonly cut: CutReport | null;
  readonly asOf: string;
}

/** All steps, in the order a run goes through them. */
export function stepsOf(of: StepsOf): Step[] {
  const { read, attestations, asOf } = of;
  const { past, seen, atCut } = read;
  const { run } = past;
  const live = run.opened?.mode === "live";
  const compensating = run.compensating !== null;
  const asked = atCut?.policy ?? past.policy.policy;
  const failed = (id: string) => attestations.find((one) => one.id === id)?.verdict === "FAIL";
  const step = (id: string, title: string, mandatory: boolean, what: Judged): Step => ({
    id,
    title,
    mandatory,
    verdict: what.verdict,
    why: what.why,
    seen: [...(what.seen ?? [])],
    numbers: what.numbers ?? {},
  });
  /** What a run that is taken back had not come to is not asked of it. */
  const reached = (what: Judged) => live && !(compensating && !run.enacted && what.verdict === "NOT_RUN");
  const late = (id: string, title: string, what: Judged) => step(id, title, reached(what), what);
  return [
    step("opened", "The run is opened", true, {
      verdict: "PASS",
      why: live ? "a live run" : "a rehearsal: it never cuts",
      seen: shown(seen, "RunOpened"),
    }),
    step("assessed", "The target is assessed", true, assessed(read)),
    step("planned", "The cut is planned", true, planned(read)),
    step("dry-run", "The dry run passed", true, dryRun(read)),
    step("SG_1", "SG_1: approved to be cut", live, gateStep("SG_1", of, failed("cut-under-approval"))),
    step("armed", "Execution is armed", live, armed(read, asOf, failed("cut-while-armed"))),
    step("backup", "A backup holds the run", live && asked.backupHoursMax !== null, backup(of)),
    step("grant-audit", "The grant audit is clean", live && asked.grantAuditHoursMax !== null, audit(of)),
    late("cut", "The cut is executed", cutStep(of)),
    late("leg-b", "Leg B: the governance record", legB(read)),
    late("verify", "Verify: the independent record", verify(read.records, "VerifyRecorded")),
    late("reviewed", "Reviewed, no row of the transition open", reviewed(read)),
    late("SG_2", "SG_2: approved to be enacted", gateStep("SG_2", of, failed("enacted-under-approval"))),
    late("enacted", "The version is enacted", enacted(read)),
    step("compensation-plan", "The compensation is planned", compensating, compensationPlan(read)),
    step(
      "SG_C",
      "SG_C: approved to be taken back",
      compensating && run.enacted,
      gateC(of, failed("compensated-under-plan")),
    ),
    step("compensated", "Compensation A: the units are reverted", compensating, compensated(read)),
    step(
      "compensation-b",
      "Compensation B: the record of it",
      compensating,
      record(read.records, "CompensationBRecorded"),
    ),
    step(
      "compensation-verify",
      "Verify of the compensation",
      compensating,
      verify(read.records, "CompensationVerified"),
    ),
    step("not-held", "The run is not on HOLD", true, held(read)),
  ];
}

function shown(seen: ReadonlyMap<string, Seen>, ...types: readonly string[]): Seen[] {
  return types.flatMap((type) => seen.get(type) ?? []);
}

function single(type: string, position: number): Seen {
  return { type, from: position, to: position, count: 1 };
}

function assessed(read: LedgerRead): Judged {
  const newest = eventsOf(read, "TargetAssessed").at(-1);
  if (newest === undefined) return notRun("not assessed");
  const { verdict, reasons } = newest.event.data;
  const rest = { seen: [single("TargetAssessed", newest.position)], numbers: { reasons: reasons.length } };
  const outcome: Readonly<Record<typeof verdict, readonly [Verdict, string]>> = {
    safe: ["PASS", "a safe target"],
    unsafe: ["FAIL", "an unsafe target"],
    ruling: ["INCONCLUSIVE", "it needs a ruling"],
  };
  const ruled = read.past.run.cutUnder !== null && verdict === "ruling";
  const [found, why] = ruled ? (["PASS", "it needed a ruling, which SG_1 gave"] as const) : outcome[verdict];
  return { verdict: found, why, ...rest };
}

function planned(read: LedgerRead): Judged {
  const newest = eventsOf(read, "CutPlanned").at(-1);
  if (newest === undefined) return notRun("not planned");
  const { units, findings, transition } = newest.event.data;
  return {
    verdict: "PASS",
    why: "a plan is on the ledger",
    seen: [single("CutPlanned", newest.position)],
    numbers: { units, findings: findings.total, blocking: findings.blocking.length, open: transition.open },
  };
}

function dryRun(read: LedgerRead): Judged {
  const plan = eventsOf(read, "CutPlanned").at(-1);
  const newest = eventsOf(read, "DryRunRecorded").at(-1);
  if (newest === undefined || newest.position < (plan?.position ?? 0)) return notRun("the plan has had no dry run");
  const { verdict, rules, units } = newest.event.data;
  const assertions = rules.reduce((sum, rule) => sum + rule.assertions, 0);
  const failures = rules.reduce((sum, rule) => sum + rule.failures, 0);
  const rest = { seen: [single("DryRunRecorded", newest.position)], numbers: { units, assertions, failures } };
  if (verdict !== "PASS") return { verdict, why: `the dry run ended ${verdict}`, ...rest };
  const sound = rules.length > 0 && rules.every((rule) => rule.failures === 0 && rule.assertions > 0);
  return judged(
    sound,
    "every rule asserted something and nothing failed",
    "it is said to have passed, and its rules had not",
    rest,
  );
}

/** The gate that was used, or else the newest: whether it opens anything as of that instant. */
function gateStep(kind: GateKind, { read, asOf }: StepsOf, violated: boolean): Judged {
  const { past } = read;
  const gates = [...past.run.gates.values()].filter(({ requested }) => requested.kind === kind);
  const gate = gates.findLast((one) => one.used !== null) ?? gates.at(-1);
  if (gate === undefined) return notRun(`${kind} has not been requested`);
  const name = gate.requested.gate;
  const seen = [
    single("GateRequested", gate.position),
    ...(gate.ruling === null ? [] : [single("GateRuled", gate.ruling.position)]),
  ];
  const rest = { seen, numbers: { gate: name, requests: gates.length, "ruled by": gate.ruling?.actor ?? null } };
  if (violated) return { verdict: "FAIL", why: `${name} did not open what was done: see the attestations`, ...rest };
  const shut = shutGate(gate, read, asOf);
  if (shut !== null) return { ...shut, ...rest };
  return {
    verdict: "PASS",
    why: gate.used === null ? `${name} is approved` : `${name} was approved, and used once`,
    ...rest,
  };
}

/** Why a gate opens nothing, or null. */
function shutGate(gate: PastGate, { past }: LedgerRead, asOf: string): Judged | null {
  const { ruling, requested, used } = gate;
  const name = requested.gate;
  if (ruling === null) return notRun(`${name} waits for a ruling`);
  if (ruling.data.outcome === "rejected") return { verdict: "FAIL", why: `${name} was rejected by ${ruling.actor}` };
  if (used !== null) return null;
  if (ruling.data.expires <= asOf) return notRun(`${name} expired unused at ${ruling.data.expires}`);
  if (isRevoked(past, ruling.actor)) return notRun(`${ruling.actor}, who approved ${name}, has been revoked since`);
  const plan = requested.binds["plan"];
  return plan !== undefined && plan !== past.run.plan?.plan
    ? notRun(`${name} was for a plan that is none any more`)
    : null;
}

function gateC(of: StepsOf, violated: boolean): Judged {
  return of.read.past.run.enacted || of.read.past.run.gates.has("SG_C/1")
    ? gateStep("SG_C", of, violated)
    : notRun("the run was not enacted, so none is asked for");
}

function armed({ past, atCut }: LedgerRead, asOf: string, violated: boolean): Judged {
  const arming = atCut === null ? past.armed.get(past.run.run) : atCut.armed;
  if (arming === undefined)
    return atCut === null ? notRun("execution is off") : { verdict: "FAIL", why: "cut while off" };
  const rest = { seen: [single("ExecutionArmed", arming.position)], numbers: { until: arming.until, by: arming.by } };
  if (atCut !== null) return judged(!violated, "armed while it was cut", "not armed for all of the cut", rest);
  if (arming.until <= asOf) return notRun(`it was armed until ${arming.until}`, rest);
  if (isRevoked(past, arming.by)) return notRun(`${arming.by}, who armed, has been revoked since`, rest);
  return { verdict: "PASS", why: "armed for this run", ...rest };
}

function backup({ read, asOf, attestations }: StepsOf): Judged {
  const { past, atCut } = read;
  const hours = (atCut?.policy ?? past.policy.policy).backupHoursMax;
  const settled = atCut?.settledAt ?? past.run.settledAt;
  const newest = (atCut?.backups ?? past.backups).findLast((one) => one.data.size > settled);
  if (hours === null) return notRun("the policy asks for none");
  const failed = attestations.find(({ id }) => id === "cut-with-backup")?.verdict === "FAIL";
  if (failed) return { verdict: "FAIL", why: "cut without one: see the attestations" };
  if (newest === undefined) return notRun(`no backup holds position ${settled}`);
  const rest = { seen: [single("BackupRecorded", newest.position)], numbers: { size: newest.data.size, hours } };
  return within(newest.time, hours, atCut?.time ?? asOf)
    ? { verdict: "PASS", why: "restored, compared, and in time", ...rest }
    : notRun(`it was recorded at ${newest.time}, which is too long ago`, rest);
}

function audit({ read, asOf, attestations }: StepsOf): Judged {
  const { past, atCut } = read;
  const hours = (atCut?.policy ?? past.policy.policy).grantAuditHoursMax;
  const newest = atCut === null ? past.audit : atCut.audit;
  if (hours === null) return notRun("the policy asks for none");
  if (attestations.find(({ id }) => id === "cut-with-clean-audit")?.verdict === "FAIL")
    return { verdict: "FAIL", why: "cut without one: see the attestations" };
  if (newest === null) return notRun("none is recorded");
  const { verdict, at } = newest.data;
  const rest = { seen: [single("GrantAuditRecorded", newest.position)], numbers: { hours, at } };
  if (verdict !== "PASS")
    return { verdict: verdict === "FAIL" ? "FAIL" : "INCONCLUSIVE", why: `it ended ${verdict}`, ...rest };
  return within(at, hours, atCut?.time ?? asOf)
    ? { verdict: "PASS", why: "clean, and in time", ...rest }
    : notRun(`it was made at ${at}, which is too long ago`, rest);
}

function cutStep({ read, cut }: StepsOf): Judged {
  if (cut === null) return notRun("nothing is cut");
  const { plan, dryRun: tried } = read.past.run;
  const seen = shown(read.seen, "CutStarted", "UnitCut", "RepealProposed", "CutExecuted");
  const rest = { seen, numbers: { units: cut.units, planned: cut.planned, repeals: cut.repeals } };
  if (cut.executed === null) return notRun(`begun: ${cut.units} of ${cut.planned} units`, rest);
  const said = eventsOf(read, "CutExecuted").at(-1)?.event.data;
  const whole =
    said?.units === cut.units &&
    said.repeals === cut.repeals &&
    cut.units === plan?.units &&
    cut.units === tried?.units;
  if (!whole) return { verdict: "FAIL", why: "the units cut are not as many as were planned and said", ...rest };
  const same = cut.draftRoot === cut.recomputed && cut.draftRoot === tried?.draftRoot;
  return judged(
    same,
    "as planned: the draft root is that of the dry run",
    "the draft root is not that of the units or of the dry run",
    rest,
  );
}

function legB(read: LedgerRead): Judged {
  const found = record(read.records, "LegBRecorded");
  const newest = eventsOf(read, "LegBRecorded").at(-1)?.event.data.record;
  const { units, draftRoot } = read.past.run;
  if (newest === undefined || found.verdict !== "PASS") return found;
  const says = newest["units"] === units.length && newest["draftRoot"] === draftRoot;
  return says ? found : { ...found, verdict: "FAIL", why: "it says other units or another draft root than were cut" };
}

function record(records: readonly RecordReport[], type: string): Judged {
  const newest = records.findLast((one) => one.type === type);
  if (newest === undefined) return notRun("not recorded");
  const { writer, recordHolds, chainHolds, position } = newest;
  return judged(recordHolds && chainHolds, "recorded, and its digests hold", "its digests do not hold", {
    seen: [single(type, position)],
    numbers: { writer: `${writer.name} version ${writer.version}` },
  });
}

function verify(records: readonly RecordReport[], type: string): Judged {
  const found = record(records, type);
  const newest = records.findLast((one) => one.type === type);
  if (newest === undefined || found.verdict !== "PASS") return found;
  const assertions = newest.assertions ?? 0;
  const rest = { ...found, numbers: { ...found.numbers, assertions } };
  return newest.verdict === "PASS" && assertions > 0
    ? { ...rest, why: "passed" }
    : { ...rest, verdict: "FAIL", why: assertions === 0 ? "it asserted nothing" : "it failed" };
}

function reviewed({ past, seen }: LedgerRead): Judged {
  const open = past.run.open.size;
  const rest = { seen: shown(seen, "TransitionResolved", "RunReviewed"), numbers: { open } };
  if (!seen.has("RunReviewed")) return notRun(open === 0 ? "not reviewed" : `not reviewed; rows open: ${open}`, rest);
  return judged(open === 0, "reviewed, and no row is open", "reviewed with rows open", rest);
}

function enacted(read: LedgerRead): Judged {
  const { seen, past } = read;
  const version = eventsOf(read, "VersionEnacted").find(({ event }) => event.data.run === past.run.run);
  const units = eventsOf(read, "RunEnacted").at(-1)?.event.data.units;
  if (units === undefined) return notRun("not enacted");
  return judged(
    version !== undefined && units === past.run.units.length,
    "in force from there on",
    "enacted with other units than were cut, or without a word on its document",
    { seen: shown(seen, "RunEnacted"), numbers: { units } },
  );
}

function compensationPlan({ past, seen }: LedgerRead): Judged {
  const { compensation, units, run } = past.run;
  if (compensation === null) return notRun("not planned");
  const actions = units.map(({ address, index }) => ({ address, index })).reverse();
  const again = digestOf({ schema: 1, run, actions });
  const rest = { seen: shown(seen, "CompensationPlanned"), numbers: { actions: compensation.actions } };
  return judged(
    compensation.plan === again && compensation.actions === units.length,
    "the inverse of the cut, unit by unit, worked out again",
    "it is not the inverse of what was cut",
    rest,
  );
}

function compensated({ past, seen }: LedgerRead): Judged {
  const { reverted, units } = past.run;
  const rest = {
    seen: shown(seen, "CompensationStarted", "UnitReverted", "CompensationExecuted"),
    numbers: { reverted, units: units.length },
  };
  if (!seen.has("CompensationExecuted"))
    return notRun(
      seen.has("CompensationStarted") ? `begun: ${reverted} of ${units.length} units` : "not carried out",
      rest,
    );
  return judged(
    reverted === units.length,
    "every unit is reverted, none is deleted",
    "not every unit was reverted",
    rest,
  );
}

function held({ past, seen }: LedgerRead): Judged {
  const rest = { seen: shown(seen, "RunHeld", "HoldReleased"), numbers: { holds: seen.get("RunHeld")?.count ?? 0 } };
  return past.run.held === null
    ? { verdict: "PASS", why: seen.has("RunHeld") ? "each HOLD has ended" : "it never was", ...rest }
    : {
        verdict: "HOLD",
        why: `on HOLD since position ${past.run.held.position}: ${past.run.held.data.check}`,
        ...rest,
      };
}
