/** The ways of looking at a ledger that the product gives to people, each as they use it. */

import type { Decision, Result } from "../../src/ledger/Decision.js";
import { StoreError } from "../../src/ledger/Store.js";
import type { ReplayReport } from "../../src/replay/Check.js";
import type { Answer, Say } from "./base.js";
import type { Eye, Saw } from "./Eye.js";

/** An answer of the command line: nothing, or the "no". Beware of what it does when the answer is yes. */
export function answering(name: string, ask: () => Promise<Answer>): Eye {
  return {
    name,
    async look() {
      const { error, exit, json } = await ask();
      if (error !== null) return [sawOf(error)];
      if (exit !== 0) throw new Error(`${name} ended ${exit} without an error: ${JSON.stringify(json)}`);
      return [];
    },
  };
}

/** A result of the library: nothing where the command was taken. */
export function taking(name: string, ask: () => Promise<{ readonly kind: string }>): Eye {
  return {
    name,
    async look() {
      const result = (await ask().catch(saidCode)) as Result | Decision;
      switch (result.kind) {
        case "refused":
          return [sawOf(result)];
        case "duplicate":
          return [duplicateOf(result)];
        case "committed":
        case "accepted":
          return [];
        default:
          throw new Error(`${name}: ${JSON.stringify(result)}`);
      }
    },
  };
}

/** What a store, or the clock, says with a code is an answer too. */
function saidCode(error: unknown): Result {
  if (!(error instanceof StoreError)) throw error;
  return { kind: "refused", code: error.code, message: error.message, numbers: {}, next: error.next } as Result;
}

/** `replay`, with flags: each finding of each check. That nothing is wrong is a whole PASS, and nothing less. */
export function replaying(say: Say, name: string, ...flags: readonly string[]): Eye {
  return {
    name,
    async look() {
      const { json, error } = await say("replay", ...flags);
      if (error !== null) return [sawOf(error)];
      const { verdict, checks } = json as unknown as ReplayReport;
      const saw = checks.flatMap(({ name: code, findings }) =>
        findings.map(({ position, rule, message }) => ({ code, position, rule, words: message })),
      );
      if ((verdict === "PASS") !== (saw.length === 0))
        throw new Error(`replay says ${verdict} with ${saw.length} findings: ${JSON.stringify(json)}`);
      return saw;
    },
  };
}

export function sawOf({ code, message }: { readonly code: string; readonly message: string }): Saw {
  return { code, position: null, rule: null, words: message };
}

/** The answer of a command that was given before: which that was. */
function duplicateOf({ first }: Extract<Result, { kind: "duplicate" }>): Saw {
  if (first.kind === "refused") return { ...sawOf(first), code: "duplicate" };
  const types = first.events.map(({ event }) => event.type).join(", ");
  const position = first.events[0]?.position ?? null;
  return { code: "duplicate", position, rule: null, words: `duplicate of what was committed: ${types}` };
}
