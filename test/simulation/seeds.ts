/** Many histories, one after the other, and one again, for a person to read. */
import { type Outcome, type SimulationOptions, simulate } from "./simulate.js";

export interface Tried {
  readonly histories: number;
  readonly events: number;
  readonly crashes: number;
}

/** Runs the histories of seeds [from, to); throws with all that is needed to run the first wrong one again. */
export async function assertSeeds(from: number, to: number, options: SimulationOptions = {}): Promise<Tried> {
  const tried = { histories: 0, events: 0, crashes: 0 };
  for (let seed = from; seed < to; seed++) {
    const outcome = await simulate(seed, options);
    if (outcome.wrong.length > 0) throw new Error(wrongText(outcome));
    tried.histories++;
    tried.events += outcome.counts.events;
    tried.crashes += outcome.counts.crashes;
  }
  return tried;
}

function wrongText({ seed, wrong, lines }: Outcome): string {
  return [
    `seed ${seed}: ${wrong.length} wrong`,
    ...wrong.slice(0, 10).map((one) => `  ${one.slice(0, 1000)}`),
    "its end:",
    ...lines.slice(-25).map((line) => `  ${line}`),
    `run it again: IU_SIM_SEED=${seed} node build/test/simulation/simulation.test.js`,
  ].join("\n");
}

/** Runs one history and prints all of it, for a person. */
export async function printSeed(seed: number, options: SimulationOptions = {}): Promise<void> {
  const { lines, wrong, steps, counts, digest } = await simulate(seed, options);
  const { events, answered, crashes } = counts;
  const end = [
    "",
    `seed ${seed}: ${steps} steps, ${events} events, ${answered} commands answered, ${crashes} crashes; digest ${digest}`,
    wrong.length === 0 ? "nothing wrong" : `${wrong.length} wrong:\n${wrong.join("\n")}`,
  ];
  process.stdout.write(`\n${[...lines, ...end].join("\n")}\n`);
  if (wrong.length > 0) throw new Error(`seed ${seed}: ${wrong.length} wrong, see above`);
}
