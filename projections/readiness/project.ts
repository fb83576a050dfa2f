/**
 * Readiness, run by run. A run's rows are worked out anew whenever an event bears on it, at that event's time: time passing
 * between events shows in `holds_until`, and `readinessOf` in `src/projecting` works it out for any other moment.
 *
 * What bears on a run: events of its document and of all that document's runs, of the policy, the writers, the principals,
 * the backups, the grant audits and the execution switch. Those are all the streams its preconditions read; should they come to read another, this stops with an error rather than go stale.
 */
import { backupCategory } from "../../commands/backup.js";
import { documentCategory } from "../../commands/document.js";
import { executionCategory } from "../../commands/execution.js";
import { grantAuditCategory } from "../../commands/grantAudit.js";
import { policyCategory } from "../../commands/policy.js";
import { principalCategory } from "../../commands/principal.js";
import { type RunState, runCategory } from "../../commands/run/State.js";
import { writerCategory } from "../../commands/writer.js";
import { categoryOf, keyOf, streamName } from "../../src/events/streams.js";
import type { Category, World } from "../../src/ledger/Decision.js";
import type { Positioned, Projection } from "../Projection.js";
import { insertInto, statements } from "../statements.js";
import { type Matrix, matrixOf } from "./matrix.js";

const insert = insertInto("readiness", [
  "run",
  "ordinal",
  "document",
  "step",
  "name",
  "status",
  "closed_by",
  "code",
  "message",
  "next",
  "holds_until",
  "as_of",
  "position",
]);
const clear = "DELETE FROM readiness WHERE run = $1";

/** Categories whose events bear on every run. */
const bearOnAll: readonly string[] = [
  policyCategory.name,
  writerCategory.name,
  executionCategory.name,
  backupCategory.name,
  principalCategory.name,
  grantAuditCategory.name,
];

export const readinessProjection: Projection = {
  name: "readiness",
  tables: ["readiness"],
  views: [],
  async project(batch, before) {
    const newest = newestByStream(batch);
    if (newest.size === 0) return [];
    const rows = await before.query<{ run: string; document: string }>("SELECT DISTINCT run, document FROM readiness");
    const documents = new Map(rows.map((row) => [row.run, row.document]));
    const candidates = new Set(documents.keys());
    for (const [stream, one] of [...newest]) {
      if (categoryOf(stream) !== runCategory.name) continue;
      const run = keyOf(stream);
      const document = await before.ask("", (world) => world.state(runCategory, run).document);
      documents.set(run, document);
      candidates.add(run);
      keepNewest(newest, streamName(documentCategory.name, document), one);
    }
    const { add, list } = statements();
    for (const run of candidates) {
      const document = documents.get(run) ?? "";
      const last = lastThatBears(newest, document);
      if (last === undefined) continue;
      const matrix = await before.ask(last.event.time, (world) => matrixOf(run, watched(world, document)));
      add(clear, run);
      addRows(add, matrix, last);
    }
    return list;
  },
};

function addRows(
  add: (sql: string, ...row: (string | number | null)[]) => void,
  matrix: Matrix,
  last: Positioned,
): void {
  const { run, document, step, blockers } = matrix;
  if (step === null) return;
  for (const [ordinal, one] of blockers.entries()) {
    add(
      insert,
      run,
      ordinal,
      document,
      step,
      one.name,
      one.status,
      one.closedBy,
      one.code,
      one.message,
      one.next,
      one.holdsUntil,
      last.event.time,
      last.position,
    );
  }
}

/** Stream, or category for those that bear on all → the batch's newest event there. Streams that bear on no run are left out. */
function newestByStream(batch: readonly Positioned[]): Map<string, Positioned> {
  const newest = new Map<string, Positioned>();
  for (const one of batch) {
    const { stream } = one.event;
    const category = categoryOf(stream);
    if (bearOnAll.includes(category)) newest.set(category, one);
    else if (category === runCategory.name || category === documentCategory.name) newest.set(stream, one);
  }
  return newest;
}

function keepNewest(newest: Map<string, Positioned>, name: string, one: Positioned): void {
  const known = newest.get(name);
  if (known === undefined || known.position < one.position) newest.set(name, one);
}

function lastThatBears(newest: Map<string, Positioned>, document: string): Positioned | undefined {
  let last: Positioned | undefined;
  for (const name of [streamName(documentCategory.name, document), ...bearOnAll]) {
    const one = newest.get(name);
    if (one !== undefined && one.position > (last?.position ?? -1)) last = one;
  }
  return last;
}

/** The world, with an eye on what is asked of it. */
function watched(world: World, document: string): World {
  return {
    now: world.now,
    state<S>(category: Category<S>, key: string): Readonly<S> {
      const state = world.state(category, key);
      const bears =
        bearOnAll.includes(category.name) ||
        (category.name === documentCategory.name && key === document) ||
        (category.name === runCategory.name && (state as unknown as RunState).document === document);
      if (!bears) throw new Error(`the readiness of a run depends on ${category.name}-${key}, which nobody watches`);
      return state;
    },
    content(commitment) {
      throw new Error(`the readiness of a run depends on the content ${commitment}, which nobody watches`);
    },
  };
}
