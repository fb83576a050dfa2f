/** Appends to try a store with: small, all different, of the right shape. */
import { canonicalBytes } from "../../src/events/canonical.js";
import { commitContent } from "../../src/events/commitment.js";
import type { Append, Content, Entry, Guard } from "../../src/ledger/Store.js";

let serial = 0;

/** A command id that was not used before in this process. */
export function freshId(): string {
  const n = (++serial).toString(16).padStart(12, "0");
  return `00000000-0000-7000-8000-${n}`;
}

/** An event's bytes; they say which stream and revision they are for. */
export function entry(stream: string, revision: number, say = "said"): Entry {
  return { stream, revision, bytes: canonicalBytes({ stream, revision, say }) };
}

export interface AppendOptions {
  readonly id?: string;
  readonly part?: number;
  readonly last?: boolean;
  readonly envelope?: Uint8Array;
  readonly guards?: readonly Guard[];
}

/** An append of these entries: by default the only part of a fresh command, guarded by nothing. */
export function append(entries: readonly Entry[], options: AppendOptions = {}): Append {
  const id = options.id ?? freshId();
  return {
    command: {
      id,
      part: options.part ?? 0,
      last: options.last ?? true,
      envelope: options.envelope ?? canonicalBytes({ payload: id }),
    },
    entries,
    guards: options.guards ?? [],
  };
}

/** A content and its commitment. */
export function content(text: string, saltByte = 7): { commitment: string; content: Content } {
  const salt = new Uint8Array(32).fill(saltByte);
  const bytes = new TextEncoder().encode(text);
  return { commitment: commitContent(salt, bytes), content: { salt, bytes } };
}
