/** Units, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";
import { type Found, findId, found, where } from "../find.js";
import type { Lifecycle } from "../lifecycle/project.js";
import { type LifecycleRow, lifecycleOfUnit } from "../lifecycle/queries.js";
import { type GetContent, type UnitText, unitHistory } from "../unit_version/queries.js";

export interface UnitRow {
  /** UUID. */
  readonly unit: string;
  readonly document: string;
  /** Where it stands in the version that speaks for it: the one in force, else the newest that is not reverted. */
  readonly address: string;
  readonly kind: string;
  readonly label: string | null;
  /** The heading's words in that version; null where there are none. */
  readonly title: string | null;
  readonly lifecycle: Lifecycle;
  /** Run and index name the version that speaks for it. */
  readonly run: string;
  readonly index: number;
  readonly firstRun: string;
  readonly lastRun: string;
  readonly versions: number;
}

export interface UnitDetail extends UnitRow {
  /** The version that speaks for it, with its text. */
  readonly current: UnitText;
  /** What its versions have been, oldest first. */
  readonly history: readonly LifecycleRow[];
}

export interface UnitsFilter {
  readonly document?: string;
  readonly address?: string;
  readonly kind?: string;
  readonly lifecycle?: Lifecycle;
}

const columns = `unit, document, address, kind, label,
  (SELECT v.title FROM unit_version v WHERE v.run = unit.run AND v.ordinal = unit.ordinal) AS title,
  lifecycle, run, ordinal AS "index", first_run AS "firstRun", last_run AS "lastRun", versions`;

/** Units, document by document, in the order of the text. */
export function listIdentities(sql: Sql, filter: UnitsFilter = {}): Promise<UnitRow[]> {
  const { clause, params } = where([
    ["document = ?", filter.document],
    ["address = ?", filter.address],
    ["kind = ?", filter.kind],
    ["lifecycle = ?", filter.lifecycle],
  ]);
  return sql.query<UnitRow>(`SELECT ${columns} FROM unit ${clause} ORDER BY document, ordinal, unit`, params);
}

/** One unit with its text and what it has been, by its id or the beginning of it. */
export async function showUnit(sql: Sql, content: GetContent, idOrPrefix: string): Promise<Found<UnitDetail>> {
  return found(await findId(sql, "unit", "unit", idOrPrefix), async (id) => {
    const [row] = await sql.query<UnitRow>(`SELECT ${columns} FROM unit WHERE unit = $1`, [id]);
    const versions = await unitHistory(sql, content, id);
    const current =
      versions.kind === "found"
        ? versions.value.find((one) => one.run === row?.run && one.index === row.index)
        : undefined;
    if (row === undefined || current === undefined)
      throw new Error(`the unit ${id} has no version: rebuild the projections`);
    return { ...row, current, history: await lifecycleOfUnit(sql, id) };
  });
}
