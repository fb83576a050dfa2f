/**
 * `redaction rule`: a sovereign human's word on what is to be erased. Signed is the digest of exactly what is shown. Must never sign a
 * subject that was neither shown and confirmed nor named.
 */
import { redactionSubject } from "../../../commands/redaction.js";
import type { RedactionRow } from "../../../projections/redaction/queries.js";
import type { Context } from "../Context.js";
import { cannotStop, malformedStop, refusedStop } from "../output/Problem.js";
import { oneLine, visible } from "../output/text.js";
import { wordsFor } from "../session/ask.js";
import { report } from "../session/report.js";
import { signerFor } from "../session/signer.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";
import { quoted } from "../words.js";
import { findRedaction } from "./findRedaction.js";
import { redactionLines } from "./listRedactions.js";

export interface RuleOptions {
  readonly approve?: boolean;
  readonly reject?: boolean;
  readonly reason?: string;
  readonly subject?: string;
}

export async function ruleRedaction(context: Context, given: string, options: RuleOptions): Promise<undefined> {
  const { approve = false, reject = false } = options;
  if (approve === reject)
    throw malformedStop(
      approve ? "OPTIONS_CONTRADICT" : "OUTCOME_MISSING",
      approve ? "A ruling approves or rejects, not both." : "The ruling says neither yes nor no.",
      "Give one of --approve and --reject.",
    );
  const outcome = approve ? "approved" : "rejected";
  await withCurrentLedger(context, async (ledger) => {
    const row = await findRedaction(ledger.sql, context.now(), given);
    const { redaction, subject } = row;
    const contents = row.contents.map(({ content }) => content);
    if (redactionSubject({ redaction, contents, reason: row.reason }) !== subject)
      throw cannotStop(
        "REDACTION_CORRUPT",
        "What this redaction names does not have its subject's digest.",
        "Stop, and check the ledger: iu-ledger replay",
        { redaction },
      );
    if (options.subject !== undefined && options.subject !== subject)
      throw refusedStop(
        "SUBJECT_MISMATCH",
        `The redaction's subject is ${subject}, not ${visible(options.subject)}.`,
        "Read what is to be erased, and rule on that: iu-ledger redaction list",
        { redaction },
      );
    const signer = await signerFor(context, ledger, "RuleRedaction");
    const asks = options.subject === undefined && !context.json && context.terminal.interactive;
    if (options.subject === undefined) {
      if (!context.json) context.terminal.note(redactionLines(row, context).map(oneLine).join("\n"));
      if (!asks)
        throw malformedStop(
          "SUBJECT_REQUIRED",
          "Nobody is there to confirm what would be signed, and no subject is named.",
          lineToCopy(row, options),
          { redaction, subject },
        );
    }
    const reason = await wordsFor(context, options.reason, "reason");
    if (asks) await confirm(context, approve, signer.principal, subject);
    const data = { redaction, outcome, subject, reason } as const;
    const said = await submit(context, ledger, "RuleRedaction", data, { signer });
    await ledger.catchUp();
    report(context, said, {
      what: `Redaction ${outcome}`,
      json: { redaction, outcome, subject },
      next: approve ? `An operator carries it out: iu-ledger redaction execute ${redaction}` : null,
    });
  });
  return undefined;
}

/** The last word is typed out: nobody signs by pressing return. */
async function confirm(context: Context, approve: boolean, signer: string, subject: string): Promise<void> {
  const word = approve ? "approve" : "reject";
  const typed = await context.terminal.ask(
    `Type ${word} to sign this as ${signer} (subject ${subject.slice(0, 12)}…): `,
  );
  if (typed !== word) throw refusedStop("NOT_CONFIRMED", "Nothing was signed.", `Type ${word} in full to sign.`);
}

/** The line that says all of it, for whoever read what is above. */
function lineToCopy({ redaction, subject }: RedactionRow, { approve, reason }: RuleOptions): string {
  const said = reason === undefined ? "TEXT" : quoted(reason);
  return `iu-ledger redaction rule ${redaction} ${approve === true ? "--approve" : "--reject"} --reason ${said} --subject ${subject}`;
}
