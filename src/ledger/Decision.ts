/**
 * What a decision is: a pure function from a signed command and the world it asks about to facts or to a "no".
 *
 * The world is asked, not handed over: `world.state(run, id)` gives the state of a stream folded from its events. The engine notes
 * every stream that was asked and guards the append with the revision it saw; what it has not loaded yet it loads, and starts
 * the decision again. So a decision may read whatever it needs, in any order, and nothing it read can change before the write.
 */
import type { Envelope } from "../events/envelope.js";

/**
 * One kind of stream: how its state begins and how an event changes it. `evolve` folds in place: the state is the fold's own. `position` is
 * where the event stands in the ledger, the same on every store: what is said of the ledger as a whole (a backup of its first n events) can
 * be told from it to hold an event of any stream.
 */
export interface Category<S> {
  /** The part of the stream's name before the first hyphen. */
  readonly name: string;
  initial(key: string): S;
  evolve(state: S, event: Envelope, position: number): void;
}

/** What a decision may know. Everything in it is as of one point of the ledger. */
export interface World {
  /** The ledger's clock at this decision, never before what was read (RFC 3339, UTC, milliseconds). */
  readonly now: string;
  /** The state of the stream `<category>-<key>`. Never change it. */
  state<S>(category: Category<S>, key: string): Readonly<S>;
  /** Content by its commitment, checked against it; undefined where it was never put or has been erased. */
  content(commitment: string): { readonly salt: Uint8Array; readonly bytes: Uint8Array } | undefined;
}

/** A fact to append: the engine adds revision, prev, id, time, actor and command. */
export interface NewFact {
  readonly stream: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Accepted {
  readonly kind: "accepted";
  /** In order. Empty: the command changes nothing (said and done already); the engine records that as `CommandAnswered`. */
  readonly facts: readonly NewFact[];
  /** Whether the command has more to say once these facts are on the ledger (a cut in chunks). */
  readonly more: boolean;
}

/** A business no: a stable code, a sentence, the numbers, and what to do next. */
export interface Refused {
  readonly kind: "refused";
  readonly code: string;
  readonly message: string;
  readonly numbers: Readonly<Record<string, string | number | boolean | null>>;
  readonly next: string;
  /** False where nobody can be held to it (a signature that does not verify): it is answered, not recorded. */
  readonly record: boolean;
}

export type Decision = Accepted | Refused;

/** A command and the signature it came with. `payload` is the canonical bytes that were signed. */
export interface SignedCommand<
  C = {
    readonly id: string;
    readonly type: string;
    readonly actor: string;
    readonly ledger: string;
    readonly cause: string | null;
  },
> {
  readonly command: C;
  readonly payload: Uint8Array;
  readonly keyid: string;
  readonly signature: Uint8Array;
}

export type Decide = (signed: SignedCommand, world: World) => Decision;

/** What the submitter learns. `duplicate` carries the first answer to the same command. */
export type Result =
  /** The only event of a command that changed nothing is `CommandAnswered`: see `changedNothing`. */
  | { readonly kind: "committed"; readonly events: readonly Committed[] }
  | {
      readonly kind: "duplicate";
      readonly first:
        | { readonly kind: "committed"; readonly events: readonly Committed[] }
        | (Omit<Refused, "record"> & { readonly position: number | null });
    }
  | (Omit<Refused, "record"> & { readonly position: number | null })
  | {
      readonly kind: "conflict";
      readonly stream: string;
      readonly expected: number;
      readonly actual: number;
      readonly attempts: number;
      readonly next: string;
    }
  | { readonly kind: "malformed"; readonly message: string; readonly at: string; readonly next: string }
  | { readonly kind: "unknown"; readonly message: string; readonly next: string };

/** An event with its place in the ledger. */
export interface Committed {
  readonly position: number;
  readonly event: Envelope;
}

/** Makes an acceptance. */
export function accepted(facts: readonly NewFact[], options: { more?: boolean } = {}): Accepted {
  return { kind: "accepted", facts, more: options.more ?? false };
}

/** The command is right and there is nothing left to do. */
export const nothing: Accepted = { kind: "accepted", facts: [], more: false };

/** Makes a refusal: the code, what to tell a person, the numbers behind it, the next step. */
export function refused(code: string, message: string, numbers: Refused["numbers"], next: string): Refused {
  return { kind: "refused", code, message, numbers, next, record: true };
}
