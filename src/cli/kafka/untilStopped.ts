/** A command that works until somebody stops it: being stopped is its end, in good order, and no error. */
import type { Context } from "../Context.js";
import type { ExitCode } from "../output/Problem.js";

/** Runs `work`; once interrupted, the invocation waits for it to come to its end, and then ends as interrupted. */
export async function untilStopped(context: Context, work: () => Promise<unknown>): Promise<ExitCode> {
  const working = work();
  context.interrupted = async () => {
    // What it ends with is told by the invocation itself; here it is only waited for.
    await working.catch(() => undefined);
    return [];
  };
  await working;
  return context.signal.aborted ? 130 : 0;
}
