/** The documents of what comes of the run: compensation readiness, blocker matrix, and the final report that sums all up. */
import type { Attestation, Predicate, Seen, Statement, Step } from "../Statement.js";
import { code, counted, grouped, md, moment } from "./markdown.js";
import { meaningOf, type Page } from "./Page.js";

const right = (title: string) => ({ title, align: "right" }) as const;

export function compensation(page: Page, { predicate }: Statement): void {
  const { compensation: way, run, versions } = predicate;
  const { planned } = way;
  page.say(
    way.units === 0
      ? "Nothing is cut, so there is nothing to take back."
      : `A compensation is a soft revert: ${counted(way.units, "unit")}, the last one first, each by an event of its own. Nothing is deleted, and there is no option for it.`,
  );
  page.facts([
    ["worked out before the cut", way.expected === null ? "no dry run yet" : page.digest(way.expected)],
    ["needs SG_C", versions.enacted === null ? "no: the run is not enacted" : "yes: the run was enacted"],
    ["planned", planned === null ? "not yet" : page.act(planned)],
    [
      "plan",
      planned === null
        ? null
        : `${page.digest(planned.plan)}${planned.plan === way.expected ? ", the one worked out before the cut" : ""}`,
    ],
    ["reason", planned === null ? null : md(planned.reason)],
    [
      "restores",
      planned === null ? null : planned.restores === null ? "no earlier version" : `run ${page.id(planned.restores)}`,
    ],
    ["actions", planned === null ? null : grouped(planned.actions)],
    ["begun", way.started === null ? "no" : `at position ${grouped(way.started)}`],
    ["reverted", `${grouped(way.reverted)} of ${counted(way.units, "unit")}`],
    ["executed", way.executed === null ? "no" : `at position ${grouped(way.executed)}`],
  ]);
  page.heading("What depends on it");
  page.table(
    ["Run", "What"],
    way.dependents.map((one) => [page.id(one), "enacted on top of this one and in force: to be taken back before it"]),
    "Nothing depends on it.",
  );
  if (planned !== null) {
    page.heading("Snapshot counts, before and expected after");
    const names = [...new Set([...Object.keys(planned.before), ...Object.keys(planned.after)])].sort();
    page.table(
      ["Lifecycle", right("Before"), right("After")],
      names.map((name) => [md(name), grouped(planned.before[name] ?? 0), grouped(planned.after[name] ?? 0)]),
    );
  }
  page.heading("Steps of the way back");
  page.table(
    ["Step", "Verdict", "Why"],
    predicate.steps
      .filter(({ id }) => wayBack.includes(id))
      .map(({ title, verdict, why }) => [md(title), verdict, md(why)]),
  );
  if (run.phase === "reverted")
    page.say("The run is reverted: its units are on the ledger for ever, and in force no more.");
}

const wayBack = ["compensation-plan", "SG_C", "compensated", "compensation-b", "compensation-verify"];

export function blockers(page: Page, { predicate }: Statement): void {
  const { matrix, next, run } = predicate;
  if (run.hold !== null) {
    page.heading("HOLD");
    page.facts([
      ["since", `position ${grouped(run.hold.position)}`],
      ["check", md(run.hold.check)],
      ["reason", md(run.hold.reason)],
      ["expected", md(run.hold.expected)],
      ["actual", md(run.hold.actual)],
      ["caused by", md(run.hold.causedBy)],
    ]);
  }
  page.heading("The next step");
  if (matrix === null) {
    page.say("The events of the run contradict one another, so no next step can be told.");
  } else {
    page.say(
      matrix.step === null
        ? `Nothing more is to come: the run is ${code(run.phase)}.`
        : `The run is ${code(run.phase)}; next comes ${code(matrix.step)}.`,
    );
    page.table(
      ["Precondition", "Status", "Closed by", "Holds until", "What is missing"],
      matrix.blockers.map(({ name, status, closedBy, holdsUntil, message }) => [
        md(name),
        `**${status}**`,
        code(closedBy),
        holdsUntil === null ? "–" : moment(holdsUntil),
        message === null ? "–" : md(message),
      ]),
      "It asks for nothing.",
    );
  }
  if (next !== null) page.say(`To do next: ${md(next)}`);
}

export function finalReport(page: Page, { predicate }: Statement): void {
  const { verdict, run, ledger, signer, steps, attestations, nonMutation, source, cut, versions } = predicate;
  page.say(`**${verdict}**: ${sentenceOf(predicate)}`);
  page.facts([
    ["document", `${md(source.title)}, revision ${grouped(run.revision)}`],
    ["run", `${page.id(run.run)}, ${run.mode}, ${run.hold === null ? "" : "on HOLD, "}${md(run.phase)}`],
    ["opened", page.act(run.opened)],
    ["ledger", `${md(ledger.origin)}, ${counted(ledger.size, "event")}, root ${page.digest(ledger.root)}`],
    ["judged as of", moment(predicate.asOf)],
    ["signed by", `${md(signer.principal)} (${signer.kind}), key ${code(signer.key.keyid)}`],
    ["units", cut === null ? "none cut" : `${counted(cut.units, "unit")} cut, ${counted(cut.repeals, "repeal")}`],
    [
      "in force now",
      versions.now === null
        ? "no version"
        : versions.now === run.run
          ? "this run's version"
          : `the version of run ${page.id(versions.now)}`,
    ],
  ]);
  page.heading("Gates and steps");
  page.table(
    ["Step", "Verdict", "Asked of this run", "Why", "Shown at"],
    steps.map((step) => [
      md(step.title),
      `**${step.verdict}**`,
      step.mandatory ? "yes" : "no",
      md(step.why),
      placesOf(step),
    ]),
  );
  page.heading("What must not have happened");
  page.say("Each line is backed by a check that ran over the ledger's events, and says how much it looked at.");
  page.table(
    ["Attestation", "Verdict", right("Looked at"), "What was looked at"],
    attestations.map((one) => [
      md(one.says),
      `**${one.verdict}**`,
      grouped(one.looked),
      one.note === null ? md(one.of[one.looked === 1 ? 0 : 1]) : md(one.note),
    ]),
  );
  const violated = attestations.filter(({ violations }) => violations.length > 0);
  if (violated.length > 0) {
    page.heading("What did happen");
    page.table([right("Position"), "Against", "What"], violated.flatMap(violationsOf));
  }
  page.heading("Nothing was written where nothing may be");
  page.table(
    ["Operation", "Verdict", "Asked of this run", "Why"],
    nonMutation.map(({ operation, verdict: found, mandatory, why }) => [
      operation,
      `**${found}**`,
      mandatory ? "yes" : "no",
      md(why),
    ]),
  );
  page.heading("Closed, partial, open");
  const asked = steps.filter(({ mandatory }) => mandatory);
  const partial = (step: Step) =>
    step.verdict === "HOLD" || step.verdict === "INCONCLUSIVE" || (step.verdict === "NOT_RUN" && step.seen.length > 0);
  const list = (word: string, of: readonly Step[]) =>
    page.say(
      `**${word}** (${grouped(of.length)}): ${of.length === 0 ? "none" : of.map(({ title }) => md(title)).join("; ")}.`,
    );
  list(
    "Closed",
    asked.filter(({ verdict: found }) => found === "PASS"),
  );
  list("Partial", asked.filter(partial));
  list(
    "Open",
    asked.filter((step) => step.verdict !== "PASS" && !partial(step)),
  );
  page.say(`**Next**: ${predicate.next === null ? "nothing more is to come." : md(predicate.next)}`);
  page.heading("How each was looked at");
  page.table(
    ["Attestation", "Scope", "Check"],
    attestations.map(({ id, scope, by }) => [code(id), scope, md(by)]),
  );
  page.heading("What this report does not say");
  for (const one of predicate.beyond) page.say(`- ${md(one)}`);
  page.heading("The words");
  page.table(
    ["Verdict", "Means"],
    Object.entries(meaningOf).map(([name, means]) => [name, means]),
  );
}

function sentenceOf({ verdict, steps, attestations, nonMutation }: Predicate): string {
  const parts = [...steps, ...attestations, ...nonMutation];
  const mandatory = parts.filter((part) => part.mandatory);
  const of = (wanted: string) => mandatory.filter((part) => part.verdict === wanted).length;
  const failed = parts.filter((part) => part.verdict === "FAIL").length;
  const all = counted(mandatory.length, "part is", "parts are");
  const asked = `${all} asked of this run: ${grouped(of("PASS"))} PASS, ${grouped(of("HOLD"))} HOLD, ${grouped(of("INCONCLUSIVE"))} INCONCLUSIVE, ${grouped(of("NOT_RUN"))} NOT_RUN`;
  return verdict === "FAIL" ? `${counted(failed, "part")} failed. ${asked}.` : `${asked}.`;
}

function placesOf({ seen, numbers }: Step): string {
  const places = seen.map((one) => placeOf(one));
  const counts = Object.entries(numbers).flatMap(([name, value]) =>
    value === null ? [] : [`${md(name)} ${wordOf(value)}`],
  );
  return [...places, ...counts].join(", ") || "–";
}

function wordOf(value: NonNullable<Step["numbers"][string]>): string {
  if (typeof value === "number") return grouped(value);
  const text = String(value);
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? moment(text) : md(text);
}

function placeOf({ type, from, to, count }: Seen): string {
  return count === 1
    ? `${code(type)} at ${grouped(from)}`
    : `${code(type)} ×${grouped(count)} at ${grouped(from)} to ${grouped(to)}`;
}

function violationsOf({ id, violations, more }: Attestation): string[][] {
  return [
    ...violations.map(({ position, what }) => [position === null ? "–" : grouped(position), code(id), md(what)]),
    ...(more === 0 ? [] : [["–", code(id), `and ${counted(more, "more violation")}`]]),
  ];
}
