/**
 * One decision made ready to append: `decide` is run on folds in memory; whatever it asks for that is not there is loaded, and
 * it is run again (it is pure, so that costs nothing but time). From the moment it decides to the bytes of its events nothing
 * is awaited: no state it read can change in between.
 */
import { schemaOf } from "../events/decode.js";
import { type Envelope, formatEvent, leafHash } from "../events/envelope.js";
import type { FactType } from "../events/facts.js";
import { uuidV5 } from "../events/uuid.js";
import { answeredType, refusedType } from "./answers.js";
import type { Category, Decide, Decision, NewFact, Refused, World } from "./Decision.js";
import type { Loader, ParseEvent } from "./load.js";
import { clockBehind, type NewestTime } from "./newestTime.js";
import type { ReadCommand } from "./readCommand.js";
import type { Append, Content, Entry } from "./Store.js";
import type { Fold } from "./stateCache.js";

/** A command on its way, and what has been loaded for it. */
export interface Job extends ReadCommand {
  /** The part to be decided next. */
  readonly part: number;
  readonly folds: Map<string, Fold>;
  readonly contents: Map<string, Content | undefined>;
}

/** What was decided, as events, and the append that would make it so. */
export interface Draft {
  readonly decision: Decision;
  readonly events: readonly { readonly stream: string; readonly event: Envelope; readonly bytes: Uint8Array }[];
  /** When it was decided, which its events say. */
  readonly time: string;
  readonly append: Append;
  /** The folds the decision read. */
  readonly read: readonly Fold[];
}

export interface ConsiderOptions {
  readonly decide: Decide;
  readonly loader: Loader;
  readonly clock: () => string;
  /** What this process knows of the whole ledger's time. Without it (replay) only what the decision reads is the floor. */
  readonly newest?: NewestTime;
  readonly parse: ParseEvent;
}

/** Thrown through `decide` to leave it: something it asked for is not loaded yet. */
const notLoaded = new Error("not loaded yet");

/** The streams of refusals and of answers begin with these; each holds one event and is written by one command. */
const refusalStream = "refusal-";
const answerStream = "answer-";

export async function consider(job: Job, options: ConsiderOptions): Promise<Draft> {
  const { decide, loader, clock, newest, parse } = options;
  let floor = "";
  for (;;) {
    const before = clock();
    const looking = newest?.lookUp(before);
    if (looking !== undefined) await looking;
    // Anew: looking takes its time, and a machine may be put to sleep in the middle of it.
    const own = looking === undefined ? before : clock();
    const behind = newest === undefined ? null : clockBehind(own, newest.known());
    if (behind !== null) return draft(job, behind, [], new Set(), own, parse);
    const now = latest(own, latest(newest?.known() ?? "", floor));
    const look = lookAround(job, now, loader);
    let decision: Decision | undefined;
    try {
      decision = decide(job.signed, look.world);
    } catch (error) {
      if (look.missing.length === 0) throw error;
    }
    if (decision !== undefined && look.missing.length === 0) {
      const facts = factsOf(decision, job);
      const ends = endsOf(facts, job.folds, loader);
      floor = [...look.read, ...ends.folds].reduce((time, fold) => latest(time, fold.time), now);
      if (ends.missing.length === 0 && floor === now) return draft(job, decision, facts, look.read, now, parse);
      newest?.note(floor);
      look.missing.push(...ends.missing.map((stream) => ({ stream, category: undefined })));
    }
    for (const { commitment } of look.missing.filter((one) => "commitment" in one)) {
      job.contents.set(commitment, await loader.content(commitment));
    }
    const streams = look.missing.filter((one) => "stream" in one);
    const folds = await Promise.all(streams.map(({ stream, category }) => loader.load(stream, category)));
    for (const fold of folds) job.folds.set(fold.stream, fold);
  }
}

type Missing =
  | { readonly stream: string; readonly category: Category<unknown> | undefined }
  | { readonly commitment: string };

/** The world as far as it is loaded, what is asked of it, and what is missing. */
function lookAround(job: Job, now: string, loader: Loader): { world: World; read: Set<Fold>; missing: Missing[] } {
  const read = new Set<Fold>();
  const missing: Missing[] = [];
  const world: World = {
    now,
    state<S>(category: Category<S>, key: string): Readonly<S> {
      const stream = `${category.name}-${key}`;
      let fold = job.folds.get(stream);
      if (fold?.category !== category) {
        fold = loader.kept(stream, category as Category<unknown>);
        if (fold === undefined) {
          missing.push({ stream, category: category as Category<unknown> });
          throw notLoaded;
        }
        job.folds.set(stream, fold);
      }
      read.add(fold);
      return fold.state as S;
    },
    content(commitment) {
      if (!job.contents.has(commitment)) {
        missing.push({ commitment });
        throw notLoaded;
      }
      return job.contents.get(commitment);
    },
  };
  return { world, read, missing };
}

/**
 * The facts of a decision: a refusal that is to be recorded is a fact too, and so is a yes that changes nothing, or that has nothing left
 * to change. Without a trace of it whoever kept the envelope could send it again at a time when it does change something.
 */
function factsOf(decision: Decision, job: Job): readonly NewFact[] {
  if (decision.kind === "accepted") {
    if (decision.more && decision.facts.length === 0)
      throw new Error(`${job.signed.command.type} has more to say, and says nothing`);
    return decision.facts.length === 0 ? [answerFact(job)] : decision.facts;
  }
  return decision.record ? [refusalFact(decision, job)] : [];
}

function refusalFact({ code, message, numbers, next }: Refused, { signed: { command } }: Job): NewFact {
  const data = { type: command.type, code, message, numbers, next };
  return { stream: refusalStream + command.id, type: refusedType, data };
}

function answerFact({ signed: { command } }: Job): NewFact {
  return { stream: answerStream + command.id, type: answeredType, data: { type: command.type } };
}

/** Where the streams end that the facts go to. A command's refusal or answer begins its own stream: there is nothing to load. */
function endsOf(
  facts: readonly NewFact[],
  folds: Map<string, Fold>,
  loader: Loader,
): { folds: Fold[]; missing: string[] } {
  const found = new Set<Fold>();
  const missing = new Set<string>();
  for (const { stream } of facts) {
    const fold = folds.get(stream) ?? loader.kept(stream, undefined);
    if (fold !== undefined) {
      folds.set(stream, fold);
      found.add(fold);
    } else if (!stream.startsWith(refusalStream) && !stream.startsWith(answerStream)) missing.add(stream);
  }
  return { folds: [...found], missing: [...missing] };
}

function draft(
  job: Job,
  decision: Decision,
  facts: readonly NewFact[],
  read: Set<Fold>,
  time: string,
  parse: ParseEvent,
): Draft {
  const { command } = job.signed;
  const ends = new Map<string, { revision: number; last: Uint8Array | undefined }>();
  const entries: Entry[] = [];
  const events: Draft["events"][number][] = [];
  for (const [index, fact] of facts.entries()) {
    const end = ends.get(fact.stream) ?? job.folds.get(fact.stream) ?? { revision: -1, last: undefined };
    const revision = end.revision + 1;
    const bytes = formatEvent({
      schema: schemaOf(fact.type as FactType),
      type: fact.type,
      id: uuidV5(command.id, `${job.part}/${index}`),
      stream: fact.stream,
      revision,
      prev: end.last === undefined ? null : leafHash(end.last),
      time,
      actor: command.actor,
      command: { id: command.id, digest: job.digest },
      cause: command.cause,
      data: fact.data,
    });
    // Read back before it is written: what cannot be read must not get in, and what is folded is what will be read.
    events.push({ stream: fact.stream, event: parse(bytes), bytes });
    entries.push({ stream: fact.stream, revision, bytes });
    ends.set(fact.stream, { revision, last: bytes });
  }
  const last = decision.kind === "refused" || !decision.more;
  return {
    decision,
    events,
    time,
    append: {
      command: { id: command.id, part: job.part, last, envelope: job.envelope },
      entries,
      guards: [...read].map(({ stream, revision }) => ({ stream, revision })),
    },
    read: [...read],
  };
}

/** The later of two instants: RFC 3339 in UTC with milliseconds sorts as text. */
function latest(a: string, b: string): string {
  return a > b ? a : b;
}
