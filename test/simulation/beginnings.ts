/** Where a simulated history begins: a ledger with people and a run on it, made once by real commands and then copied, since making it takes the longest. */
import type { CommandType } from "../../commands/Command.js";
import { decide } from "../../commands/decide.js";
import type { Signer } from "../../src/keys/Signer.js";
import type { Decide } from "../../src/ledger/Decision.js";
import type { Append, Content, Store } from "../../src/ledger/Store.js";
import { governedRun, type Person, smallStatute, type Until } from "../support/governedRun.js";

export interface Beginning {
  readonly ledger: string;
  readonly run: string;
  readonly document: string;
  readonly content: string;
  readonly signers: Readonly<Record<Person, Signer>>;
  /** The moment after it, in milliseconds since 1970. */
  readonly ms: number;
  /** Puts it on an empty store. */
  fill(store: Store): Promise<void>;
}

/** Where the first run stands when the simulation begins. */
export const stages = [
  "opened",
  "planned",
  "rehearsed",
  "rehearsed",
  "cut",
  "reviewed",
  "enacted",
] as const satisfies readonly Until[];

/** So many units that the product's own chunks (500 events) make several parts of the cut. */
export const longStatute = Buffer.from(
  `Long Charter\n\n${Array.from({ length: 505 }, (_, i) => `Article ${i + 1}. Rule ${i + 1} stands.`).join("\n\n")}\n`,
);

const made = new Map<string, Promise<Beginning>>();

export function beginning(stage: (typeof stages)[number], long = false): Promise<Beginning> {
  const key = `${stage} ${long}`;
  let one = made.get(key);
  if (one === undefined) {
    one = make(stage, long);
    made.set(key, one);
  }
  return one;
}

async function make(stage: Until, long: boolean): Promise<Beginning> {
  const governed = await governedRun({
    bytes: long ? longStatute : smallStatute,
    until: stage,
    decide: long ? decide : smallParts(decide),
  });
  const { store } = governed;
  const { size } = await store.head();
  const state = await governed.state(governed.runId);
  const parts: { at: number; append: Append }[] = [];
  const contents = new Map<string, Content>();
  for (const { id, envelope, parts: stored } of await store.commands(0, size)) {
    for (const [part, { position, count, last }] of stored.entries()) {
      const entries = await store.read(position, count);
      parts.push({ at: position, append: { command: { id, part, last, envelope }, entries, guards: [] } });
      for (const { bytes } of entries) {
        for (const [commitment] of Buffer.from(bytes)
          .toString("utf8")
          .matchAll(/\b[0-9a-f]{64}\b/g)) {
          const content = await store.content.get(commitment);
          if (content !== undefined) contents.set(commitment, content);
        }
      }
    }
  }
  const appends = parts.sort((one, other) => one.at - other.at).map(({ append }) => append);
  return {
    ledger: governed.id,
    run: governed.runId,
    document: governed.document,
    content: state.content,
    signers: governed.signers,
    ms: Date.parse(governed.now()),
    async fill(to) {
      for (const [commitment, content] of contents) await to.content.put(commitment, content);
      await to.append(appends);
    },
  };
}

const inChunks: readonly CommandType[] = ["ExecuteCut", "Compensate"];
const partFactsMax = 4;

/**
 * The real decisions, with smaller chunks: of what a cut or a compensation decides only the first facts are let out, and the rest is decided
 * anew, as the real ones do every 500. So a small document makes many parts, with room for others in between.
 */
export function smallParts(real: Decide): Decide {
  return (signed, world) => {
    const decision = real(signed, world);
    // What says that it is done, two facts at most, comes together.
    if (decision.kind === "refused" || decision.facts.length <= partFactsMax + 1) return decision;
    if (!inChunks.includes(signed.command.type as CommandType)) return decision;
    return { ...decision, facts: decision.facts.slice(0, partFactsMax), more: true };
  };
}
