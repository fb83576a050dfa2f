/** `redaction execute`: erases what was approved, and says where the text may still be. */
import type { Context } from "../Context.js";
import { counted } from "../output/text.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";
import { findRedaction } from "./findRedaction.js";

export async function executeRedaction(context: Context, given: string): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    const { redaction, contents } = await findRedaction(ledger.sql, context.now(), given);
    const said = await submit(context, ledger, "RedactContent", { redaction });
    await ledger.catchUp();
    const left = [];
    for (const { content } of contents) if ((await ledger.content(content)) !== undefined) left.push(content);
    report(context, said, {
      what: `${counted(contents.length - left.length, "content")} of ${contents.length} erased, for good`,
      json: { redaction, contents: contents.map(({ content }) => content), left },
      lines: [
        "  Backups, exports and copies of the ledger keep their texts, and so do old pages of a disk, a log or a",
        "  Postgres table until they are used again (VACUUM iu.content): see to those as the ruling asks.",
      ],
      next: "See that every proof still holds: iu-ledger replay",
    });
  });
  return undefined;
}
