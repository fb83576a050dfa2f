/**
 * given / when / then for decisions: facts that happened, one signed command at one moment, and the whole decision that must come of it.
 * The world is folded in memory by the product's own categories; commands are really signed and really opened, as the engine
 * opens them. States are frozen while a decision is made: one that changes what it reads throws.
 */
import * as assert from "uvu/assert";
import { type CommandData, type CommandType, parseCommand } from "../../commands/Command.js";
import { decide } from "../../commands/decide.js";
import { decodeEvent, schemaOf } from "../../src/events/decode.js";
import { type Envelope, formatEvent, leafHash, parseEvent } from "../../src/events/envelope.js";
import type { FactType } from "../../src/events/facts.js";
import { uuidV5 } from "../../src/events/uuid.js";
import type { Signer } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import type { Category, Decision, NewFact, SignedCommand, World } from "../../src/ledger/Decision.js";
import { readCommand } from "../../src/ledger/readCommand.js";
import { ledgerId, minute, type Name, signerOf, type Text, uuid } from "./cast.js";
import { frozen } from "./frozen.js";

/** A fact that happened, and what the world knows of its circumstances. */
export interface Given extends NewFact {
  readonly time?: string;
  readonly actor?: string;
}

export interface By {
  /** Who signs; a name stands for its own signer. */
  readonly by: Name | Signer;
  /** When the ledger decides. Default: a minute after the last fact. */
  readonly at?: string;
  /** When the command says it was issued. Default: as the ledger decides. */
  readonly issued?: string;
  readonly id?: string;
  readonly ledger?: string;
  /** Who the command says asks, where that is another than who signs. */
  readonly actor?: string;
}

let commandSerial = 0x1000;

/** Things as they stand: facts in order, and the contents that are stored. */
export interface Situation {
  readonly facts: readonly Given[];
  readonly events: readonly Envelope[];
  readonly contents: ReadonlyMap<string, Text>;
  /** The world at a moment, its states frozen. */
  world(now: string): World;
  state<S>(category: Category<S>, key: string): S;
  /** The newest fact's time. */
  readonly now: string;
  /** The same with these facts on top. */
  and(...facts: readonly Given[]): Situation;
  /** These facts instead, over the same contents. */
  retold(facts: readonly Given[]): Situation;
  with(...texts: readonly Text[]): Situation;
  without(...commitments: readonly string[]): Situation;
  when<T extends CommandType>(type: T, data: CommandData<T>, by: Name | By): Outcome;
  /** `when`, which must be accepted, as many times as it has more to say, and then what it came to. */
  after<T extends CommandType>(type: T, data: CommandData<T>, by: Name | By): Situation;
}

/** What was decided; `thenFacts` and its like compare the whole of it. */
export interface Outcome {
  readonly decision: Decision;
  readonly signed: SignedCommand;
  thenFacts(...facts: readonly NewFact[]): void;
  /** As `thenFacts`, for a command that has more to say. */
  thenMore(...facts: readonly NewFact[]): void;
  thenNothing(): void;
  /** The refusal: its code, all its numbers, whether it is recorded; its message and next step must say something. */
  thenRefused(code: string, numbers: Readonly<Record<string, unknown>>, record?: boolean): void;
  /** The facts of an acceptance. */
  facts(): readonly NewFact[];
}

/** Nothing has happened yet, then these facts. */
export function given(...facts: readonly (Given | readonly Given[])[]): Situation {
  return situation(nothingYet, facts.flat() as Given[], new Map());
}

interface Placed {
  readonly position: number;
  readonly event: Envelope;
}

/** Events in order, by stream, and how each stream ends: shared by situations that follow one another, never changed. */
interface Log {
  readonly events: readonly Envelope[];
  readonly byStream: ReadonlyMap<string, readonly Placed[]>;
  readonly ends: ReadonlyMap<string, { readonly revision: number; readonly last: string }>;
}

const nothingYet: Log = { events: [], byStream: new Map(), ends: new Map() };

function extended(log: Log, facts: readonly Given[]): Log {
  const events = [...log.events];
  const byStream = new Map(log.byStream);
  const ends = new Map(log.ends);
  for (const fact of facts) {
    const event = enveloped(fact, events, ends);
    events.push(event);
    const placed = { event, position: events.length - 1 };
    byStream.set(event.stream, [...(byStream.get(event.stream) ?? []), placed]);
  }
  return { events, byStream, ends };
}

function situation(before: Log, facts: readonly Given[], contents: ReadonlyMap<string, Text>): Situation {
  const log = facts.length === 0 ? before : extended(before, facts);
  const { events, byStream } = log;
  const now = events.at(-1)?.time ?? minute(0);

  const state = <S>(category: Category<S>, key: string): S => {
    const folded = category.initial(key);
    for (const { event, position } of byStream.get(`${category.name}-${key}`) ?? [])
      category.evolve(folded, event, position);
    return folded;
  };
  const self: Situation = {
    facts: events.map(({ stream, type, data, time, actor }) => ({ stream, type, data, time, actor })),
    events,
    contents,
    now,
    state,
    world(at) {
      const states = new Map<string, unknown>();
      return {
        now: at,
        state<S>(category: Category<S>, key: string): Readonly<S> {
          const stream = `${category.name}-${key}`;
          if (!states.has(stream)) states.set(stream, frozen(state(category, key)));
          return states.get(stream) as S;
        },
        content: (commitment) => contents.get(commitment),
      };
    },
    and: (...more) => situation(log, more, contents),
    retold: (instead) => situation(nothingYet, instead, contents),
    with: (...texts) =>
      situation(log, [], new Map([...contents, ...texts.map((one) => [one.commitment, one] as const)])),
    without: (...commitments) =>
      situation(log, [], new Map([...contents].filter(([commitment]) => !commitments.includes(commitment)))),
    when(type, data, by) {
      const how = typeof by === "string" ? { by } : by;
      const at = how.at ?? later(now);
      const signed = signedCommand(type, data, how, at);
      return outcomeOf(decide(signed, self.world(at)), signed);
    },
    after(type, data, by) {
      const how = typeof by === "string" ? { by } : by;
      let here: Situation = self;
      for (;;) {
        const at = how.at ?? later(here.now);
        const { decision, signed } = here.when(type, data, { ...how, at });
        if (decision.kind === "refused") throw new Error(`${type} was refused: ${decision.code}: ${decision.message}`);
        const { actor, id } = signed.command;
        here = here.and(...decision.facts.map((fact) => ({ ...fact, time: at, actor, command: id })));
        if (!decision.more) return here;
      }
    },
  };
  return self;
}

function later(time: string): string {
  return new Date(Date.parse(time) + 60_000).toISOString();
}

/** As the engine writes it; and as whoever reads it later must be able to. */
function enveloped(
  fact: Given & { command?: string },
  events: readonly Envelope[],
  ends: Map<string, { revision: number; last: string }>,
): Envelope {
  const end = ends.get(fact.stream) ?? { revision: -1, last: null };
  const command = fact.command ?? uuid(0xffff);
  const event: Envelope = {
    schema: schemaOf(fact.type as FactType),
    type: fact.type,
    id: uuidV5(command, String(events.length)),
    stream: fact.stream,
    revision: end.revision + 1,
    prev: end.last,
    time: fact.time ?? later(events.at(-1)?.time ?? minute(-1)),
    actor: fact.actor ?? "sofia",
    command: { id: command, digest: "0".repeat(64) },
    cause: null,
    data: fact.data as Record<string, unknown>,
  };
  const bytes = formatEvent(event);
  const read = parseEvent(bytes);
  decodeEvent(read);
  ends.set(fact.stream, { revision: event.revision, last: leafHash(bytes) });
  return read;
}

function signedCommand<T extends CommandType>(
  type: T,
  data: CommandData<T>,
  { by, id, ledger, actor, issued }: By,
  at: string,
): SignedCommand {
  const signer = typeof by === "string" ? signerOf(by) : by;
  const frame = { id: id ?? uuid(commandSerial++), ledger: ledger ?? ledgerId, at: issued ?? at };
  const envelope = signCommand(type, data, frame, actor === undefined ? signer : { ...signer, principal: actor });
  const read = readCommand(envelope, parseCommand);
  if ("kind" in read) throw new Error(`${type} is malformed at ${read.at}: ${read.message}`);
  return read.signed;
}

function outcomeOf(decision: Decision, signed: SignedCommand): Outcome {
  const accepts = (facts: readonly NewFact[], more: boolean) =>
    assert.equal(decision, { kind: "accepted", facts, more });
  return {
    decision,
    signed,
    thenFacts: (...facts) => accepts(facts, false),
    thenMore: (...facts) => accepts(facts, true),
    thenNothing: () => accepts([], false),
    thenRefused(code, numbers, record = true) {
      if (decision.kind !== "refused") throw new Error(`it was accepted, not refused as ${code}`);
      assert.equal(
        { code: decision.code, numbers: decision.numbers, record: decision.record },
        { code, numbers, record },
      );
      assert.ok(decision.message.length > 10, "a refusal says why, to a person");
      assert.ok(decision.next.length > 5, "a refusal names the next step");
    },
    facts() {
      if (decision.kind === "refused") throw new Error(`refused: ${decision.code}: ${decision.message}`);
      return decision.facts;
    },
  };
}
