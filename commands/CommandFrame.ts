/** The frame every command has around its data. A file of its own, so that each module can type its commands without knowing the others. */
import type { z } from "zod";

/**
 * A command of one type. `at` is when the actor says it was issued: it must be near the ledger's own time (`untimely`), which is what
 * expiries are judged by.
 */
export interface CommandFrame<T extends string, D> {
  readonly schema: 1;
  readonly id: string;
  readonly type: T;
  /** The ledger it is meant for: a command signed for one ledger is refused by every other. */
  readonly ledger: string;
  readonly actor: string;
  readonly at: string;
  readonly cause: string | null;
  readonly data: D;
}

/** The commands of a table of schemas, as a union told apart by `type`; or only those of the types named. */
export type CommandsOf<S extends Record<string, z.ZodType>, T extends keyof S & string = keyof S & string> = {
  [K in T]: CommandFrame<K, z.infer<S[K]>>;
}[T];
