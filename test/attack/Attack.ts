/**
 * What an attack is: an attacker with means, what they did with them to a real ledger, who must notice, and who must not be able to. The last is said
 * as plainly as the rest and is played too: a table that only names what works would be an advertisement.
 */
import type { StoreKind } from "./Eye.js";
import type { Room } from "./room.js";

export interface Attack {
  /** A word to name it by. */
  readonly id: string;
  /** Who, and what they have. */
  readonly attacker: string;
  readonly done: string;
  /** Who notices, each as `eye: code`; exactly these are asserted while it is played. */
  readonly notices: readonly string[];
  /** Who does not, and why that is so. Each is looked through while it is played, and sees nothing. */
  readonly blind: readonly { readonly eye: string; readonly why: string }[];
  /** The stores it is played on. */
  readonly stores: readonly StoreKind[];
  play(room: Room): Promise<void>;
}

export const everyStore: readonly StoreKind[] = ["sqlite", "postgres"];
