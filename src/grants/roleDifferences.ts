/** Differences of roles and of who is a member of what: attributes, nesting, the right to grant on, predefined roles. */
import type { GrantDifference } from "../events/grantAudit.js";
import { difference, isLedgerRole, listed, quoted } from "./difference.js";
import { ledgerRoles } from "./expectedGrants.js";
import type { ReadGrants, RoleRow } from "./readGrants.js";

const attributes = [
  ["superuser", "SUPERUSER"],
  ["createrole", "CREATEROLE"],
  ["createdb", "CREATEDB"],
  ["replication", "REPLICATION"],
  ["bypassrls", "BYPASSRLS"],
] as const;

function attributesOf(role: RoleRow): string[] {
  return attributes.filter(([key]) => role[key] === 1).map(([, name]) => name);
}

export function roleDifferences({ roles, memberships, owner, server }: ReadGrants): GrantDifference[] {
  const byName = new Map(roles.map((role) => [role.name, role]));
  const found: GrantDifference[] = [];
  for (const name of ledgerRoles) {
    const role = byName.get(name);
    if (role === undefined) {
      found.push(difference("ROLE_MISSING", name, "a role", "none of that name", `CREATE ROLE ${name} NOLOGIN`));
      continue;
    }
    const powers = [...(role.login === 1 ? ["LOGIN"] : []), ...attributesOf(role)];
    if (powers.length > 0)
      found.push(
        difference(
          "ROLE_ATTRIBUTE",
          name,
          "no login and no attribute",
          listed(powers),
          `ALTER ROLE ${name} ${powers.map((one) => `NO${one}`).join(" ")}`,
        ),
      );
    if (owner === name)
      found.push(
        difference(
          "OWNER_IS_ROLE",
          "schema iu",
          "an owner that is no role of the ledger",
          name,
          "ALTER SCHEMA iu OWNER TO …, and all that is in it",
        ),
      );
  }
  for (const { role, member, via } of memberships) {
    if (!isLedgerRole(member)) continue;
    const through = via === "" ? "" : ` through ${via}`;
    found.push(
      difference(
        "ROLE_NESTED",
        member,
        "a member of no role",
        `a member of ${role}${through}`,
        `REVOKE ${quoted(role)} FROM ${member}`,
      ),
    );
  }
  if (server.version < 160_000) {
    // Before Postgres 16 who may create roles may also grant themselves any that is no superuser.
    for (const role of roles) {
      if (role.createrole === 1 && role.superuser === 0 && role.name !== owner && !isLedgerRole(role.name))
        found.push(
          difference(
            "CREATEROLE",
            role.name,
            "no right to grant itself a role",
            `CREATEROLE on PostgreSQL ${Math.floor(server.version / 10_000)}`,
            `ALTER ROLE ${quoted(role.name)} NOCREATEROLE`,
          ),
        );
    }
  }
  return found;
}

export function memberDifferences({ roles, memberships, owner }: ReadGrants): GrantDifference[] {
  const byName = new Map(roles.map((role) => [role.name, role]));
  const seen = new Set<string>();
  return memberships.flatMap(({ role, member, via, admin }) => {
    if (isLedgerRole(member)) return [];
    const { superuser = 0 } = byName.get(member) ?? {};
    const found: GrantDifference[] = [];
    const say = (code: string, expected: string, actual: string, next: string) => {
      const one = difference(code, member, expected, actual, next);
      const key = JSON.stringify(one);
      if (!seen.has(key)) found.push(one);
      seen.add(key);
    };
    if (!isLedgerRole(role)) {
      // A superuser needs no membership, and Postgres's own roles are members of one another.
      if (superuser === 1 || member.startsWith("pg_")) return [];
      if (role === owner)
        say(
          "OWNER_MEMBER",
          "nobody who can act as the owner",
          `a member of the owner ${owner}${via === "" ? "" : ` through ${via}`}`,
          `REVOKE ${quoted(role)} FROM ${quoted(member)}`,
        );
      else
        say(
          "PREDEFINED_ROLE",
          `not a member of ${role}`,
          `a member of ${role}${via === "" ? "" : ` through ${via}`}`,
          `REVOKE ${role} FROM ${quoted(member)}`,
        );
      return found;
    }
    // Since Postgres 16 whoever creates a role may grant it.
    if (member === owner) return [];
    if (via !== "")
      say(
        "ROLE_NESTED",
        `a member of ${role} itself, or not at all`,
        `a member of ${role} through ${via}`,
        `REVOKE ${via.split(", ").at(-1)} FROM ${quoted(member)}`,
      );
    if (admin === 1)
      say(
        "MEMBER_ADMIN",
        `${role} without the right to grant it`,
        "ADMIN OPTION",
        `REVOKE ADMIN OPTION FOR ${role} FROM ${quoted(member)}`,
      );
    const powers = attributesOf(byName.get(member) ?? ({} as RoleRow));
    if (powers.length > 0)
      say(
        superuser === 1 ? "MEMBER_SUPERUSER" : "MEMBER_ATTRIBUTE",
        `a member of ${role} with no attribute`,
        listed(powers),
        `REVOKE ${role} FROM ${quoted(member)}, or ALTER ROLE ${quoted(member)} ${powers.map((one) => `NO${one}`).join(" ")}`,
      );
    return found;
  });
}
