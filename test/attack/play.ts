/** Plays an attack on a store and says what came of it. Must never take for noticed what the product did not say itself. */
import { skipReason } from "../support/skip.js";
import type { Attack } from "./Attack.js";
import type { Bases } from "./bases.js";
import type { StoreKind } from "./Eye.js";
import { type Noticed, withRoom } from "./room.js";

export type Outcome = "NOTICED" | "MISSED" | "NOT_RUN";

/**
 * NOTICED: all who were named noticed, each as was said, and nobody before; who was said to be blind was. MISSED: anything else. NOT_RUN: the means are
 * absent, `why` says which.
 */
export interface Played {
  readonly store: StoreKind;
  readonly outcome: Outcome;
  readonly noticed: readonly Noticed[];
  /** Null where it went as was said. */
  readonly why: string | null;
  readonly ms: number;
}

export async function play(attack: Attack, store: StoreKind, bases: Bases): Promise<Played> {
  let begun = performance.now();
  const ended = (outcome: Played["outcome"], noticed: readonly Noticed[], why: string | null): Played => ({
    store,
    outcome,
    noticed,
    why,
    ms: Math.round(performance.now() - begun),
  });
  try {
    const base = await bases.get(store);
    begun = performance.now();
    return await withRoom(base, async (room) => {
      await attack.play(room);
      const why = otherwise(attack, room.seen);
      return ended(why === null ? "NOTICED" : "MISSED", room.seen.noticed, why);
    });
  } catch (error) {
    const absent = skipReason(error);
    if (absent !== undefined) return ended("NOT_RUN", [], absent);
    return ended("MISSED", [], error instanceof Error ? error.message : String(error));
  }
}

/** How what was seen differs from what the attack says of itself; null where it does not. */
function otherwise(
  attack: Attack,
  seen: { before: readonly string[]; noticed: readonly Noticed[]; blind: readonly string[] },
): string | null {
  const by = seen.noticed.map((one) => one.by);
  const blind = attack.blind.map(({ eye }) => eye);
  if (!same(by, attack.notices)) return `noticed by ${by.join(", ")}; said was ${attack.notices.join(", ")}`;
  if (!same(seen.blind, blind)) return `blind were ${seen.blind.join(", ")}; said was ${blind.join(", ")}`;
  const unasked = [...attack.notices.map((one) => one.slice(0, one.lastIndexOf(": "))), ...blind].find(
    (eye) => !seen.before.includes(eye),
  );
  return unasked === undefined ? null : `${unasked} was not asked before the attack`;
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
}
