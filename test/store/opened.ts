/** What a contract is given to try: an opened store, and how to say what must be thrown. */
import * as assert from "uvu/assert";
import type { Store } from "../../src/ledger/Store.js";

export interface Opened {
  readonly store: Store;
  /** Opens the same ledger once more, as another process would; absent where nothing lasts. The bracket closes it. */
  readonly again?: () => Promise<Store>;
}

/** Sets a fresh ledger up, lets it be used, cleans up. */
export type WithStore = (use: (opened: Opened) => Promise<void>) => Promise<void>;

/** Registers one sentence of the contract. */
export type It = (sentence: string, use: (opened: Opened) => Promise<void>) => void;

/** What it throws. */
export async function caught(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("expected a throw");
}

export async function throwsRange(work: () => Promise<unknown>): Promise<void> {
  const error = await caught(work);
  assert.instance(error, RangeError);
}
