/**
 * `run resolve`: what the open rows of a transition are. Lists them with what the cutter proposes; takes a human's word for each. Never
 * accepts a row that was not named: identity is approved, not guessed.
 */
import type { CommandData } from "../../../commands/Command.js";
import { type RunState, runCategory, type Unit } from "../../../commands/run/State.js";
import type { GovernedLedger } from "../../app.js";
import { unitId } from "../../documents/unitId.js";
import { transitionClass } from "../../events/facts.js";
import { answer, type Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { malformedStop, refusedStop, Stop } from "../output/Problem.js";
import { table } from "../output/table.js";
import { counted, shortId } from "../output/text.js";
import { readInput } from "../readInput.js";
import { wordsFor } from "../session/ask.js";
import { findRun } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";
import { quoted } from "../words.js";

export interface ResolveOptions {
  readonly accept?: readonly string[];
  readonly row?: readonly string[];
  readonly rows?: string;
  readonly reason?: string;
}

type Row = CommandData<"ResolveTransition">["rows"][number];

/** An open row as it is proposed: what `--accept` takes. */
interface OpenRow extends Row {
  /** Where the unit stands, or stood. */
  readonly address: string;
  /** The units in force it comes from, with their addresses. */
  readonly from: readonly { readonly unit: string; readonly address: string | null }[];
}

/** Rows of one command, at most (`ResolveTransition`). */
const rowsMax = 200;

export async function resolveRows(context: Context, given: string, options: ResolveOptions): Promise<undefined> {
  const fromFile = options.rows === undefined ? [] : rowsOf(await readInput(context, options.rows));
  await withCurrentLedger(context, async (ledger) => {
    const run = await findRun(ledger.sql, given);
    const state = await ledger.state(runCategory, run);
    if (state.phase === "none")
      throw refusedStop("RUN_UNKNOWN", `There is no run ${given}.`, "iu-ledger run list", { run });
    const open = await openRows(ledger, state);
    const rows = [
      ...fromFile,
      ...(options.accept ?? []).map((row) => accepted(row, open)),
      ...(options.row ?? []).map((words) => spoken(words, state, open)),
    ];
    if (rows.length === 0) {
      answer(context, { run, rows: open }, () => listLines(context, run, open));
      return;
    }
    const reason = await wordsFor(context, options.reason, "reason");
    if (rows.length > rowsMax) {
      throw malformedStop(
        "ROWS_TOO_MANY",
        `${rows.length} rows; one command takes ${rowsMax}.`,
        "Give them in several commands.",
        { rows: rows.length, rowsMax },
      );
    }
    const said = await submit(context, ledger, "ResolveTransition", { run, rows, reason });
    await ledger.catchUp();
    const left = (await ledger.state(runCategory, run)).open.size;
    report(context, said, {
      what: left === 0 ? "Rows resolved; none is open" : `Rows resolved; ${counted(left, "row")} still open`,
      json: { run, open: left },
      next: await nextOf(context, ledger.sql, run),
    });
  });
  return undefined;
}

async function openRows(ledger: GovernedLedger, state: RunState): Promise<OpenRow[]> {
  const base = state.plan?.base ?? null;
  const old = base === null ? [] : (await ledger.state(runCategory, base)).units;
  const addressOf = new Map(old.map((unit) => [unit.unit, unit.address]));
  const unitRow = (unit: Unit): OpenRow => ({
    row: unit.address,
    class: unit.transition.class,
    unit: unit.unit,
    address: unit.address,
    from: unit.transition.from.map((from) => ({ unit: from, address: addressOf.get(from) ?? null })),
  });
  return [
    ...state.units.filter((unit) => state.open.has(unit.address)).map(unitRow),
    ...state.repeals
      .filter((repeal) => state.open.has(repeal.unit))
      .map(({ unit, address }) => ({ row: unit, class: "repeal" as const, unit, address, from: [{ unit, address }] })),
  ];
}

function accepted(given: string, open: readonly OpenRow[]): Row {
  const { row, class: kind, unit } = rowNamed(given, open);
  return { row, class: kind, unit };
}

/** A row by its address, or a repeal by its unit id or the address it stood at. */
function rowNamed(given: string, open: readonly OpenRow[]): OpenRow {
  const row = open.find((one) => one.row === given) ?? open.find((one) => one.address === given);
  if (row === undefined)
    throw refusedStop(
      "ROW_NOT_OPEN",
      `${given} is no open row of this transition.`,
      "Run it without rows to see which are open.",
      { row: given },
    );
  return row;
}

/** `art_3=amend:<unit>`; without a unit: the proposed one, or for `insert` the row's own new one. */
function spoken(words: string, state: RunState, open: readonly OpenRow[]): Row {
  const [, given, kind, unit] = /^(.+)=([a-z]+)(?::([0-9a-f-]{36}))?$/.exec(words) ?? [];
  if (given === undefined || kind === undefined) {
    throw malformedStop(
      "ROW_MALFORMED",
      `${words} does not say what a row is.`,
      "Write ADDRESS=CLASS or ADDRESS=CLASS:UNIT, like art_3=amend.",
      { row: words },
    );
  }
  const row = rowNamed(given, open);
  const own = kind === "insert" ? unitId(state.document, state.revision, row.row) : row.unit;
  return { row: row.row, class: classOf(row.row, kind), unit: unit ?? own };
}

function classOf(row: string, word: string): Row["class"] {
  const parsed = transitionClass.safeParse(word);
  if (parsed.success) return parsed.data;
  throw malformedStop(
    "CLASS_UNKNOWN",
    `${row} cannot be ${word}: there is no such class.`,
    `Give one of ${transitionClass.options.join(", ")}.`,
    { row, class: word },
  );
}

function rowsOf(bytes: Uint8Array): Row[] {
  try {
    const value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as Row[] | { rows: Row[] };
    const rows = Array.isArray(value) ? value : value.rows;
    return rows.map(({ row, class: kind, unit }) => ({ row, class: classOf(row, kind), unit }));
  } catch (error) {
    if (error instanceof Stop) throw error;
    throw malformedStop(
      "ROWS_MALFORMED",
      "The file holds no rows.",
      'Write it as --json lists them: {"rows": [{"row", "class", "unit"}]}.',
    );
  }
}

function listLines(context: Context, run: string, open: readonly OpenRow[]): string[] {
  const { style, terminal } = context;
  if (open.length === 0) return ["No row is open."];
  const accept = open.slice(0, 3).map(({ address }) => ` --accept ${quoted(address)}`);
  return [
    style.strong(`${counted(open.length, "row")} to resolve; the class and the unit are proposals`),
    ...table(
      [
        { title: "row", shrink: 24 },
        { title: "class" },
        { title: "unit", optional: true },
        { title: "from", shrink: true },
      ],
      open.map((row) => [
        row.address,
        row.class,
        shortId(row.unit),
        row.from.map(({ address, unit }) => address ?? shortId(unit)).join(", "),
      ]),
      { style, width: terminal.width, indent: "  " },
    ),
    "",
    `  compare   ${asTyped(`iu-ledger unit diff ${open[0]?.address} --run ${run}`, style, context.typing)}`,
    `  accept    ${asTyped(`iu-ledger run resolve ${run}${accept.join("")} --reason TEXT`, style, context.typing)}`,
    `  otherwise ${asTyped(`iu-ledger run resolve ${run} --row ${open[0]?.address}=insert --reason TEXT`, style, context.typing)}`,
  ];
}
