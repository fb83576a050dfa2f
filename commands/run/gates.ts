/**
 * The sovereign gates. A request fixes what is to be approved; a human's ruling names the digest of exactly that, is good once,
 * and for so long. An agent or a service never rules, and nobody rules on what they, or an agent they answer for, asked.
 */

import { digestOf } from "../../src/events/canonical.js";
import type { FactData } from "../../src/events/facts.js";
import { type GateKind, lastInstantMs } from "../../src/events/fields.js";
import { streamName } from "../../src/events/streams.js";
import { accepted, type Decision, nothing, type Refused, refused, type World } from "../../src/ledger/Decision.js";
import type { CommandsOf } from "../CommandFrame.js";
import { policyInForce } from "../policy.js";
import { principalCategory } from "../principal.js";
import { several } from "../several.js";
import type { commands } from "./commands.js";
import { type Gate, newestGate, type Phase, type RunState } from "./State.js";
import { wrongPhase } from "./wrongPhase.js";

/** From which phases each gate may be asked for, and what it opens. */
const gateTable: Readonly<Record<GateKind, { readonly from: readonly Phase[]; readonly opens: string }>> = {
  SG_1: { from: ["rehearsed", "cutting"], opens: "the cut" },
  SG_2: { from: ["reviewed"], opens: "enactment" },
  SG_C: { from: ["enacted", "compensating"], opens: "the compensation" },
};

/** What a gate of that kind would bind to now; null where there is nothing to approve yet. */
export function bindsOf(
  kind: GateKind,
  state: Readonly<RunState>,
  world: World,
): FactData<"GateRequested">["binds"] | null {
  const { run, plan, dryRun, compensation } = state;
  switch (kind) {
    case "SG_1":
      if (plan === null || dryRun === null) return null;
      return {
        run,
        document: state.document,
        revision: state.revision,
        content: state.content,
        plan: plan.plan,
        cutter: plan.cutter,
        grammar: plan.grammar,
        profile: plan.profile,
        policy: policyInForce(world).digest,
        findings: plan.findings.blocking.map((finding) => finding.id).sort(),
        base: plan.base,
        transition: plan.transition.digest,
        draftRoot: dryRun.draftRoot,
        compensationPlan: dryRun.compensationPlan,
      };
    case "SG_2":
      if (state.legB === null || state.verify === null) return null;
      return {
        run,
        draftRoot: state.draftRoot,
        transition: resolvedTransition(state),
        legB: state.legB.recordDigest,
        verify: state.verify.recordDigest,
      };
    case "SG_C":
      if (compensation === null) return null;
      return { run, draftRoot: state.draftRoot, compensationPlan: compensation.plan, restores: compensation.restores };
  }
}

/** The digest of what every row of the transition has become. */
export function resolvedTransition(state: Readonly<RunState>): string {
  return digestOf({
    units: state.units.map(({ address, unit, transition }) => [address, unit, transition.class, transition.from]),
    repeals: state.repeals.map((repeal) => [repeal.unit, repeal.class]),
  });
}

export function decideRequestGate(
  { actor, data }: CommandsOf<typeof commands, "RequestGate">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  const { from, opens } = gateTable[data.kind];
  if (!from.includes(state.phase)) return wrongPhase(state, `brought to ${data.kind}`, from);
  const binds = bindsOf(data.kind, state, world);
  if (binds === null) {
    return refused(
      "NOTHING_TO_APPROVE",
      `There is nothing yet that ${data.kind} could approve (it opens ${opens}).`,
      { run: state.run, gate: data.kind },
      data.kind === "SG_C" ? "Plan the compensation first." : `See what is missing: iu-ledger readiness ${state.run}`,
    );
  }
  const subject = digestOf(binds);
  const newest = newestGate(state, data.kind);
  // A step that was begun goes on under the approval it began under: another request must not take that away while it is good.
  const begun = state.phase === "cutting" || state.phase === "compensating";
  if (
    newest !== undefined &&
    newest.subject === subject &&
    (begun || !newest.used) &&
    (newest.ruling === null || isGood(newest, world))
  )
    return nothing;
  const number = state.gates.filter((gate) => gate.kind === data.kind).length + 1;
  return accepted([
    {
      stream: streamName("run", state.run),
      type: "GateRequested",
      data: {
        run: state.run,
        gate: `${data.kind}/${number}`,
        kind: data.kind,
        binds,
        subject,
        requestedBy: actor,
        responsible: world.state(principalCategory, actor).responsible,
      },
    },
  ]);
}

export function decideRuleGate(
  { actor, data }: CommandsOf<typeof commands, "RuleGate">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  const gate = state.gates.find((one) => one.gate === data.gate);
  const numbers = { run: state.run, gate: data.gate };
  if (gate === undefined)
    return refused("GATE_UNKNOWN", `This run has no gate ${data.gate}.`, numbers, `iu-ledger gate list ${state.run}`);
  if (gate.ruling !== null) {
    if (gate.ruling.ruledBy === actor && gate.ruling.outcome === data.outcome && gate.subject === data.subject)
      return nothing;
    return refused(
      "GATE_RULED",
      `${data.gate} was ruled ${gate.ruling.outcome} by ${gate.ruling.ruledBy}.`,
      { ...numbers, outcome: gate.ruling.outcome },
      "A ruling stands; request the gate again for a new one.",
    );
  }
  if (gate.requestedBy === actor || gate.responsible === actor) {
    return refused(
      "OWN_REQUEST",
      `${gate.requestedBy} asked for ${data.gate}${gate.responsible === gate.requestedBy ? "" : `, and ${gate.responsible} answers for ${gate.requestedBy}`}: nobody rules on their own request.`,
      { ...numbers, requestedBy: gate.requestedBy, responsible: gate.responsible },
      "Another sovereign must rule.",
    );
  }
  if (data.subject !== gate.subject) {
    return refused(
      "SUBJECT_MISMATCH",
      `The ruling is on ${data.subject.slice(0, 12)}…; ${data.gate} was requested for ${gate.subject.slice(0, 12)}….`,
      { ...numbers, ruled: data.subject, requested: gate.subject },
      `Read what the gate binds to, and rule on that: iu-ledger gate list ${state.run}`,
    );
  }
  if (data.outcome === "approved") {
    const stale = staleRefusal(gate, state, world);
    if (stale !== null) return stale;
    const missing = findingsOf(gate).filter((id) => !data.acknowledge.includes(id));
    if (missing.length > 0) {
      return refused(
        "FINDINGS_OPEN",
        `${several(missing.length, "blocking finding")} not acknowledged: ${missing.slice(0, 5).join(", ")}${missing.length > 5 ? ", …" : ""}.`,
        { ...numbers, missing: missing.length, first: missing[0] ?? null },
        `Read each finding ('iu-ledger gate list ${state.run}'), then acknowledge it by its id: iu-ledger gate rule ${state.run} ${data.gate}`,
      );
    }
  }
  const { gateHours } = policyInForce(world).policy;
  const expiresMs = Date.parse(world.now) + gateHours * 3_600_000;
  if (expiresMs > lastInstantMs) {
    return refused(
      "EXPIRY_OUT_OF_RANGE",
      `A ruling made now, ${world.now}, would last beyond the year 9999.`,
      { ...numbers, now: world.now, gateHours },
      "Check the clock, and the times on the ledger with 'iu-ledger replay'.",
    );
  }
  const expires = new Date(expiresMs).toISOString();
  return accepted([
    {
      stream: streamName("run", state.run),
      type: "GateRuled",
      data: {
        run: state.run,
        gate: gate.gate,
        kind: gate.kind,
        outcome: data.outcome,
        subject: gate.subject,
        // What the gate does not bind cannot be acknowledged under it.
        acknowledged: findingsOf(gate)
          .filter((id) => data.acknowledge.includes(id))
          .sort(),
        reason: data.reason,
        expires,
        ruledBy: actor,
      },
    },
  ]);
}

/** The ids of the findings that a gate's approval must acknowledge. */
function findingsOf(gate: Gate): string[] {
  const findings = gate.binds["findings"];
  return Array.isArray(findings) ? findings : [];
}

/** Whether an approval is there, in time and for what would be done now. */
function isGood(gate: Gate, world: World): boolean {
  const { ruling } = gate;
  return (
    ruling?.outcome === "approved" &&
    ruling.expires > world.now &&
    !world.state(principalCategory, ruling.ruledBy).revoked
  );
}

/** The approval a step needs: the newest gate of the kind, or why it does not open. `usedIsGood`: the step was begun under it. */
export function openGate(
  kind: GateKind,
  state: Readonly<RunState>,
  world: World,
  usedIsGood = false,
): { readonly ok: true; readonly gate: Gate } | { readonly ok: false; readonly refused: Refused } {
  const gate = newestGate(state, kind);
  const numbers = { run: state.run, gate: gate?.gate ?? kind };
  const no = (code: string, message: string, next: string) =>
    ({ ok: false, refused: refused(code, message, numbers, next) }) as const;
  if (gate === undefined)
    return no(
      "GATE_REQUIRED",
      `${kind} has not been requested; it opens ${gateTable[kind].opens}.`,
      `iu-ledger gate request ${state.run} ${kind}`,
    );
  if (gate.ruling === null)
    return no(
      "GATE_NOT_RULED",
      `${gate.gate} waits for a sovereign human's ruling.`,
      `iu-ledger gate rule ${state.run} ${gate.gate}`,
    );
  if (gate.ruling.outcome === "rejected")
    return no(
      "GATE_REJECTED",
      `${gate.gate} was rejected by ${gate.ruling.ruledBy}: ${gate.ruling.reason}`,
      `Mend what was rejected, and ask again: iu-ledger gate request ${state.run} ${kind}`,
    );
  if (world.state(principalCategory, gate.ruling.ruledBy).revoked)
    return no(
      "RULER_REVOKED",
      `${gate.ruling.ruledBy}, who approved ${gate.gate}, has been revoked since.`,
      `iu-ledger gate request ${state.run} ${kind}`,
    );
  if (gate.ruling.expires <= world.now)
    return no(
      "GATE_EXPIRED",
      `${gate.gate} expired at ${gate.ruling.expires}; it is ${world.now}.`,
      `iu-ledger gate request ${state.run} ${kind}`,
    );
  if (gate.used && !usedIsGood)
    return no(
      "GATE_USED",
      `${gate.gate} has been used; an approval is good once.`,
      `iu-ledger gate request ${state.run} ${kind}`,
    );
  const stale = staleRefusal(gate, state, world);
  return stale === null ? { ok: true, gate } : { ok: false, refused: stale };
}

function staleRefusal(gate: Gate, state: Readonly<RunState>, world: World): Refused | null {
  const now = bindsOf(gate.kind, state, world);
  if (now !== null && digestOf(now) === gate.subject) return null;
  const changed =
    now === null
      ? ["everything"]
      : Object.keys(gate.binds).filter((key) => digestOf(gate.binds[key]) !== digestOf(now[key] ?? null));
  return refused(
    "GATE_STALE",
    `What ${gate.gate} was requested for has changed since: ${changed.join(", ")}.`,
    { run: state.run, gate: gate.gate, changed: changed.join(",") },
    `iu-ledger gate request ${state.run} ${gate.kind}`,
  );
}
