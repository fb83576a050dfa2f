/**
 * What a source gives: documents that may be cut, one after another, each with what is wrong with it. Title and text are those of the source, or
 * null; nothing here ever stands in for what is not there.
 */

/** Something odd about a document of a source. */
export interface Finding {
  /** Stable, like `BODY_EMPTY`. */
  readonly code: string;
  readonly message: string;
  readonly numbers: Readonly<Record<string, string | number>>;
  /** Whether the document is left alone because of it, unless somebody accepts it by its code. */
  readonly blocks: boolean;
}

/** One document of a source. */
export interface Found {
  /** Its place in the reading, from 1. */
  readonly number: number;
  /** What the source calls it: the id of a row, the path of a file; null where it has no name that can be kept. */
  readonly id: string | null;
  /** What the ledger knows it by (the `source` of the document), the same at each reading; null where there is no id. */
  readonly key: string | null;
  readonly title: string | null;
  /** The text as it is there; null where there is none, or it was not read. */
  readonly bytes: Uint8Array | null;
  /** Bytes of the text, where known. */
  readonly length: number | null;
  readonly findings: readonly Finding[];
}

/** A folder, or the rows of a query. */
export interface DocumentSource {
  /** In words: `docs`, or `statutes in acme`. */
  readonly words: string;
  /** What one of its documents is called: file, row. */
  readonly noun: string;
  /** Reads it once, in the source's order, never holding more than a few megabytes of text beside the document in hand. */
  read(): AsyncGenerator<Found, void, undefined>;
  /** Whether a document registered from `source` is one of this source's, whether it is still there or not. */
  owns(source: string): boolean;
  /** A `source` as it is compared: two ways of writing one path are the same. */
  same(source: string): string;
  /** What was read, and what was passed over, in lines; complete once everything was read. */
  notes(): readonly string[];
  close(): Promise<void>;
}

/** As much as a title or a source's key may have on the ledger, in UTF-16 code units. */
export const wordsMax = 2_000;
