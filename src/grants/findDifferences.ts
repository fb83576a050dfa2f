/**
 * What is not as it should be in the roles and privileges of a ledger's database: each difference with a stable code, where it is, what
 * should be and what is, and the statement that puts it right. Pure: it is told what there is, and knows what there should be.
 */
import type { GrantCell, GrantDifference } from "../events/grantAudit.js";
import { isLedgerRole, listed } from "./difference.js";
import { everybody, expectedPrivileges, isReadModel, ledgerRelations } from "./expectedGrants.js";
import { functionDifferences, settingDifferences, triggerDifferences } from "./guardDifferences.js";
import {
  cellDifferences,
  defaultDifferences,
  grantDifferences,
  ownerDifferences,
  writerDifferences,
} from "./privilegeDifferences.js";
import type { ReadGrants } from "./readGrants.js";
import { memberDifferences, roleDifferences } from "./roleDifferences.js";

/** What has been read, what should be, and both side by side. `owner`: who should own it, where that is known. */
export function findDifferences(
  read: ReadGrants,
  owner: string | null,
): {
  readonly matrix: readonly GrantCell[];
  readonly differences: readonly GrantDifference[];
  readonly notes: readonly string[];
} {
  const matrix = matrixOf(read);
  const found = [
    ...roleDifferences(read),
    ...memberDifferences(read),
    ...ownerDifferences(read, owner),
    ...cellDifferences(matrix),
    ...grantDifferences(read),
    ...defaultDifferences(read),
    ...functionDifferences(read),
    ...triggerDifferences(read),
    ...settingDifferences(read),
    ...writerDifferences(read),
  ];
  return { matrix, differences: found, notes: notesOf(read) };
}

/** A column's privileges count for whoever has them: none should have any. */
function matrixOf({ cells }: ReadGrants): GrantCell[] {
  return cells.map(({ role, kind, name, object, privileges }) => ({
    role,
    kind,
    object,
    expected:
      kind !== "column" && (role === everybody || isLedgerRole(role))
        ? [...expectedPrivileges(role, { kind, name })]
        : [],
    effective: [...privileges],
  }));
}

/** Nothing wrong, and worth knowing. */
function notesOf({ roles, cells, memberships, owner }: ReadGrants): string[] {
  const superusers = roles.filter(({ superuser }) => superuser === 1).map(({ name }) => name);
  const unknown = cells.filter(
    ({ kind, name, role }) =>
      role === everybody &&
      (kind === "table" || kind === "view") &&
      !ledgerRelations.includes(name) &&
      !isReadModel(name),
  );
  const several = new Map<string, Set<string>>();
  for (const { role, member } of memberships)
    if (isLedgerRole(role)) several.set(member, (several.get(member) ?? new Set()).add(role));
  const ownerIs =
    roles.find(({ name }) => name === owner)?.superuser === 1
      ? `${owner}, who owns the schema, is a superuser; a login that is none is enough.`
      : null;
  return [
    `Superusers can do anything here, in silence: ${listed(superusers)}. No grant binds them; replay and a head kept elsewhere do.`,
    ...(ownerIs === null ? [] : [ownerIs]),
    ...unknown.map(
      ({ object }) => `${object} is no table or view of this program; its rights were taken for those of a read model.`,
    ),
    ...[...several]
      .filter(([, all]) => all.size > 1)
      .map(([member, all]) => `${member} is a member of several roles: ${[...all].sort().join(", ")}.`),
  ];
}
