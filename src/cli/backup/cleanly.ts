/** Work that leaves files behind while it lasts: whoever interrupts it waits until they are gone. */
import type { Context } from "../Context.js";

/** Does the work; interrupted, lets it end (it watches the signal) before `lines` are said. A second Ctrl-C waits for nothing. */
export function cleanly<T>(context: Context, lines: readonly string[], work: () => Promise<T>): Promise<T> {
  const done = work();
  context.interrupted = async () => {
    await done.catch(() => undefined);
    return lines;
  };
  return done;
}
