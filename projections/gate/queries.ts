/** Gates, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";
import type { FactData } from "../../src/events/facts.js";
import type { GateKind } from "../../src/events/fields.js";
import { where } from "../find.js";

export interface GateRow {
  readonly run: string;
  readonly document: string;
  /** `SG_1/1`: the kind, and which request of that kind in the run. */
  readonly gate: string;
  readonly kind: GateKind;
  /** `waiting` for a ruling; `replaced` where it was asked for again before one; then what the ruling came to at `now`. */
  readonly status: "waiting" | "replaced" | "approved" | "rejected" | "expired" | "used";
  /** What an approval covers. */
  readonly binds: FactData<"GateRequested">["binds"];
  /** SHA-256 of what it binds to: the ruling must name it. */
  readonly subject: string;
  readonly requestedBy: string;
  /** The human who answers for the requester. */
  readonly responsible: string;
  readonly requestedAt: string;
  readonly ruling: {
    readonly outcome: "approved" | "rejected";
    readonly reason: string;
    /** Ids of findings that were acknowledged. */
    readonly acknowledged: readonly string[];
    readonly ruledBy: string;
    readonly ruledAt: string;
    readonly expiresAt: string;
  } | null;
  readonly usedAt: string | null;
  readonly position: number;
}

export interface GateFilter {
  readonly run?: string;
  readonly kind?: GateKind;
  /** Only gates that a sovereign can rule on now. */
  readonly waiting?: boolean;
}

interface Flat {
  readonly run: string;
  readonly document: string;
  readonly gate: string;
  readonly kind: GateKind;
  readonly binds: string;
  readonly subject: string;
  readonly requested_by: string;
  readonly responsible: string;
  readonly requested_at: string;
  readonly outcome: "approved" | "rejected" | null;
  readonly reason: string;
  readonly acknowledged: string;
  readonly ruled_by: string;
  readonly ruled_at: string;
  readonly expires_at: string;
  readonly used_at: string | null;
  readonly position: number;
  readonly newest: number;
  readonly phase: string;
}

/** Gates as they stand at `now` (RFC 3339, UTC, milliseconds), the newest request first. */
export async function listGates(sql: Sql, now: string, filter: GateFilter = {}): Promise<GateRow[]> {
  const { clause, params } = where([
    ["g.run = ?", filter.run],
    ["g.kind = ?", filter.kind],
  ]);
  const rows = await sql.query<Flat>(
    `SELECT g.*, r.document, r.phase,
       (SELECT max(n.position) FROM gate n WHERE n.run = g.run AND n.kind = g.kind) AS newest
     FROM gate g JOIN run_live_state r ON r.run = g.run ${clause} ORDER BY g.position DESC`,
    params,
  );
  const gates = rows.map((row) => gateOf(row, now));
  return filter.waiting ? gates.filter((gate) => gate.status === "waiting") : gates;
}

function gateOf(row: Flat, now: string): GateRow {
  return {
    run: row.run,
    document: row.document,
    gate: row.gate,
    kind: row.kind,
    status: statusOf(row, now),
    binds: JSON.parse(row.binds) as GateRow["binds"],
    subject: row.subject,
    requestedBy: row.requested_by,
    responsible: row.responsible,
    requestedAt: row.requested_at,
    ruling:
      row.outcome === null
        ? null
        : {
            outcome: row.outcome,
            reason: row.reason,
            acknowledged: JSON.parse(row.acknowledged) as string[],
            ruledBy: row.ruled_by,
            ruledAt: row.ruled_at,
            expiresAt: row.expires_at,
          },
    usedAt: row.used_at,
    position: row.position,
  };
}

function statusOf({ outcome, used_at, expires_at, position, newest, phase }: Flat, now: string): GateRow["status"] {
  if (used_at !== null) return "used";
  if (outcome === "rejected") return "rejected";
  if (outcome === "approved") return expires_at > now ? "approved" : "expired";
  return position === newest && phase !== "reverted" && phase !== "abandoned" ? "waiting" : "replaced";
}
