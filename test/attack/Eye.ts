/** What looks at a ledger, and what it may see: the words that attacks, rooms and the table share. */

export type StoreKind = "sqlite" | "postgres";

/** Something the product said is wrong. */
export interface Saw {
  /** The check of replay, or the code of a "no". */
  readonly code: string;
  readonly position: number | null;
  readonly rule: string | null;
  /** The product's own words. */
  readonly words: string;
}

/** Somebody who looks at a ledger by a way of the product. Looking may be done as often as one likes. */
export interface Eye {
  /** For people: "replay", "log checkpoint". */
  readonly name: string;
  /** All that is wrong by this way of looking; nothing, if nothing is. */
  look(): Promise<readonly Saw[]>;
}
