/**
 * What a cut will write: one fact per unit of the plan, one per proposed repeal. Planned content in, facts out; the dry run, the cut
 * and its resumption after a crash all take them from here, so they cannot differ.
 */

import { normDigest } from "../../src/documents/normDigest.js";
import { remember } from "../../src/documents/once.js";
import { type Plan as DocumentPlan, parsePlan } from "../../src/documents/Plan.js";
import { type TransitionRow, transition } from "../../src/documents/transition.js";
import { unitId } from "../../src/documents/unitId.js";
import { canonicalText, digestOf, sha256Hex } from "../../src/events/canonical.js";
import { commitNorm, commitUnit } from "../../src/events/commitment.js";
import type { FactData } from "../../src/events/facts.js";
import { type Refused, refused, type World } from "../../src/ledger/Decision.js";
import { emptyRange, extendRange, hashLeaf, rootHex } from "../../src/tlog/tree.js";
import { type RunState, runCategory, type Unit } from "./State.js";

export interface Cut {
  readonly plan: DocumentPlan;
  readonly rows: readonly TransitionRow[];
  readonly units: readonly FactData<"UnitCut">[];
  readonly repeals: readonly FactData<"RepealProposed">[];
  /** RFC 6962 root over the unit leaves. */
  readonly draftRoot: string;
}

export type CutOutcome = { readonly ok: true; readonly cut: Cut } | { readonly ok: false; readonly refused: Refused };

/** Works out the whole cut of a run from a plan's bytes. Pure, and remembered for the few newest arguments: chunks ask again and again. */
export function cutOf(state: Readonly<RunState>, planContent: string, base: string | null, world: World): CutOutcome {
  const content = world.content(state.content);
  if (content === undefined) return missing("document", state.content);
  const planBytes = world.content(planContent);
  if (planBytes === undefined) return missing("plan", planContent);
  const before = base === null ? null : world.state(runCategory, base);
  const oldContent = before === null ? null : world.content(before.content);
  if (before !== null && oldContent === undefined) return missing("base version", before.content);
  const key = digestOf([
    state.document,
    state.run,
    state.revision,
    state.content,
    planContent,
    // The draft root commits to the old units' places and text; their ids a human may have given them.
    before === null ? null : [before.run, before.draftRoot, before.units.map(({ unit }) => unit)],
  ]);
  const cut = cuts(key, () => {
    const old = before === null || oldContent == null ? [] : oldUnits(before, oldContent.bytes);
    return buildCut(state, parsePlan(planBytes.bytes), content, old);
  });
  return { ok: true, cut };
}

/** Only ever holds what its key determines: commitments and digests fix every byte that went in. */
const cuts = remember<Cut>(2);

type OldUnits = Parameters<typeof transition>[0]["old"];

function buildCut(
  state: Readonly<RunState>,
  plan: DocumentPlan,
  content: { salt: Uint8Array; bytes: Uint8Array },
  old: OldUnits,
): Cut {
  const { run, document, revision } = state;
  const rows =
    old.length === 0
      ? firstCut(document, revision, plan)
      : transition({ document, revision, old, plan, content: content.bytes });
  const byAddress = new Map(rows.filter((row) => row.to !== null).map((row) => [row.to, row]));
  const units = plan.units.map((unit, index): FactData<"UnitCut"> => {
    const row = byAddress.get(unit.address);
    if (row?.unit == null) throw new Error(`the transition has no row for ${unit.address}`);
    return {
      run,
      document,
      index,
      unit: row.unit,
      address: unit.address,
      kind: unit.kind,
      label: unit.label,
      parent: unit.parent,
      span: unit.span,
      raw: commitUnit(content.salt, content.bytes.subarray(unit.span.start, unit.span.end)),
      norm: commitNorm(content.salt, unit.norm),
      transition: { class: row.class, from: row.from.map((one) => one.unit), open: row.open },
    };
  });
  const repeals = rows
    .filter((row) => row.to === null)
    .flatMap((row) => row.from.map((one) => ({ run, unit: one.unit, address: one.address, open: row.open })));
  return { plan, rows, units, repeals, draftRoot: unitsRoot(units) };
}

/** A first cut: every unit is new and is given its id. */
function firstCut(document: string, revision: number, plan: DocumentPlan): TransitionRow[] {
  return plan.units.map(({ address }) => ({
    class: "insert",
    open: false,
    from: [],
    to: address,
    unit: unitId(document, revision, address),
    similarity: 0,
  }));
}

/** The units in force with their text. */
function oldUnits(base: Readonly<RunState>, content: Uint8Array): OldUnits {
  return base.units.map(({ unit, address, kind, span }) => {
    const text = content.subarray(span.start, span.end);
    return { unit, address, kind, raw: sha256Hex(text), norm: normDigest(text), text };
  });
}

/** RFC 6962 root over the units' leaves: the canonical JSON of what identifies a unit and its text, not of how it came about. */
export function unitsRoot(
  units: readonly Pick<Unit, "address" | "span" | "index" | "kind" | "label" | "norm" | "parent" | "raw">[],
): string {
  const leaves = units.map(({ address, span, index, kind, label, norm, parent, raw }) =>
    hashLeaf(
      Buffer.from(canonicalText({ address, end: span.end, index, kind, label, norm, parent, raw, start: span.start })),
    ),
  );
  return rootHex(extendRange(emptyRange, leaves));
}

/** SHA-256 of the canonical transition rows: what SG_1 and SG_2 bind to. */
export function transitionDigest(rows: readonly TransitionRow[]): string {
  return digestOf(rows);
}

function missing(what: string, commitment: string): CutOutcome {
  return {
    ok: false,
    refused: refused(
      "CONTENT_MISSING",
      `The ${what} is not in the content store (commitment ${commitment.slice(0, 12)}…).`,
      { content: commitment },
      "Restore the content from a backup; what was erased by authority cannot be cut.",
    ),
  };
}
