// Writes given facts to a store as valid events: revisions, chain, times and all, each fact checked against its type. It keeps the
// states of all streams as the engine would, so that a history can say what a decision would have said.
import { canonicalBytes } from "../../src/events/canonical.js";
import { commitContent } from "../../src/events/commitment.js";
import { type Envelope, formatEvent, leafHash } from "../../src/events/envelope.js";
import { type FactData, type FactType, facts } from "../../src/events/facts.js";
import type { Category, World } from "../../src/ledger/Decision.js";
import type { Entry, Store } from "../../src/ledger/Store.js";

export interface Said<T extends FactType = FactType> {
  readonly stream: string;
  readonly type: T;
  readonly data: FactData<T>;
}

export interface Scribe {
  readonly store: Store;
  /** One append of an actor's facts, a minute after the last one. Answers the position of the first. */
  say(actor: string, ...said: Said[]): Promise<number>;
  /** Puts a text into the content store; answers its commitment and salt. */
  put(bytes: Uint8Array): Promise<{ commitment: string; salt: Uint8Array }>;
  /** The world as the next decision would find it. */
  world(): World;
  /** The time of the next append. */
  now(): string;
  /** Lets hours go by. */
  wait(hours: number): void;
  readonly size: number;
}

export function fact<T extends FactType>(stream: string, type: T, data: FactData<T>): Said {
  return { stream, type, data: data as FactData<FactType> };
}

/** A UUID that says its number. */
export function id(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, "0")}`;
}

export function scribe(store: Store): Scribe {
  const streams = new Map<string, { readonly event: Envelope; readonly position: number }[]>();
  const ends = new Map<string, { revision: number; leaf: string }>();
  let clock = Date.parse("2026-01-05T09:00:00.000Z");
  let commands = 0;
  let events = 0;
  let salts = 0;

  const now = () => new Date(clock + 60_000).toISOString();
  return {
    store,
    now,
    get size() {
      return events;
    },
    wait(hours) {
      clock += hours * 3_600_000;
    },
    async say(actor, ...said) {
      const time = now();
      clock += 60_000;
      const command = id(0xc000000 + ++commands);
      const envelope = canonicalBytes({ command });
      const entries = said.map(({ stream, type, data }): Entry => {
        const end = ends.get(stream) ?? { revision: -1, leaf: null };
        const event: Envelope = {
          schema: 1,
          type,
          id: id(0xe000000 + ++events),
          stream,
          revision: end.revision + 1,
          prev: end.leaf,
          time,
          actor,
          command: { id: command, digest: "c".repeat(64) },
          cause: null,
          data: facts[type].parse(data) as Record<string, unknown>,
        };
        const bytes = formatEvent(event);
        ends.set(stream, { revision: event.revision, leaf: leafHash(bytes) });
        const others = streams.get(stream);
        const placed = { event, position: events - 1 };
        if (others === undefined) streams.set(stream, [placed]);
        else others.push(placed);
        return { stream, revision: event.revision, bytes };
      });
      const [outcome] = await store.append([
        { command: { id: command, part: 0, last: true, envelope }, entries, guards: [] },
      ]);
      if (outcome?.kind !== "committed") throw new Error(`the history was not taken: ${JSON.stringify(outcome)}`);
      return outcome.position;
    },
    async put(bytes) {
      const salt = new Uint8Array(32).fill(++salts);
      const commitment = commitContent(salt, bytes);
      await store.content.put(commitment, { salt, bytes });
      return { commitment, salt };
    },
    world() {
      const time = now();
      return {
        now: time,
        state<S>(category: Category<S>, key: string): Readonly<S> {
          const state = category.initial(key);
          for (const { event, position } of streams.get(`${category.name}-${key}`) ?? []) {
            category.evolve(state, structuredClone(event), position);
          }
          return state;
        },
        content() {
          throw new Error("no precondition asks for content");
        },
      };
    },
  };
}
