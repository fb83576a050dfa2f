/** Differences of privileges and ownership: the matrix, grants by name, default privileges, and whoever may write by another way. */
import type { GrantCell, GrantDifference } from "../events/grantAudit.js";
import { difference, isLedgerRole, listed, quoted } from "./difference.js";
import { everybody, expectedDefaults, ledgerRoles } from "./expectedGrants.js";
import type { ReadGrants } from "./readGrants.js";

export function cellDifferences(matrix: readonly GrantCell[]): GrantDifference[] {
  const open = new Map(
    matrix.filter(({ role }) => role === everybody).map(({ object, effective }) => [object, effective]),
  );
  return matrix.flatMap(({ role, kind, object, expected, effective }) => {
    // What everybody may is said once, of everybody.
    const shared = role === everybody ? [] : (open.get(object) ?? []);
    const extra = effective.filter((one) => !expected.includes(one) && !shared.includes(one));
    const missing = expected.filter((one) => !effective.includes(one));
    const code = kind === "column" ? "COLUMN_PRIVILEGE" : role === everybody ? "PUBLIC_PRIVILEGE" : "PRIVILEGE_EXTRA";
    const on =
      {
        table: "",
        view: "",
        column: "",
        schema: "SCHEMA ",
        database: "DATABASE ",
        sequence: "SEQUENCE ",
        function: "FUNCTION ",
      }[kind] ?? "";
    const target = kind === "column" ? object.slice(0, object.lastIndexOf(".")) : object;
    const what = (names: readonly string[]) =>
      kind === "column"
        ? names.map((one) => `${one} (${object.slice(object.lastIndexOf(".") + 1)})`).join(", ")
        : names.join(", ");
    return [
      ...(extra.length === 0
        ? []
        : [
            difference(
              code,
              `${role} on ${kind} ${object}`,
              listed(expected),
              listed(effective),
              `REVOKE ${what(extra)} ON ${on}${target} FROM ${role}`,
            ),
          ]),
      ...(missing.length === 0
        ? []
        : [
            difference(
              "PRIVILEGE_MISSING",
              `${role} on ${kind} ${object}`,
              listed(expected),
              listed(effective),
              `GRANT ${what(missing)} ON ${on}${target} TO ${role}`,
            ),
          ]),
    ];
  });
}

export function ownerDifferences({ owner, owners }: ReadGrants, expected: string | null): GrantDifference[] {
  return [
    ...(expected === null || expected === owner
      ? []
      : [difference("OWNER_CHANGED", "schema iu", expected, owner, `ALTER SCHEMA iu OWNER TO ${quoted(expected)}`)]),
    ...owners.map(({ kind, object, owner: is }) =>
      difference(
        "OWNER_OTHER",
        `${kind} ${object}`,
        owner,
        is,
        `ALTER ${kind.toUpperCase()} ${object} OWNER TO ${quoted(owner)}`,
      ),
    ),
  ];
}

export function grantDifferences({ grants }: ReadGrants): GrantDifference[] {
  return grants.flatMap(({ object, grantee, privilege, grantable }) => [
    ...(grantee === everybody || isLedgerRole(grantee)
      ? []
      : [
          difference(
            "GRANT_TO_OTHER",
            `${grantee} on ${object}`,
            "privileges by way of a role of the ledger",
            privilege,
            `REVOKE ALL ON ${object} FROM ${quoted(grantee)}`,
          ),
        ]),
    ...(grantable === 1
      ? [
          difference(
            "GRANT_OPTION",
            `${grantee} on ${object}`,
            "no right to grant",
            `${privilege} WITH GRANT OPTION`,
            `REVOKE GRANT OPTION FOR ${privilege} ON ${object} FROM ${quoted(grantee)}`,
          ),
        ]
      : []),
  ]);
}

export function defaultDifferences({ defaults, owner }: ReadGrants): GrantDifference[] {
  const key = (by: string, schema: string, kind: string, grantee: string, privilege: string) =>
    JSON.stringify([by, schema, kind, grantee, privilege]);
  const expected = new Map(
    ledgerRoles.flatMap((role) =>
      expectedDefaults[role].map((privilege) => [key(owner, "iu", "r", role, privilege), { role, privilege }] as const),
    ),
  );
  const there = new Set(
    defaults.map(({ by, schema, kind, grantee, privilege }) => key(by, schema, kind, grantee, privilege)),
  );
  const kinds: Readonly<Record<string, string>> = {
    r: "TABLES",
    S: "SEQUENCES",
    f: "FUNCTIONS",
    T: "TYPES",
    n: "SCHEMAS",
    L: "LARGE OBJECTS",
  };
  const extra = defaults.filter(
    ({ by, schema, kind, grantee, privilege }) => !expected.has(key(by, schema, kind, grantee, privilege)),
  );
  return [
    ...extra.map(({ by, schema, kind, grantee, privilege }) => {
      const scope = schema === "" ? "" : " IN SCHEMA iu";
      const what = kinds[kind] ?? kind;
      return difference(
        "DEFAULT_PRIVILEGE",
        `what ${by} makes later${schema === "" ? "" : " in schema iu"}`,
        `no ${privilege} on ${what} for ${grantee}`,
        `${privilege} on ${what} for ${grantee}`,
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(by)}${scope} REVOKE ${privilege} ON ${what} FROM ${grantee}`,
      );
    }),
    ...[...expected].flatMap(([one, { role, privilege }]) =>
      there.has(one)
        ? []
        : [
            difference(
              "DEFAULT_MISSING",
              `what ${owner} makes later in schema iu`,
              `${privilege} on TABLES for ${role}`,
              "not granted",
              `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoted(owner)} IN SCHEMA iu GRANT ${privilege} ON TABLES TO ${role}`,
            ),
          ],
    ),
  ];
}

export function writerDifferences({ writers, memberships, grants }: ReadGrants): GrantDifference[] {
  const byRole = new Map<string, string[]>();
  for (const { role, object, privilege } of writers) {
    // Named already, by the way it comes: a grant to it, to everybody or to what it is a member of; the owner or a predefined role.
    const has = memberships.filter(({ member }) => member === role).map((one) => one.role);
    const granted = grants.some(
      (one) => one.object === object && one.privilege === privilege && [role, everybody, ...has].includes(one.grantee),
    );
    if (granted || has.some((one) => !isLedgerRole(one))) continue;
    byRole.set(role, [...(byRole.get(role) ?? []), `${privilege} on ${object}`]);
  }
  const next = "See how it comes by that right: its memberships, and what is granted to those.";
  return [...byRole].map(([role, acts]) =>
    difference("OTHER_MAY_WRITE", role, "writes no table of the ledger", listed(acts), next),
  );
}
