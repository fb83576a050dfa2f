/** `redaction request`: names the texts, of a document or one by one, and asks. Erases nothing. */
import { showDocument } from "../../../projections/document/queries.js";
import { listRuns } from "../../../projections/run_live_state/queries.js";
import type { GovernedLedger } from "../../app.js";
import type { FactData } from "../../events/facts.js";
import { readEvents } from "../../projecting/readEvents.js";
import type { Context } from "../Context.js";
import { malformedStop, refusedStop } from "../output/Problem.js";
import { brief, counted, visible } from "../output/text.js";
import { wordsFor } from "../session/ask.js";
import { findDocument, one } from "../session/find.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export interface RequestOptions {
  readonly document?: string;
  readonly revision?: string;
  readonly content?: readonly string[];
  readonly reason?: string;
}

/** A content to be erased and what it is. */
interface Named {
  readonly content: string;
  readonly what: string;
}

export async function requestRedaction(context: Context, options: RequestOptions): Promise<undefined> {
  const { document, content = [], revision } = options;
  if (document === undefined && content.length === 0)
    throw malformedStop("TEXT_MISSING", "Nothing is named to be erased.", "Give --document or --content.");
  if (revision !== undefined && (document === undefined || !/^\d{1,9}$/.test(revision)))
    throw malformedStop(
      "REVISION_UNKNOWN",
      document === undefined ? "--revision is of a document." : `${visible(revision)} is no revision.`,
      "Give --document, and a number from 0 on.",
    );
  await withCurrentLedger(context, async (ledger) => {
    const named: Named[] = [
      ...(document === undefined ? [] : await textsOf(ledger, document, revision)),
      ...content.map((each) => ({ content: each, what: "as named" })),
    ];
    const there: Named[] = [];
    for (const each of named) {
      // What an earlier redaction has erased need not be asked for again; whatever else is not there is the ledger's to answer.
      if (each.what === "as named" || (await ledger.content(each.content)) !== undefined) there.push(each);
    }
    if (there.length === 0)
      throw refusedStop("CONTENT_MISSING", "None of these texts is stored any more.", "iu-ledger redaction list");
    const contents = [...new Set(there.map((each) => each.content))].sort();
    const reason = await wordsFor(context, options.reason, "reason");
    const redaction = ledger.newId();
    const said = await submit(context, ledger, "RequestRedaction", { redaction, contents, reason });
    await ledger.catchUp();
    const { subject = null } = said.events[0]?.event.data ?? {};
    report(context, said, {
      what: `Redaction of ${counted(contents.length, "content")} requested`,
      json: { redaction, contents, subject },
      lines: there.map((each) => `  ${brief(each.content)}  ${each.what}`),
      next: `A sovereign who did not ask must rule: iu-ledger redaction rule ${redaction}`,
    });
  });
  return undefined;
}

/** A document's texts and every plan that was made of them: plans hold headings. */
async function textsOf(ledger: GovernedLedger, given: string, only: string | undefined): Promise<Named[]> {
  const { sql, store } = ledger;
  const id = await findDocument(sql, given);
  const document = one(await showDocument(sql, id), "document", given);
  const revisions = (document?.revisions ?? []).filter(
    ({ revision }) => only === undefined || revision === Number(only),
  );
  if (document === undefined || revisions.length === 0) {
    throw refusedStop(
      document === undefined ? "DOCUMENT_UNKNOWN" : "REVISION_UNKNOWN",
      document === undefined
        ? `There is no document ${visible(given)}.`
        : `“${visible(document.title)}” has no revision ${only}; the newest is ${document.revision}.`,
      "iu-ledger document list",
    );
  }
  const texts = revisions.map(({ content, revision }) => ({ content, what: `revision ${revision}` }));
  const wanted = new Set(revisions.map(({ revision }) => revision));
  const plans: Named[] = [];
  for (const { run, revision } of await listRuns(sql, { document: id })) {
    if (!wanted.has(revision)) continue;
    for (const { data } of await readEvents(store, { stream: `run-${run}`, types: ["CutPlanned"] })) {
      const { planContent } = data as FactData<"CutPlanned">;
      plans.push({ content: planContent, what: `a plan of revision ${revision}, with its headings` });
    }
  }
  return [...texts, ...plans];
}
