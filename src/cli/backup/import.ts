/** `import`: a ledger from an export. Must never add to a ledger of somebody's: only to an empty place, or to an import that was interrupted. */
import { checkFolder } from "../../export/checkFolder.js";
import { answer, type Context } from "../Context.js";
import { progress } from "../output/progress.js";
import { marks } from "../output/style.js";
import { counted } from "../output/text.js";
import { shownLedger } from "../session/ledgerUrl.js";
import { fillLedger } from "./fillLedger.js";

export async function importLedger(context: Context, folder: string): Promise<undefined> {
  context.interrupted = () => ["Stopped before the end: the same import goes on."];
  const checking = progress(context.terminal, "checking", "events");
  const { manifest } = await checkFolder(folder, {
    signal: context.signal,
    onProgress: (done, of) => checking.update(done, of),
  }).finally(() => checking.end());
  const drawn = progress(context.terminal, "importing", "events");
  await fillLedger(context.ledger, folder, {
    postgres: context.postgres,
    signal: context.signal,
    onProgress: (done, of) => drawn.update(done, of),
  }).finally(() => drawn.end());
  const { ledger, origin, size, root } = manifest;
  answer(context, { path: shownLedger(context.ledger), ledger, origin, size, root, next: "iu-ledger replay" }, () => [
    `${context.style.good(marks.good)} ${counted(size, "event")} and ${counted(manifest.contents.present, "content")} in ${shownLedger(context.ledger)}`,
    `  root ${root}`,
    `  ${context.style.faint("next")} ${context.style.command(`${context.typing.program} replay${context.typing.flags}`)}`,
  ]);
  return undefined;
}
