/** What the documents of a report tell of the run beside its verdicts: plan, dry run, gates, cut, records, the way back. Events in, plain values out; no word of the governed text. */
import { canonicalText, digestOf } from "../events/canonical.js";
import { emptyRange, extendRange, hashLeaf, rootHex } from "../tlog/tree.js";
import type { PastUnit, Placed } from "./Past.js";
import { eventsOf, type LedgerRead } from "./readLedger.js";
import type { Act, CutReport, GateReport, Predicate, SourceSurvey } from "./Statement.js";

/** Changed units that are listed one by one. */
const changedMax = 200;

export function actOf({ position, event }: Placed): Act {
  return { position, at: event.time, by: event.actor };
}

export function sourceOf(read: LedgerRead): SourceSurvey {
  const { past } = read;
  const registered = eventsOf(read, "DocumentRegistered")[0];
  const revisions = [
    ...(registered === undefined ? [] : [{ ...registered, revision: 0 }]),
    ...eventsOf(read, "DocumentRevised").map((one) => ({ ...one, revision: one.event.data.revision })),
  ];
  const released = eventsOf(read, "DocumentReleased");
  return {
    document: past.run.opened?.document ?? "",
    title: (registered?.event.data.title ?? "").toWellFormed(),
    source: registered?.event.data.source?.toWellFormed() ?? null,
    revisions: revisions.map(({ revision, ...placed }) => {
      const { content, length } = placed.event.data;
      return { ...actOf(placed), revision, content, length, erased: past.erased.get(content) ?? null };
    }),
    runs: eventsOf(read, "DocumentClaimed").map(({ position, event }) => ({
      run: event.data.run,
      revision: event.data.revision,
      position,
      outcome: released.findLast((one) => one.event.data.run === event.data.run)?.event.data.outcome ?? null,
    })),
  };
}

export function targetOf(read: LedgerRead): Predicate["target"] {
  const all = eventsOf(read, "TargetAssessed");
  const newest = all.at(-1);
  if (newest === undefined) return null;
  const { verdict, reasons } = newest.event.data;
  return { ...actOf(newest), verdict, reasons, assessments: all.length };
}

export function planOf(read: LedgerRead): Predicate["plan"] {
  const all = eventsOf(read, "CutPlanned");
  const newest = all.at(-1);
  if (newest === undefined) return null;
  const { run: _, transition, findings, policy: __, ...plan } = newest.event.data;
  const rulings = eventsOf(read, "GateRuled").filter(
    ({ position, event }) => event.data.outcome === "approved" && position > newest.position,
  );
  return {
    ...actOf(newest),
    ...plan,
    erased: read.past.erased.get(plan.planContent) ?? null,
    classes: transition.classes,
    open: transition.open,
    findings: findings.total,
    blocking: findings.blocking.map((finding) => ({
      ...finding,
      acknowledged: rulings.find(({ event }) => event.data.acknowledged.includes(finding.id))?.event.data.gate ?? null,
    })),
    plans: all.length,
  };
}

export function dryRunOf(read: LedgerRead): Predicate["dryRun"] {
  const newest = eventsOf(read, "DryRunRecorded").at(-1);
  if (newest === undefined) return null;
  const { verdict, units, draftRoot, compensationPlan, rules } = newest.event.data;
  return { ...actOf(newest), verdict, units, draftRoot, compensationPlan, rules };
}

export function gatesOf({ past }: LedgerRead, requests: readonly Placed[]): GateReport[] {
  return requests.flatMap((placed) => {
    if (placed.event.type !== "GateRequested") return [];
    const known = past.run.gates.get(placed.event.data.gate);
    const { gate, kind, responsible, subject, binds } = placed.event.data;
    const ruling = known?.position === placed.position ? known.ruling : null;
    return {
      ...actOf(placed),
      gate,
      kind,
      responsible,
      subject,
      subjectHolds: digestOf(binds) === subject,
      binds: Object.entries(binds).map(([name, value]): [string, string] => [
        name,
        Array.isArray(value) ? value.join(", ") : String(value ?? "none"),
      ]),
      ruling:
        ruling === null
          ? null
          : {
              position: ruling.position,
              at: ruling.time,
              by: ruling.actor,
              kind: past.principals.get(ruling.actor)?.kind ?? null,
              outcome: ruling.data.outcome,
              reason: ruling.data.reason,
              expires: ruling.data.expires,
              acknowledged: ruling.data.acknowledged,
            },
      used: known?.position === placed.position ? known.used : null,
    };
  });
}

export function cutReportOf(read: LedgerRead): CutReport | null {
  const started = eventsOf(read, "CutStarted")[0];
  if (started === undefined) return null;
  const { units, repeals, open, plan } = read.past.run;
  const first = (plan?.base ?? null) === null;
  const changed = first
    ? []
    : [
        ...units.filter((unit) => unit.class !== "unchanged" && unit.class !== "layout"),
        ...repeals.filter((repeal) => repeal.class === "repeal"),
      ];
  const executed = eventsOf(read, "CutExecuted").at(-1);
  return {
    started: started.position,
    executed: executed?.position ?? null,
    units: units.length,
    repeals: repeals.length,
    planned: plan?.units ?? 0,
    open: open.size,
    kinds: counts(units.map(({ kind }) => kind)),
    classes: counts([...units, ...repeals].map((one) => one.class)),
    draftRoot: executed?.event.data.draftRoot ?? null,
    recomputed: unitsRoot(units),
    changed: changed.slice(0, changedMax).map(({ address, class: became, unit }) => ({
      address,
      class: became as CutReport["changed"][number]["class"],
      unit,
    })),
    more: Math.max(0, changed.length - changedMax),
  };
}

function counts(names: readonly string[]): Record<string, number> {
  const counted = new Map<string, number>();
  for (const name of names) counted.set(name, (counted.get(name) ?? 0) + 1);
  return Object.fromEntries(counted);
}

/** RFC 6962 root over the units' leaves, as leg B defines them, from the events. */
function unitsRoot(units: readonly PastUnit[]): string {
  const leaves = units.map(({ address, span, index, kind, label, norm, parent, raw }) =>
    hashLeaf(
      Buffer.from(canonicalText({ address, end: span.end, index, kind, label, norm, parent, raw, start: span.start })),
    ),
  );
  return rootHex(extendRange(emptyRange, leaves));
}

export function versionsOf(read: LedgerRead): Predicate["versions"] {
  const { run } = read.past.run;
  return {
    before: read.past.run.plan?.base ?? null,
    now: inForce(read).at(-1) ?? null,
    enacted: eventsOf(read, "VersionEnacted").find(({ event }) => event.data.run === run)?.position ?? null,
    reverted: eventsOf(read, "VersionReverted").find(({ event }) => event.data.run === run)?.position ?? null,
  };
}

/** Runs whose versions were enacted and not reverted, oldest first. */
function inForce(read: LedgerRead): string[] {
  let runs: string[] = [];
  for (const { event } of read.events) {
    if (event.type === "VersionEnacted") runs.push(event.data.run);
    if (event.type === "VersionReverted") {
      const { run } = event.data;
      runs = runs.filter((one) => one !== run);
    }
  }
  return runs;
}

export function compensationOf(read: LedgerRead): Predicate["compensation"] {
  const { past } = read;
  const { run, units, reverted, dryRun } = past.run;
  const planned = eventsOf(read, "CompensationPlanned").at(-1);
  const enacted = inForce(read);
  const at = enacted.indexOf(run);
  let shown: Predicate["compensation"]["planned"] = null;
  if (planned !== undefined) {
    const { run: _, ...data } = planned.event.data;
    shown = { ...actOf(planned), ...data };
  }
  return {
    expected: dryRun?.compensationPlan ?? null,
    planned: shown,
    started: eventsOf(read, "CompensationStarted")[0]?.position ?? null,
    executed: eventsOf(read, "CompensationExecuted").at(-1)?.position ?? null,
    reverted,
    units: units.length,
    dependents: at < 0 ? [] : enacted.slice(at + 1),
  };
}
