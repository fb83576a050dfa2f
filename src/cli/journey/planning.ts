/** From an opened run to a plan that has passed its dry run: what is looked at, what would be cut, and the proof that looking changed nothing. */
import type { FactData } from "../../events/facts.js";
import { dryRun } from "../../client/dryRun.js";
import { planRun } from "../../client/planRun.js";
import type { Plan, Unit } from "../../documents/Plan.js";
import { refusedStop, Stop } from "../output/Problem.js";
import { outcomeOf } from "../output/result.js";
import { marks, type Style } from "../output/style.js";
import { guidesOf } from "../output/tree.js";
import { brief, counted, grouped, pad, shorten, visible, widthOf } from "../output/text.js";
import { checkInterrupt } from "./interrupt.js";
import { act, readingLine, signingLine, dataOf, type Journey, runState } from "./act.js";
import { described, personWith } from "./people.js";
import { positionsOf, typesOf } from "./wording.js";

/** Whether the document is a safe target, with a reason for each thing that was looked at. */
export async function assessScene(journey: Journey): Promise<void> {
  const { screen, run } = journey;
  screen.step("The target is assessed");
  const events = await act(journey, orchestratorOf(journey), "AssessTarget", { run });
  const { verdict, reasons } = dataOf<FactData<"TargetAssessed">>(events, "TargetAssessed");
  screen.gap();
  const { good, bad, open } = screen.style;
  const signs = { safe: { text: marks.good, paint: good }, unsafe: { text: marks.bad, paint: bad }, ruling: { text: marks.open, paint: open } };
  for (const { code, verdict: each, message } of reasons) {
    const { text, paint } = signs[each];
    screen.lines([`${paint(text)} ${pad(code, 10)} ${visible(message)}`]);
  }
  if (verdict === "ruling") screen.say("A human decides at SG_1.", open);
}

/** The plan: which grammar and why, the tree of units, the findings. */
export async function planScene(journey: Journey): Promise<void> {
  const { screen, run, ledger, cutting, signal } = journey;
  const state = await runState(journey);
  if (state.assessment === "unsafe") {
    const stopping = signingLine(journey, "run", "abandon", run, "--reason", "…");
    throw refusedStop(
      "TARGET_UNSAFE",
      "The assessment found this document an unsafe target, for the reasons above.",
      `Mend what it names, then give this run up: ${stopping}`,
      { run },
    );
  }
  screen.step("The cut is planned");
  checkInterrupt(signal);
  const since = performance.now();
  const orchestrator = orchestratorOf(journey);
  const planned = await planRun(ledger, run, orchestrator.signer, cutting);
  if (planned.kind === "no content") {
    throw refusedStop("CONTENT_MISSING", "The text of this document is not in the content store.", "Restore it from a backup.", { run });
  }
  if (planned.kind === "uncuttable") {
    const { code, message, offset, next } = planned.plan;
    throw refusedStop(code, message, next, { offset });
  }
  const outcome = outcomeOf(planned.result);
  if (!outcome.ok) throw new Stop(outcome.problem);
  const { plan, chosen, digest } = planned.plan;
  screen.facts([
    ["cutter", `${plan.cutter}, grammar ${chosen.grammar}, profile ${chosen.profile}`],
    ["why", chosen.why],
    ["units", kindsOf(plan.units)],
    ["plan", `${brief(digest)}, the same for the same bytes on any machine`],
  ]);
  screen.gap();
  const content = await ledger.content(state.content);
  screen.lines(treeLines(plan, content?.bytes ?? new Uint8Array(), screen.style, screen.width));
  showFindings(journey, plan);
  screen.gap();
  const { events } = outcome.done;
  screen.act(positionsOf(events), typesOf(events), described(orchestrator), performance.now() - since);
}

function kindsOf(units: readonly Unit[]): string {
  const kinds = new Map<string, number>();
  for (const { kind } of units) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return `${grouped(units.length)} (${[...kinds].map(([kind, count]) => `${kind} ${grouped(count)}`).join(", ")})`;
}

/** So many units of a tree are shown: the upper levels, and one branch opened to the bottom so that the shape is seen. */
const treeMax = 16;

/** The tree of units with addresses, titles and spans, in a few lines however many units there are. */
export function treeLines({ units }: Plan, bytes: Uint8Array, style: Style, width: number): string[] {
  const chosen = chooseUnits(units);
  const guides = guidesOf(chosen.map(({ unit }) => unit.depth));
  const lines = chosen.map(({ unit, hidden }, i) => {
    const guide = guides[i] ?? "";
    const more = hidden === 0 ? "" : ` +${grouped(hidden)}`;
    return { guide, address: unit.address, title: wordsOf(unit, bytes), more, span: `${grouped(unit.span.start)}–${grouped(unit.span.end)}` };
  });
  const spans = Math.max(...lines.map(({ span }) => span.length));
  const left = Math.min(Math.max(...lines.map(({ guide, address }) => widthOf(guide + address))), Math.floor(width * 0.5));
  return lines.map(({ guide, address, title, more, span }) => {
    const room = width - left - spans - 4;
    const where = pad(shorten(address, left - widthOf(guide)), left - widthOf(guide));
    const words = shorten(title, room - more.length);
    const rest = pad("", room - widthOf(words) - more.length);
    return `${style.faint(guide)}${where}  ${words}${style.open(more)}${rest}  ${style.faint(pad(span, spans, "right"))}`;
  });
}

/** A unit's heading, or how its text begins behind the label. */
function wordsOf({ title, label, span }: Unit, bytes: Uint8Array): string {
  if (title !== null) return visible(title);
  const text = new TextDecoder().decode(bytes.subarray(span.start, Math.min(span.end, span.start + 200)));
  const own = label !== null && text.includes(label) ? text.slice(text.indexOf(label) + label.length).replace(/^[.):\s]+/, "") : text;
  return visible(own.replace(/^#+\s*/, ""));
}

/** All of a small tree; of a large one the first levels that fit, the first branch to its end, and how much is left out. */
function chooseUnits(units: readonly Unit[]): { unit: Unit; hidden: number }[] {
  const byDepth = (depth: number) => units.filter((unit) => unit.depth <= depth).length;
  let depth = 0;
  while (depth < 12 && byDepth(depth + 1) <= treeMax - 4) depth++;
  const shown = new Set<string>();
  const children = new Map<string, Unit[]>();
  for (const unit of units) {
    if (unit.depth <= depth) shown.add(unit.address);
    if (unit.parent !== null) children.set(unit.parent, [...(children.get(unit.parent) ?? []).slice(0, 3), unit]);
  }
  if (shown.size < units.length) openBranch(units, children, shown);
  const result: { unit: Unit; hidden: number }[] = [];
  for (const unit of units) {
    const last = result.at(-1);
    if (shown.has(unit.address) && result.length < treeMax * 2) result.push({ unit, hidden: 0 });
    else if (last !== undefined) last.hidden++;
  }
  return result;
}

/** Shows one branch further down: the first unit that has something in it, its first children, and theirs. */
function openBranch(units: readonly Unit[], children: ReadonlyMap<string, readonly Unit[]>, shown: Set<string>): void {
  let at = units.find((unit) => shown.has(unit.address) && (children.get(unit.address) ?? []).some((child) => !shown.has(child.address)));
  for (let level = 0; at !== undefined && level < 4; level++) {
    const below: readonly Unit[] = (children.get(at.address) ?? []).slice(0, 3);
    for (const child of below) shown.add(child.address);
    at = below.find((child) => children.has(child.address));
  }
}

function showFindings({ screen }: Journey, { findings }: Plan): void {
  if (findings.length === 0) return;
  const blocking = findings.filter((finding) => finding.blocking).length;
  screen.gap();
  screen.say(`${counted(findings.length, "finding")}, ${blocking === 0 ? "none of them blocks" : `${grouped(blocking)} to be acknowledged at SG_1`}:`);
  for (const { rule, address, message, blocking: blocks } of findings.slice(0, 5)) {
    const text = `${marks.point} ${rule}${address === null ? "" : ` at ${visible(address)}`}: ${visible(message)}`;
    screen.say(text, blocks ? screen.style.open : screen.style.faint);
  }
  if (findings.length > 5) screen.say(`… and ${counted(findings.length - 5, "more", "more")}.`, screen.style.faint);
}

/** How often a dry run is tried again when somebody else wrote while it was measuring. */
const dryRunsMax = 3;

/** Everything of the cut on an overlay, and the proof that nothing was touched. */
export async function dryRunScene(journey: Journey): Promise<void> {
  const { screen, run, ledger, signal } = journey;
  screen.step("Dry run: all of the cut on an overlay, and proof that nothing was touched");
  const orchestrator = orchestratorOf(journey);
  for (let attempt = 1; ; attempt++) {
    checkInterrupt(signal);
    const since = performance.now();
    const { proof, result } = await dryRun(ledger, run, orchestrator.signer);
    const outcome = outcomeOf(result);
    if (!outcome.ok) throw new Stop(outcome.problem);
    const { events } = outcome.done;
    const { verdict, rules } = dataOf<FactData<"DryRunRecorded">>(events, "DryRunRecorded");
    showSurfaces(journey, proof);
    screen.gap();
    screen.facts([
      ["lossless", rules.map(({ rule, failures }) => `${rule} ${failures === 0 ? marks.good : marks.bad}`).join("  ")],
      ["assertions", grouped(rules.reduce((sum, { assertions }) => sum + assertions, 0))],
    ]);
    screen.gap();
    screen.act(positionsOf(events), typesOf(events), described(orchestrator), performance.now() - since);
    if (verdict === "PASS") return;
    if (verdict === "INCONCLUSIVE" && attempt < dryRunsMax) {
      screen.say("Somebody else wrote meanwhile, so it proves nothing; once more.", screen.style.open);
      continue;
    }
    const broken = rules.find(({ failures }) => failures > 0)?.rule ?? (proof.control.detected ? proof.differs.join(", ") : "negative control");
    throw refusedStop(
      "DRY_RUN_FAILED",
      `The dry run ended ${verdict}${broken === "" ? "" : ` at ${broken}`}; nothing may be cut from it.`,
      verdict === "FAIL" ? `Look at it: ${readingLine(journey, "run", "show", run)}` : `Wait until nobody else writes, then ${journey.again}`,
      { run, verdict },
    );
  }
}

function showSurfaces({ screen }: Journey, { before, after, differs, control }: FactData<"DryRunRecorded">["nonMutation"]): void {
  const { good, bad, faint } = screen.style;
  const same = (name: string) => (differs.includes(name) ? { text: "differs", paint: bad } : { text: "equal", paint: good });
  const digest = (text: string) => text.slice(0, 8);
  const tables = Object.keys({ ...before.tables, ...after.tables }).sort();
  const filled = tables.filter((name) => (before.tables[name]?.rows ?? 0) > 0 || (after.tables[name]?.rows ?? 0) > 0);
  const empty = tables.filter((name) => !filled.includes(name));
  const cell = (table: { rows: number; digest: string } | undefined) =>
    table === undefined ? ["", "gone"] : [grouped(table.rows), digest(table.digest)];
  screen.table(
    [{ title: "surface", shrink: true }, { title: "rows", align: "right" }, { title: "before" }, { title: "rows", align: "right" }, { title: "after" }, { title: "" }],
    [
      ["the log: size, root", grouped(before.size), digest(before.root), grouped(after.size), digest(after.root), before.root === after.root && before.size === after.size ? same("") : { text: "differs", paint: bad }],
      ["schema", "", digest(before.schema), "", digest(after.schema), same("schema")],
      ...filled.map((name) => [name, ...cell(before.tables[name]), ...cell(after.tables[name]), same(name)]),
    ],
  );
  if (empty.length > 0) screen.say(`Empty before and after: ${empty.join(", ")}.`, faint);
  screen.say(
    control.detected
      ? `${good(marks.good)} Negative control: ${control.mutation}, in a scratch copy; the same comparison reports ${control.differs.join(", ")}.`
      : `${bad(marks.bad)} Negative control: ${control.mutation}; it was not noticed, so the comparison proves nothing.`,
  );
}

/** The local principal that plans and asks. */
export function orchestratorOf({ people, place }: Journey) {
  return personWith(people, ["orchestrator"], place.keys);
}

