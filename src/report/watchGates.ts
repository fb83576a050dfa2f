/**
 * Watches over rulings and what they open: only sovereign humans rule, nobody on their own request, nothing is cut, enacted or taken back
 * but under an approval that was for exactly that, in time, not used before, by somebody still in force.
 */
import { digestOf } from "../events/canonical.js";
import type { GateKind } from "../events/fields.js";
import { isRevoked, type Past, type PastGate } from "./Past.js";
import { type Watch, watch } from "./Watch.js";

type Condition = readonly [holds: boolean, otherwise: string];

export function gateWatches(run: string): Watch[] {
  const stream = `run-${run}`;
  return [
    watch(
      {
        id: "ruled-by-humans",
        says: "No agent and no service ruled: each ruling is by a sovereign human in force.",
        scope: "run",
        of: ["ruling", "rulings"],
        by: "each GateRuled of the run: its actor, who it names, and their kind and roles at that position",
      },
      (looking, { position, event }, past) => {
        if (event.stream !== stream || event.type !== "GateRuled") return;
        const { gate, ruledBy } = event.data;
        const ruler = past.principals.get(event.actor);
        looking.judge(position, [
          [ruler !== undefined, `${gate} was ruled by ${event.actor}, who was not registered`],
          [ruler?.kind !== "agent" && ruler?.kind !== "service", `${gate} was ruled by ${event.actor}: ${ruler?.kind}`],
          [ruler === undefined || !ruler.revoked, `${gate} was ruled by ${event.actor}, who was revoked`],
          [
            ruler === undefined || ruler.roles.includes("sovereign"),
            `${gate} was ruled by ${event.actor}, no sovereign`,
          ],
          [ruledBy === event.actor, `${gate} says ${ruledBy} ruled; ${event.actor} signed`],
        ]);
      },
    ),
    watch(
      {
        id: "own-request",
        says: "Nobody ruled on their own request, or on that of an agent or service they answer for.",
        scope: "run",
        of: ["ruling", "rulings"],
        by: "each GateRuled of the run, with the GateRequested it names and who answered for the requester then",
      },
      (looking, { position, event }, past) => {
        if (event.stream !== stream || event.type !== "GateRuled") return;
        const gate = past.run.gates.get(event.data.gate);
        if (gate === undefined) {
          looking.judge(position, [[false, `${event.data.gate} was ruled and never requested`]]);
          return;
        }
        const { requestedBy, responsible } = gate.requested;
        const answers = past.principals.get(requestedBy)?.responsible;
        looking.judge(position, [
          [event.actor !== requestedBy, `${event.actor} asked for ${event.data.gate} and ruled on it`],
          [
            event.actor === requestedBy || (event.actor !== responsible && event.actor !== answers),
            `${event.actor} answers for ${requestedBy}, who asked for ${event.data.gate}`,
          ],
          [gate.ruling === null, `${event.data.gate} had been ruled already`],
        ]);
      },
    ),
    watch(
      {
        id: "cut-under-approval",
        says: "No unit was cut without an approved, unexpired, unused SG_1 bound to that plan.",
        scope: "run",
        of: ["event of the cut", "events of the cut"],
        by: "each CutStarted, UnitCut, RepealProposed and CutExecuted of the run, with its SG_1, the plan, the dry run and the policy at that position",
      },
      (looking, { position, event }, past) => {
        if (event.stream !== stream) return;
        if (event.type === "CutStarted") {
          const { gate, plan } = event.data;
          const named = past.run.gates.get(gate);
          looking.judge(position, [
            ...opened("SG_1", gate, named, event.time, past),
            [named === undefined || named.used === null, `${gate} had been used at position ${named?.used}`],
            [plan === past.run.plan?.plan, "what was begun is not the plan on the ledger"],
            ...boundToPlan(named, past),
          ]);
        } else if (event.type === "UnitCut" || event.type === "RepealProposed" || event.type === "CutExecuted") {
          const under = past.run.cutUnder;
          const named = under === null ? undefined : past.run.gates.get(under);
          looking.judge(
            position,
            under === null
              ? [[false, `${event.type} before any CutStarted`]]
              : [...opened("SG_1", under, named, event.time, past), ...boundToPlan(named, past)],
          );
        }
      },
    ),
    watch(
      {
        id: "enacted-under-approval",
        says: "Nothing was enacted without an approved, unexpired, unused SG_2 for exactly those records, or with open rows of the transition.",
        scope: "run",
        of: ["enactment", "enactments"],
        by: "each RunEnacted of the run, with its SG_2, the records, the transition and the rows at that position",
      },
      (looking, { position, event }, past) => {
        if (event.stream !== stream || event.type !== "RunEnacted") return;
        const { gate } = event.data;
        const named = past.run.gates.get(gate);
        const actor = past.principals.get(event.actor);
        const { draftRoot, legB, verify, open } = past.run;
        looking.judge(position, [
          ...opened("SG_2", gate, named, event.time, past),
          [named === undefined || named.used === null, `${gate} had been used at position ${named?.used}`],
          [open.size === 0, `rows of the transition were open: ${open.size}`],
          [
            actor?.kind === "human" && actor.roles.includes("sovereign"),
            `${event.actor}, who enacted, is no sovereign human`,
          ],
          [verify?.verdict === "PASS", "no Verify had passed"],
          ...(named === undefined
            ? []
            : bound(gate, named, {
                draftRoot,
                legB: legB?.recordDigest ?? null,
                verify: verify?.recordDigest ?? null,
                transition: resolvedTransition(past),
              })),
        ]);
      },
    ),
    watch(
      {
        id: "compensated-under-plan",
        says: "Nothing was taken back but by a recorded plan, and no enacted version without an approved, unexpired SG_C for it.",
        scope: "run",
        of: ["event of the compensation", "events of the compensation"],
        by: "each CompensationStarted, UnitReverted and CompensationExecuted of the run, with the plan and its SG_C at that position",
      },
      (looking, { position, event }, past) => {
        if (event.stream !== stream) return;
        const { compensation, compensating, enacted } = past.run;
        if (event.type === "CompensationStarted") {
          const { gate, plan } = event.data;
          looking.judge(position, [
            [compensation !== null, "no compensation plan was recorded"],
            [
              compensation === null || compensation.plan === plan,
              "what was begun is not the compensation plan on the ledger",
            ],
            ...taken(gate, event.time, past, true),
          ]);
        } else if (event.type === "UnitReverted" || event.type === "CompensationExecuted") {
          looking.judge(position, [
            [compensating !== null, `${event.type} before any CompensationStarted`],
            ...(compensating === null ? [] : taken(compensating.gate, event.time, past, false)),
            [
              event.type !== "UnitReverted" || (event.data.from === "enacted") === enacted,
              `a unit is said to be reverted from ${event.type === "UnitReverted" ? event.data.from : ""}, which it was not`,
            ],
          ]);
        }
      },
    ),
  ];
}

/** What an approval must be to open anything at that time. */
function opened(kind: GateKind, name: string, gate: PastGate | undefined, time: string, past: Past): Condition[] {
  if (gate === undefined) return [[false, `${name} was never requested`]];
  const { ruling, requested } = gate;
  return [
    [requested.kind === kind, `${name} is no ${kind}`],
    [requested.run === past.run.run, `${name} was requested for another run`],
    [digestOf(requested.binds) === requested.subject, `the subject of ${name} is not the digest of what it binds`],
    [ruling !== null, `${name} had not been ruled`],
    ...(ruling === null
      ? []
      : ([
          [ruling.data.outcome === "approved", `${name} had been ${ruling.data.outcome}`],
          [ruling.data.subject === requested.subject, `the ruling on ${name} is on another subject`],
          [ruling.data.expires > time, `${name} had expired at ${ruling.data.expires}`],
          [!isRevoked(past, ruling.actor), `${ruling.actor}, who approved ${name}, had been revoked`],
        ] as const)),
  ];
}

/** Each member bound must be what it is now. */
function bound(name: string, gate: PastGate, now: Readonly<Record<string, string | null>>): Condition[] {
  return Object.entries(now).map(
    ([member, value]) =>
      [
        (gate.requested.binds[member] ?? null) === value,
        `${name} is bound to another ${member} than there was`,
      ] as const,
  );
}

function boundToPlan(gate: PastGate | undefined, past: Past): Condition[] {
  if (gate === undefined) return [];
  const { plan, dryRun, opened: begun } = past.run;
  const findings = (plan?.findings.blocking ?? []).map(({ id }) => id);
  const read = gate.ruling?.data.acknowledged ?? [];
  return [
    ...bound(gate.requested.gate, gate, {
      plan: plan?.plan ?? null,
      content: begun?.content ?? null,
      document: begun?.document ?? null,
      base: plan?.base ?? null,
      policy: past.policy.digest,
      draftRoot: dryRun?.draftRoot ?? null,
      compensationPlan: dryRun?.compensationPlan ?? null,
    }),
    [begun?.mode === "live", "the run is a rehearsal, which never cuts"],
    [dryRun?.verdict === "PASS", "no dry run of the plan had passed"],
    [
      findings.every((id) => read.includes(id)),
      `${gate.requested.gate} was approved without acknowledging every blocking finding`,
    ],
  ];
}

function taken(gate: string | null, time: string, past: Past, first: boolean): Condition[] {
  const { enacted, compensation } = past.run;
  if (gate === null) return [[!enacted, "the run was enacted, and no SG_C opened its compensation"]];
  const named = past.run.gates.get(gate);
  return [
    ...opened("SG_C", gate, named, time, past),
    [!first || named === undefined || named.used === null, `${gate} had been used at position ${named?.used}`],
    ...(named === undefined ? [] : bound(gate, named, { compensationPlan: compensation?.plan ?? null })),
  ];
}

/** The digest of what every row of the transition has become, by the same definition as the decisions' own, from the events. */
export function resolvedTransition({ run }: Pick<Past, "run">): string {
  return digestOf({
    units: run.units.map(({ address, unit, class: became, from }) => [address, unit, became, from]),
    repeals: run.repeals.map(({ unit, class: became }) => [unit, became]),
  });
}
