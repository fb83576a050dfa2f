/** Runs, read. The shapes are those of `--json`. */
import type { Phase } from "../../commands/run/State.js";
import type { Sql } from "../../src/database/Sql.js";
import { type Found, findId, found, where } from "../find.js";

export interface RunRow {
  /** UUID. */
  readonly run: string;
  readonly document: string;
  readonly documentTitle: string;
  /** The document's revision it cuts, from 0. */
  readonly revision: number;
  readonly mode: "live" | "rehearsal";
  readonly phase: Phase;
  /** On HOLD: stopped until another human releases it. */
  readonly held: boolean;
  /** Whether it is the open run of its document. */
  readonly open: boolean;
  /** Whether its units are in force. */
  readonly inForce: boolean;
  readonly plannedUnits: number | null;
  /** Units cut so far. */
  readonly units: number;
  /** Transition rows no human has resolved yet. */
  readonly openRows: number;
  readonly openedBy: string;
  readonly openedAt: string;
  readonly changedAt: string;
  readonly position: number;
}

export interface RunDetail extends RunRow {
  /** Commitment of the content. */
  readonly content: string;
  readonly hold: {
    readonly check: string;
    readonly reason: string;
    readonly expected: string;
    readonly actual: string;
    readonly causedBy: string;
  } | null;
  readonly assessment: {
    readonly verdict: "safe" | "unsafe" | "ruling";
    readonly reasons: readonly { readonly code: string; readonly verdict: string; readonly message: string }[];
  } | null;
  readonly plan: {
    readonly digest: string;
    /** Commitment of the plan's bytes in the content store. */
    readonly content: string;
    readonly cutter: string;
    readonly grammar: string;
    readonly profile: string;
    /** The run in force when it was planned. */
    readonly base: string | null;
    readonly findings: number;
    readonly blocking: readonly { readonly id: string; readonly rule: string; readonly address: string | null }[];
    readonly transition: { readonly digest: string; readonly classes: Readonly<Record<string, number>> };
  } | null;
  readonly dryRun: {
    readonly verdict: "PASS" | "FAIL" | "INCONCLUSIVE";
    readonly nonMutation: "PASS" | "FAIL" | "INCONCLUSIVE";
    readonly draftRoot: string;
    readonly rules: readonly { readonly rule: string; readonly assertions: number; readonly failures: number }[];
  } | null;
  /** Proposed repeals of units the new revision no longer has. */
  readonly repeals: number;
  readonly draftRoot: string | null;
  /** Record digests; null where there is no such record yet. */
  readonly records: {
    readonly legB: string | null;
    readonly verify: string | null;
    readonly compensationB: string | null;
  };
  /** Writer → its rolling digest over its records in this run. */
  readonly writerDigests: Readonly<Record<string, string>>;
  /** Digest of the inverse actions: from the dry run, then from the planned compensation. */
  readonly compensationPlan: string | null;
  /** The run a planned compensation brings back into force. */
  readonly restores: string | null;
  /** Units reverted so far. */
  readonly reverted: number;
}

export interface RunFilter {
  readonly document?: string;
  readonly phase?: Phase;
  /** Only runs that are, or are not, the open run of their document. */
  readonly open?: boolean;
  readonly held?: boolean;
}

type Flat = Record<string, string | number | null>;

const from = "FROM run_live_state r JOIN document d ON d.document = r.document";
const columns = `r.*, d.title AS document_title, CASE WHEN d.open_run = r.run THEN 1 ELSE 0 END AS is_open,
  CASE WHEN d.in_force_run = r.run THEN 1 ELSE 0 END AS is_in_force`;

/** Runs, newest first. */
export async function listRuns(sql: Sql, filter: RunFilter = {}): Promise<RunRow[]> {
  const { clause, params } = where([
    ["r.document = ?", filter.document],
    ["r.phase = ?", filter.phase],
    ["CASE WHEN d.open_run = r.run THEN 1 ELSE 0 END = ?", bit(filter.open)],
    ["r.held = ?", bit(filter.held)],
  ]);
  const rows = await sql.query<Flat>(`SELECT ${columns} ${from} ${clause} ORDER BY r.opened_position DESC`, params);
  return rows.map(rowOf);
}

/** One run, by its id or the beginning of it. */
export async function showRun(sql: Sql, idOrPrefix: string): Promise<Found<RunDetail>> {
  return found(await findId(sql, "run_live_state", "run", idOrPrefix), async (id) => {
    const [row] = await sql.query<Flat>(`SELECT ${columns} ${from} WHERE r.run = $1`, [id]);
    return detailOf(row as Flat);
  });
}

function bit(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : value ? 1 : 0;
}

function rowOf(flat: Flat): RunRow {
  return {
    run: flat["run"] as string,
    document: flat["document"] as string,
    documentTitle: flat["document_title"] as string,
    revision: flat["revision"] as number,
    mode: flat["mode"] as RunRow["mode"],
    phase: flat["phase"] as Phase,
    held: flat["held"] === 1,
    open: flat["is_open"] === 1,
    inForce: flat["is_in_force"] === 1,
    plannedUnits: flat["planned_units"] as number | null,
    units: flat["units"] as number,
    openRows: flat["open_rows"] as number,
    openedBy: flat["opened_by"] as string,
    openedAt: flat["opened_at"] as string,
    changedAt: flat["changed_at"] as string,
    position: flat["position"] as number,
  };
}

function detailOf(flat: Flat): RunDetail {
  const text = (column: string) => flat[column] as string;
  const orNull = (column: string) => flat[column] as string | null;
  const json = <T>(column: string) => JSON.parse(text(column)) as T;
  return {
    ...rowOf(flat),
    content: text("content"),
    hold:
      flat["held"] === 1
        ? {
            check: text("hold_check"),
            reason: text("hold_reason"),
            expected: text("hold_expected"),
            actual: text("hold_actual"),
            causedBy: text("hold_caused_by"),
          }
        : null,
    assessment:
      flat["assessment"] === null
        ? null
        : {
            verdict: text("assessment") as "safe" | "unsafe" | "ruling",
            reasons: json("assessment_reasons"),
          },
    plan:
      flat["plan"] === null
        ? null
        : {
            digest: text("plan"),
            content: text("plan_content"),
            cutter: text("cutter"),
            grammar: text("grammar"),
            profile: text("profile"),
            base: orNull("base_run"),
            findings: flat["findings"] as number,
            blocking: json("blocking_findings"),
            transition: { digest: text("transition_digest"), classes: json("transition_classes") },
          },
    dryRun:
      flat["dry_run"] === null
        ? null
        : {
            verdict: text("dry_run") as "PASS" | "FAIL" | "INCONCLUSIVE",
            nonMutation: text("non_mutation") as "PASS" | "FAIL" | "INCONCLUSIVE",
            draftRoot: text("dry_run_draft_root"),
            rules: json("dry_run_rules"),
          },
    repeals: flat["repeals"] as number,
    draftRoot: orNull("draft_root"),
    records: { legB: orNull("leg_b"), verify: orNull("verify"), compensationB: orNull("compensation_b") },
    writerDigests: json("writer_digests"),
    compensationPlan: orNull("compensation_plan"),
    restores: orNull("restores_run"),
    reverted: flat["reverted"] as number,
  };
}
