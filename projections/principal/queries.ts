/** Principals, read. The shapes are those of `--json`. */
import type { Sql } from "../../src/database/Sql.js";
import type { PrincipalKind, Role } from "../../src/events/fields.js";

export interface PrincipalRow {
  readonly principal: string;
  readonly kind: PrincipalKind;
  readonly name: string;
  readonly roles: readonly Role[];
  /** The human who answers for it. */
  readonly responsible: string;
  readonly registeredBy: string;
  readonly registeredAt: string;
  readonly revoked: boolean;
  readonly revokedBy: string | null;
  readonly revokedAt: string | null;
  /** Why it was revoked. */
  readonly reason: string | null;
  /** Oldest first; those in force have `untilAt` null. */
  readonly keys: readonly KeyRow[];
  readonly position: number;
}

export interface KeyRow {
  readonly keyid: string;
  /** 32 bytes in base64. */
  readonly public: string;
  readonly sinceAt: string;
  readonly untilAt: string | null;
}

/** All principals in the order they were registered, the revoked ones too. */
export async function listPrincipals(sql: Sql): Promise<PrincipalRow[]> {
  type Flat = Omit<PrincipalRow, "roles" | "revoked" | "keys"> & { roles: string; revoked: number };
  const rows = await sql.query<Flat>(
    `SELECT principal, kind, name, roles, responsible, registered_by AS "registeredBy", registered_at AS "registeredAt", revoked,
       revoked_by AS "revokedBy", revoked_at AS "revokedAt", reason, position
     FROM principal ORDER BY registered_at, principal`,
  );
  const keys = await sql.query<KeyRow & { principal: string }>(
    `SELECT principal, keyid, public, since_at AS "sinceAt", until_at AS "untilAt"
     FROM principal_key ORDER BY since_position, keyid`,
  );
  return rows.map((row) => ({
    ...row,
    roles: JSON.parse(row.roles) as Role[],
    revoked: row.revoked === 1,
    keys: keys.filter((key) => key.principal === row.principal).map(({ principal: _, ...key }) => key),
  }));
}
