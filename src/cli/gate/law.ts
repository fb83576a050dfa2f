/**
 * What a ruling does to the law, in words: how many units, which of them are amended, inserted, repealed. Shown beside the digests that are
 * signed, and taken from the same content. Must never be the only thing shown: what is signed is the binding.
 */
import { cutOf } from "../../../commands/run/cutFacts.js";
import { type RunState, runCategory } from "../../../commands/run/State.js";
import type { GovernedLedger } from "../../app.js";
import { parsePlan } from "../../documents/Plan.js";
import type { GateKind } from "../../events/fields.js";
import type { World } from "../../ledger/Decision.js";
import type { Pair } from "../output/pairs.js";
import { counted, grouped, visible } from "../output/text.js";

/** One unit of the cut, or one that it would end. */
interface Row {
  readonly address: string;
  readonly class: string;
  readonly open: boolean;
}

const shownMax = 5;

/** How each class that changes something is said; the others are only counted. */
const said: ReadonlyMap<string, string> = new Map([
  ["amend", "amended"],
  ["insert", "inserted"],
  ["repeal", "repealed"],
  ["split", "split"],
  ["merge", "merged"],
  ["move", "moved"],
  ["relabel", "relabelled"],
  ["layout", "layout only"],
  ["unchanged", "unchanged"],
]);
const listed = ["amend", "insert", "repeal", "split", "merge", "move"];

/** The pairs that say it. Where the content they would be read from is not stored: one pair that says so. */
export async function lawPairs(ledger: GovernedLedger, run: string, kind: GateKind): Promise<Pair[]> {
  const state = await ledger.state(runCategory, run);
  const rows = await rowsOf(ledger, state);
  if (rows === undefined) return [["in words", "cannot be said: the text or the plan is not stored"]];
  const titles = await titlesOf(ledger, state);
  const named = ({ address }: Row) => {
    const title = titles.get(address);
    return `${address}${title == null ? "" : `  ${visible(title)}`}`;
  };
  const of = (word: string) => rows.filter((row) => row.class === word);
  const standing = rows.length - of("repeal").length;
  const counts = [...said]
    .map(([word, words]) => ({ words, count: of(word).length }))
    .filter(({ count }) => count > 0)
    .map(({ words, count }) => `${grouped(count)} ${words}`);
  const open = rows.filter((row) => row.open).length;
  const first = state.plan?.base == null;
  const back = kind === "SG_C";
  return [
    [
      back ? "takes back" : "units",
      `${counted(standing, "unit")}${first ? (back ? "; nothing was in force before" : ", all new") : `: ${counts.join(", ")}`}`,
    ],
    ...listed
      .filter((word) => !(first && word === "insert"))
      .flatMap((word): Pair[] => {
        const found = of(word);
        if (found.length === 0) return [];
        const more = found.length > shownMax ? [`… and ${grouped(found.length - shownMax)} more`] : [];
        return [[said.get(word) ?? word, [...found.slice(0, shownMax).map(named), ...more].join("\n")]];
      }),
    ...(open === 0
      ? []
      : [["open", `${counted(open, "row")}: proposed, and resolved by a human before SG_2`] as const]),
    ...(first ? [] : [["note", "each is said of a unit's own text, without the units in it"] as const]),
  ];
}

/** The line that lists what a ruling is on: the units once they are cut, until then the text. */
export function listingLine({ units, run, document }: Readonly<RunState>): string {
  return units.length > 0 ? `iu-ledger unit list --run ${run}` : `iu-ledger document show ${document} --text`;
}

async function rowsOf(ledger: GovernedLedger, state: Readonly<RunState>): Promise<Row[] | undefined> {
  const before = ["planned", "rehearsed", "cutting"].includes(state.phase);
  const source = before ? await plannedCut(ledger, state) : state;
  if (source === undefined) return undefined;
  return [
    ...source.units.map(({ address, transition }) => ({
      address,
      class: transition.class,
      open: before ? transition.open : state.open.has(address),
    })),
    ...source.repeals.map((repeal) => ({
      address: repeal.address,
      class: "class" in repeal ? repeal.class : "repeal",
      open: before ? repeal.open : state.open.has(repeal.unit),
    })),
  ];
}

/** The cut as it would be written, worked out by what will write it. */
async function plannedCut(ledger: GovernedLedger, state: Readonly<RunState>) {
  const { plan } = state;
  if (plan === null) return undefined;
  const base = plan.base === null ? null : await ledger.state(runCategory, plan.base);
  const contents = new Map<string, Awaited<ReturnType<GovernedLedger["content"]>>>();
  for (const commitment of [state.content, plan.planContent, ...(base === null ? [] : [base.content])])
    contents.set(commitment, await ledger.content(commitment));
  const world: World = {
    now: ledger.now(),
    // The only state that working out a cut asks for is the run it starts from.
    state: <S>() => base as Readonly<S>,
    content: (commitment) => contents.get(commitment),
  };
  const outcome = cutOf(state, plan.planContent, plan.base, world);
  return outcome.ok ? outcome.cut : undefined;
}

async function titlesOf(
  ledger: GovernedLedger,
  state: Readonly<RunState>,
): Promise<ReadonlyMap<string, string | null>> {
  const commitments = [state.plan?.planContent];
  if (state.plan?.base != null)
    commitments.unshift((await ledger.state(runCategory, state.plan.base)).plan?.planContent);
  const titles = new Map<string, string | null>();
  for (const commitment of commitments) {
    const stored = commitment === undefined ? undefined : await ledger.content(commitment);
    if (stored !== undefined)
      for (const { address, title } of parsePlan(stored.bytes).units) titles.set(address, title);
  }
  return titles;
}
