/**
 * Runs. The live state is the fold that deciders use (`commands/run/State.ts`), written down: there is no second opinion here
 * about what an event does to a run.
 */
import { type RunState, runCategory } from "../../commands/run/State.js";
import type { SqlValue } from "../../src/database/Sql.js";
import { canonicalText } from "../../src/events/canonical.js";
import type { Event } from "../../src/events/decode.js";
import { categoryOf, keyOf } from "../../src/events/streams.js";
import type { Positioned, Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";

const openedColumns = ["opened_by", "opened_at", "opened_position"];

export const runLiveStateProjection: Projection = {
  name: "run_live_state",
  tables: ["run_live_state"],
  views: [],
  async project(batch, before) {
    const { add, list } = statements();
    for (const { run, opened, last } of touchedRuns(batch).values()) {
      const row = await before.ask(last.event.time, (world) => rowOf(world.state(runCategory, run), last));
      const columns = Object.keys(row);
      if (opened !== undefined) {
        const { event, position } = opened;
        add(
          insertInto("run_live_state", [...columns, ...openedColumns]),
          ...Object.values(row),
          event.actor,
          event.time,
          position,
        );
      } else {
        const sets = columns.map((column, i) => `${column} = $${i + 2}`).join(", ");
        add(`UPDATE run_live_state SET ${sets} WHERE run = $1`, run, ...Object.values(row));
      }
    }
    return list;
  },
};

interface Touched {
  readonly run: string;
  readonly opened: Positioned | undefined;
  last: Positioned;
}

/** The runs a batch has events of, in the order they come up. */
function touchedRuns(batch: readonly Positioned[]): Map<string, Touched> {
  const touched = new Map<string, Touched>();
  for (const one of batch) {
    const { event } = one;
    if (categoryOf(event.stream) !== runCategory.name) continue;
    const run = keyOf(event.stream);
    let entry = touched.get(run);
    if (entry === undefined) {
      entry = { run, opened: isOpening(event) ? one : undefined, last: one };
      touched.set(run, entry);
    }
    entry.last = one;
  }
  return touched;
}

function isOpening(event: Event): boolean {
  return event.type === "RunOpened";
}

function rowOf(state: Readonly<RunState>, last: Positioned): Record<string, SqlValue> {
  const { plan, dryRun, held, compensation } = state;
  return {
    run: state.run,
    document: state.document,
    revision: state.revision,
    content: state.content,
    mode: state.mode,
    phase: state.phase,
    held: held === null ? 0 : 1,
    hold_check: held?.check ?? null,
    hold_reason: held?.reason ?? null,
    hold_expected: held?.expected ?? null,
    hold_actual: held?.actual ?? null,
    hold_caused_by: held?.causedBy ?? null,
    assessment: state.assessment,
    assessment_reasons: state.assessment === null ? null : canonicalText(state.reasons),
    plan: plan?.plan ?? null,
    plan_content: plan?.planContent ?? null,
    cutter: plan?.cutter ?? null,
    grammar: plan?.grammar ?? null,
    profile: plan?.profile ?? null,
    base_run: plan?.base ?? null,
    planned_units: plan?.units ?? null,
    findings: plan?.findings.total ?? null,
    blocking_findings: plan === null ? null : canonicalText(plan.findings.blocking),
    transition_digest: plan?.transition.digest ?? null,
    transition_classes: plan === null ? null : canonicalText(plan.transition.classes),
    dry_run: dryRun?.verdict ?? null,
    dry_run_rules: dryRun === null ? null : canonicalText(dryRun.rules),
    dry_run_draft_root: dryRun?.draftRoot ?? null,
    non_mutation: dryRun?.nonMutation.verdict ?? null,
    compensation_plan: compensation?.plan ?? dryRun?.compensationPlan ?? null,
    units: state.units.length,
    repeals: state.repeals.length,
    open_rows: state.open.size,
    draft_root: state.draftRoot,
    leg_b: state.legB?.recordDigest ?? null,
    verify: state.verify?.recordDigest ?? null,
    compensation_b: compensation?.recordB?.recordDigest ?? null,
    restores_run: compensation?.restores ?? null,
    reverted: compensation?.reverted ?? 0,
    writer_digests: canonicalText(state.writerDigests),
    changed_at: last.event.time,
    position: last.position,
  };
}
