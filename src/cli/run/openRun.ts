/** `run open`: one attempt to cut the newest revision of a document. */
import type { Context } from "../Context.js";
import { findDocument } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export async function openRun(
  context: Context,
  given: string,
  { rehearsal }: { rehearsal?: boolean },
): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    const document = await findDocument(ledger.sql, given);
    const run = ledger.newId();
    const mode = rehearsal === true ? "rehearsal" : "live";
    const said = await submit(context, ledger, "OpenRun", { run, document, mode });
    await ledger.catchUp();
    const what = mode === "live" ? `Run opened: ${run}` : `Run opened for rehearsal only: ${run}`;
    report(context, said, { what, json: { run, document }, next: await nextOf(context, ledger.sql, run) });
  });
  return undefined;
}
