/**
 * A word for a ledger before somebody relies on what it says of itself: every event was decided from a signed command, by somebody who might,
 * in its place and order. The short form of a replay, for a program that must go on or stop.
 */
import type { Store } from "../ledger/Store.js";
import type { CheckName } from "./Check.js";
import { replay } from "./replay.js";

const relied: readonly CheckName[] = ["positions", "chain", "signatures", "state-machine"];

/** What speaks against a ledger; `position` null where it has no place. */
export interface Objection {
  readonly check: CheckName;
  readonly position: number | null;
  readonly message: string;
}

/** The first thing that speaks against the ledger, by position, or null. A check that could not be done speaks against it as well. Throws as `replay`. */
export async function vouch(store: Store): Promise<Objection | null> {
  const { checks } = await replay(store, { checks: relied });
  const objections = checks
    .filter(({ name, verdict }) => relied.includes(name) && verdict !== "PASS")
    .map(({ name: check, findings: [first], note }) => ({
      check,
      position: first?.position ?? null,
      message: first?.message ?? note ?? "nothing was compared",
    }));
  const place = ({ position }: Objection) => position ?? Number.POSITIVE_INFINITY;
  return objections.toSorted((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0))[0] ?? null;
}
