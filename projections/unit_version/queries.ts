/** Unit versions, read, with their text. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";
import { commitUnit } from "../../src/events/commitment.js";
import type { FactData } from "../../src/events/facts.js";
import { type Found, findId, found, where } from "../find.js";
import type { Lifecycle } from "../lifecycle/project.js";
import { redactionOf } from "../redaction/queries.js";

export interface UnitVersionRow {
  /** The run that cut it. With `index` it names the unit version. */
  readonly run: string;
  /** Its place in the cut, in document order, from 0. */
  readonly index: number;
  /** UUID: kept when the unit moves or is renumbered. */
  readonly unit: string;
  readonly document: string;
  readonly revision: number;
  readonly address: string;
  readonly kind: string;
  readonly label: string | null;
  /** The heading's words, from the plan; null where there are none or they have been erased. */
  readonly title: string | null;
  /** The parent's address. */
  readonly parent: string | null;
  /** UTF-8 bytes [start, end) of the content. */
  readonly span: { readonly start: number; readonly end: number };
  /** Salted commitments to its bytes and to its norm digest. */
  readonly raw: string;
  readonly norm: string;
  readonly transition: {
    readonly class: FactData<"UnitCut">["transition"]["class"];
    readonly from: readonly string[];
    /** Waits for a human. */
    readonly open: boolean;
  };
  readonly lifecycle: Lifecycle;
  /** Position of the event that cut it. */
  readonly position: number;
}

export interface UnitText extends UnitVersionRow {
  /** The text, proven to be the one committed to; null otherwise. */
  readonly text: string | null;
  /**
   * `redacted`: erased by the authority that the ledger names. `missing`: gone without a word of it. `damaged`: something is stored that is
   * not what was committed to.
   */
  readonly textStatus: "proven" | "redacted" | "missing" | "damaged";
}

export interface UnitFilter {
  readonly document?: string;
  readonly run?: string;
  readonly unit?: string;
  readonly address?: string;
  readonly kind?: string;
  readonly lifecycle?: Lifecycle;
  /** Only units whose transition does, or does not, wait for a human. */
  readonly open?: boolean;
  /** At most so many; default: all. */
  readonly limit?: number;
}

/** How content is had: `store.content.get`. */
export type GetContent = (
  commitment: string,
) => Promise<{ readonly salt: Uint8Array; readonly bytes: Uint8Array } | undefined>;

interface Flat {
  readonly run: string;
  readonly ordinal: number;
  readonly unit: string;
  readonly document: string;
  readonly revision: number;
  readonly content: string;
  readonly address: string;
  readonly kind: string;
  readonly label: string | null;
  readonly title: string | null;
  readonly parent: string | null;
  readonly span_start: number;
  readonly span_end: number;
  readonly raw: string;
  readonly norm: string;
  readonly transition: UnitVersionRow["transition"]["class"];
  readonly from_units: string;
  readonly open: number;
  readonly lifecycle: Lifecycle;
  readonly position: number;
}

/** Unit versions, newest run first, each run's in document order. */
export async function listUnits(sql: Sql, filter: UnitFilter = {}): Promise<UnitVersionRow[]> {
  return (await select(sql, filter)).map(rowOf);
}

/** As {@link listUnits}, with the texts. Each content is read once. */
export async function listUnitTexts(sql: Sql, content: GetContent, filter: UnitFilter = {}): Promise<UnitText[]> {
  return withTexts(sql, await select(sql, filter), content);
}

/** The unit version a run cut at an address. */
export async function unitAt(sql: Sql, content: GetContent, run: string, address: string): Promise<UnitText | null> {
  return (await withTexts(sql, await select(sql, { run, address }), content))[0] ?? null;
}

/** All versions of a unit, oldest first, with their texts; the unit by its id or the beginning of it. */
export async function unitHistory(sql: Sql, content: GetContent, idOrPrefix: string): Promise<Found<UnitText[]>> {
  return found(await findId(sql, "unit", "unit", idOrPrefix), async (unit) => {
    const versions = await withTexts(sql, await select(sql, { unit }), content);
    return versions.reverse();
  });
}

export interface UnitDiff {
  readonly unit: string;
  readonly from: UnitText;
  readonly to: UnitText;
}

/**
 * Two versions of a unit with their texts, for whoever shows the difference. The runs name the versions; without them the newest two.
 * Null where the unit has no such versions.
 */
export async function unitDiff(
  sql: Sql,
  content: GetContent,
  idOrPrefix: string,
  runs: { readonly from?: string; readonly to?: string } = {},
): Promise<Found<UnitDiff | null>> {
  const history = await unitHistory(sql, content, idOrPrefix);
  if (history.kind !== "found") return history;
  const versions = history.value;
  const to = runs.to === undefined ? versions.at(-1) : versions.findLast(({ run }) => run === runs.to);
  const before = to === undefined ? [] : versions.slice(0, versions.indexOf(to));
  const from = runs.from === undefined ? before.at(-1) : versions.findLast(({ run }) => run === runs.from);
  return {
    kind: "found",
    value: from === undefined || to === undefined ? null : { unit: to.unit, from, to },
  };
}

/** A unit in force that a run's revision no longer has. */
export interface RepealRow {
  readonly run: string;
  readonly unit: string;
  readonly address: string;
  readonly class: FactData<"UnitCut">["transition"]["class"];
  readonly open: boolean;
  readonly position: number;
}

/** The repeals a run proposes, in the order they were proposed. */
export async function listRepeals(sql: Sql, run: string): Promise<RepealRow[]> {
  const rows = await sql.query<Omit<RepealRow, "open"> & { open: number }>(
    "SELECT run, unit, address, transition AS class, open, position FROM repeal WHERE run = $1 ORDER BY position",
    [run],
  );
  return rows.map((row) => ({ ...row, open: row.open === 1 }));
}

function select(sql: Sql, filter: UnitFilter): Promise<Flat[]> {
  const { clause, params } = where([
    ["v.document = ?", filter.document],
    ["v.run = ?", filter.run],
    ["v.unit = ?", filter.unit],
    ["v.address = ?", filter.address],
    ["v.kind = ?", filter.kind],
    ["v.lifecycle = ?", filter.lifecycle],
    ["v.open = ?", filter.open === undefined ? undefined : filter.open ? 1 : 0],
  ]);
  return sql.query<Flat>(
    `SELECT v.* FROM unit_version v JOIN run_live_state r ON r.run = v.run ${clause}
     ORDER BY r.opened_position DESC, v.ordinal LIMIT $${params.length + 1}`,
    [...params, filter.limit ?? Number.MAX_SAFE_INTEGER],
  );
}

async function withTexts(sql: Sql, rows: readonly Flat[], content: GetContent): Promise<UnitText[]> {
  let held: (Held & { readonly commitment: string }) | undefined;
  const texts: UnitText[] = [];
  for (const row of rows) {
    // Rows come run by run, so one content is enough to hold.
    if (held?.commitment !== row.content) {
      const found = await content(row.content);
      const redacted = found === undefined && (await redactionOf(sql, row.content)) !== null;
      held = { commitment: row.content, content: found, redacted };
    }
    texts.push({ ...rowOf(row), ...textOf(row, held) });
  }
  return texts;
}

interface Held {
  readonly content: Awaited<ReturnType<GetContent>>;
  readonly redacted: boolean;
}

function textOf(row: Flat, { content, redacted }: Held): { text: string | null; textStatus: UnitText["textStatus"] } {
  if (content === undefined) return { text: null, textStatus: redacted ? "redacted" : "missing" };
  const bytes = content.bytes.subarray(row.span_start, row.span_end);
  if (commitUnit(content.salt, bytes) !== row.raw) return { text: null, textStatus: "damaged" };
  return { text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes), textStatus: "proven" };
}

function rowOf(row: Flat): UnitVersionRow {
  return {
    run: row.run,
    index: row.ordinal,
    unit: row.unit,
    document: row.document,
    revision: row.revision,
    address: row.address,
    kind: row.kind,
    label: row.label,
    title: row.title,
    parent: row.parent,
    span: { start: row.span_start, end: row.span_end },
    raw: row.raw,
    norm: row.norm,
    transition: { class: row.transition, from: JSON.parse(row.from_units) as string[], open: row.open === 1 },
    lifecycle: row.lifecycle,
    position: row.position,
  };
}
