/** The blocker matrix of a run at any moment: folded from the ledger itself, so that it can never be behind. */
import { type Matrix, matrixOf } from "../../projections/readiness/matrix.js";
import type { Store } from "../ledger/Store.js";
import { foldedStates } from "./foldedStates.js";

/**
 * What the next step of a run needs, judged at `now` (RFC 3339, UTC, milliseconds), as the decision would judge it. Null where there
 * is no such run.
 */
export async function readinessOf(store: Store, run: string, now: string): Promise<Matrix | null> {
  const matrix = await foldedStates(store, Number.POSITIVE_INFINITY).ask(now, (world) => matrixOf(run, world));
  return matrix.phase === "none" ? null : matrix;
}
