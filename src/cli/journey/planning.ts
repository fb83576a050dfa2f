/** From an opened run to a plan that has passed its dry run: what is looked at, what would be cut, and the proof that looking changed nothing. */

import type { Plan, Unit } from "../../documents/Plan.js";
import type { FactData } from "../../events/facts.js";
import { refusedStop, Stop } from "../output/Problem.js";
import { outcomeOf } from "../output/result.js";
import { marks } from "../output/style.js";
import { brief, counted, grouped, pad, shortId, visible, wrapped } from "../output/text.js";
import { act, dataOf, type Journey, readingLine, runState, signingLine, working } from "./act.js";
import { checkInterrupt } from "./interrupt.js";
import { described, personWith } from "./people.js";
import { planTree } from "./planTree.js";
import { positionsOf, typesOf } from "./wording.js";

/** Whether the document is a safe target, with a reason for each thing that was looked at. */
export async function assessScene(journey: Journey): Promise<void> {
  const { screen, run } = journey;
  screen.step("The target is assessed");
  await act(journey, orchestratorOf(journey), "AssessTarget", { run }, (events) => {
    const { verdict, reasons } = dataOf<FactData<"TargetAssessed">>(events, "TargetAssessed");
    const { good, bad, open } = screen.style;
    const signs = {
      safe: { text: marks.good, paint: good },
      unsafe: { text: marks.bad, paint: bad },
      ruling: { text: marks.open, paint: open },
    };
    for (const { code, verdict: each, message } of reasons) {
      const { text, paint } = signs[each];
      for (const [i, line] of wrapped(visible(message), screen.width - 13).entries())
        screen.lines([`${i === 0 ? paint(text) : " "} ${pad(i === 0 ? code : "", 10)} ${line}`]);
    }
    if (verdict === "ruling") screen.say("A human decides at SG_1.", open);
  });
}

/** The plan: which grammar and why, the tree of units, the findings. */
export async function planScene(journey: Journey): Promise<void> {
  const { screen, run, ledger, cutting, signal } = journey;
  const state = await runState(journey);
  if (state.assessment === "unsafe") {
    const stopping = signingLine(journey, "run", "abandon", shortId(run), "--reason", "why");
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
  working(journey, "planning");
  const planned = await ledger.planRun(run, orchestrator.signer, cutting);
  if (planned.kind === "no content") {
    throw refusedStop(
      "CONTENT_MISSING",
      "The text of this document is not in the content store.",
      "Restore it from a backup.",
      { run },
    );
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
  screen.lines(planTree(plan, content?.bytes ?? new Uint8Array(), screen.style, screen.width));
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

function showFindings({ screen }: Journey, { findings }: Plan): void {
  if (findings.length === 0) return;
  const blocking = findings.filter((finding) => finding.blocking).length;
  screen.gap();
  screen.say(
    `${counted(findings.length, "finding")}, ${blocking === 0 ? "none of them blocks" : `${grouped(blocking)} to be acknowledged at SG_1`}:`,
  );
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
    working(journey, "dry run");
    const { proof, result } = await ledger.dryRun(run, orchestrator.signer);
    const outcome = outcomeOf(result);
    if (!outcome.ok) throw new Stop(outcome.problem);
    const { events } = outcome.done;
    const { verdict, rules } = dataOf<FactData<"DryRunRecorded">>(events, "DryRunRecorded");
    showSurfaces(journey, proof);
    screen.gap();
    const signed = (which: typeof rules) =>
      which.map(({ rule, failures }) => `${rule} ${failures === 0 ? marks.good : marks.bad}`).join(", ");
    screen.facts([
      ["lossless", signed(rules.filter(({ rule }) => /^L\d+$/.test(rule)))],
      ["records", signed(rules.filter(({ rule }) => !/^L\d+$/.test(rule)))],
      ["assertions", grouped(rules.reduce((sum, { assertions }) => sum + assertions, 0))],
    ]);
    screen.gap();
    screen.act(positionsOf(events), typesOf(events), described(orchestrator), performance.now() - since);
    if (verdict === "PASS") return;
    if (verdict === "INCONCLUSIVE" && attempt < dryRunsMax) {
      screen.say("Somebody else wrote meanwhile, so it proves nothing; once more.", screen.style.open);
      continue;
    }
    const broken =
      rules.find(({ failures }) => failures > 0)?.rule ??
      (proof.control.detected ? proof.differs.join(", ") : "negative control");
    throw refusedStop(
      "DRY_RUN_FAILED",
      `The dry run ended ${verdict}${broken === "" ? "" : ` at ${broken}`}; nothing may be cut from it.`,
      verdict === "FAIL"
        ? `Look at it: ${readingLine(journey, "run", "show", shortId(run))}`
        : `Wait until nobody else writes, then ${journey.again}`,
      { run, verdict },
    );
  }
}

function showSurfaces(
  { screen }: Journey,
  { before, after, differs, control }: FactData<"DryRunRecorded">["nonMutation"],
): void {
  const { good, bad, faint } = screen.style;
  const compared = (...names: string[]) =>
    names.some((name) => differs.includes(name)) ? { text: "differs", paint: bad } : { text: "equal", paint: good };
  const digest = (text: string) => text.slice(0, 8);
  const tables = Object.keys({ ...before.tables, ...after.tables }).sort();
  const filled = tables.filter((name) => (before.tables[name]?.rows ?? 0) > 0 || (after.tables[name]?.rows ?? 0) > 0);
  const empty = tables.filter((name) => !filled.includes(name));
  const cells = (table: { rows: number; digest: string } | undefined) =>
    table === undefined ? ["", "gone"] : [grouped(table.rows), digest(table.digest)];
  screen.table(
    [
      { title: "surface", shrink: true },
      { title: "rows", align: "right" },
      { title: "before" },
      { title: "rows", align: "right" },
      { title: "after" },
      { title: "" },
    ],
    [
      [
        "the log: size and root",
        grouped(before.size),
        digest(before.root),
        grouped(after.size),
        digest(after.root),
        compared("size", "root"),
      ],
      ["schema", "", digest(before.schema), "", digest(after.schema), compared("schema")],
      ...filled.map((name) => [
        name,
        ...cells(before.tables[name]),
        ...cells(after.tables[name]),
        compared(`tables.${name}`),
      ]),
    ],
  );
  if (empty.length > 0) screen.say(`Empty before and after: ${empty.join(", ")}.`, faint);
  screen.say(
    control.detected
      ? `${marks.good} Negative control: ${control.mutation}. The same comparison reports ${reported(control.differs)}.`
      : `${marks.bad} Negative control: ${control.mutation}. Not all of it was noticed, so the comparison proves nothing.`,
    control.detected ? good : bad,
  );
}

function reported(differs: readonly string[]): string {
  return differs.length <= 4 ? differs.join(", ") : `every one of the ${counted(differs.length, "difference")}`;
}

/** The local principal that plans and asks. */
export function orchestratorOf({ people, place }: Journey) {
  return personWith(people, ["orchestrator"], place.keys);
}
