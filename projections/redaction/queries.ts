/** Redactions, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";
import { where } from "../find.js";

export interface RedactionRow {
  readonly redaction: string;
  /** `waiting` for a ruling; `approved` and not carried out yet; `expired` where it never was; `executed`. */
  readonly status: "waiting" | "approved" | "rejected" | "expired" | "executed";
  readonly reason: string;
  /** What a ruling names. */
  readonly subject: string;
  readonly requestedBy: string;
  readonly responsible: string;
  readonly requestedAt: string;
  readonly contents: readonly RedactedContent[];
  readonly ruling: {
    readonly outcome: "approved" | "rejected";
    readonly reason: string;
    readonly ruledBy: string;
    readonly ruledAt: string;
    readonly expiresAt: string;
  } | null;
  readonly executedBy: string | null;
  readonly executedAt: string | null;
  readonly position: number;
}

export interface RedactedContent {
  readonly content: string;
  /** Of the event that says it was erased; null while it was not, or where another redaction came first. */
  readonly position: number | null;
}

export interface RedactionFilter {
  readonly redaction?: string;
  /** Those that name this content. */
  readonly content?: string;
}

interface Flat {
  readonly redaction: string;
  readonly reason: string;
  readonly subject: string;
  readonly requested_by: string;
  readonly responsible: string;
  readonly requested_at: string;
  readonly position: number;
  readonly outcome: "approved" | "rejected" | null;
  readonly ruling: string;
  readonly ruled_by: string;
  readonly ruled_at: string;
  readonly expires_at: string;
  readonly executed_by: string | null;
  readonly executed_at: string | null;
}

/** Redactions as they stand at `now` (RFC 3339, UTC, milliseconds), the newest request first. */
export async function listRedactions(sql: Sql, now: string, filter: RedactionFilter = {}): Promise<RedactionRow[]> {
  const { clause, params } = where([
    ["r.redaction = ?", filter.redaction],
    ["r.redaction IN (SELECT c.redaction FROM redacted_content c WHERE c.content = ?)", filter.content],
  ]);
  const rows = await sql.query<Flat>(`SELECT r.* FROM redaction r ${clause} ORDER BY r.position DESC`, params);
  const contents = await sql.query<RedactedContent & { readonly redaction: string }>(
    `SELECT c.redaction, c.content, c.position FROM redacted_content c JOIN redaction r ON r.redaction = c.redaction ${clause}
     ORDER BY c.redaction, c.content`,
    params,
  );
  return rows.map((row) => ({
    redaction: row.redaction,
    status: statusOf(row, now),
    reason: row.reason,
    subject: row.subject,
    requestedBy: row.requested_by,
    responsible: row.responsible,
    requestedAt: row.requested_at,
    contents: contents
      .filter(({ redaction }) => redaction === row.redaction)
      .map(({ content, position }) => ({ content, position })),
    ruling:
      row.outcome === null
        ? null
        : {
            outcome: row.outcome,
            reason: row.ruling,
            ruledBy: row.ruled_by,
            ruledAt: row.ruled_at,
            expiresAt: row.expires_at,
          },
    executedBy: row.executed_by,
    executedAt: row.executed_at,
    position: row.position,
  }));
}

function statusOf({ outcome, executed_at, expires_at }: Flat, now: string): RedactionRow["status"] {
  if (executed_at !== null) return "executed";
  if (outcome === null) return "waiting";
  if (outcome === "rejected") return "rejected";
  return expires_at <= now ? "expired" : "approved";
}

/** The redaction under which a content was erased, or null. */
export async function redactionOf(sql: Sql, content: string): Promise<string | null> {
  const [row] = await sql.query<{ redaction: string }>(
    "SELECT redaction FROM redacted_content WHERE content = $1 AND position IS NOT NULL",
    [content],
  );
  return row?.redaction ?? null;
}
