/**
 * `gate rule`: a sovereign human's word on one gate. The person signs exactly what they were shown: the digest is worked out here from what is
 * shown, compared with the gate's, and named in the ruling. Must never sign a subject that was neither shown and confirmed nor named.
 */

import { runCategory } from "../../../commands/run/State.js";
import { type GateRow, listGates } from "../../../projections/gate/queries.js";
import { showRun } from "../../../projections/run_live_state/queries.js";
import type { GovernedLedger } from "../../app.js";
import type { Finding } from "../../documents/Plan.js";
import { digestOf } from "../../events/canonical.js";
import type { Signer } from "../../keys/Signer.js";
import type { Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { cannotStop, malformedStop, refusedStop } from "../output/Problem.js";
import { type Pair, pairs } from "../output/pairs.js";
import { marks } from "../output/style.js";
import { oneLine, visible } from "../output/text.js";
import { wordsFor } from "../session/ask.js";
import { findRun, one } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { report } from "../session/report.js";
import { signerFor } from "../session/signer.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";
import { quoted } from "../words.js";
import { bindingPairs, findingsOf } from "./bindingLines.js";
import { lawPairs, listingLine } from "./law.js";

export interface RuleOptions {
  readonly approve?: boolean;
  readonly reject?: boolean;
  readonly reason?: string;
  readonly acknowledge?: readonly string[];
  readonly subject?: string;
}

type Outcome = "approved" | "rejected";

export async function ruleGate(
  context: Context,
  givenRun: string,
  name: string,
  options: RuleOptions,
): Promise<undefined> {
  const wanted = outcomeOf(options);
  await withCurrentLedger(context, async (ledger) => {
    const run = await findRun(ledger.sql, givenRun);
    const gate = await gateNamed(context, ledger, run, name);
    const detail = one(await showRun(ledger.sql, run), "run", run);
    if (digestOf(gate.binds) !== gate.subject) {
      throw cannotStop(
        "GATE_CORRUPT",
        `What ${gate.gate} binds to does not have its subject's digest.`,
        "Stop, and check the ledger: iu-ledger replay",
        { gate: gate.gate },
      );
    }
    const findings = await findingsOf(gate, ledger.store, detail?.plan?.content ?? null);
    const law = await lawPairs(ledger, run, gate.kind);
    const listing = listingLine(await ledger.state(runCategory, run));
    const shown = () => bindingLines(context, gate, detail?.documentTitle ?? "", findings, { law, listing });
    const signer = await signerFor(context, ledger, "RuleGate");
    if (options.subject !== undefined && options.subject !== gate.subject) {
      throw refusedStop(
        "SUBJECT_MISMATCH",
        `${gate.gate} binds to ${gate.subject}, not to ${visible(options.subject)}.`,
        `Read what it binds to, and rule on that: iu-ledger gate list ${run}`,
        { gate: gate.gate },
      );
    }
    // Whoever names the subject says that they have read it: that attempt is the ledger's to answer. Nobody else is shown what they cannot rule.
    if (options.subject === undefined) await assertMayRule(ledger, gate, signer);
    const asks = options.subject === undefined && !context.json && context.terminal.interactive;
    if (options.subject === undefined && !asks) {
      if (!context.json) context.terminal.note(shown().map(oneLine).join("\n"));
      throw malformedStop(
        "SUBJECT_REQUIRED",
        "Nobody is there to confirm what would be signed, and no subject is named.",
        lineToCopy(gate, wanted, options, findings),
        { gate: gate.gate, subject: gate.subject },
      );
    }
    if (asks) context.terminal.note(shown().map(oneLine).join("\n"));
    const outcome = wanted ?? (asks ? await askOutcome(context) : missingOutcome());
    const acknowledge = outcome === "approved" ? await acknowledged(context, findings, options, gate, asks) : [];
    const reason = await wordsFor(context, options.reason, "reason");
    if (asks) await confirm(context, outcome, signer.principal, gate);
    const said = await submit(
      context,
      ledger,
      "RuleGate",
      { run, gate: gate.gate, outcome, subject: gate.subject, acknowledge: [...acknowledge], reason },
      { signer },
    );
    await ledger.catchUp();
    report(context, said, {
      what: `${gate.gate} ${outcome}`,
      json: { run, gate: gate.gate, outcome, subject: gate.subject },
      next: await nextOf(context, ledger.sql, run),
    });
  });
  return undefined;
}

/** Says at once where this person could not rule on this gate, whatever they say: not the right one, ruled already, their own request. */
async function assertMayRule(ledger: GovernedLedger, gate: GateRow, signer: Signer): Promise<void> {
  const { run, subject } = gate;
  const no = { run, gate: gate.gate, outcome: "rejected", subject, acknowledge: [], reason: "Only tried." } as const;
  const decision = await ledger.consider("RuleGate", { ...no, acknowledge: [] }, signer);
  if (decision.kind === "refused") throw refusedStop(decision.code, decision.message, decision.next, decision.numbers);
}

function outcomeOf({ approve, reject }: RuleOptions): Outcome | undefined {
  if (approve === true && reject === true)
    throw malformedStop(
      "OPTIONS_CONTRADICT",
      "A ruling approves or rejects, not both.",
      "Give one of --approve and --reject.",
    );
  return approve === true ? "approved" : reject === true ? "rejected" : undefined;
}

function missingOutcome(): never {
  throw malformedStop("OUTCOME_MISSING", "The ruling says neither yes nor no.", "Give --approve or --reject.");
}

/** The gate by its name; a kind alone means its newest. */
async function gateNamed(context: Context, ledger: GovernedLedger, run: string, name: string): Promise<GateRow> {
  const gates = await listGates(ledger.sql, context.now(), { run });
  const wanted = name.toUpperCase();
  const gate = gates.find((one) => one.gate === wanted) ?? gates.find((one) => one.kind === wanted);
  if (gate !== undefined) return gate;
  throw refusedStop(
    "GATE_UNKNOWN",
    `This run has no gate ${name}${gates.length === 0 ? "" : `; it has ${gates.map((one) => one.gate).join(", ")}`}.`,
    /^SG_[12C]$/.test(wanted) ? `iu-ledger gate request ${run} ${wanted}` : `iu-ledger gate list ${run}`,
    { gate: name },
  );
}

function bindingLines(
  context: Context,
  gate: GateRow,
  title: string,
  findings: readonly Finding[],
  { law, listing }: { readonly law: readonly Pair[]; readonly listing: string },
): string[] {
  const { style } = context;
  const opens = { SG_1: "the cut", SG_2: "enactment", SG_C: "the compensation of an enacted run" }[gate.kind];
  return [
    `${style.strong(gate.gate)} opens ${opens}; requested by ${gate.requestedBy}. A ruling binds to exactly this:`,
    ...pairs(bindingPairs(gate, title), style),
    "",
    style.strong("  In words"),
    ...pairs([...law, ["to read", asTyped(listing, style, context.typing)]], style),
    ...(findings.length === 0 ? [] : ["", style.strong("  Findings that an approval acknowledges")]),
    ...findings.map(({ id, message }) => `  ${style.open(marks.open)} ${id}  ${visible(message)}`),
    "",
  ];
}

async function askOutcome(context: Context): Promise<Outcome> {
  const typed = (await context.terminal.ask("approve or reject? ")) ?? "";
  if (/^a(pprove)?$/i.test(typed)) return "approved";
  if (/^r(eject)?$/i.test(typed)) return "rejected";
  throw refusedStop("NOT_CONFIRMED", "Nothing was signed.", "Type approve or reject.");
}

/** The findings acknowledged: those named, and on a terminal those the person says yes to, one by one. */
async function acknowledged(
  context: Context,
  findings: readonly Finding[],
  options: RuleOptions,
  gate: GateRow,
  asks: boolean,
): Promise<readonly string[]> {
  const named = new Set(options.acknowledge ?? []);
  for (const { id, message } of findings.filter((finding) => !named.has(finding.id))) {
    if (!asks) {
      throw refusedStop(
        "FINDINGS_OPEN",
        `The finding ${id} is not acknowledged: ${visible(message)}`,
        lineToCopy(gate, "approved", options, findings),
        { gate: gate.gate, findings: findings.length, acknowledged: named.size },
      );
    }
    const typed = (await context.terminal.ask(`acknowledge ${id} (${visible(message)})? yes or no: `)) ?? "";
    if (!/^y(es)?$/i.test(typed))
      throw refusedStop(
        "NOT_CONFIRMED",
        `The finding ${id} is not acknowledged; nothing was signed.`,
        "Reject the gate, or mend the document.",
      );
    named.add(id);
  }
  return [...named];
}

/** The last word is typed out: nobody signs by pressing return. */
async function confirm(context: Context, outcome: Outcome, signer: string, gate: GateRow): Promise<void> {
  const word = outcome === "approved" ? "approve" : "reject";
  const typed = await context.terminal.ask(
    `Type ${word} to sign this as ${signer} (subject ${gate.subject.slice(0, 12)}…): `,
  );
  if (typed !== word) throw refusedStop("NOT_CONFIRMED", "Nothing was signed.", `Type ${word} in full to sign.`);
}

/** The line that says all of it, for whoever read what is above. */
function lineToCopy(
  gate: GateRow,
  outcome: Outcome | undefined,
  { reason }: RuleOptions,
  findings: readonly Finding[],
): string {
  const acknowledge = outcome === "rejected" ? "" : findings.map(({ id }) => ` --acknowledge ${id}`).join("");
  const ruling = outcome === undefined ? "--approve" : outcome === "approved" ? "--approve" : "--reject";
  return `iu-ledger gate rule ${gate.run} ${gate.gate} ${ruling} --reason ${reason === undefined ? "TEXT" : quoted(reason)}${acknowledge} --subject ${gate.subject}`;
}
