/** `unit list`, `show`, `history`. Reads only. A text is shown only if it is what was committed to. */

import { listDocuments } from "../../../projections/document/queries.js";
import { lifecycleOfUnit } from "../../../projections/lifecycle/queries.js";
import { listIdentities, showUnit, type UnitDetail, type UnitRow } from "../../../projections/unit/queries.js";
import {
  listUnits,
  type UnitText,
  type UnitVersionRow,
  unitHistory,
} from "../../../projections/unit_version/queries.js";
import { answer, type Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { type ExitCode, malformedStop, refusedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import type { Style } from "../output/style.js";
import { table } from "../output/table.js";
import { moment, shortId, visible, visibleLines } from "../output/text.js";
import { findDocument, findRun, one } from "../session/find.js";
import { type Reading, withReading } from "../session/reading.js";
import { findUnit } from "./findUnit.js";

export interface ListOptions {
  readonly run?: string;
  readonly kind?: string;
  readonly open?: boolean;
  readonly all?: boolean;
}

export interface NamedOptions {
  readonly document?: string;
  readonly run?: string;
}

export async function listAll(context: Context, given: string | undefined, options: ListOptions): Promise<undefined> {
  if (options.open === true && options.run === undefined) {
    throw malformedStop("OPTIONS_CONTRADICT", "--open is about one run's transition.", "Say which run with --run.");
  }
  await withReading(context, async ({ sql }) => {
    const document = given === undefined ? undefined : await findDocument(sql, given);
    const filter = {
      ...(document === undefined ? {} : { document }),
      ...(options.kind === undefined ? {} : { kind: options.kind }),
    };
    if (options.run !== undefined) {
      const run = await findRun(sql, options.run);
      const units = await listUnits(sql, {
        ...filter,
        run,
        ...(options.open === undefined ? {} : { open: options.open }),
      });
      answer(context, { units }, () => (units.length === 0 ? ["No unit."] : versionLines(units, context)));
      return;
    }
    const every = await listIdentities(sql, filter);
    const units =
      options.all === true
        ? every
        : every.filter(({ lifecycle }) => lifecycle !== "superseded" && lifecycle !== "reverted");
    const hidden = every.length - units.length;
    answer(context, { units }, () => [
      ...(units.length === 0 ? ["No unit."] : identityLines(units, context)),
      ...(hidden === 0 ? [] : [context.style.faint(`${hidden} superseded or reverted: add --all`)]),
    ]);
  });
  return undefined;
}

function identityLines(units: readonly UnitRow[], { style, terminal }: Context): string[] {
  return table(
    [
      { title: "address", shrink: 32, paint: style.strong },
      { title: "kind" },
      { title: "label", optional: true },
      { title: "title", shrink: true, optional: true },
      { title: "lifecycle" },
      { title: "versions", align: "right" },
      { title: "unit" },
    ],
    units.map((unit) => [
      unit.address,
      unit.kind,
      visible(unit.label ?? ""),
      visible(unit.title ?? ""),
      lifecycleCell(unit.lifecycle, style),
      String(unit.versions),
      shortId(unit.unit),
    ]),
    { style, width: terminal.width },
  );
}

function versionLines(units: readonly UnitVersionRow[], { style, terminal }: Context): string[] {
  return table(
    [
      { title: "address", shrink: 32, paint: style.strong },
      { title: "kind" },
      { title: "title", shrink: true, optional: true },
      { title: "lifecycle" },
      { title: "transition" },
      { title: "bytes", optional: true },
      { title: "unit" },
    ],
    units.map((unit) => [
      unit.address,
      unit.kind,
      visible(unit.title ?? ""),
      lifecycleCell(unit.lifecycle, style),
      {
        text: unit.transition.open ? `${unit.transition.class}, open` : unit.transition.class,
        paint: unit.transition.open ? style.open : style.faint,
      },
      `${unit.span.start}–${unit.span.end}`,
      shortId(unit.unit),
    ]),
    { style, width: terminal.width },
  );
}

function lifecycleCell(lifecycle: string, style: Style) {
  const paint =
    lifecycle === "enacted" ? style.good : lifecycle === "draft" || lifecycle === "reviewed" ? style.open : style.faint;
  return { text: lifecycle, paint };
}

export async function showOne(context: Context, given: string, options: NamedOptions): Promise<ExitCode> {
  let exit: ExitCode = 0;
  await withReading(context, async (reading) => {
    const { unit, run } = await findUnit(reading.sql, given, options);
    const detail = await detailOf(reading, unit, given);
    const shown =
      run === undefined
        ? detail.current
        : ((await versionsOf(reading, unit, given)).findLast((version) => version.run === run) ?? detail.current);
    const document = (await listDocuments(reading.sql)).find((one) => one.document === shown.document);
    const documentTitle = document?.title ?? "";
    // A text that is not what the ledger committed to is a finding.
    if (shown.textStatus === "damaged" || shown.textStatus === "missing") exit = 1;
    answer(context, { ...detail, documentTitle, current: shown }, () => [
      `${context.style.strong(shown.address)}  ${shown.kind}${shown.title === null ? "" : `  ${visible(shown.title)}`}`,
      ...pairs(
        [
          ["unit", unit],
          ["document", `${visible(documentTitle)} (${shown.document}), revision ${shown.revision}`],
          ["lifecycle", shown.lifecycle],
          ["cut by", `run ${shown.run}`],
          ["bytes", `${shown.span.start}–${shown.span.end}`],
          ["versions", detail.versions],
          ["text", proofOf(shown, context)],
        ],
        context.style,
      ),
      "",
      ...(shown.text === null
        ? []
        : visibleLines(shown.text)
            .split("\n")
            .map((line) => `  ${line}`.trimEnd())),
    ]);
  });
  return exit;
}

function proofOf({ textStatus }: UnitText, { style, typing }: Context): string {
  if (textStatus === "proven") return "is what the ledger committed to";
  if (textStatus === "redacted")
    return `was erased by authority: ${asTyped("iu-ledger redaction list", style, typing)}`;
  return textStatus === "missing"
    ? style.bad(`is missing, and nothing on the ledger says why: ${asTyped("iu-ledger replay", style, typing)}`)
    : style.bad(`is NOT what the ledger committed to. Check all of it: ${asTyped("iu-ledger replay", style, typing)}`);
}

async function detailOf({ sql, store }: Reading, unit: string, given: string): Promise<UnitDetail> {
  const detail = one(await showUnit(sql, (commitment) => store.content.get(commitment), unit), "unit", given);
  if (detail === undefined)
    throw refusedStop("UNIT_UNKNOWN", `There is no unit ${given}.`, "iu-ledger unit list", { unit: given });
  return detail;
}

async function versionsOf({ sql, store }: Reading, unit: string, given: string): Promise<readonly UnitText[]> {
  return one(await unitHistory(sql, (commitment) => store.content.get(commitment), unit), "unit", given) ?? [];
}

export async function showHistory(context: Context, given: string, options: NamedOptions): Promise<undefined> {
  await withReading(context, async (reading) => {
    const { unit } = await findUnit(reading.sql, given, options);
    const versions = await versionsOf(reading, unit, given);
    const lifecycle = await lifecycleOfUnit(reading.sql, unit);
    const { style, terminal } = context;
    answer(context, { unit, versions, lifecycle }, () => [
      style.strong(`Unit ${unit}`),
      ...table(
        [
          { title: "revision", align: "right" },
          { title: "address", shrink: 32 },
          { title: "transition" },
          { title: "run" },
          { title: "became" },
          { title: "when" },
          { title: "by" },
        ],
        versions.flatMap((version) =>
          lifecycle
            .filter((row) => row.run === version.run && row.index === version.index)
            .map((row, at) => [
              ...(at === 0
                ? [String(version.revision), version.address, version.transition.class, shortId(version.run)]
                : ["", "", "", ""]),
              lifecycleCell(row.state, style),
              moment(row.time),
              row.actor,
            ]),
        ),
        { style, width: terminal.width, indent: "  " },
      ),
    ]);
  });
  return undefined;
}
