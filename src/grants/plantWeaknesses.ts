/**
 * The negative control of a grant audit: weaknesses planted on purpose, one after the other, each undone; the audit must name every one. What
 * is planted changes catalogues only and takes no lock that an appender waits for: where a table is needed, it is the one nobody writes.
 */
import type { Trial } from "../database/postgresTrial.js";
import type { GrantControl } from "../events/grantAudit.js";
import { findDifferences } from "./findDifferences.js";
import { readGrants } from "./readGrants.js";
import { judged, type Plays, playing } from "./tryActs.js";

interface Weakness {
  readonly weakness: string;
  readonly script: string;
  /** The code of the difference that must be found, and a word that must stand where it is found. */
  readonly code: string;
  readonly where: string;
}

function weaknesses(owner: string): Weakness[] {
  const by = `"${owner.replaceAll('"', '""')}"`;
  return [
    {
      weakness: "iu_reader is a member of iu_operator",
      script: "GRANT iu_operator TO iu_reader",
      code: "ROLE_NESTED",
      where: "iu_reader",
    },
    {
      weakness: "everybody may call iu.content_erase",
      script: "GRANT EXECUTE ON FUNCTION iu.content_erase(text) TO PUBLIC",
      code: "PUBLIC_PRIVILEGE",
      where: "content_erase",
    },
    {
      weakness: "iu_reader may update a column of iu.migration",
      script: "GRANT UPDATE (name) ON iu.migration TO iu_reader",
      code: "COLUMN_PRIVILEGE",
      where: "iu.migration.name",
    },
    {
      weakness: "later tables may be updated by everybody",
      script: `ALTER DEFAULT PRIVILEGES FOR ROLE ${by} IN SCHEMA iu GRANT UPDATE ON TABLES TO PUBLIC`,
      code: "DEFAULT_PRIVILEGE",
      where: owner,
    },
    {
      weakness: "iu.content_put has its caller's search_path",
      script: "ALTER FUNCTION iu.content_put(text, bytea, bytea) RESET search_path",
      code: "SEARCH_PATH",
      where: "content_put",
    },
    {
      weakness: "the trigger migration_kept is disabled",
      script: "ALTER TABLE iu.migration DISABLE TRIGGER migration_kept",
      code: "TRIGGER_OFF",
      where: "migration_kept",
    },
  ];
}

export async function plantWeaknesses(trial: Trial, plays: Plays, owner: string): Promise<GrantControl[]> {
  const [able] = await trial.query<{ able: number }>("SELECT pg_has_role(session_user, $1, 'USAGE') AS able", [owner]);
  // A grant by who may not grant is a warning, no error: it would look as if the weakness had been missed.
  const why = able?.able === 1 ? null : `the auditing login is neither a superuser nor ${owner}, who owns the schema`;
  const controls: GrantControl[] = [];
  for (const { weakness, script, code, where } of weaknesses(owner)) {
    controls.push(
      await planted(trial, why, weakness, script, async () =>
        findDifferences(await readGrants(trial), null).differences.some(
          (one) => one.code === code && one.where.includes(where),
        ),
      ),
    );
  }
  const act = "DELETE FROM iu.migration WHERE false";
  controls.push(
    await planted(
      trial,
      why,
      `iu_reader may delete from iu.migration: ${act}`,
      "GRANT DELETE ON iu.migration TO iu_reader",
      () =>
        playing(trial, plays, "iu_reader", async (before, left) =>
          before === undefined
            ? left
            : judged("iu_reader", { act, kind: "forbidden" }, await trial.attempt(act, before)).outcome === "FAIL",
        ),
    ),
  );
  return controls;
}

/** `noticed` answers whether it was, or why that cannot be told. */
async function planted(
  trial: Trial,
  why: string | null,
  weakness: string,
  script: string,
  noticed: () => Promise<boolean | string | null>,
): Promise<GrantControl> {
  if (why !== null) return { weakness, outcome: "NOT_RUN", why };
  const { state, message } = await trial.attempt(script);
  if (state !== null) return { weakness, outcome: "NOT_RUN", why: `it could not be planted: ${message}` };
  return trial.undone(async () => {
    await trial.query(script);
    const outcome = await noticed();
    if (typeof outcome === "boolean") return { weakness, outcome: outcome ? "NOTICED" : "MISSED", why: null };
    return { weakness, outcome: "NOT_RUN", why: outcome };
  });
}
