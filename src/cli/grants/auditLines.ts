/** A grant audit for people: the verdict, the matrix in psql's letters, differences with what puts them right, acts tried, weaknesses planted. */
import type { GrantAuditReport, GrantCell } from "../../events/grantAudit.js";
import { everybody, ledgerRoles } from "../../grants/expectedGrants.js";
import { marks, type Paint, type Style } from "../output/style.js";
import { type Cell, table } from "../output/table.js";
import { counted, grouped, visible } from "../output/text.js";

/** As `\dp` of psql writes them. */
const letters: Readonly<Record<string, string>> = {
  SELECT: "r",
  INSERT: "a",
  UPDATE: "w",
  DELETE: "d",
  TRUNCATE: "D",
  REFERENCES: "x",
  TRIGGER: "t",
  EXECUTE: "X",
  USAGE: "U",
  CREATE: "C",
};

const listedMax = 20;

export function auditLines(audit: GrantAuditReport, style: Style): string[] {
  const { verdict, server, owner, login, notes } = audit;
  const paint: Paint = { PASS: style.good, FAIL: style.bad, NOT_RUN: style.open, INCONCLUSIVE: style.open }[verdict];
  const where = server === null ? "a SQLite file" : `${server.name}, database ${server.database}, owned by ${owner}`;
  const by = login === null ? "" : `, looked at as ${login.name}${login.superuser ? " (superuser)" : ""}`;
  return [
    `${style.strong("Grant audit:")} ${paint(verdict)}  ${style.faint(visible(`${where}${by}`))}`,
    ...(server === null
      ? []
      : [
          ...matrixLines(audit, style),
          ...differenceLines(audit, style),
          ...probeLines(audit, style),
          ...controlLines(audit, style),
        ]),
    ...(audit.moved ? [style.open("Somebody changed roles or grants meanwhile: run it again.")] : []),
    ...notes.map((note) => style.faint(visible(note))),
  ];
}

function matrixLines({ matrix }: GrantAuditReport, style: Style): string[] {
  const roles = [...ledgerRoles, everybody];
  const byObject = new Map<string, GrantCell[]>();
  for (const cell of matrix) {
    const key = `${cell.kind === "schema" || cell.kind === "database" ? `${cell.kind} ` : ""}${cell.object.replace(/\(.+\)$/, "(…)")}`;
    byObject.set(key, [...(byObject.get(key) ?? []), cell]);
  }
  const rows = [...byObject].map(([object, cells]): Cell[] => [
    visible(object),
    ...roles.map((role): Cell => {
      const cell = cells.find((one) => one.role === role);
      if (cell === undefined) return "";
      const text = cell.effective.map((one) => letters[one] ?? one).join("") || marks.point;
      return cell.effective.join() === cell.expected.join() ? text : { text: `${text}!`, paint: style.bad };
    }),
  ]);
  const titles = ["object", ...roles.map((role) => role.replace(/^iu_/, ""))].map((title) => ({ title }));
  return [
    ...table(titles, rows, { style, width: undefined, indent: "  " }),
    style.faint(
      "  r select, a insert, w update, d delete, D truncate, x references, t trigger, X execute, U usage, C create; ! not as it should be",
    ),
  ];
}

function differenceLines({ differences }: GrantAuditReport, style: Style): string[] {
  if (differences.length === 0)
    return [`  ${style.good(marks.good)} roles, privileges and guards are as they should be`];
  return [
    `  ${style.bad(marks.bad)} ${counted(differences.length, "difference")}`,
    ...differences
      .slice(0, listedMax)
      .flatMap(({ code, where, expected, actual, next }) => [
        `    ${style.bad(code)}  ${visible(where)}`,
        `      is: ${visible(actual)}; should be: ${visible(expected)}`,
        `      ${style.faint("next")} ${style.command(visible(next))}`,
      ]),
    ...more(differences.length),
  ];
}

function probeLines({ probes }: GrantAuditReport, style: Style): string[] {
  const of = (role: string, kind: string, outcome?: string) =>
    probes.filter((one) => one.role === role && one.kind === kind && (outcome === undefined || one.outcome === outcome))
      .length;
  const said = (role: string, kind: "forbidden" | "needed", word: string) =>
    `${grouped(of(role, kind, "PASS"))} of ${grouped(of(role, kind))} ${word}`;
  const bad = probes.filter(({ outcome }) => outcome === "FAIL");
  const open = probes.filter(({ outcome }) => outcome === "NOT_RUN" || outcome === "INCONCLUSIVE");
  const whys = new Map<string, number>();
  for (const { outcome, why } of open)
    whys.set(`${outcome}: ${why ?? ""}`, (whys.get(`${outcome}: ${why ?? ""}`) ?? 0) + 1);
  return [
    ...table(
      [{ title: "role" }, { title: "forbidden acts" }, { title: "needed acts" }],
      ledgerRoles.map((role) => [role, said(role, "forbidden", "denied"), said(role, "needed", "work")]),
      { style, width: undefined, indent: "  " },
    ),
    ...bad
      .slice(0, listedMax)
      .map(({ role, act, why }) => `  ${style.bad(marks.bad)} ${role}: ${visible(act)}: ${visible(why ?? "")}`),
    ...more(bad.length),
    ...[...whys].map(([why, count]) => `  ${style.open(marks.open)} ${counted(count, "act")} ${visible(why)}`),
  ];
}

function controlLines({ controls }: GrantAuditReport, style: Style): string[] {
  const noticed = controls.filter(({ outcome }) => outcome === "NOTICED");
  const all = noticed.length === controls.length && controls.length > 0;
  return [
    `  ${all ? style.good(marks.good) : style.bad(marks.bad)} ${grouped(noticed.length)} of ${counted(controls.length, "weakness", "weaknesses")} planted on purpose ${controls.length === 1 ? "was" : "were"} noticed`,
    ...controls
      .filter(({ outcome }) => outcome !== "NOTICED")
      .map(
        ({ weakness, outcome, why }) =>
          `    ${style.bad(outcome)}  ${visible(weakness)}${why === null ? "" : `: ${visible(why)}`}`,
      ),
  ];
}

function more(count: number): string[] {
  return count > listedMax ? [`    … and ${grouped(count - listedMax)} more (all with --json)`] : [];
}
