/** `backup restore`: a ledger from a backup, in an empty place. Must never touch a ledger that is there. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBackup } from "../../backup/openBackup.js";
import { answer, type Context } from "../Context.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { counted } from "../output/text.js";
import { shownLedger } from "../session/ledgerUrl.js";
import { cleanly } from "./cleanly.js";
import { assertPlaceFree, fillLedger } from "./fillLedger.js";
import { identityIn } from "./identity.js";
import { asFinding } from "./verify.js";

export interface RestoreWords {
  readonly identity: string;
  readonly scratch?: string;
}

export function restore(context: Context, file: string, place: string, words: RestoreWords): Promise<undefined> {
  return cleanly(context, ["Stopped before the end: no ledger of that name was made."], () =>
    restored(context, file, place, words),
  );
}

async function restored(
  context: Context,
  file: string,
  place: string,
  { identity, scratch = tmpdir() }: RestoreWords,
): Promise<undefined> {
  assertPlaceFree(place);
  const secret = await identityIn(context, identity);
  const folder = mkdtempSync(join(scratch, "iu-ledger-restore-"));
  try {
    const drawn = progress(context.terminal, "restoring", "events");
    const going = { signal: context.signal, onProgress: (done: number, of: number) => drawn.update(done, of) };
    const unpacked = join(folder, "export");
    const { manifest } = await openBackup(file, secret, unpacked, going)
      .catch(asFinding)
      .finally(() => drawn.end());
    await fillLedger(place, unpacked, going).finally(() => drawn.end());
    const { ledger, origin, size, root, contents } = manifest;
    const next = `iu-ledger replay --ledger ${shownLedger(place)} --expect SIZE:ROOT`;
    answer(context, { path: shownLedger(place), ledger, origin, size, root, contents, next }, () => [
      `${context.style.good(marks.good)} ${counted(size, "event")} and ${counted(contents.present, "content")} are in ${shownLedger(place)}`,
      `  root ${root}`,
      "  What came after the backup is not in it: compare with the newest head that was kept elsewhere before anybody uses it.",
      `  ${context.style.faint("next")} ${context.style.command(next.replace("iu-ledger", context.typing.program))}`,
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  return undefined;
}
