/** What must hold after every history, whatever went wrong in it. Each check looks at what lasts, with no faults in between. */

import { decide } from "../../commands/decide.js";
import { documentCategory } from "../../commands/document.js";
import { runCategory } from "../../commands/run/State.js";
import { openSqlite } from "../../src/database/sqlite.js";
import { canonicalText } from "../../src/events/canonical.js";
import { type Envelope, parseEvent } from "../../src/events/envelope.js";
import { categoryOf, keyOf } from "../../src/events/streams.js";
import type { Result } from "../../src/ledger/Decision.js";
import { type Store, StoreError } from "../../src/ledger/Store.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { compareTables, type ShadowComparison } from "../../src/projecting/shadow.js";
import { readBookmark } from "../../src/projecting/tables.js";
import type { CheckName } from "../../src/replay/Check.js";
import { replay } from "../../src/replay/replay.js";
import { emptyRange, extendRange, hashLeaf, rootHex } from "../../src/tlog/tree.js";
import type { Handle } from "./base.js";
import { smallParts } from "./beginnings.js";
import { type Asked, type Attempt, type History, isAnswer } from "./History.js";

/** An event with its place, read straight from what lasts. */
interface Kept {
  readonly position: number;
  readonly stream: string;
  readonly revision: number;
  readonly bytes: Uint8Array;
  readonly event: Envelope;
}

export async function checkHistory(history: History): Promise<string[]> {
  const handle = await history.base.open();
  const wrong: string[] = [];
  const kept = await checkLog(handle.store, wrong);
  for (const asked of history.asked) checkAnswers(asked, kept, wrong);
  const before = await checkProjections(handle, history, wrong);
  await askAgain(history, wrong);
  const after = await checkLog(handle.store, wrong);
  for (const asked of history.asked) checkAnswers(asked, after, wrong);
  for (const [position, { bytes }] of kept.entries()) {
    if (Buffer.compare(bytes, after[position]?.bytes ?? new Uint8Array()) !== 0)
      wrong.push(`position ${position} has changed`);
  }
  checkTimes(after, history, wrong);
  await checkForce(handle.store, history, wrong);
  await checkReplay(handle, history, before, wrong);
  return wrong;
}

/** Positions, revisions, parts and root; nothing there twice, nothing by half. */
async function checkLog(store: Store, wrong: string[]): Promise<Kept[]> {
  const { size, root } = await store.head();
  const kept = (await store.read(0, size + 10)).map((one) => ({ ...one, event: parseEvent(one.bytes) }));
  if (kept.length !== size) wrong.push(`the head says ${size} events, there are ${kept.length}`);
  const actual = rootHex(
    extendRange(
      emptyRange,
      kept.map(({ bytes }) => hashLeaf(bytes)),
    ),
  );
  if (actual !== root) wrong.push(`the root is ${root}, of the leaves it is ${actual}`);
  const next = new Map<string, number>();
  const ids = new Set<string>();
  for (const [i, { position, stream, revision, event }] of kept.entries()) {
    if (position !== i) wrong.push(`position ${position} stands at ${i}`);
    if (revision !== (next.get(stream) ?? 0))
      wrong.push(`position ${i}: ${stream} has ${revision} after ${(next.get(stream) ?? 0) - 1}`);
    next.set(stream, revision + 1);
    if (event.stream !== stream || event.revision !== revision)
      wrong.push(`position ${i} says it is ${event.stream} ${event.revision}`);
    if (ids.has(event.id)) wrong.push(`position ${i}: event ${event.id} is there twice`);
    ids.add(event.id);
  }
  const commands = await store.commands(0, size + 1);
  if (new Set(commands.map(({ id }) => id)).size !== commands.length) wrong.push("a command is stored twice");
  const owner = new Map<number, string>();
  for (const { id, parts } of commands) {
    for (const { position, count } of parts) {
      for (let i = position; i < position + count; i++) {
        if (owner.has(i)) wrong.push(`position ${i} belongs to ${owner.get(i)} and to ${id}`);
        owner.set(i, id);
      }
    }
  }
  for (const { position, event } of kept) {
    if (owner.get(position) !== event.command.id)
      wrong.push(`position ${position} is of ${event.command.id}, stored as of ${owner.get(position)}`);
  }
  return kept;
}

/** All who were told something were told the same, and it is so. */
function checkAnswers({ id, type, attempts }: Asked, kept: readonly Kept[], wrong: string[]): void {
  const own = kept.filter(({ event }) => event.command.id === id);
  const answers = attempts.map(({ outcome }) => outcome).filter(isAnswer);
  const recorded = answers.filter((answer) => !isUnrecorded(answer)).map(firstOf);
  for (const answer of answers) {
    if (answer.kind === "malformed") wrong.push(`${type} ${id} is malformed: ${answer.message}`);
  }
  const texts = new Set(recorded.map((answer) => canonicalText(answer)));
  if (texts.size > 1) wrong.push(`${type} ${id} was answered in ${texts.size} ways:\n  ${[...texts].join("\n  ")}`);
  for (const answer of recorded) {
    if (answer.kind === "committed") {
      const there = own.map(({ position, event }) => ({ position, event }));
      if (canonicalText(sorted(there)) !== canonicalText(sorted(answer.events)))
        wrong.push(`${type} ${id} was acknowledged at ${places(answer.events)}, and is at ${places(own)}`);
    } else if (answer.kind === "refused" && own.at(-1)?.position !== answer.position) {
      wrong.push(`${type} ${id} was refused at ${answer.position}, and is at ${places(own)}`);
    }
  }
  // Whoever was always told that nothing was written, or that it left no trace, was told the truth.
  if (attempts.length > 0 && own.length > 0 && attempts.every(saysNothing))
    wrong.push(`${type} ${id}: nothing was written, they said; it is at ${places(own)}`);
}

/** A cut that stopped at a store's error has left the parts before it: "nothing of what was tried last". */
function saysNothing({ outcome }: Attempt): boolean {
  if (typeof outcome === "string") return false;
  if (outcome instanceof StoreError) return false;
  return isUnrecorded(outcome);
}

function isUnrecorded(answer: Result): boolean {
  return answer.kind === "refused" && answer.position === null;
}

function firstOf(answer: Result): Result {
  return answer.kind === "duplicate" ? (answer.first as Result) : answer;
}

function sorted<T extends { readonly position: number }>(events: readonly T[]): T[] {
  return [...events].sort((one, other) => one.position - other.position);
}

function places(events: readonly { readonly position: number }[]): string {
  return events.length === 0 ? "no position" : events.map(({ position }) => position).join(", ");
}

/** Everything that was left open, and some of what was answered, is asked again: the truth, and nothing twice. */
async function askAgain(history: History, wrong: string[]): Promise<void> {
  for (const [i, one] of history.asked.entries()) {
    const open = !one.attempts.some(({ outcome }) => isAnswer(outcome));
    if (!open && (i + history.seed) % 4 !== 0) continue;
    const answer = await history.ask(one);
    const { kind } = answer;
    if (!isAnswer(answer)) wrong.push(`${one.type} ${one.id}: in quiet the answer is ${kind}`);
    const before = one.attempts.slice(0, -1).some(({ outcome }) => isAnswer(outcome) && !isUnrecorded(outcome));
    if (before && answer.kind !== "duplicate")
      wrong.push(`${one.type} ${one.id}: answered before, and now ${answer.kind}`);
  }
}

/** A clock may be two minutes off, a decision a minute old, and a packet some seconds on its way: nothing is written that was decided before that. */
const ageMsMax = 2 * 60_000 + 60_000 + 10_000;

function checkTimes(kept: readonly Kept[], { writtenAtMs }: History, wrong: string[]): void {
  for (const { position, event } of kept) {
    const ageMs = (writtenAtMs.get(position) ?? 0) - Date.parse(event.time);
    if (ageMs > ageMsMax) wrong.push(`position ${position} was written ${ageMs} ms after the time it says`);
  }
}

/** What a document says is in force was enacted, and not taken back. */
async function checkForce(store: Store, { survivor, during }: History, wrong: string[]): Promise<void> {
  const { size } = await store.head();
  const streams = new Set((await store.read(0, size)).map(({ stream }) => stream));
  for (const stream of streams) {
    if (categoryOf(stream) !== "document") continue;
    const { enacted } = await during(survivor.ledger.state(documentCategory, keyOf(stream)));
    for (const run of enacted) {
      const { phase } = await during(survivor.ledger.state(runCategory, run));
      if (phase !== "enacted" && phase !== "compensating")
        wrong.push(`${stream} has ${run} in force, which is ${phase}`);
    }
  }
}

/** The projections as the crashes left them, and brought up to date, are what a rebuild gives. */
async function checkProjections(
  { store, sql: opened }: Handle,
  history: History,
  wrong: string[],
): Promise<() => Promise<ShadowComparison | null>> {
  const { store: ownStore, sql: own } = history.survivor;
  if (own === null) return async () => null;
  const sql = await opened();
  const rebuilt = await openSqlite(":memory:");
  const compare = async () => {
    const size = (await readBookmark(sql))?.size ?? 0;
    await catchUp(store, rebuilt, { until: size });
    return compareTables(sql, rebuilt, size);
  };
  const say = ({ size, differences }: ShadowComparison) => {
    for (const { table, live, shadow } of differences)
      wrong.push(`after ${size} events table ${table} has ${live?.rows} rows, rebuilt ${shadow.rows}: not the same`);
  };
  if ((await readBookmark(sql)) !== null) say(await compare());
  return async () => {
    await history.during(catchUp(ownStore, own));
    const comparison = await compare();
    say(comparison);
    if (comparison.size !== (await store.head()).size) wrong.push(`the projections end at ${comparison.size}`);
    await rebuilt.close();
    return comparison;
  };
}

/** Replay decides every command again on the state before each event: no guard was violated, nothing was written that was not decided. */
async function checkReplay(
  { store }: Handle,
  history: History,
  projections: () => Promise<ShadowComparison | null>,
  wrong: string[],
): Promise<void> {
  // Where nobody follows, only what races and crashes can touch is looked at: the others cost the most.
  const checks: CheckName[] = ["positions", "root", "state-machine", "writers"];
  const report = await replay(store, {
    ...(history.follows ? {} : { checks }),
    decide: history.long ? decide : smallParts(decide),
    now: new Date(history.nowMs() + 5 * 60_000).toISOString(),
    // What the database is made of is nobody's business here.
    database: async () => ({ objects: 1, differs: [] }),
    async projections() {
      const comparison = await projections();
      if (comparison === null) return null;
      const { tables, differences } = comparison;
      const different = new Set(differences.map(({ table }) => table));
      return Object.entries(tables).map(([table, { rows, digest }]) => ({
        table,
        rows,
        live: different.has(table) ? null : digest,
        rebuilt: digest,
        differs: [],
      }));
    },
  });
  const decided = report.checks.find(({ name }) => name === "state-machine");
  if (report.verdict === "PASS" || (!history.follows && report.verdict === "NOT_RUN" && decided?.verdict === "PASS"))
    return;
  wrong.push(`replay: ${report.verdict}`);
  for (const { name, verdict, findings, note } of report.checks) {
    if (verdict !== "PASS" && note !== null) wrong.push(`  ${name} ${verdict}: ${note}`);
    for (const { position, field, message } of findings.slice(0, 5))
      wrong.push(`  ${name}, position ${position}, ${field}: ${message}`);
  }
}
