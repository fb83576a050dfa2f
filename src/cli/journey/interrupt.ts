/**
 * Ctrl-C: the append under way is finished, the next is not begun. Nothing is lost either way, since an append is whole or not there; so the
 * one who presses twice may end the process at once (the program sees to that).
 */
import type { Store } from "../../ledger/Store.js";
import { Stop } from "../output/Problem.js";

const interrupted = { code: "INTERRUPTED", message: "Interrupted.", numbers: {}, next: "", exit: 130 } as const;

/** Throws the {@link Stop} of an interrupted journey, if it was. */
export function checkInterrupt(signal: AbortSignal): void {
  if (signal.aborted) throw new Stop(interrupted);
}

/** The store, appending nothing more once the signal is aborted, and telling of each append that has become durable. */
export function interruptible(store: Store, signal: AbortSignal, appended: (events: number) => void): Store {
  return {
    ...store,
    async append(appends) {
      // One turn of the event loop, in which a signal that has come in meanwhile is noticed.
      await new Promise(setImmediate);
      checkInterrupt(signal);
      const outcomes = await store.append(appends);
      for (const outcome of outcomes) if (outcome.kind === "committed") appended(outcome.count);
      return outcomes;
    },
  };
}
