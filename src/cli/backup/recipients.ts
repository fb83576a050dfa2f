/** `backup recipients` and `backup list`: whom backups are for, and which are on record. */
import { answer, type Context } from "../Context.js";
import { malformedStop } from "../output/Problem.js";
import { table } from "../output/table.js";
import { brief, counted, moment } from "../output/text.js";
import { withStore } from "../session/reading.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";
import { backupsOf } from "./backupsOf.js";

export interface RecipientsWords {
  readonly to?: readonly string[];
}

export async function pinRecipients(context: Context, { to = [] }: RecipientsWords): Promise<undefined> {
  if (to.length === 0) return showRecipients(context);
  const recipients = to.map((words) => {
    const [, recipient, holder] = /^([^=]+)=([^=]+)$/.exec(words) ?? [];
    if (recipient !== undefined && holder !== undefined) return { recipient, holder };
    throw malformedStop(
      "RECIPIENT_MALFORMED",
      "A recipient is written RECIPIENT=HOLDER: an age recipient, and the human who keeps its identity.",
      "Write it so: iu-ledger backup recipients --to age1…=a.novak",
      { given: words.startsWith("AGE-SECRET-KEY") ? "an identity, which must stay with its owner" : words },
    );
  });
  await withCurrentLedger(context, async (ledger) => {
    const said = await submit(context, ledger, "PinBackupRecipients", { recipients });
    await ledger.catchUp();
    report(context, said, {
      what: `Backups are for ${counted(recipients.length, "recipient")}`,
      json: { recipients },
      next: "iu-ledger backup create FILE",
    });
  });
  return undefined;
}

async function showRecipients(context: Context): Promise<undefined> {
  const { recipients } = await withStore(context, ({ store }) => backupsOf(store), { readOnly: true });
  answer(context, { recipients }, () =>
    recipients.length === 0
      ? ["Nobody is pinned: no backup can be made."]
      : table(
          [{ title: "recipient" }, { title: "kept by" }],
          recipients.map(({ recipient, holder }) => [recipient, holder]),
          { style: context.style, width: context.terminal.width },
        ),
  );
  return undefined;
}

export async function listBackups(context: Context): Promise<undefined> {
  const { recipients, backups } = await withStore(context, ({ store }) => backupsOf(store), { readOnly: true });
  answer(context, { backups, recipients }, () =>
    backups.length === 0
      ? ["No backup is on record that the recipients in force can open."]
      : [
          ...table(
            [{ title: "recorded" }, { title: "events" }, { title: "file (SHA-256)" }],
            backups.map(({ recordedAt, size, file }) => [moment(recordedAt), String(size), brief(file)]),
            { style: context.style, width: context.terminal.width },
          ),
          `  for ${recipients.map(({ recipient, holder }) => `${recipient} (kept by ${holder})`).join(", ")}`,
        ],
  );
  return undefined;
}
