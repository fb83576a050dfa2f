/** Asking a person on a terminal. Only the whole word counts; the end of the input is no answer; Ctrl-C ends the waiting. */
import { setTimeout } from "node:timers/promises";
import type { Terminal } from "../output/Terminal.js";
import { checkInterrupt } from "./interrupt.js";

const signalDelayMs = 50;

export interface Asker {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** What was typed, once it is one of `allowed` (null: anything). The end of the input is the empty answer. */
export async function answer(
  { terminal, signal }: Asker,
  question: string,
  allowed: readonly string[] | null,
): Promise<string> {
  for (;;) {
    checkInterrupt(signal);
    const typed = await Promise.race([terminal.ask(`    ${question}`), aborted(signal)]);
    // The keyboard's Ctrl-C closes the line first; the signal comes in a moment later.
    if (typed === undefined) await setTimeout(signalDelayMs);
    checkInterrupt(signal);
    if (typed === undefined) return "";
    if (allowed === null) return typed;
    if (allowed.includes(typed.toLowerCase())) return typed.toLowerCase();
    terminal.note(`    Please type ${allowed.filter((word) => word !== "").join(" or ")}.`);
  }
}

/** Whether the person typed yes. */
export async function confirm(asker: Asker, question: string): Promise<boolean> {
  return (await answer(asker, `${question} yes or no: `, ["yes", "no", ""])) === "yes";
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
