/**
 * The engine: a signed command in, one answer out. Load, fold, decide, append; after a lost race look again and decide again. The
 * ledger is the only memory: whoever crashes anywhere in here, the same command submitted again gets the one right answer.
 */
import { sha256Hex } from "../events/canonical.js";
import type { Envelope } from "../events/envelope.js";
import { answerOf, eventsOf, idReused, refusal, sameCommand } from "./answers.js";
import type { AppendQueue, Stale } from "./appendQueue.js";
import { type ConsiderOptions, consider, type Draft, type Job } from "./consider.js";
import type { Committed, Refused, Result } from "./Decision.js";
import { type ParseCommand, readCommand } from "./readCommand.js";
import { type AppendOutcome, type Store, type StoredCommand, StoreError } from "./Store.js";
import { type Fold, foldEvent } from "./stateCache.js";
import { turns } from "./turns.js";

export interface SubmitOptions extends ConsiderOptions {
  readonly store: Store;
  readonly queue: AppendQueue;
  readonly parseCommand: ParseCommand;
  /** Waits a little before the next try: longer the more there were, and by chance, so that two losers part ways. */
  readonly pause: (attempt: number) => Promise<void>;
  /** How often one part is decided anew after a lost race before the answer is `conflict`. */
  readonly attemptsMax: number;
}

/** How often an append that may or may not have happened is looked up before the answer is `unknown`. */
const readBacksMax = 10;

/**
 * How old a decision may be when it is handed to the store, in milliseconds. A machine that was asleep, or a queue that stood still, must not
 * write what was true of another hour: approvals lapse meanwhile. Far less than clocks may stand apart.
 */
const decisionAgeMsMax = 60_000;

/** The outcome of one append; `lost`: it failed, and was looked up, and was not there; `unknown`: it could not be looked up. */
type Outcome = AppendOutcome | Stale | { readonly kind: "lost" } | { readonly kind: "unknown" };

/**
 * Gives the function that submits an envelope. It rejects with a {@link StoreError} that is not ambiguous (nothing of what was
 * tried last has happened; submit again once the store can), or with a bug; everything else is an answer.
 */
export function submitter(options: SubmitOptions): (envelope: Uint8Array) => Promise<Result> {
  const { store, queue, loader, parse, pause, attemptsMax } = options;
  const inTurn = turns();

  return async function submit(envelope) {
    const read = readCommand(envelope, options.parseCommand);
    if ("kind" in read) return read;
    let job: Job = { ...read, part: 0, folds: new Map(), contents: new Map() };
    let done: Committed[] = [];
    let attempts = 0;
    let endTurn: (() => void) | undefined;
    /** The command was begun by somebody who did not finish, or has not yet: go on where the ledger is. */
    const goOnAfter = async (known: StoredCommand): Promise<void> => {
      job = resumed(job, known);
      done = await eventsOf(store, known, parse);
      await lookAgain(job);
    };
    try {
      for (;;) {
        const draft = await consider(job, options);
        const { decision } = draft;
        if (decision.kind === "refused" && draft.append.entries.length === 0) {
          const answer = await answerWithoutWriting(job, decision, draft.read);
          if (answer === "look again") continue;
          if ("kind" in answer) return answer;
          await goOnAfter(answer);
          continue;
        }
        const outcome = await append(job, draft);
        switch (outcome.kind) {
          case "committed":
            fold(job, draft, outcome.position);
            // The caller's own copy: the event that was folded belongs to a state.
            for (const [i, { bytes }] of draft.events.entries())
              done.push({ position: outcome.position + i, event: JSON.parse(utf8.decode(bytes)) as Envelope });
            if (draft.append.command.last) return answerOf(done);
            job = { ...job, part: job.part + 1 };
            attempts = 0;
            endTurn?.();
            endTurn = undefined;
            break;
          case "duplicate": {
            const known = await store.command(job.signed.command.id);
            const answer = await answerKnown(job, known);
            if (answer !== undefined) return answer;
            await goOnAfter(known as StoredCommand);
            break;
          }
          case "conflict":
            if (++attempts >= attemptsMax)
              return { ...outcome, attempts, next: "Others were faster each time. Submit the same command again." };
            endTurn?.();
            endTurn = await inTurn.enter(outcome.stream);
            if (attempts > 1) await pause(attempts);
            await lookAgain(job, outcome);
            break;
          case "lost":
            if (++attempts >= attemptsMax) return unknown(job);
            await pause(attempts);
            break;
          case "stale":
            if (++attempts >= attemptsMax) throw tooSlow(job, attempts);
            await lookAgain(job);
            break;
          case "unknown":
            return unknown(job);
        }
      }
    } finally {
      endTurn?.();
    }
  };

  /** Appends; an ambiguous failure is looked up until it is resolved. */
  async function append(job: Job, draft: Draft): Promise<Outcome> {
    try {
      const decidedMs = Date.parse(draft.time);
      return await queue.append(draft.append, () => Date.parse(options.clock()) - decidedMs <= decisionAgeMsMax);
    } catch (error) {
      if (!(error instanceof StoreError && error.ambiguous)) throw error;
    }
    for (let tries = 1; tries <= readBacksMax; tries++) {
      try {
        const part = (await store.command(job.signed.command.id))?.parts[job.part];
        if (part === undefined) return { kind: "lost" };
        const stored = await store.read(part.position, part.count);
        const ours =
          stored.length === draft.events.length &&
          draft.events.every(({ bytes }, i) => Buffer.compare(bytes, stored[i]?.bytes ?? empty) === 0);
        return ours ? { kind: "committed", position: part.position, count: part.count } : { kind: "duplicate" };
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        await pause(tries);
      }
    }
    return { kind: "unknown" };
  }

  /**
   * A "no" that nobody can be held to leaves no trace, and so has no guard: it is given only if the command is not known already, and if
   * nothing the decision read has moved since. A command that was begun and not finished is given back, to go on with.
   */
  async function answerWithoutWriting(
    job: Job,
    decision: Refused,
    read: readonly Fold[],
  ): Promise<Result | StoredCommand | "look again"> {
    const known = await store.command(job.signed.command.id);
    // Whoever could not sign for the command is not told what became of it.
    if (known !== undefined && sha256Hex(known.envelope) === job.digest) {
      const answer = await answerKnown(job, known);
      if (answer !== undefined) return answer;
      if (known.parts.length > job.part) return known;
    }
    const current = await Promise.all(read.map((fold) => loader.isCurrent(fold)));
    if (current.includes(false)) {
      await lookAgain(job);
      return "look again";
    }
    return refusal(decision, null);
  }

  /** The answer to a command the ledger has heard of; undefined while it is not finished. */
  async function answerKnown(job: Job, known: StoredCommand | undefined): Promise<Result | undefined> {
    const { id } = job.signed.command;
    if (known === undefined)
      throw new StoreError("CORRUPT", `command ${id} was a duplicate, and is not there`, { next: "Run replay." });
    if (sameCommand(known, job.signed) === undefined) return idReused(known);
    if (known.parts.at(-1)?.last !== true) return undefined;
    return { kind: "duplicate", first: answerOf(await eventsOf(store, known, parse)) };
  }

  /** Brings what the job has loaded up to date. After a race within this process the winner's events are in memory already. */
  async function lookAgain(job: Job, conflict?: { readonly stream: string; readonly actual: number }): Promise<void> {
    for (const [commitment, content] of job.contents) if (content === undefined) job.contents.delete(commitment);
    for (const { stream, category, revision } of [...job.folds.values()]) {
      const kept = loader.kept(stream, category);
      if (kept !== undefined && kept.revision >= revision) job.folds.set(stream, kept);
    }
    if (conflict !== undefined && (job.folds.get(conflict.stream)?.revision ?? -1) >= conflict.actual) return;
    await Promise.all([...job.folds.values()].map((fold) => loader.catchUp(fold)));
  }

  /** What was just appended needs no reading. */
  function fold(job: Job, draft: Draft, first: number): void {
    const events = draft.events.map((one, i) => ({ ...one, position: first + i }));
    loader.applied(events);
    options.newest?.note(draft.events[0]?.event.time ?? "");
    for (const { position, stream, event, bytes } of events) {
      const own = job.folds.get(stream);
      if (own?.revision === event.revision - 1) foldEvent(own, event, bytes, position);
    }
  }
}

const empty = new Uint8Array();
const utf8 = new TextDecoder();

/** The job, to go on after the parts that are stored, as the command that was first stored. */
function resumed(job: Job, known: StoredCommand): Job {
  const stored = sameCommand(known, job.signed);
  return {
    ...job,
    signed: { ...job.signed, ...stored },
    envelope: known.envelope,
    digest: sha256Hex(known.envelope),
    part: known.parts.length,
  };
}

function tooSlow({ signed }: Job, attempts: number): StoreError {
  return new StoreError(
    "UNAVAILABLE",
    `command ${signed.command.id} was decided ${attempts} times, and each time it took more than ${decisionAgeMsMax / 1000} s until it could be written`,
    { next: "The machine or the store is overloaded: submit the same command again later." },
  );
}

function unknown(job: Job): Result {
  return {
    kind: "unknown",
    message: `The store failed while command ${job.signed.command.id} was being written, and does not say whether it was.`,
    next: "Submit the same command again once the store answers: you are told what happened, and nothing happens twice.",
  };
}
