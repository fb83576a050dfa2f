/** How a difference is said: its parts, and names as they may be typed. */
import type { GrantDifference } from "../events/grantAudit.js";
import { type LedgerRole, ledgerRoles } from "./expectedGrants.js";

/** `next`: the statement that puts it right, as an owner or administrator would type it. */
export function difference(
  code: string,
  where: string,
  expected: string,
  actual: string,
  next: string,
): GrantDifference {
  return { code, where, expected, actual, next };
}

/** Whether a role is one of the ledger's. */
export const isLedgerRole = (name: string): name is LedgerRole => (ledgerRoles as readonly string[]).includes(name);
/** A name as it is typed in a statement. */
export const quoted = (name: string) => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);
export const listed = (names: readonly string[]) => (names.length === 0 ? "none" : names.join(", "));
