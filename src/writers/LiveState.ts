/**
 * What a writer is given: a run's live state in a shape that never changes. A ratified writer must find the same
 * fields in ten years, so this file is only ever added to by a LiveState of another schema number beside it.
 */
export interface LiveState {
  readonly schema: 1;
  readonly run: string;
  readonly document: string;
  readonly revision: number;
  /** Commitment of the content that was cut. */
  readonly content: string;
  readonly plan: {
    readonly digest: string;
    readonly cutter: string;
    readonly grammar: string;
    readonly profile: string;
    readonly units: number;
    readonly base: string | null;
  };
  /** Approved gates, oldest first. */
  readonly gates: readonly {
    readonly gate: string;
    readonly kind: string;
    readonly subject: string;
    readonly ruledBy: string;
  }[];
  /** Every unit that was cut, in document order: as many as there are. */
  readonly units: readonly LiveUnit[];
  readonly repeals: readonly { readonly unit: string; readonly address: string }[];
  /** RFC 6962 root over the units' leaves (see `unitLeaf` in the writers); null before the cut was executed. */
  readonly draftRoot: string | null;
  /** Record digests so far. */
  readonly records: {
    readonly legB: string | null;
    readonly verify: string | null;
    readonly compensationB: string | null;
  };
  readonly compensation: {
    readonly plan: string;
    readonly restores: string | null;
    readonly from: string;
    readonly reverted: number;
  } | null;
}

export interface LiveUnit {
  readonly index: number;
  readonly unit: string;
  readonly address: string;
  readonly kind: string;
  readonly label: string | null;
  readonly parent: string | null;
  readonly start: number;
  readonly end: number;
  /** Salted commitments to the unit's bytes and to their norm digest. */
  readonly raw: string;
  readonly norm: string;
  readonly transition: string;
}

/** What a verifying writer needs beside the live state: the bytes themselves. */
export interface Evidence {
  readonly salt: Uint8Array;
  readonly content: Uint8Array;
  readonly plan: Uint8Array;
}

/** A record: plain canonical JSON, a few kilobytes at most, whatever the number of units. */
export type WriterRecord = Readonly<Record<string, unknown>>;

/** A writer: pure, alone in its file, importing nothing but `node:crypto` and these types. */
export type Writer = (live: LiveState, evidence: Evidence | null) => WriterRecord;
