// The steps of histories to project: a ledger with its people, and runs taken through their phases, over small texts of one unit a line.
import { bindsOf } from "../../commands/run/gates.js";
import { runCategory, type Unit } from "../../commands/run/State.js";
import { digestOf } from "../../src/events/canonical.js";
import { commitUnit } from "../../src/events/commitment.js";
import type { FactData } from "../../src/events/facts.js";
import { embeddedPolicy, type GateKind } from "../../src/events/fields.js";
import { writersLock } from "../../src/writers/lock.js";
import { fact, type Said, type Scribe } from "./scribe.js";

const d = (text: string) => digestOf(text);
const surfaces = { size: 0, root: d("root"), tables: {}, schema: d("schema") };
export const key = (n: number) => ({
  keyid: n.toString(16).padStart(16, "0"),
  public: `${String(n).padStart(42, "A")}A=`,
});

/** Ann and Bob rule, Cleo reviews and verifies, an agent of Ann's orchestrates and writes. */
export async function openHistory(s: Scribe): Promise<void> {
  await s.say(
    "ann",
    fact("ledger-root", "LedgerOpened", { ledger: "test", format: 1, origin: "ledger.example/test" }),
    ...person("ann", "human", ["sovereign", "admin"], "ann", 1),
    fact("policy-ledger", "PolicyAdopted", { policy: embeddedPolicy, digest: digestOf(embeddedPolicy) }),
    ...writersLock.map((writer) => fact(`writer-${writer.name}`, "WriterRatified", writer)),
  );
  await s.say("ann", ...person("bob", "human", ["sovereign", "editor"], "bob", 2));
  await s.say("ann", ...person("cleo", "human", ["reviewer", "verifier"], "cleo", 3));
  await s.say("ann", ...person("agent", "agent", ["orchestrator", "executor", "writer"], "ann", 4));
}

function person(
  principal: string,
  kind: "human" | "agent",
  roles: FactData<"PrincipalRegistered">["roles"],
  responsible: string,
  n: number,
): Said[] {
  return [
    fact(`principal-${principal}`, "PrincipalRegistered", {
      principal,
      kind,
      name: principal.toUpperCase(),
      roles,
      responsible,
      key: key(n),
    }),
    fact(`key-${key(n).keyid}`, "KeyBound", { keyid: key(n).keyid, principal }),
  ];
}

export interface Text {
  readonly content: string;
  readonly salt: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Registers a document, or revises it if it has a revision already. */
export async function writeDocument(s: Scribe, document: string, revision: number, text: string): Promise<Text> {
  const bytes = new TextEncoder().encode(text);
  const { commitment, salt } = await s.put(bytes);
  const data = { document, content: commitment, length: bytes.length };
  const said =
    revision === 0
      ? fact(`document-${document}`, "DocumentRegistered", { ...data, title: "Charter", source: null })
      : fact(`document-${document}`, "DocumentRevised", { ...data, revision });
  await s.say("bob", said);
  return { content: commitment, salt, bytes };
}

export interface RunPlan {
  readonly run: string;
  readonly document: string;
  readonly revision: number;
  readonly text: Text;
  readonly units: readonly FactData<"UnitCut">[];
  readonly repeals: readonly FactData<"RepealProposed">[];
  readonly base: string | null;
}

/** Cuts a text into the whole and its lines. `ids` gives a line's unit id; `open` says which lines wait for a human. */
export function planUnits(
  run: string,
  document: string,
  text: Text,
  ids: (line: number) => string,
  open: (line: number) => boolean = () => false,
): FactData<"UnitCut">[] {
  const units: FactData<"UnitCut">[] = [];
  const add = (line: number, address: string, start: number, end: number) => {
    const raw = commitUnit(text.salt, text.bytes.subarray(start, end));
    units.push({
      run,
      document,
      index: units.length,
      unit: ids(line),
      address,
      kind: line === 0 ? "document" : "article",
      label: line === 0 ? null : String(line),
      parent: line === 0 ? null : "doc",
      span: { start, end },
      raw,
      norm: d(raw),
      transition: { class: open(line) ? "amend" : "insert", from: open(line) ? [ids(line)] : [], open: open(line) },
    });
  };
  add(0, "doc", 0, text.bytes.length);
  let start = 0;
  for (let at = 0, line = 1; at <= text.bytes.length; at++) {
    if (at < text.bytes.length && text.bytes[at] !== 10) continue;
    if (at > start) add(line, `art_${line++}`, start, at);
    start = at + 1;
  }
  return units;
}

export async function openRun(s: Scribe, { run, document, revision, text }: RunPlan): Promise<void> {
  await s.say(
    "agent",
    fact(`run-${run}`, "RunOpened", { run, document, revision, content: text.content, mode: "live" }),
    fact(`document-${document}`, "DocumentClaimed", { document, run, revision }),
  );
}

/** Assessed, planned, tried. The plan's titles say which line they are of. */
export async function planRun(s: Scribe, { run, units, base }: RunPlan): Promise<void> {
  const stream = `run-${run}`;
  await s.say(
    "agent",
    fact(stream, "TargetAssessed", {
      run,
      verdict: "safe",
      reasons: [{ code: "SIZE", verdict: "safe", message: "It is small." }],
    }),
  );
  const plan = { units: units.map(({ address }) => ({ address, title: address === "doc" ? null : `Of ${address}` })) };
  const bytes = new TextEncoder().encode(JSON.stringify(plan));
  const { commitment } = await s.put(bytes);
  const open = units.filter((unit) => unit.transition.open).length;
  await s.say(
    "agent",
    fact(stream, "CutPlanned", {
      run,
      plan: digestOf(plan),
      planContent: commitment,
      cutter: "test.1",
      grammar: "statute",
      profile: "en",
      units: units.length,
      findings: { total: 1, blocking: [{ id: "f00d", rule: "L5", address: "art_1" }] },
      base,
      transition: { digest: d(`${run} rows`), open, classes: { insert: units.length - open, amend: open } },
      policy: digestOf(embeddedPolicy),
    }),
  );
  await s.say(
    "agent",
    fact(stream, "DryRunRecorded", {
      run,
      verdict: "PASS",
      units: units.length,
      draftRoot: d(`${run} draft`),
      rules: [{ rule: "L1", assertions: units.length, failures: 0 }],
      compensationPlan: d(`${run} back`),
      nonMutation: {
        verdict: "PASS",
        before: surfaces,
        after: surfaces,
        differs: [],
        control: { mutation: "a row", detected: true, differs: ["schema"] },
      },
    }),
  );
}

/** A gate asked for by the agent and ruled on by Bob; answers its name. `rule` false: asked for only. */
export async function passGate(s: Scribe, run: string, kind: GateKind, rule = true): Promise<string> {
  const state = s.world().state(runCategory, run);
  const binds = bindsOf(kind, state, s.world());
  if (binds === null) throw new Error(`nothing to approve by ${kind}`);
  const subject = digestOf(binds);
  const gate = `${kind}/${state.gates.filter((one) => one.kind === kind).length + 1}`;
  await s.say(
    "agent",
    fact(`run-${run}`, "GateRequested", { run, gate, kind, binds, subject, requestedBy: "agent", responsible: "ann" }),
  );
  if (!rule) return gate;
  await s.say(
    "bob",
    fact(`run-${run}`, "GateRuled", {
      run,
      gate,
      kind,
      outcome: "approved",
      subject,
      acknowledged: ["f00d"],
      reason: "It is right.",
      expires: new Date(Date.parse(s.now()) + 24 * 3_600_000).toISOString(),
      ruledBy: "bob",
    }),
  );
  return gate;
}

export async function arm(s: Scribe, run: string, hours = 2): Promise<void> {
  const until = new Date(Date.parse(s.now()) + hours * 3_600_000).toISOString();
  await s.say("bob", fact("execution-switch", "ExecutionArmed", { run, until, reason: "Cut it." }));
}

/** Cuts everything, in chunks of so many units. */
export async function cut(s: Scribe, plan: RunPlan, gate: string, chunkSize = 500): Promise<void> {
  const { run, units, repeals } = plan;
  const stream = `run-${run}`;
  const start = fact(stream, "CutStarted", { run, gate, plan: d("plan"), armedUntil: s.now() });
  for (let from = 0; from < units.length; from += chunkSize) {
    const chunk = units.slice(from, from + chunkSize).map((unit) => fact(stream, "UnitCut", unit));
    await s.say("agent", ...(from === 0 ? [start] : []), ...chunk);
  }
  await s.say(
    "agent",
    ...repeals.map((repeal) => fact(stream, "RepealProposed", repeal)),
    fact(stream, "CutExecuted", {
      run,
      units: units.length,
      repeals: repeals.length,
      open: units.filter((unit) => unit.transition.open).length + repeals.length,
      draftRoot: d(`${run} draft`),
    }),
  );
}

function written(run: string, name: string, by: { responsible: string; keyid: string }) {
  const record = { schema: 1, name };
  const writer = { name, version: 1, source: d(name) };
  return { run, by, writer, record, recordDigest: digestOf(record), writerDigest: d(`${run} ${name}`) };
}

/** Leg B, Verify and review. */
export async function recordAndReview(s: Scribe, run: string, resolve?: Said): Promise<void> {
  const stream = `run-${run}`;
  await s.say("agent", fact(stream, "LegBRecorded", written(run, "legB", { responsible: "ann", keyid: "4" })));
  const verified = written(run, "verify", { responsible: "cleo", keyid: "3" });
  await s.say("cleo", fact(stream, "VerifyRecorded", { ...verified, verdict: "PASS", assertions: 12 }));
  if (resolve !== undefined) await s.say("cleo", resolve);
  await s.say("cleo", fact(stream, "RunReviewed", { run, note: "Read." }));
}

export async function enact(s: Scribe, { run, document, revision, units, base }: RunPlan, gate: string): Promise<void> {
  await s.say(
    "bob",
    fact(`run-${run}`, "RunEnacted", { run, gate, units: units.length }),
    fact(`document-${document}`, "VersionEnacted", { document, run, revision, supersedes: base }),
    fact(`document-${document}`, "DocumentReleased", { document, run, outcome: "enacted" }),
  );
}

export async function planCompensation(s: Scribe, { run, units }: RunPlan, restores: string | null): Promise<void> {
  const from = s.world().state(runCategory, run).phase === "enacted" ? "enacted" : "draft";
  await s.say(
    "ann",
    fact(`run-${run}`, "CompensationPlanned", {
      run,
      plan: d(`${run} back`),
      actions: units.length,
      reason: "It was wrong.",
      restores,
      dependents: [],
      before: { [from]: units.length, superseded: 0, reverted: 0 },
      after: { [from]: 0, superseded: 0, reverted: units.length },
    }),
  );
}

/** Reverts every unit, last one first, in chunks, then records and verifies it. */
export async function compensate(
  s: Scribe,
  { run, document }: RunPlan,
  gate: string | null,
  restores: string | null,
  chunkSize = 500,
): Promise<void> {
  const stream = `run-${run}`;
  const from = gate === null ? "draft" : "enacted";
  await s.say("agent", fact(stream, "CompensationStarted", { run, plan: d(`${run} back`), gate }));
  const units: Unit[] = [...s.world().state(runCategory, run).units].reverse();
  for (let at = 0; at < units.length; at += chunkSize) {
    const chunk = units
      .slice(at, at + chunkSize)
      .map(({ index, unit, address }) => fact(stream, "UnitReverted", { run, index, unit, address, from }));
    await s.say("agent", ...chunk);
  }
  await s.say(
    "agent",
    fact(stream, "CompensationExecuted", { run, reverted: units.length, restores }),
    ...(gate === null ? [] : [fact(`document-${document}`, "VersionReverted", { document, run, restores })]),
  );
  const b = written(run, "compensationB", { responsible: "ann", keyid: "4" });
  await s.say("agent", fact(stream, "CompensationBRecorded", b));
  const verified = written(run, "verifyCompensation", { responsible: "cleo", keyid: "3" });
  await s.say(
    "cleo",
    fact(stream, "CompensationVerified", { ...verified, verdict: "PASS", assertions: 3 }),
    ...(gate === null
      ? [fact(`document-${document}`, "DocumentReleased", { document, run, outcome: "reverted" })]
      : []),
  );
}

/** A run from opened to enacted over a text. */
export async function enactText(s: Scribe, plan: RunPlan, chunkSize = 500): Promise<void> {
  await openRun(s, plan);
  await planRun(s, plan);
  const gate = await passGate(s, plan.run, "SG_1");
  await arm(s, plan.run);
  await cut(s, plan, gate, chunkSize);
  await recordAndReview(s, plan.run);
  await enact(s, plan, await passGate(s, plan.run, "SG_2"));
}
