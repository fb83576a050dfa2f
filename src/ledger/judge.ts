/**
 * How a store judges a batch of appends: pure, in one place, so that every store says the same. A store reads what
 * {@link asked} names under its lock, lets {@link judge} decide, and writes the verdict down; nothing here reads or writes.
 */
import type { Append, AppendOutcome, Entry } from "./Store.js";

/** What a store must know to judge a batch: the newest revision of these streams, the parts of these commands. */
export function asked(appends: readonly Append[]): { streams: Set<string>; commands: Set<string> } {
  const streams = new Set<string>();
  const commands = new Set<string>();
  for (const append of appends) {
    commands.add(append.command.id);
    for (const guard of append.guards) streams.add(guard.stream);
    for (const entry of append.entries) streams.add(entry.stream);
  }
  return { streams, commands };
}

/** The ledger before the batch. */
export interface Standing {
  readonly size: number;
  /** Newest revision of a stream, -1 where it has no event. */
  revision(stream: string): number;
  /** How many parts of a command are stored, and whether the last one is among them. */
  command(id: string): { readonly parts: number; readonly finished: boolean };
}

/** What to write: one outcome per append; the entries and command parts of those committed, in order. */
export interface Verdict {
  readonly outcomes: AppendOutcome[];
  readonly entries: (Entry & { readonly position: number })[];
  readonly parts: {
    readonly id: string;
    readonly part: number;
    readonly position: number;
    readonly count: number;
    readonly last: boolean;
    /** With part 0 only. */
    readonly envelope: Uint8Array | null;
  }[];
  /** Size of the ledger after the batch. */
  readonly size: number;
}

/**
 * Judges each append in order against the ledger as left by those before it: a part already there is `duplicate`; then every guard
 * must hold; then every entry must be the next of its stream (an entry is a guard too). A part that leaves out one before it
 * is a bug of the caller: `RangeError`.
 */
export function judge(appends: readonly Append[], standing: Standing): Verdict {
  const revisions = new Map<string, number>();
  const commands = new Map<string, { parts: number; finished: boolean }>();
  const revisionOf = (stream: string) => revisions.get(stream) ?? standing.revision(stream);
  const verdict: Verdict & { size: number } = { outcomes: [], entries: [], parts: [], size: standing.size };

  for (const append of appends) {
    const { id, part, last } = append.command;
    const known = commands.get(id) ?? standing.command(id);
    if (part < known.parts || known.finished) {
      verdict.outcomes.push({ kind: "duplicate" });
      continue;
    }
    if (part > known.parts)
      throw new RangeError(`command ${id}: part ${part} cannot be appended, part ${known.parts} is not there`);
    const conflict = firstConflict(append, revisionOf);
    if (conflict !== undefined) {
      verdict.outcomes.push(conflict);
      continue;
    }
    const position = verdict.size;
    for (const entry of append.entries) {
      verdict.entries.push({
        stream: entry.stream,
        revision: entry.revision,
        bytes: entry.bytes,
        position: verdict.size,
      });
      revisions.set(entry.stream, entry.revision);
      verdict.size++;
    }
    const count = append.entries.length;
    verdict.parts.push({ id, part, position, count, last, envelope: part === 0 ? append.command.envelope : null });
    commands.set(id, { parts: part + 1, finished: last });
    verdict.outcomes.push({ kind: "committed", position, count });
  }
  return verdict;
}

function firstConflict(append: Append, revisionOf: (stream: string) => number): AppendOutcome | undefined {
  for (const { stream, revision } of append.guards) {
    const actual = revisionOf(stream);
    if (actual !== revision) return { kind: "conflict", stream, expected: revision, actual };
  }
  const written = new Set<string>();
  for (const { stream, revision } of append.entries) {
    // Later entries of a stream follow the first one: assertAppend saw to it.
    if (written.has(stream)) continue;
    written.add(stream);
    const actual = revisionOf(stream);
    if (actual !== revision - 1) return { kind: "conflict", stream, expected: revision - 1, actual };
  }
  return undefined;
}

/** Throws `RangeError` on an append no decision could have meant: a bug of the caller, found before anything is written. */
export function assertAppend(append: Append): void {
  const { id, part } = append.command;
  if (id === "") throw new RangeError("a command needs an id");
  if (!Number.isSafeInteger(part) || part < 0)
    throw new RangeError(`command ${id}: a part is counted from 0, not ${part}`);
  if (append.entries.length === 0) throw new RangeError(`command ${id}: part ${part} has no events`);
  const next = new Map<string, number>();
  for (const { stream, revision, bytes } of append.entries) {
    if (stream === "") throw new RangeError(`command ${id}: an event needs a stream`);
    if (!Number.isSafeInteger(revision) || revision < 0)
      throw new RangeError(`${stream}: a revision is counted from 0, not ${revision}`);
    if (bytes.length === 0) throw new RangeError(`${stream}: an event needs bytes`);
    const expected = next.get(stream) ?? revision;
    if (revision !== expected)
      throw new RangeError(`${stream}: revision ${revision} cannot follow ${expected - 1} in one append`);
    next.set(stream, revision + 1);
  }
}
