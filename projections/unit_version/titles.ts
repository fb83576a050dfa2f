/**
 * Titles of units. They are words of the document, so they are not on the ledger; they come from the plan, which is content and can be
 * erased. A title that cannot be had is null; it never stops a projection.
 */
import type { Before } from "../Projection.js";

/** The title of the unit at an index, if the plan has that address there. */
export type Titles = (index: number, address: string) => string | null;

const none: Titles = () => null;

type PlanUnit = { readonly address?: unknown; readonly title?: unknown };

/** A cut comes in many batches and its plan is large: the newest few are kept. Only holds what its key, a commitment, fixes. */
const kept = new Map<string, Titles>();
const keptMax = 2;

/** The titles in a plan, by the commitment of its bytes. The plan is not judged here: it was when the cut was planned. */
export async function titlesOf(planContent: string | null, before: Before): Promise<Titles> {
  if (planContent === null) return none;
  const content = await before.content(planContent);
  // Asked first, so that an erased plan's titles are gone at once.
  if (content === undefined) return none;
  const known = kept.get(planContent);
  if (known !== undefined) return known;
  const units = readUnits(content.bytes);
  const titles: Titles = (index, address) => {
    const unit = units[index];
    return unit?.address === address && typeof unit.title === "string" && unit.title.isWellFormed() ? unit.title : null;
  };
  if (kept.size >= keptMax) kept.delete(kept.keys().next().value ?? "");
  kept.set(planContent, titles);
  return titles;
}

function readUnits(bytes: Uint8Array): readonly PlanUnit[] {
  try {
    const plan = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as { units?: unknown };
    return Array.isArray(plan.units) ? (plan.units as PlanUnit[]) : [];
  } catch {
    return [];
  }
}
