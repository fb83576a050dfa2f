/** A document of a source beside what the ledger has of it: what `discover` tells, and enters. */
import type { DocumentOrigin } from "../../../projections/document/queries.js";
import type { Finding, Found } from "../../discover/Found.js";

export interface Candidate {
  readonly found: Found;
  /** `blocked`: a finding keeps it where it is. */
  readonly status: "new" | "changed" | "same" | "blocked";
  /** The title it has on the ledger, or would get; null where there is none. */
  readonly title: string | null;
  readonly findings: readonly Finding[];
  /** What the ledger has of it. */
  readonly known: DocumentOrigin | null;
  /** What cutting it would give; null where it was not cut. */
  readonly plan: PlanCounts | null;
  /** Null where it was not assessed. */
  readonly target: Target | null;
}

export interface PlanCounts {
  readonly grammar: string;
  readonly profile: string;
  readonly units: number;
  readonly findings: number;
  /** Findings that must be acknowledged before a cut. */
  readonly blocking: number;
}

type Verdict = "safe" | "unsafe" | "ruling";

export interface Target {
  readonly verdict: Verdict;
  readonly reasons: readonly { readonly code: string; readonly verdict: Verdict; readonly message: string }[];
}

/** What became of a candidate that was to be entered. */
export type Entered =
  | { readonly done: "registered" | "revised"; readonly document: string; readonly position: number | null }
  /** The ledger's no to this one document: somebody else was there first. */
  | { readonly done: "refused"; readonly document: string; readonly code: string; readonly message: string };
