/**
 * How large the event of a fact will be, before it is one: an event that does not fit a leaf must be refused to whoever asked for it,
 * with the numbers; it must never surface as a fault of the engine.
 */
import { canonicalText } from "../src/events/canonical.js";
import { leafSizeMax } from "../src/events/envelope.js";
import { type Decision, type NewFact, refused } from "../src/ledger/Decision.js";

/** What an envelope adds to the data of a fact, at most: its own fields, of which every one is bounded. */
const envelopeSize = 700;

/** A chunk is measured while it is filled and once more before it is let out: the second look is free. */
const measured = new WeakMap<NewFact, number>();

/** An upper bound of the leaf's size, in bytes. */
export function leafSizeOf(fact: NewFact): number {
  let size = measured.get(fact);
  if (size === undefined) {
    size = Buffer.byteLength(canonicalText(fact.data)) + envelopeSize;
    measured.set(fact, size);
  }
  return size;
}

/** The decision, or the refusal that one of its events would be too large. */
export function fitted(decision: Decision): Decision {
  if (decision.kind === "refused") return decision;
  const large = decision.facts.find((fact) => leafSizeOf(fact) > leafSizeMax);
  if (large === undefined) return decision;
  return refused(
    "FACT_TOO_LARGE",
    `${large.type} would be an event of ${leafSizeOf(large)} bytes; one holds at most ${leafSizeMax}.`,
    { type: large.type, size: leafSizeOf(large), sizeMax: leafSizeMax },
    "Ask for less at once: fewer rows, fewer findings, shorter labels.",
  );
}
