/** `backup verify`: a scratch restore, a replay, a comparison; and then, if all is equal, a record on the ledger. */
import { runCategory } from "../../../commands/run/State.js";
import { BackupError } from "../../backup/BackupError.js";
import { verifyBackup } from "../../backup/verifyBackup.js";
import { answer, type Context } from "../Context.js";
import { Stop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { counted } from "../output/text.js";
import { findRun } from "../session/find.js";
import { report } from "../session/report.js";
import { signerFor } from "../session/signer.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";
import { cleanly } from "./cleanly.js";
import { identityIn } from "./identity.js";

export interface VerifyWords {
  readonly identity: string;
  readonly for?: string;
  readonly scratch?: string;
  readonly record: boolean;
}

/** What says something of the backup, and not of this machine. */
const findings: readonly string[] = [
  "BACKUP_NOT_OPENED",
  "BACKUP_DAMAGED",
  "BACKUP_OTHER_LEDGER",
  "BACKUP_AHEAD",
  "BACKUP_BEHIND",
  "BACKUP_FORKED",
  "BACKUP_INCOMPLETE",
  "BACKUP_UNSOUND",
];

export function verify(context: Context, path: string, words: VerifyWords): Promise<undefined> {
  return cleanly(context, ["Stopped before the end: nothing was recorded. The scratch files are being removed."], () =>
    verified(context, path, words),
  );
}

async function verified(context: Context, path: string, words: VerifyWords): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    // Who is missing is said before minutes of work.
    const signer = words.record ? await signerFor(context, ledger, "RecordBackup") : undefined;
    const identity = await identityIn(context, words.identity);
    const run = words.for === undefined ? undefined : await findRun(ledger.sql, words.for);
    const sizeMin = run === undefined ? undefined : (await ledger.state(runCategory, run)).settledAt + 1;
    const drawn = progress(context.terminal, "verifying", "events");
    const { record, assertions } = await verifyBackup(path, identity, ledger.store, {
      now: context.now(),
      signal: context.signal,
      onProgress: (done, of) => drawn.update(done, of),
      ...(sizeMin === undefined ? {} : { sizeMin }),
      ...(words.scratch === undefined ? {} : { scratch: words.scratch }),
    })
      .catch(asFinding)
      .finally(() => drawn.end());
    const lines = pairs(
      [
        [
          "restored",
          `${counted(record.size, "event")}, ${counted(record.contents, "content")}${record.absent === 0 ? "" : `, ${record.absent} absent`}`,
        ],
        ["root", record.root],
        ["replay", `PASS, ${counted(assertions, "assertion")}`],
        ["SHA-256", record.file],
      ],
      context.style,
    );
    if (signer === undefined) {
      answer(context, { ...record, assertions }, () => [
        `${context.style.good(marks.good)} ${path} restores to what this ledger was; nothing was recorded`,
        ...lines,
      ]);
      return;
    }
    const said = await submit(context, ledger, "RecordBackup", record, { signer });
    await ledger.catchUp();
    report(context, said, { what: `${path} restores to what this ledger was`, json: { ...record, assertions }, lines });
  });
  return undefined;
}

/** A backup that is none is a finding: exit code 1. */
export function asFinding(error: unknown): never {
  if (!(error instanceof BackupError) || !findings.includes(error.code)) throw error;
  const { code, message, next, numbers } = error;
  const said = `${/^[a-z]+ /.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message}.`;
  throw new Stop({ code, message: said, next, numbers, exit: 1 }, { cause: error });
}
