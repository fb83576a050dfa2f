// Laws, checked on many values. The same values for everyone by default, so that a run says the same on every machine;
// IU_SEED=random looks elsewhere (a failure prints its seed), IU_SEED=<number> repeats that, IU_RUNS=10 tries ten times as many.
import * as fc from "fast-check";

const seedOfEveryone = 20_260_101;

/** Holds `law` against `runs` values (100 unless told); throws with the smallest counterexample found, its seed and path. */
export function holds<Values>(law: fc.IProperty<Values>, runs = 100): void {
  fc.assert(law, parameters(runs));
}

/** As `holds`, for a law that is asynchronous. */
export async function holdsAsync<Values>(law: fc.IAsyncProperty<Values>, runs = 100): Promise<void> {
  await fc.assert(law, parameters(runs));
}

function parameters(runs: number): { numRuns: number; seed?: number; includeErrorInReport: boolean } {
  const numRuns = Math.max(1, Math.round(runs * Number(process.env["IU_RUNS"] ?? 1)));
  const wanted = process.env["IU_SEED"] ?? String(seedOfEveryone);
  // Without the error a report names the values and not what was wrong with them.
  const report = { numRuns, includeErrorInReport: true };
  return wanted === "random" ? report : { ...report, seed: Number(wanted) };
}
