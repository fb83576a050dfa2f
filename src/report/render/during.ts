/** The documents of the run itself: dry run and proofs, gates, cut, leg B and Verify. */
import type { NonMutationProof, Statement } from "../Statement.js";
import { code, counted, grouped, md, moment } from "./markdown.js";
import type { Page } from "./Page.js";

const right = (title: string) => ({ title, align: "right" }) as const;

export function dryRun(page: Page, { predicate }: Statement): void {
  const { dryRun: tried, nonMutation } = predicate;
  if (tried === null) page.say("The plan has had no dry run: **NOT_RUN**.");
  else {
    page.facts([
      ["verdict", `**${tried.verdict}**`],
      ["recorded", page.act(tried)],
      ["units", grouped(tried.units)],
      ["draft root", page.digest(tried.draftRoot)],
      ["compensation plan", page.digest(tried.compensationPlan)],
    ]);
    page.heading("Rules");
    page.table(
      ["Rule", right("Assertions"), right("Failures")],
      tried.rules.map(({ rule, assertions, failures }) => [md(rule), grouped(assertions), grouped(failures)]),
    );
  }
  page.heading("Nothing was written: the proofs");
  page.table(
    ["Operation", "Verdict", "Why", right("At"), "Control"],
    nonMutation.map((one) => [
      one.operation,
      one.verdict,
      md(one.why),
      one.position === null ? "–" : grouped(one.position),
      one.control === null ? "–" : one.control ? "noticed" : "**not noticed**",
    ]),
  );
  page.say(
    "The control is a change made on purpose in a scratch copy, which the same comparison must notice: one that cannot fail proves nothing.",
  );
  page.heading("Counts before and after");
  page.table(
    ["Operation", "Surface", "Before", "After", ""],
    nonMutation.flatMap((one) => surfacesOf(page, one)),
    "No proof, so no counts.",
  );
}

function surfacesOf(page: Page, { operation, before, after, tables, differs }: NonMutationProof): string[][] {
  if (before === null || after === null) return [];
  const row = (surface: string, a: string, b: string) => [operation, surface, a, b, a === b ? "equal" : "**differs**"];
  const count = (value: number | null) => (value === null ? "none kept" : grouped(value));
  return [
    row("events", grouped(before.size), grouped(after.size)),
    row("root", page.digest(before.root), page.digest(after.root)),
    row("units", count(before.units), count(after.units)),
    row("unit versions", count(before.unitVersions), count(after.unitVersions)),
    row("lifecycle entries", count(before.lifecycleEntries), count(after.lifecycleEntries)),
    ...(tables === null
      ? []
      : [
          [
            operation,
            "tables, by digest",
            grouped(tables),
            grouped(tables),
            differs.length === 0 ? "equal" : `**differs**: ${md(differs.join(", "))}`,
          ],
        ]),
  ];
}

export function gates(page: Page, { predicate }: Statement): void {
  const { gates: asked } = predicate;
  if (asked.length === 0) page.say("No gate has been requested: **NOT_RUN**.");
  for (const gate of asked) {
    page.heading(md(gate.gate));
    const { ruling } = gate;
    page.facts([
      ["opens", { SG_1: "the cut", SG_2: "enactment", SG_C: "the way back from an enacted version" }[gate.kind]],
      ["requested", page.act(gate)],
      ["answers for the requester", md(gate.responsible)],
      [
        "subject",
        `${page.digest(gate.subject)}${gate.subjectHolds ? ", the digest of what it binds" : " **is not the digest of what it binds**"}`,
      ],
      [
        "ruling",
        ruling === null ? "**none yet**" : `**${ruling.outcome}**: ${page.act(ruling)} (${ruling.kind ?? "unknown"})`,
      ],
      ["reason", ruling === null ? null : md(ruling.reason)],
      ["expires", ruling === null ? null : moment(ruling.expires)],
      ["findings acknowledged", ruling === null ? null : grouped(ruling.acknowledged.length)],
      ["used", gate.used === null ? "not used" : `at position ${grouped(gate.used)}`],
    ]);
    page.say("What the ruling is bound to, and good for nothing else:");
    page.table(
      ["Member", "Value"],
      gate.binds.map(([name, value]) => [code(name), boundValue(page, value)]),
    );
  }
  page.heading("Who ruled, and under which approval anything was done");
  const about = [
    "ruled-by-humans",
    "own-request",
    "cut-under-approval",
    "enacted-under-approval",
    "compensated-under-plan",
  ];
  page.table(
    ["Attestation", "Verdict", right("Looked at")],
    predicate.attestations
      .filter(({ id }) => about.includes(id))
      .map(({ says, verdict, looked }) => [md(says), verdict, grouped(looked)]),
  );
}

/** Digests and ids shortened; of an empty list that it is none. */
function boundValue(page: Page, value: string): string {
  if (/^[0-9a-f]{64}$/.test(value)) return page.digest(value);
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return page.id(value);
  return value === "" ? "none" : md(value);
}

export function cut(page: Page, { predicate }: Statement): void {
  const { cut: done, versions } = predicate;
  if (done === null) {
    page.say(
      predicate.run.mode === "rehearsal"
        ? "A rehearsal never cuts: **NOT_RUN**."
        : "Nothing has been cut: **NOT_RUN**.",
    );
    return;
  }
  page.facts([
    ["begun", `at position ${grouped(done.started)}`],
    ["executed", done.executed === null ? "**not finished**" : `at position ${grouped(done.executed)}`],
    ["units", `${grouped(done.units)} of ${counted(done.planned, "unit")} planned`],
    ["repeals", grouped(done.repeals)],
    ["draft root", done.draftRoot === null ? "none yet" : page.digest(done.draftRoot)],
    [
      "worked out again",
      `${page.digest(done.recomputed)}${done.draftRoot === null ? "" : done.draftRoot === done.recomputed ? ", equal" : ", **differs**"}`,
    ],
    ["rows open", grouped(done.open)],
  ]);
  page.heading("What changed");
  page.table(
    ["Class", right("Rows")],
    Object.entries(done.classes).map(([name, rows]) => [md(name), grouped(rows)]),
  );
  page.say("A class is said of a unit's own text, without the units in it.");
  if (done.changed.length > 0) {
    page.table(
      ["Address", "Class", "Unit"],
      done.changed.map(({ address, class: became, unit }) => [code(address), became, page.id(unit)]),
    );
    if (done.more > 0) page.say(`And ${counted(done.more, "row")} more: ${code("iu-ledger unit list --run RUN")}.`);
  }
  page.heading("Units by kind");
  page.table(
    ["Kind", right("Units")],
    Object.entries(done.kinds).map(([name, units]) => [code(name), grouped(units)]),
  );
  page.heading("Versions in force");
  const of = (run: string | null) =>
    run === null ? "none" : `run ${page.id(run)}${run === predicate.run.run ? " (this one)" : ""}`;
  page.facts([
    ["before this run", of(versions.before)],
    ["now", of(versions.now)],
    ["this run enacted", versions.enacted === null ? "no" : `at position ${grouped(versions.enacted)}`],
    ["this run reverted", versions.reverted === null ? "no" : `at position ${grouped(versions.reverted)}`],
  ]);
}

export function records(page: Page, { predicate }: Statement): void {
  const { records: written, attestations } = predicate;
  if (written.length === 0) page.say("No record has been written: **NOT_RUN**.");
  for (const record of written) {
    page.heading(titles[record.type] ?? md(record.type));
    page.facts([
      ["recorded", page.act(record)],
      ["answers for it", md(record.responsible)],
      [
        "key",
        `${code(record.keyid)}${record.signedBy === record.keyid ? ", as its signed command shows" : `; its signed command: ${code(record.signedBy ?? "none to read")}`}`,
      ],
      [
        "writer",
        `${code(record.writer.name)} version ${grouped(record.writer.version)}, source ${page.digest(record.writer.source)}`,
      ],
      [
        "record digest",
        `${page.digest(record.recordDigest)}, ${record.recordHolds ? "worked out again, equal" : "**not that of the record**"}`,
      ],
      [
        "rolling writer digest",
        `${page.digest(record.writerDigest)}, ${record.chainHolds ? "follows from the one before" : "**does not follow from the one before**"}`,
      ],
      [
        "verdict",
        record.verdict === null ? null : `**${record.verdict}**, ${counted(record.assertions ?? 0, "assertion")}`,
      ],
    ]);
  }
  page.heading("Independence and writers");
  page.table(
    ["Attestation", "Verdict", right("Looked at")],
    attestations
      .filter(({ id }) => id === "independent-verify" || id === "ratified-writers")
      .map(({ says, verdict, looked }) => [md(says), verdict, grouped(looked)]),
  );
}

const titles: Readonly<Record<string, string>> = {
  LegBRecorded: "Leg B: the governance record of the cut",
  VerifyRecorded: "Verify: the independent record about it",
  CompensationBRecorded: "Compensation B: the record of the way back",
  CompensationVerified: "Verify of the compensation",
};
