/** The documents of what was before the cut: precheck, source survey, target, plan. */
import type { Statement } from "../Statement.js";
import { code, counted, grouped, md, moment } from "./markdown.js";
import type { Page } from "./Page.js";

const right = (title: string) => ({ title, align: "right" }) as const;

export function precheck(page: Page, { predicate }: Statement): void {
  const { ledger, precheck: before, attestations } = predicate;
  page.heading("The ledger");
  page.facts([
    ["ledger", code(ledger.id)],
    ["origin", md(ledger.origin)],
    ["size", counted(ledger.size, "event")],
    ["root", page.digest(ledger.root)],
    ["newest event", moment(ledger.newest)],
    ["log key", before.logKey === null ? "none adopted" : md(before.logKey)],
    ["incarnations", before.incarnations === 0 ? "none: it goes on as it was opened" : grouped(before.incarnations)],
  ]);
  page.heading("Is it whole");
  page.table(
    ["Attestation", "Verdict", right("Compared")],
    attestations
      .filter(({ scope }) => scope === "ledger")
      .map(({ says, verdict, looked }) => [md(says), verdict, grouped(looked)]),
  );
  page.heading("Checkpoint, backup, grant audit");
  const { checkpoint, backup, grantAudit } = before;
  page.table(
    ["What", "Newest", "Verdict"],
    [
      checkpoint === null
        ? ["signed checkpoint", "none was given", "NOT_RUN"]
        : [
            "signed checkpoint",
            `${counted(checkpoint.size, "event")}, root ${page.digest(checkpoint.root)}: ${md(checkpoint.why)}`,
            checkpoint.verdict,
          ],
      backup === null
        ? ["restored backup", "none is recorded", "NOT_RUN"]
        : [
            "restored backup",
            `position ${grouped(backup.position)}, ${moment(backup.at)}, ${counted(backup.size, "event")}, file ${page.digest(backup.file)}`,
            "recorded",
          ],
      grantAudit === null
        ? ["grant audit", "none is recorded", "NOT_RUN"]
        : [
            "grant audit",
            `position ${grouped(grantAudit.position)}, ${moment(grantAudit.at)}, ${counted(grantAudit.counts.differences, "difference")}, ${counted(grantAudit.counts.probes, "probe")}, report ${page.digest(grantAudit.report)}`,
            grantAudit.verdict,
          ],
    ],
  );
  page.heading("The policy in force");
  const { policy, digest, position } = before.policy;
  const hours = (value: number | null) => (value === null ? "not asked for" : `within ${counted(value, "hour")}`);
  page.facts([
    ["digest", digest === null ? "none adopted: the default" : page.digest(digest)],
    ["adopted", position === null ? null : `position ${grouped(position)}`],
    ["an approval lasts", counted(policy.gateHours, "hour")],
    ["execution stays armed for", `at most ${counted(policy.armHoursMax, "hour")}`],
    ["a document holds", `at most ${counted(policy.contentSizeMax, "byte")}`],
    ["a plan carries", `at most ${counted(policy.findingsMax, "finding")}`],
    ["restored backup", hours(policy.backupHoursMax)],
    ["clean grant audit", hours(policy.grantAuditHoursMax)],
  ]);
  page.heading("Writers in force");
  page.table(
    ["Writer", right("Version"), "Source", right("Ratified at")],
    before.writers.map(({ name, version, source, position: at }) => [
      code(name),
      grouped(version),
      page.digest(source),
      grouped(at),
    ]),
  );
  page.heading("Who acted, and who answers for them");
  page.table(
    ["Principal", "Name", "Kind", "Roles", "Answers for it", "In force"],
    before.people.map(({ principal, name, kind, roles, responsible, revoked }) => [
      md(principal),
      md(name),
      kind,
      roles.join(", "),
      md(responsible),
      revoked ? "revoked" : "yes",
    ]),
  );
}

export function sourceSurvey(page: Page, { predicate }: Statement): void {
  const { source, run } = predicate;
  page.heading("The document");
  page.facts([
    ["title", md(source.title)],
    ["document", page.id(source.document)],
    ["source", source.source === null ? "none was named" : md(source.source)],
    ["revision of this run", grouped(run.revision)],
  ]);
  page.heading("Its revisions");
  page.say("The commitment names the text without showing it: nobody can guess a text from it who has not its salt.");
  page.table(
    [right("Revision"), right("Bytes"), "Commitment", "Entered", "Text"],
    source.revisions.map((one) => [
      grouped(one.revision),
      grouped(one.length),
      page.digest(one.content),
      page.act(one),
      one.erased === null ? "not erased" : `erased with authority at position ${grouped(one.erased)}`,
    ]),
  );
  page.heading("Its runs");
  page.table(
    ["Run", right("Revision"), right("Opened at"), "Outcome"],
    source.runs.map((one) => [
      `${page.id(one.run)}${one.run === run.run ? " (this one)" : ""}`,
      grouped(one.revision),
      grouped(one.position),
      one.outcome ?? "open",
    ]),
  );
}

export function target(page: Page, { predicate }: Statement): void {
  const { target: assessed } = predicate;
  if (assessed === null) {
    page.say("The target has not been assessed: **NOT_RUN**.");
    return;
  }
  page.facts([
    ["verdict", `**${assessed.verdict}**`],
    ["assessed", page.act(assessed)],
    ["assessments", grouped(assessed.assessments)],
  ]);
  page.heading("Why");
  page.table(
    ["Code", "Verdict", "What was found"],
    assessed.reasons.map(({ code: name, verdict, message }) => [code(name), verdict, md(message)]),
  );
}

export function plan(page: Page, { predicate }: Statement): void {
  const { plan: planned, versions } = predicate;
  if (planned === null) {
    page.say("The cut has not been planned: **NOT_RUN**.");
    return;
  }
  page.facts([
    ["plan", page.digest(planned.plan)],
    ["its commitment", page.digest(planned.planContent)],
    [
      "its text",
      planned.erased === null ? "not erased" : `erased with authority at position ${grouped(planned.erased)}`,
    ],
    ["planned", page.act(planned)],
    ["plans so far", grouped(planned.plans)],
    ["cutter", md(planned.cutter)],
    ["grammar and profile", `${md(planned.grammar)}, ${md(planned.profile)}`],
    ["units", grouped(planned.units)],
    [
      "starts from",
      versions.before === null ? "nothing: a first cut" : `run ${page.id(versions.before)}, in force then`,
    ],
  ]);
  page.heading("The transition as planned");
  page.table(
    ["Class", right("Rows")],
    Object.entries(planned.classes).map(([name, rows]) => [md(name), grouped(rows)]),
    "A first cut: every unit is new.",
  );
  page.say(`Rows left for a human to resolve: ${grouped(planned.open)}.`);
  page.heading("Findings");
  page.say(
    planned.findings === 0
      ? "Nothing odd was found."
      : `${counted(planned.findings, "finding")}; ${grouped(planned.blocking.length)} of them ${planned.blocking.length === 1 ? "blocks" : "block"} until acknowledged by id.`,
  );
  page.table(
    ["Finding", "Rule", "Address", "Acknowledged under"],
    planned.blocking.map(({ id, rule, address, acknowledged }) => [
      code(id),
      code(rule),
      address === null ? "the whole" : code(address),
      acknowledged === null ? "**not acknowledged**" : md(acknowledged),
    ]),
    "Nothing blocks.",
  );
}
