/** A toy to try the engine with: counters that only count while a switch is on, signed commands, and a decider that shows every kind of answer. */
import { generateKeyPairSync } from "node:crypto";
import { canonicalBytes } from "../../src/events/canonical.js";
import { keyidOf, sealEnvelope, verifyEnvelope } from "../../src/events/dsse.js";
import { createLedger, type Ledger, type LedgerOptions } from "../../src/ledger/createLedger.js";
import {
  accepted,
  type Category,
  type Decision,
  nothing,
  refused,
  type SignedCommand,
  type World,
} from "../../src/ledger/Decision.js";
import type { ParseCommand } from "../../src/ledger/readCommand.js";
import type { Append, Store } from "../../src/ledger/Store.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { freshId } from "../store/samples.js";

export interface CounterState {
  value: number;
  seen: string[];
}

export const counter: Category<CounterState> = {
  name: "counter",
  initial: () => ({ value: 0, seen: [] }),
  evolve(state, event) {
    state.value += event.data["by"] as number;
    state.seen.push(event.id);
  },
};

export const toySwitch: Category<{ on: boolean }> = {
  name: "switch",
  initial: () => ({ on: false }),
  evolve(state, event) {
    state.on = event.data["on"] as boolean;
  },
};

/** How far a command that fills got. */
export const filling: Category<{ filled: number }> = {
  name: "filling",
  initial: () => ({ filled: 0 }),
  evolve(state) {
    state.filled++;
  },
};

export type ToyData =
  | { readonly do: "add"; readonly counter: string; readonly by: number; readonly max?: number }
  | { readonly do: "switch"; readonly on: boolean }
  | { readonly do: "ensure"; readonly on: boolean }
  | {
      readonly do: "fill";
      readonly filling: string;
      readonly count: number;
      readonly chunk: number;
      readonly end?: "empty";
    }
  | { readonly do: "quote"; readonly commitment: string }
  | { readonly do: "stamp"; readonly counter: string };

type ToyCommand = SignedCommand["command"] & { readonly data: ToyData };

/** Decides a toy command. */
export function decideToy(signed: SignedCommand, world: World): Decision {
  const { data } = signed.command as ToyCommand;
  if (!verifyEnvelope(signed, toyKey.public)) {
    return {
      ...refused("SIGNATURE_WRONG", "The signature is not by the toy's key.", { keyid: signed.keyid }, "Sign again."),
      record: false,
    };
  }
  const on = world.state(toySwitch, "main").on;
  switch (data.do) {
    case "switch":
      return accepted([{ stream: "switch-main", type: "Switched", data: { on: data.on } }]);
    case "ensure":
      return on === data.on ? nothing : accepted([{ stream: "switch-main", type: "Switched", data: { on: data.on } }]);
    case "add": {
      if (!on)
        return refused(
          "SWITCH_OFF",
          "Nothing is counted while the switch is off.",
          { counter: data.counter },
          "Switch it on.",
        );
      const { value } = world.state(counter, data.counter);
      if (data.max !== undefined && value + data.by > data.max) {
        return refused(
          "TOO_MUCH",
          "The counter would pass its maximum.",
          { value, by: data.by, max: data.max },
          "Add less.",
        );
      }
      return accepted([{ stream: `counter-${data.counter}`, type: "Added", data: { by: data.by, from: value } }]);
    }
    case "fill": {
      if (!on)
        return refused("SWITCH_OFF", "Filling stopped: the switch is off.", { filling: data.filling }, "Switch it on.");
      const { filled } = world.state(filling, data.filling);
      const facts = [];
      for (let i = filled; i < Math.min(filled + data.chunk, data.count); i++) {
        facts.push({ stream: `filling-${data.filling}`, type: "Filled", data: { index: i } });
        // A stream that the decision never asked about.
        facts.push({ stream: `piece-${data.filling}.${i}`, type: "PieceMade", data: { index: i } });
      }
      const left = data.count - filled - data.chunk;
      return accepted(facts, { more: facts.length > 0 && (left > 0 || data.end === "empty") });
    }
    case "quote": {
      const content = world.content(data.commitment);
      if (content === undefined)
        return refused("NO_CONTENT", "That content is not there.", { commitment: data.commitment }, "Put it first.");
      return accepted([{ stream: "quote-main", type: "Quoted", data: { length: content.bytes.length } }]);
    }
    case "stamp":
      return accepted([{ stream: `counter-${data.counter}`, type: "Added", data: { by: 0, now: world.now } }]);
  }
}

export const parseToy: ParseCommand = (value) => {
  const command = value as Partial<ToyCommand>;
  return typeof command.id === "string" && typeof command.actor === "string" && typeof command.data === "object"
    ? { ok: true, command: command as ToyCommand }
    : { ok: false, at: "command.id", message: "must be a toy command" };
};

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const rawPublic = publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
export const toyKey = { keyid: keyidOf(rawPublic), public: rawPublic, privateKey };

/** The payload of a toy command. */
export function toyPayload(data: ToyData, id = freshId()): Uint8Array {
  return canonicalBytes({ id, type: `Toy${data.do}`, actor: "tester", ledger: "toy", cause: null, data });
}

/** A signed toy command. */
export function toy(data: ToyData, id = freshId()): Uint8Array {
  return sealEnvelope(toyPayload(data, id), toyKey);
}

/** A ledger of toys whose clock ticks a millisecond at each look, and which never really pauses. */
export function toyLedger(store: Store, options: Partial<LedgerOptions> = {}): Ledger {
  let ticks = Date.UTC(2026, 0, 5);
  return createLedger({
    store,
    decide: decideToy,
    parseCommand: parseToy,
    clock: () => new Date(ticks++).toISOString(),
    pause: () => new Promise(setImmediate),
    ...options,
  });
}

/** A toy ledger with its switch on. */
export async function switchedOn(store: Store = memoryStore(), options?: Partial<LedgerOptions>): Promise<Ledger> {
  const ledger = toyLedger(store, options);
  const { kind } = await ledger.submit(toy({ do: "ensure", on: true }));
  if (kind !== "committed") throw new Error(`the switch cannot be put on: ${kind}`);
  return ledger;
}

/** A store whose every `append` is preceded by something, which may throw instead. */
export function interfering(store: Store, before: (appends: readonly Append[], call: number) => unknown): Store {
  let call = 0;
  return {
    ...store,
    append: async (appends) => {
      await before(appends, call++);
      return store.append(appends);
    },
  };
}
