/**
 * Proving that something wrote nothing: every surface is measured before and after it, and the same comparison is shown to notice
 * changes made on purpose in a scratch copy. Equal counts alone would prove nothing; neither would a comparison that cannot fail.
 */
import type { Sql } from "../database/Sql.js";
import type { NonMutation, Surfaces } from "../events/facts.js";
import type { Store } from "../ledger/Store.js";
import { negativeControl } from "./negativeControl.js";
import { differingSurfaces, measureSurfaces } from "./surfaces.js";

export interface Proven<T> {
  readonly result: T;
  readonly proof: NonMutation;
}

/**
 * Does `work` and proves that it changed nothing in the database. Bring the projections up to date first: a follower that catches up
 * meanwhile is a change like any other. What `work` throws is thrown.
 */
export function proveNonMutation<T>(sql: Sql, store: Store, work: () => Promise<T>): Promise<Proven<T>> {
  return proveUnchanged(
    () => measureSurfaces(sql, store),
    work,
    () => negativeControl(sql, store),
  );
}

/**
 * The proof by whatever measures. PASS: nothing differs, and the control was noticed. INCONCLUSIVE: the log grew meanwhile, by this
 * process or another, so a difference may be its. FAIL: something differs, or the comparison is blind.
 */
export async function proveUnchanged<T>(
  measure: () => Promise<Surfaces>,
  work: () => Promise<T>,
  control: () => Promise<NonMutation["control"]>,
): Promise<Proven<T>> {
  const before = await measure();
  const result = await work();
  const after = await measure();
  const differs = differingSurfaces(before, after);
  const controlled = await control();
  const moved = before.size !== after.size || before.root !== after.root;
  const verdict = !controlled.detected ? "FAIL" : moved ? "INCONCLUSIVE" : differs.length > 0 ? "FAIL" : "PASS";
  return { result, proof: { verdict, before, after, differs, control: controlled } };
}
