/**
 * Differences of what guards the tables: functions with their owner's rights and their path, triggers and whether they fire, rules, and the
 * settings that a session could pass them by.
 */
import type { GrantDifference } from "../events/grantAudit.js";
import { pinnedObjects } from "../projecting/pinnedObjects.js";
import { difference, isLedgerRole, quoted } from "./difference.js";
import { everybody, ledgerRoles } from "./expectedGrants.js";
import type { ReadGrants } from "./readGrants.js";

/** The path that a function with its owner's rights must have: nobody else can put anything on it before Postgres's own. */
const safePath = "pg_catalog, pg_temp";

export function functionDifferences({ functions }: ReadGrants): GrantDifference[] {
  const pinned = new Map(
    pinnedObjects()
      .ledger.filter(({ type }) => type === "function")
      .map((one) => [one.table, one.sql]),
  );
  return functions.flatMap(({ schema, name, object, owner, definer, path }) => {
    const made = schema === "iu" ? pinned.get(name) : undefined;
    if (made === undefined) {
      return definer === 0
        ? []
        : [
            difference(
              "DEFINER_UNEXPECTED",
              object,
              "no function of anybody's that has the rights of its owner",
              `SECURITY DEFINER, owned by ${owner}`,
              `ALTER FUNCTION ${object} SECURITY INVOKER`,
            ),
          ];
    }
    const should = made.startsWith("SECURITY DEFINER") ? 1 : 0;
    const rights = (is: number) => (is === 1 ? "SECURITY DEFINER" : "SECURITY INVOKER");
    const pinnedPath = made.includes("search_path=");
    return [
      ...(definer === should
        ? []
        : [
            difference(
              "DEFINER_CHANGED",
              object,
              rights(should),
              rights(definer),
              `ALTER FUNCTION ${object} ${rights(should)}`,
            ),
          ]),
      ...(!pinnedPath || path === safePath
        ? []
        : [
            difference(
              "SEARCH_PATH",
              object,
              `search_path = ${safePath}`,
              path === null ? "whatever the caller has it at" : `search_path = ${path}`,
              `ALTER FUNCTION ${object} SET search_path = ${safePath}`,
            ),
          ]),
    ];
  });
}

const fires: Readonly<Record<string, string>> = {
  A: "always",
  O: "not for a replica",
  R: "for a replica only",
  D: "never: it is disabled",
};

export function triggerDifferences({ triggers, rules }: ReadGrants): GrantDifference[] {
  const expected = pinnedObjects().ledger.filter(({ type }) => type === "trigger");
  const found = expected.flatMap(({ name, table }) => {
    const is = triggers.find((one) => one.name === name && one.table === table);
    const where = `trigger ${name} on iu.${table}`;
    if (is === undefined)
      return [
        difference(
          "TRIGGER_MISSING",
          where,
          "fires always",
          "there is none",
          "Stop writing, and see what is missing: iu-ledger replay",
        ),
      ];
    if (is.enabled === "A") return [];
    return [
      difference(
        "TRIGGER_OFF",
        where,
        "fires always",
        `fires ${fires[is.enabled] ?? is.enabled}`,
        `ALTER TABLE iu.${table} ENABLE ALWAYS TRIGGER ${name}`,
      ),
    ];
  });
  const extra = triggers.filter(({ name, table }) => !expected.some((one) => one.name === name && one.table === table));
  return [
    ...found,
    ...extra.map(({ name, table }) =>
      difference(
        "TRIGGER_EXTRA",
        `trigger ${name} on iu.${table}`,
        "none",
        "somebody has added it",
        `DROP TRIGGER ${quoted(name)} ON iu.${quoted(table)}`,
      ),
    ),
    ...rules.map(({ what, table }) =>
      difference("RULE_EXTRA", `${what} on iu.${table}`, "none", "somebody has added it", "Have the owner remove it."),
    ),
  ];
}

export function settingDifferences({ settings, parameters, replication, memberships }: ReadGrants): GrantDifference[] {
  const ours = new Set([
    everybody,
    ...ledgerRoles,
    ...memberships.filter(({ role }) => isLedgerRole(role)).map(({ member }) => member),
  ]);
  return [
    ...settings
      .filter(({ role, setting }) => role === "" || ours.has(role) || setting.startsWith("session_replication_role="))
      .map(({ role, database, setting }) => {
        const who = role === "" ? `DATABASE ${quoted(database)}` : `ROLE ${quoted(role)}`;
        return difference(
          "SETTING",
          `${who}${role !== "" && database !== "" ? ` in ${database}` : ""}`,
          "nothing kept",
          setting,
          `ALTER ${who}${role !== "" && database !== "" ? ` IN DATABASE ${quoted(database)}` : ""} RESET ${setting.split("=")[0]}`,
        );
      }),
    ...parameters
      .filter(({ parameter, grantee }) => ours.has(grantee) || parameter === "session_replication_role")
      .map(({ parameter, grantee, privilege }) =>
        difference(
          "PARAMETER_GRANT",
          `${grantee} on parameter ${parameter}`,
          "none",
          privilege,
          `REVOKE ${privilege} ON PARAMETER ${parameter} FROM ${grantee}`,
        ),
      ),
    ...(replication === "origin"
      ? []
      : [
          difference(
            "SESSION_REPLICATION",
            "this session",
            "session_replication_role = origin",
            `session_replication_role = ${replication}`,
            "See who has set it: the server's configuration, the database or the role.",
          ),
        ]),
  ];
}
