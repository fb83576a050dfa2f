/** Resolving the transition: a human says what each open row is. Identity is approved, never guessed, and no unit becomes two. */

import { unitId } from "../../src/documents/unitId.js";
import type { FactData } from "../../src/events/facts.js";
import { streamName } from "../../src/events/streams.js";
import { accepted, type Decision, refused, type World } from "../../src/ledger/Decision.js";
import type { CommandsOf } from "../CommandFrame.js";
import type { commands } from "./commands.js";
import { type Phase, type RunState, runCategory, type Unit } from "./State.js";
import { wrongPhase } from "./wrongPhase.js";

/** What can be said of a unit that stands at no address of the new revision. */
const endings: readonly string[] = ["repeal", "merge", "split"];

const from: readonly Phase[] = ["cut", "recorded", "verified", "reviewed"];

export function decideResolve(
  { data }: CommandsOf<typeof commands, "ResolveTransition">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  if (!from.includes(state.phase)) return wrongPhase(state, "resolved row by row", from);
  const base = state.plan?.base ?? null;
  const old = new Set(base === null ? [] : world.state(runCategory, base).units.map((unit) => unit.unit));
  const units = new Map(state.units.map((unit) => [unit.address, unit]));
  const holders = new Map(state.units.map((unit) => [unit.unit, unit.address]));
  const named = new Set<string>();
  for (const { row } of data.rows) {
    if (named.has(row))
      return refused(
        "ROW_TWICE",
        `${row} is resolved twice in one command.`,
        { run: state.run, row },
        "Say once what it is.",
      );
    named.add(row);
    const unit = units.get(row);
    if (unit !== undefined && holders.get(unit.unit) === row) holders.delete(unit.unit);
  }
  const resolved = [];
  for (const { row, class: kind, unit } of data.rows) {
    const numbers = { run: state.run, row, unit };
    if (!state.open.has(row))
      return refused(
        "ROW_NOT_OPEN",
        `${row} is no open row of this transition.`,
        numbers,
        `See which are open: iu-ledger run resolve ${state.run}`,
      );
    if (units.has(row)) {
      const minted = unitId(state.document, state.revision, row);
      const kept =
        kind === "insert" || kind === "split" ? unit === minted || (kind === "split" && old.has(unit)) : old.has(unit);
      if (kind === "repeal" || !kept) {
        return refused(
          "ROW_UNIT_WRONG",
          `${row} as ${kind} cannot be the unit ${unit}.`,
          { ...numbers, minted },
          kind === "insert"
            ? `An inserted unit gets its own new id, ${minted}.`
            : "Name a unit that was in force, or resolve the row as insert.",
        );
      }
      const holder = holders.get(unit);
      if (holder !== undefined)
        return refused(
          "UNIT_TWICE",
          `${holder} is the unit ${unit} already; no unit stands in two places.`,
          { ...numbers, holder },
          "Resolve one of the two as insert.",
        );
      holders.set(unit, row);
      // Of a split and a merge the cutter's proposal says where else the text came from: that must not be lost.
      const others = kind === "split" || kind === "merge" ? (units.get(row)?.transition.from ?? []) : [];
      const sources = kind === "insert" ? [] : [...new Set([unit, ...others])].filter((id) => old.has(id));
      resolved.push({ row, class: kind, unit, from: sources });
    } else {
      if (unit !== row)
        return refused(
          "ROW_UNIT_WRONG",
          `The row ${row} is a unit that is gone; it cannot become ${unit}.`,
          numbers,
          "Give the row's own unit id.",
        );
      resolved.push({ row, class: kind, unit, from: [row] });
    }
  }
  for (const { row, class: kind } of resolved) {
    if (units.has(row)) continue;
    const holder = holders.get(row);
    if (kind === "insert" || (holder === undefined && !endings.includes(kind))) {
      return refused(
        "UNIT_GONE",
        `${row} stands nowhere in this revision; it cannot be resolved as ${kind}.`,
        { run: state.run, row, class: kind },
        `Resolve it as ${endings.join(", ")}; or first give it to the unit it has become.`,
      );
    }
    if (kind === "repeal" && holder !== undefined) {
      return refused(
        "UNIT_KEPT",
        `${row} lives on at ${holder}; it is not repealed.`,
        { run: state.run, row, holder },
        "Resolve it with the class it lives on by.",
      );
    }
  }
  const stream = streamName("run", state.run);
  const left = base === null ? [] : unaccounted(state, world.state(runCategory, base).units, resolved);
  return accepted([
    { stream, type: "TransitionResolved", data: { run: state.run, rows: resolved, reason: data.reason } },
    // A unit that was thought to live on here, and does not, must be given its end by a human too.
    ...left.map(({ unit, address }) => ({
      stream,
      type: "RepealProposed",
      data: { run: state.run, unit, address, open: true },
    })),
  ]);
}

type Resolved = FactData<"TransitionResolved">["rows"];

/** The units in force that, after these rows, neither live on, nor went into another unit, nor have a row of their own. */
function unaccounted(state: Readonly<RunState>, old: readonly Unit[], resolved: Resolved): Unit[] {
  const said = new Map(resolved.map((row) => [row.row, row]));
  const accounted = new Set(state.repeals.map(({ unit }) => unit));
  for (const { address, unit, transition } of state.units) {
    const row = said.get(address);
    accounted.add(row?.unit ?? unit);
    for (const source of row?.from ?? transition.from) accounted.add(source);
  }
  return old.filter(({ unit }) => !accounted.has(unit));
}
